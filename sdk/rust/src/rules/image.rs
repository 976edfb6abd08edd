//! Names of container images, by the grammar of references
//! (<https://github.com/distribution/reference>).

/// Returns the image without tag and digest.
#[must_use]
pub fn repository(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or(image);
    match image.rsplit_once(':') {
        // A colon before a slash belongs to a port.
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => image,
    }
}

/// Returns the host of the image's registry; `docker.io` if the image names none.
#[must_use]
pub fn registry(image: &str) -> &str {
    match image.split_once('/') {
        Some((host, _)) if host == "localhost" || host.contains(['.', ':']) => host,
        _ => "docker.io",
    }
}

/// Returns the last part of the repository: `proxy` of `registry.k8s.io/kube/proxy:v1`.
#[must_use]
pub fn base_name(image: &str) -> &str {
    let repository = repository(image);
    repository.rsplit('/').next().unwrap_or(repository)
}

#[cfg(test)]
mod tests {
    use super::{base_name, registry, repository};

    #[test]
    fn splits_images() {
        for (image, host, path, name) in [
            ("alpine", "docker.io", "alpine", "alpine"),
            ("alpine:3.20", "docker.io", "alpine", "alpine"),
            ("team/app:1", "docker.io", "team/app", "app"),
            (
                "registry:5000/team/app:1",
                "registry:5000",
                "registry:5000/team/app",
                "app",
            ),
            (
                "registry:5000/team/app",
                "registry:5000",
                "registry:5000/team/app",
                "app",
            ),
            ("localhost/app", "localhost", "localhost/app", "app"),
            ("app@sha256:00", "docker.io", "app", "app"),
            (
                "ghcr.io/o/app:1@sha256:00",
                "ghcr.io",
                "ghcr.io/o/app",
                "app",
            ),
            ("", "docker.io", "", ""),
        ] {
            assert_eq!(registry(image), host, "{image}");
            assert_eq!(repository(image), path, "{image}");
            assert_eq!(base_name(image), name, "{image}");
        }
    }
}

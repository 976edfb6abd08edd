//! Members of a record that describe the origin of a line, and not the line.
//!
//! Users of a cluster choose labels and annotations, and collectors copy them into their records, so an
//! event in one of them is a forgery.

/// Members with a description of the origin, in lower case.
const ABOUT: [&str; 13] = [
    "kubernetes",
    "k8s",
    "tags",
    "fields",
    "docker",
    "container",
    "host",
    "agent",
    "resource",
    "attributes",
    "stream",
    "metadata",
    "systemproperties",
];

/// Whether a member describes the origin of a line.
pub(super) fn is_about(key: &[u8]) -> bool {
    let key = String::from_utf8_lossy(key).to_ascii_lowercase();
    // Collectors that flatten their records write `kubernetes.labels.app`.
    let first = key.split('.').next().unwrap_or_default();
    ABOUT.contains(&first) || key.contains("label") || key.contains("annotation")
}

#[cfg(test)]
mod tests {
    use super::is_about;

    #[test]
    fn labels_are_recognized_in_every_spelling() {
        for key in [
            "labels",
            "Labels",
            "kubernetes",
            "kubernetes.pod.name",
            "kubernetes_labels",
            "pod_labels",
            "podAnnotations.x",
            "namespace-annotations",
            "labels_app",
        ] {
            assert!(is_about(key.as_bytes()), "{key}");
        }
        for key in [
            "log",
            "message",
            "MESSAGE",
            "_source",
            "log_processed",
            "event",
            "_raw",
            "body",
        ] {
            assert!(!is_about(key.as_bytes()), "{key}");
        }
    }
}

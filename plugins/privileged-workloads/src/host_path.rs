//! Dangerous paths of a node and their severity.

/// The severity of a mount, or `None` if the path is harmless.
type Risk = Option<f64>;

const MEDIUM: Risk = Some(5.0);
const LOW: Risk = Some(3.0);

/// A directory or file of a node.
struct Directory {
    path: &'static str,
    /// Whether the entry also applies to everything below the path.
    below: bool,
    read_only: Risk,
    writable: Risk,
}

const fn tree(path: &'static str, read_only: Risk, writable: Risk) -> Directory {
    Directory {
        path,
        below: true,
        read_only,
        writable,
    }
}

const fn only(path: &'static str, read_only: Risk, writable: Risk) -> Directory {
    Directory {
        path,
        below: false,
        read_only,
        writable,
    }
}

/// The dangerous paths. The first matching entry applies. `/var/run` is normalized to `/run`,
/// because on nodes with systemd one is a link to the other.
///
/// Credentials are dangerous even read-only, and a read-only mount of a socket does not prevent
/// connections. Programs and files that start programs are dangerous only if writable. A whole
/// tree that is mounted read-only, as monitoring agents do, is Low.
const DIRECTORIES: &[Directory] = &[
    // Registration directories of drivers and device plugins; no credentials.
    tree("/var/lib/kubelet/plugins", None, None),
    tree("/var/lib/kubelet/plugins_registry", None, None),
    tree("/var/lib/kubelet/device-plugins", None, None),
    tree("/var/lib/kubelet/pod-resources", None, None),
    // Credentials of the cluster and of every pod of the node.
    tree("/etc/kubernetes", MEDIUM, MEDIUM),
    tree("/etc/rancher", MEDIUM, MEDIUM),
    tree("/var/lib/kubelet", MEDIUM, MEDIUM),
    tree("/var/lib/etcd", MEDIUM, MEDIUM),
    tree("/var/lib/rancher", MEDIUM, MEDIUM),
    tree("/var/lib/k0s", MEDIUM, MEDIUM),
    tree("/var/snap/microk8s", MEDIUM, MEDIUM),
    // Credentials of the node's users.
    tree("/root", MEDIUM, MEDIUM),
    tree("/home", MEDIUM, MEDIUM),
    tree("/etc/shadow", MEDIUM, MEDIUM),
    tree("/etc/ssh", MEDIUM, MEDIUM),
    tree("/etc/sudoers", MEDIUM, MEDIUM),
    tree("/etc/sudoers.d", MEDIUM, MEDIUM),
    // Sockets that grant root access to the node.
    tree("/run/docker.sock", MEDIUM, MEDIUM),
    tree("/run/docker", MEDIUM, MEDIUM),
    tree("/run/containerd", MEDIUM, MEDIUM),
    tree("/run/crio", MEDIUM, MEDIUM),
    tree("/run/cri-dockerd.sock", MEDIUM, MEDIUM),
    tree("/run/dockershim.sock", MEDIUM, MEDIUM),
    tree("/run/k3s/containerd", MEDIUM, MEDIUM),
    tree("/run/podman", MEDIUM, MEDIUM),
    tree("/run/systemd/private", MEDIUM, MEDIUM),
    tree("/run/dbus/system_bus_socket", None, MEDIUM),
    // Trees that contain all of the above.
    only("/", LOW, MEDIUM),
    only("/etc", LOW, MEDIUM),
    only("/var", LOW, MEDIUM),
    only("/var/lib", LOW, MEDIUM),
    only("/run", LOW, MEDIUM),
    only("/proc", LOW, MEDIUM),
    tree("/proc/1", MEDIUM, MEDIUM),
    tree("/proc/sys", None, MEDIUM),
    tree("/proc/sysrq-trigger", None, MEDIUM),
    // Time zone and name resolution: many containers mount them.
    tree("/etc/localtime", None, LOW),
    tree("/etc/resolv.conf", None, LOW),
    tree("/etc/hosts", None, LOW),
    // Installed by every network plugin.
    tree("/etc/cni", None, LOW),
    tree("/opt/cni", None, LOW),
    tree("/var/lib/cni", None, None),
    // Programs, and files that start programs (ATT&CK T1053, T1543, T1547).
    tree("/etc", None, MEDIUM),
    tree("/bin", None, MEDIUM),
    tree("/sbin", None, MEDIUM),
    tree("/usr", None, MEDIUM),
    tree("/lib", None, MEDIUM),
    tree("/lib64", None, MEDIUM),
    tree("/boot", None, MEDIUM),
    tree("/opt", None, LOW),
    tree("/var/spool/cron", None, MEDIUM),
    only("/dev", None, LOW),
    tree("/sys/fs/cgroup", None, MEDIUM),
    tree("/sys/kernel", None, MEDIUM),
    only("/sys", None, LOW),
    // Images and layers of all containers.
    tree("/var/lib/docker", None, MEDIUM),
    tree("/var/lib/containerd", None, MEDIUM),
    tree("/var/lib/containers", None, MEDIUM),
    // The kubelet follows links in this directory as root, which allows reading any file
    // (https://www.aquasec.com/blog/kubernetes-security-pod-escape-log-mounts/).
    only("/var/log", None, LOW),
];

/// Rates a mount of this path of the node.
pub fn risk(path: &str, read_only: bool) -> Risk {
    let path = normalize(path);
    DIRECTORIES
        .iter()
        .find(|directory| directory.holds(&path))
        .and_then(|directory| {
            if read_only {
                directory.read_only
            } else {
                directory.writable
            }
        })
}

impl Directory {
    fn holds(&self, path: &str) -> bool {
        match path.strip_prefix(self.path) {
            Some("") => true,
            Some(rest) => self.below && rest.starts_with('/'),
            None => false,
        }
    }
}

/// Returns the absolute path without `//`, `.`, `..`, and a trailing slash.
fn normalize(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let path = format!("/{}", parts.join("/"));
    match path.strip_prefix("/var/run") {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("/run{rest}"),
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use super::{LOW, MEDIUM, normalize, risk};

    #[test]
    fn paths_are_normalized() {
        for (path, form) in [
            ("/", "/"),
            ("", "/"),
            ("//etc/./kubernetes//", "/etc/kubernetes"),
            ("/tmp/../etc", "/etc"),
            ("/../../root", "/root"),
            ("/var/run/docker.sock", "/run/docker.sock"),
            ("/var/running", "/var/running"),
        ] {
            assert_eq!(normalize(path), form, "{path}");
        }
    }

    #[test]
    fn paths_are_rated_by_content_and_access() {
        for (path, read_only, writable) in [
            ("/", LOW, MEDIUM),
            ("/etc/kubernetes/pki", MEDIUM, MEDIUM),
            ("/var/run/docker.sock", MEDIUM, MEDIUM),
            ("/run/containerd/containerd.sock", MEDIUM, MEDIUM),
            ("/var/lib/kubelet/pods", MEDIUM, MEDIUM),
            ("/var/lib/kubelet/device-plugins", None, None),
            ("/etc", LOW, MEDIUM),
            ("/etc/cron.d", None, MEDIUM),
            ("/root/.ssh", MEDIUM, MEDIUM),
            ("/var/log", None, LOW),
            ("/var/log/pods", None, None),
            ("/lib/modules", None, MEDIUM),
            ("/libexec", None, None),
            ("/data", None, None),
            ("/tmp", None, None),
        ] {
            assert_eq!(risk(path, true), read_only, "{path}, read-only");
            assert_eq!(risk(path, false), writable, "{path}, writable");
        }
    }
}

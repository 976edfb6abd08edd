//! Dangerous paths of a node and their severity rules.

use wardline_sdk::rules::severity::SeverityRule;

use crate::types::{COMMON_PATH, CREDENTIAL_PATH, PROGRAM_PATH, WHOLE_TREE};

/// The severity rule of a mount, or `None` if the path is harmless.
type Risk = Option<SeverityRule>;

const CREDENTIALS: Risk = Some(CREDENTIAL_PATH);
const PROGRAMS: Risk = Some(PROGRAM_PATH);
const TREE: Risk = Some(WHOLE_TREE);
const COMMON: Risk = Some(COMMON_PATH);

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
    tree("/etc/kubernetes", CREDENTIALS, CREDENTIALS),
    tree("/etc/rancher", CREDENTIALS, CREDENTIALS),
    tree("/var/lib/kubelet", CREDENTIALS, CREDENTIALS),
    tree("/var/lib/etcd", CREDENTIALS, CREDENTIALS),
    tree("/var/lib/rancher", CREDENTIALS, CREDENTIALS),
    tree("/var/lib/k0s", CREDENTIALS, CREDENTIALS),
    tree("/var/snap/microk8s", CREDENTIALS, CREDENTIALS),
    // Credentials of the node's users.
    tree("/root", CREDENTIALS, CREDENTIALS),
    tree("/home", CREDENTIALS, CREDENTIALS),
    tree("/etc/shadow", CREDENTIALS, CREDENTIALS),
    tree("/etc/ssh", CREDENTIALS, CREDENTIALS),
    tree("/etc/sudoers", CREDENTIALS, CREDENTIALS),
    tree("/etc/sudoers.d", CREDENTIALS, CREDENTIALS),
    // Sockets that grant root access to the node.
    tree("/run/docker.sock", CREDENTIALS, CREDENTIALS),
    tree("/run/docker", CREDENTIALS, CREDENTIALS),
    tree("/run/containerd", CREDENTIALS, CREDENTIALS),
    tree("/run/crio", CREDENTIALS, CREDENTIALS),
    tree("/run/cri-dockerd.sock", CREDENTIALS, CREDENTIALS),
    tree("/run/dockershim.sock", CREDENTIALS, CREDENTIALS),
    tree("/run/k3s/containerd", CREDENTIALS, CREDENTIALS),
    tree("/run/podman", CREDENTIALS, CREDENTIALS),
    tree("/run/systemd/private", CREDENTIALS, CREDENTIALS),
    tree("/run/dbus/system_bus_socket", None, CREDENTIALS),
    // Trees that contain all of the above.
    only("/", TREE, PROGRAMS),
    only("/etc", TREE, PROGRAMS),
    only("/var", TREE, PROGRAMS),
    only("/var/lib", TREE, PROGRAMS),
    only("/run", TREE, PROGRAMS),
    only("/proc", TREE, PROGRAMS),
    tree("/proc/1", CREDENTIALS, CREDENTIALS),
    tree("/proc/sys", None, PROGRAMS),
    tree("/proc/sysrq-trigger", None, PROGRAMS),
    // Time zone and name resolution: many containers mount them.
    tree("/etc/localtime", None, COMMON),
    tree("/etc/resolv.conf", None, COMMON),
    tree("/etc/hosts", None, COMMON),
    // Installed by every network plugin.
    tree("/etc/cni", None, COMMON),
    tree("/opt/cni", None, COMMON),
    tree("/var/lib/cni", None, None),
    // Programs, and files that start programs (ATT&CK T1053, T1543, T1547).
    tree("/etc", None, PROGRAMS),
    tree("/bin", None, PROGRAMS),
    tree("/sbin", None, PROGRAMS),
    tree("/usr", None, PROGRAMS),
    tree("/lib", None, PROGRAMS),
    tree("/lib64", None, PROGRAMS),
    tree("/boot", None, PROGRAMS),
    tree("/opt", None, COMMON),
    tree("/var/spool/cron", None, PROGRAMS),
    only("/dev", None, COMMON),
    tree("/sys/fs/cgroup", None, PROGRAMS),
    tree("/sys/kernel", None, PROGRAMS),
    only("/sys", None, COMMON),
    // Images and layers of all containers.
    tree("/var/lib/docker", None, PROGRAMS),
    tree("/var/lib/containerd", None, PROGRAMS),
    tree("/var/lib/containers", None, PROGRAMS),
    // The kubelet follows links in this directory as root, which allows reading any file
    // (https://www.aquasec.com/blog/kubernetes-security-pod-escape-log-mounts/).
    only("/var/log", None, COMMON),
];

/// Rates a mount of this path of the node.
pub fn risk(path: &str, read_only: bool) -> Risk {
    entry(path).and_then(|directory| {
        if read_only {
            directory.read_only
        } else {
            directory.writable
        }
    })
}

/// Returns the directory of the list that a path of the node belongs to.
pub fn directory(path: &str) -> Option<&'static str> {
    entry(path).map(|directory| directory.path)
}

fn entry(path: &str) -> Option<&'static Directory> {
    let path = normalize(path);
    DIRECTORIES.iter().find(|directory| directory.holds(&path))
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
    use super::{COMMON, CREDENTIALS, PROGRAMS, TREE, normalize, risk};

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
            ("/", TREE, PROGRAMS),
            ("/etc/kubernetes/pki", CREDENTIALS, CREDENTIALS),
            ("/var/run/docker.sock", CREDENTIALS, CREDENTIALS),
            ("/run/containerd/containerd.sock", CREDENTIALS, CREDENTIALS),
            ("/var/lib/kubelet/pods", CREDENTIALS, CREDENTIALS),
            ("/var/lib/kubelet/device-plugins", None, None),
            ("/etc", TREE, PROGRAMS),
            ("/etc/cron.d", None, PROGRAMS),
            ("/root/.ssh", CREDENTIALS, CREDENTIALS),
            ("/var/log", None, COMMON),
            ("/var/log/pods", None, None),
            ("/lib/modules", None, PROGRAMS),
            ("/libexec", None, None),
            ("/data", None, None),
            ("/tmp", None, None),
        ] {
            assert_eq!(risk(path, true), read_only, "{path}, read-only");
            assert_eq!(risk(path, false), writable, "{path}, writable");
        }
    }
}

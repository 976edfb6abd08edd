//! Commands that are run through the kubelet's API.

use super::AuditEvent;

/// A command that a request for `nodes/proxy` makes the kubelet run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KubeletCommand<'a> {
    /// The pod's namespace.
    pub namespace: &'a str,
    /// The pod.
    pub pod: &'a str,
    /// The container.
    pub container: &'a str,
}

impl<'a> AuditEvent<'a> {
    /// Returns the command that a request for `nodes/proxy` makes the kubelet run in a pod, or none
    /// for other requests. Such a request is equivalent to `pods/exec`, but its `objectRef` names
    /// only the node.
    #[must_use]
    pub fn kubelet_command(self) -> Option<KubeletCommand<'a>> {
        if !self.resource_is("nodes", "proxy") {
            return None;
        }
        KubeletCommand::of_path(self.connect()?.path())
    }
}

impl<'a> KubeletCommand<'a> {
    /// Parses `/exec/NAMESPACE/POD/CONTAINER` and `/run/NAMESPACE/POD/CONTAINER`, with or without
    /// the pod's UID before the container (kubernetes/kubernetes, `pkg/kubelet/server/server.go`,
    /// `InstallDebuggingHandlers`).
    fn of_path(path: &'a str) -> Option<Self> {
        let path = path.split('?').next()?;
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        if !matches!(parts.next()?, "exec" | "run") {
            return None;
        }
        Some(Self {
            namespace: parts.next()?,
            pod: parts.next()?,
            container: parts.next_back().unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::KubeletCommand;

    #[test]
    fn finds_the_pod_of_a_command() {
        let expected = Some(KubeletCommand {
            namespace: "kube-system",
            pod: "etcd-1",
            container: "etcd",
        });
        for path in [
            "exec/kube-system/etcd-1/etcd",
            "/exec/kube-system/etcd-1/etcd?command=sh",
            "run/kube-system/etcd-1/uid/etcd",
        ] {
            assert_eq!(KubeletCommand::of_path(path), expected, "{path}");
        }
    }

    #[test]
    fn ignores_other_paths() {
        for path in ["", "/", "pods", "exec", "exec/kube-system", "logs/exec/a/b"] {
            assert_eq!(KubeletCommand::of_path(path), None, "{path}");
        }
    }
}

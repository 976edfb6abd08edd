//! Commands that go through the kubelet's API.

use super::AuditEvent;

/// A command that the kubelet behind `nodes/proxy` was asked to run.
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
    /// The command that a request for `nodes/proxy` lets the kubelet run in a pod, or
    /// none if it is no such request. It does what `pods/exec` does, but `objectRef` names
    /// the node only.
    #[must_use]
    pub fn kubelet_command(self) -> Option<KubeletCommand<'a>> {
        if !self.resource_is("nodes", "proxy") {
            return None;
        }
        KubeletCommand::of_path(self.connect()?.path())
    }
}

impl<'a> KubeletCommand<'a> {
    /// `/exec/NAMESPACE/POD/CONTAINER` and `/run/NAMESPACE/POD/CONTAINER`, with the
    /// pod's UID before the container or not (the kubelet's
    /// `pkg/kubelet/server/server.go`, `InstallDebuggingHandlers`).
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
    fn other_paths_run_nothing() {
        for path in ["", "/", "pods", "exec", "exec/kube-system", "logs/exec/a/b"] {
            assert_eq!(KubeletCommand::of_path(path), None, "{path}");
        }
    }
}

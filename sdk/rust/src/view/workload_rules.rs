//! Properties of pods and containers that many rules check.

use super::{Container, SecurityContext, Volume, Workload};

impl<'a> Workload<'a> {
    /// Returns the privileged containers.
    pub fn privileged_containers(self) -> impl Iterator<Item = Container<'a>> {
        self.containers()
            .filter(|container| container.security().privileged() == Some(true))
    }

    /// Returns whether the pods share the PID, network, or IPC namespace of the node.
    #[must_use]
    pub fn shares_host_namespace(self) -> bool {
        self.host_pid() || self.host_network() || self.host_ipc()
    }

    /// Returns the volumes of a kind, such as `hostPath`.
    pub fn volumes_of_kind<'k>(
        self,
        kind: &'k str,
    ) -> impl Iterator<Item = Volume<'a>> + use<'a, 'k> {
        self.volumes().filter(move |volume| volume.kind() == kind)
    }

    /// Returns the volume with this name.
    #[must_use]
    pub fn volume(self, name: &str) -> Option<Volume<'a>> {
        self.volumes().find(|volume| volume.name() == name)
    }
}

impl SecurityContext<'_> {
    /// Returns whether a capability is added, or all are (`ALL`). Case and the prefix `CAP_` do not
    /// matter.
    #[must_use]
    pub fn adds_capability(self, capability: &str) -> bool {
        let bare = |text: &str| {
            let upper = text.to_ascii_uppercase();
            upper
                .strip_prefix("CAP_")
                .map(str::to_owned)
                .unwrap_or(upper)
        };
        let wanted = bare(capability);
        self.capabilities_added()
            .map(bare)
            .any(|added| added == wanted || added == "ALL")
    }
}

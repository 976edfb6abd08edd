//! Questions about pods and containers.

use super::{Container, SecurityContext, Volume, Workload};

impl<'a> Workload<'a> {
    /// Containers that run privileged.
    pub fn privileged_containers(self) -> impl Iterator<Item = Container<'a>> {
        self.containers()
            .filter(|container| container.security().privileged() == Some(true))
    }

    /// Whether the pods share a namespace of the node: its processes, its network
    /// or its IPC.
    #[must_use]
    pub fn shares_host_namespace(self) -> bool {
        self.host_pid() || self.host_network() || self.host_ipc()
    }

    /// Volumes of a kind, such as `hostPath`.
    pub fn volumes_of_kind<'k>(
        self,
        kind: &'k str,
    ) -> impl Iterator<Item = Volume<'a>> + use<'a, 'k> {
        self.volumes().filter(move |volume| volume.kind() == kind)
    }

    /// The volume of this name.
    #[must_use]
    pub fn volume(self, name: &str) -> Option<Volume<'a>> {
        self.volumes().find(|volume| volume.name() == name)
    }
}

impl SecurityContext<'_> {
    /// Whether a capability is added, with or without `CAP_` and in any case, or
    /// all are (`ALL`).
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

//! Properties of pods and containers that many rules check.
//!
//! Names are looked up in trees. Every `HashMap` in the sandbox has the same seed, so that a client could
//! choose names that collide.

use std::collections::BTreeMap;

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

    /// Returns the containers by name. To compare the containers of two objects, look up those of one
    /// here: an object may have thousands, and comparing each with each takes too long.
    #[must_use]
    pub fn containers_by_name(self) -> BTreeMap<&'a str, Container<'a>> {
        // The first of a name counts.
        let containers = self.containers().rev();
        containers
            .map(|container| (container.name(), container))
            .collect()
    }

    /// Returns the volumes of a kind by name, to look up those of many mounts.
    #[must_use]
    pub fn volumes_by_name(self, kind: &str) -> BTreeMap<&'a str, Volume<'a>> {
        let volumes = self.volumes_of_kind(kind);
        volumes.map(|volume| (volume.name(), volume)).collect()
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

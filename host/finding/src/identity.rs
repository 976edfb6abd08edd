//! The identity of a finding, by which repeated occurrences are aggregated.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::Resource;

/// The fields that identify a finding.
#[derive(Clone, Copy)]
pub(super) struct Identity<'a> {
    /// The cluster.
    pub cluster: &'a str,
    /// The finding type.
    pub finding_type: &'a str,
    /// The detector's deduplication key; may be empty.
    pub key: &'a str,
    /// The actor, as used for partitioning events.
    pub actor: &'a str,
    /// The resource that was acted on.
    pub resource: &'a Resource,
}

impl Identity<'_> {
    /// Returns 128 bits of a SHA-256 hash, in hexadecimal: over cluster, type, and key, or over
    /// cluster, type, actor, and resource if there is no key.
    ///
    /// Neither the event nor the detector's version is included: the next event of the same kind is
    /// another occurrence, and a corrected detector that reports the same has found nothing new.
    /// Ids outlive versions of the host; a change to this function would make every finding new.
    pub fn id(&self) -> String {
        let mut hash = Sha256::new();
        let mut add = |text: &str| {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text.as_bytes());
        };
        add(self.cluster);
        add(self.finding_type);
        if self.key.is_empty() {
            // Prevents a key from being equal to another finding's actor and resource.
            add("actor and resource");
            add(self.actor);
            add(&self.resource.api_group);
            add(&self.resource.resource);
            add(&self.resource.subresource);
            add(&self.resource.namespace);
            add(&self.resource.name);
        } else {
            add("key");
            add(self.key);
        }
        let mut hexadecimal = HEXLOWER.encode(&hash.finalize());
        hexadecimal.truncate(32);
        hexadecimal
    }
}

/// Returns the id of a finding of the host about itself: over cluster, type, and subject, as over
/// cluster, type, and the deduplication key of a detector's finding.
#[must_use]
pub fn identify(cluster: &str, finding_type: &str, subject: &str) -> String {
    Identity {
        cluster,
        finding_type,
        // A subject that is empty is still a key.
        key: if subject.is_empty() { "host" } else { subject },
        actor: "",
        resource: &Resource::default(),
    }
    .id()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Identity;
    use crate::Resource;

    fn pod(namespace: &str, name: &str) -> Resource {
        Resource {
            resource: "pods".into(),
            namespace: namespace.into(),
            name: name.into(),
            ..Resource::default()
        }
    }

    /// The ids were computed with another implementation of SHA-256 from the lengths and texts.
    #[test]
    fn ids_stay_the_same_across_versions() {
        let resource = pod("shop", "one");
        let without_key = Identity {
            cluster: "production",
            finding_type: "Execution:Kubernetes/ExecInKubeSystemPod",
            key: "",
            actor: "alice",
            resource: &resource,
        };
        let with_key = Identity {
            key: "shop/one",
            ..without_key
        };
        assert_eq!(without_key.id(), "0d4f931e203e9f968af9f4041841cbb3");
        assert_eq!(with_key.id(), "5b869ff7ee8cadd8a18aae97ddd02531");
    }

    #[test]
    fn different_findings_have_different_ids() {
        let (one, shifted) = (pod("shop", "one"), pod("shopo", "ne"));
        let base = Identity {
            cluster: "a",
            finding_type: "b",
            key: "",
            actor: "c",
            resource: &one,
        };
        let ids = [
            base.id(),
            Identity {
                cluster: "ab",
                finding_type: "",
                ..base
            }
            .id(),
            Identity {
                finding_type: "x",
                ..base
            }
            .id(),
            Identity { actor: "x", ..base }.id(),
            Identity {
                resource: &shifted,
                ..base
            }
            .id(),
            Identity { key: "c", ..base }.id(),
            Identity {
                key: "actor and resource",
                ..base
            }
            .id(),
        ];
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
        let keyed = Identity { key: "k", ..base };
        let other = Identity {
            actor: "x",
            resource: &shifted,
            ..keyed
        };
        assert_eq!(keyed.id(), other.id(), "a key replaces actor and resource");
    }
}

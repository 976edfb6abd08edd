//! Secrets, configuration, nodes and the rest.

use super::{Attribute, List};

views! {
    /// A Secret, without its values.
    SecretFacts {
        /// `Opaque`, `kubernetes.io/service-account-token`, ...
        secret_type: text,
        /// Never values.
        keys: texts,
    }

    /// A ConfigMap.
    ConfigMapFacts {
        /// Values are cut at 4,096 bytes.
        data: attributes,
        /// The keys of its binary data.
        binary_keys: texts,
    }

    /// A Node.
    NodeFacts {
        /// Whether it is cordoned.
        unschedulable: value(bool),
        /// The cloud's id of the machine.
        provider_id: text,
        /// `key=value:effect`.
        taints: texts,
        /// Its addresses and names.
        addresses: texts,
        /// The address ranges of its pods.
        pod_cidrs: texts,
    }

    /// A Lease.
    LeaseFacts {
        /// Who holds it.
        holder: text,
        /// Seconds that it lasts.
        duration_seconds: value(i64),
        /// How often its holder changed.
        transitions: value(i64),
    }

    /// A PersistentVolume.
    PersistentVolume {
        /// The kind.
        kind: text,
        /// What it stands on, as [`Volume::source`](super::Volume::source).
        source: text,
        /// The namespace of its claim.
        claim_namespace: text,
        /// The claim.
        claim_name: text,
    }
}

//! Secrets, ConfigMaps, nodes, leases, and persistent volumes.

use super::{Attribute, List};

views! {
    /// A Secret, without its values.
    SecretFacts {
        /// `Opaque`, `kubernetes.io/service-account-token`, and so on.
        secret_type: text,
        /// Never the values.
        keys: texts,
    }

    /// A ConfigMap.
    ConfigMapFacts {
        /// Values are truncated to 4,096 bytes.
        data: attributes,
        /// The keys of its binary data.
        binary_keys: texts,
    }

    /// A Node.
    NodeFacts {
        /// Whether it is cordoned.
        unschedulable: value(bool),
        /// The cloud provider's id of the machine.
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
        /// The identity of the holder.
        holder: text,
        /// The duration, in seconds.
        duration_seconds: value(i64),
        /// How often the holder changed.
        transitions: value(i64),
    }

    /// A PersistentVolume, or a PersistentVolumeClaim with the kind `persistentVolumeClaim`.
    PersistentVolume {
        /// The kind.
        kind: text,
        /// The source, as [`Volume::source`](super::Volume::source).
        source: text,
        /// The namespace of its claim.
        claim_namespace: text,
        /// The claim.
        claim_name: text,
    }
}

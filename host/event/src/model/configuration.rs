//! Secrets, config maps, nodes, leases, and volumes.

use super::Attribute;

records! {
    /// A Secret, without its values.
    pub struct SecretFacts {
        #[cfg_attr(feature = "component", component(name = "secret-type"))]
        pub secret_type: String,
        /// Never the values.
        pub keys: Vec<String>,
    }

    /// A ConfigMap.
    pub struct ConfigMapFacts {
        /// Values are truncated to 4,096 bytes.
        pub data: Vec<Attribute>,
        #[cfg_attr(feature = "component", component(name = "binary-keys"))]
        pub binary_keys: Vec<String>,
    }

    /// A Node.
    pub struct NodeFacts {
        pub unschedulable: bool,
        #[cfg_attr(feature = "component", component(name = "provider-id"))]
        pub provider_id: String,
        /// `key=value:effect`.
        pub taints: Vec<String>,
        pub addresses: Vec<String>,
        #[cfg_attr(feature = "component", component(name = "pod-cidrs"))]
        pub pod_cidrs: Vec<String>,
    }

    /// A Lease.
    pub struct LeaseFacts {
        pub holder: String,
        #[cfg_attr(feature = "component", component(name = "duration-seconds"))]
        pub duration_seconds: i64,
        pub transitions: i64,
    }

    /// A PersistentVolume, or a PersistentVolumeClaim with the kind `persistentVolumeClaim`.
    pub struct PersistentVolume {
        pub kind: String,
        pub source: String,
        #[cfg_attr(feature = "component", component(name = "claim-namespace"))]
        pub claim_namespace: String,
        #[cfg_attr(feature = "component", component(name = "claim-name"))]
        pub claim_name: String,
    }
}

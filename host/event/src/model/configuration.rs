//! Secrets, config maps, nodes, leases and volumes.

use super::Attribute;

records! {
    pub struct SecretFacts {
        #[cfg_attr(feature = "component", component(name = "secret-type"))]
        pub secret_type: String,
        /// Never values.
        pub keys: Vec<String>,
    }

    pub struct ConfigMapFacts {
        /// Values are cut at 4,096 bytes.
        pub data: Vec<Attribute>,
        #[cfg_attr(feature = "component", component(name = "binary-keys"))]
        pub binary_keys: Vec<String>,
    }

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

    pub struct LeaseFacts {
        pub holder: String,
        #[cfg_attr(feature = "component", component(name = "duration-seconds"))]
        pub duration_seconds: i64,
        pub transitions: i64,
    }

    pub struct PersistentVolume {
        pub kind: String,
        pub source: String,
        #[cfg_attr(feature = "component", component(name = "claim-namespace"))]
        pub claim_namespace: String,
        #[cfg_attr(feature = "component", component(name = "claim-name"))]
        pub claim_name: String,
    }
}

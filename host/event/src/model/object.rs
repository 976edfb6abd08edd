//! The facts about one Kubernetes object.

use super::{
    AccessReview, AdmissionPolicy, ApiServiceFacts, Attribute, BindingFacts, CertificateRequest,
    ConfigMapFacts, CustomResourceDefinition, EndpointsFacts, IngressFacts, LeaseFacts,
    NetworkPolicy, NodeFacts, PersistentVolume, RoleFacts, SecretFacts, ServiceAccountFacts,
    ServiceFacts, TokenRequest, Webhook, Workload,
};

records! {
    /// One object of a request or a response.
    pub struct ObjectFacts {
        #[cfg_attr(feature = "component", component(name = "api-version"))]
        pub api_version: String,
        pub kind: String,
        pub namespace: String,
        pub name: String,
        pub uid: String,
        pub labels: Vec<Attribute>,
        /// Without `last-applied-configuration`. Values are truncated to 1,024 bytes.
        pub annotations: Vec<Attribute>,
        pub owners: Vec<Owner>,
        /// Whether this is a patch: fields that it does not name keep their values.
        pub partial: bool,
        pub facts: Facts,
    }

    /// `meta/v1` `OwnerReference`.
    pub struct Owner {
        pub kind: String,
        pub name: String,
        pub uid: String,
        pub controller: bool,
    }
}

variant! {
    /// The facts, by the kind of the object.
    #[allow(
        clippy::large_enum_variant,
        reason = "nearly every object with facts is a workload, and the contract's bindings need it unboxed"
    )]
    pub enum Facts, read as FactsView {
        /// A kind that this version does not know; `raw` has the object.
        #[cfg_attr(feature = "component", component(name = "none"))]
        None,
        #[cfg_attr(feature = "component", component(name = "workload"))]
        Workload(Workload),
        #[cfg_attr(feature = "component", component(name = "role"))]
        Role(RoleFacts),
        #[cfg_attr(feature = "component", component(name = "binding"))]
        Binding(BindingFacts),
        #[cfg_attr(feature = "component", component(name = "access-review"))]
        AccessReview(AccessReview),
        #[cfg_attr(feature = "component", component(name = "token-request"))]
        TokenRequest(TokenRequest),
        #[cfg_attr(feature = "component", component(name = "certificate-request"))]
        CertificateRequest(CertificateRequest),
        #[cfg_attr(feature = "component", component(name = "webhooks"))]
        Webhooks(Vec<Webhook>),
        #[cfg_attr(feature = "component", component(name = "admission-policy"))]
        AdmissionPolicy(AdmissionPolicy),
        #[cfg_attr(feature = "component", component(name = "service"))]
        Service(ServiceFacts),
        #[cfg_attr(feature = "component", component(name = "ingress"))]
        Ingress(IngressFacts),
        #[cfg_attr(feature = "component", component(name = "network-policy"))]
        NetworkPolicy(NetworkPolicy),
        #[cfg_attr(feature = "component", component(name = "service-account"))]
        ServiceAccount(ServiceAccountFacts),
        #[cfg_attr(feature = "component", component(name = "secret"))]
        Secret(SecretFacts),
        #[cfg_attr(feature = "component", component(name = "config-map"))]
        ConfigMap(ConfigMapFacts),
        #[cfg_attr(feature = "component", component(name = "node"))]
        Node(NodeFacts),
        #[cfg_attr(feature = "component", component(name = "scale"))]
        Scale(i64),
        #[cfg_attr(feature = "component", component(name = "endpoints"))]
        Endpoints(EndpointsFacts),
        #[cfg_attr(feature = "component", component(name = "api-service"))]
        ApiService(ApiServiceFacts),
        #[cfg_attr(feature = "component", component(name = "custom-resource-definition"))]
        CustomResourceDefinition(CustomResourceDefinition),
        #[cfg_attr(feature = "component", component(name = "lease"))]
        Lease(LeaseFacts),
        #[cfg_attr(feature = "component", component(name = "persistent-volume"))]
        PersistentVolume(PersistentVolume),
        #[cfg_attr(feature = "component", component(name = "pod-binding"))]
        PodBinding(String),
        #[cfg_attr(feature = "component", component(name = "delete-options"))]
        DeleteOptions(DeleteOptions),
    }
}

records! {
    /// `meta/v1` `DeleteOptions`, of a deletion or an eviction.
    pub struct DeleteOptions {
        #[cfg_attr(feature = "component", component(name = "grace-period-seconds"))]
        pub grace_period_seconds: Option<i64>,
        pub propagation: String,
    }

    /// The options in the URL of an exec, attach, log, port-forward, or proxy request.
    pub struct ConnectOptions {
        pub container: String,
        /// One entry for each `command` key, in order.
        pub command: Vec<String>,
        pub stdin: bool,
        pub stdout: bool,
        pub tty: bool,
        /// The path after `proxy`, with its query.
        pub path: String,
        /// The ports of a port-forward that the URL names (WebSocket clients only).
        pub ports: Vec<i64>,
        /// `follow`, `previous`, `tailLines`, and the other options of a log request.
        pub options: Vec<Attribute>,
    }
}

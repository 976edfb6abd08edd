//! Services, ingresses, network policies, and endpoints.

use super::Attribute;

records! {
    /// A Service.
    pub struct ServiceFacts {
        /// `ClusterIP`, `NodePort`, `LoadBalancer`, `ExternalName`; empty means `ClusterIP`.
        #[cfg_attr(feature = "component", component(name = "service-type"))]
        pub service_type: String,
        pub selector: Vec<Attribute>,
        pub ports: Vec<ServicePort>,
        #[cfg_attr(feature = "component", component(name = "external-ips"))]
        pub external_ips: Vec<String>,
        #[cfg_attr(feature = "component", component(name = "external-name"))]
        pub external_name: String,
        #[cfg_attr(feature = "component", component(name = "source-ranges"))]
        pub source_ranges: Vec<String>,
        /// The addresses assigned to the load balancer.
        pub addresses: Vec<String>,
    }

    /// One entry of `ports` of a Service.
    pub struct ServicePort {
        pub name: String,
        pub protocol: String,
        pub port: i64,
        #[cfg_attr(feature = "component", component(name = "target-port"))]
        pub target_port: String,
        #[cfg_attr(feature = "component", component(name = "node-port"))]
        pub node_port: i64,
    }

    /// An Ingress.
    pub struct IngressFacts {
        pub class: String,
        /// Hosts with TLS.
        #[cfg_attr(feature = "component", component(name = "tls-hosts"))]
        pub tls_hosts: Vec<String>,
        #[cfg_attr(feature = "component", component(name = "has-tls"))]
        pub has_tls: bool,
        pub rules: Vec<IngressRule>,
    }

    /// A host and path of an Ingress with their backend; the default backend has neither.
    pub struct IngressRule {
        pub host: String,
        pub path: String,
        pub service: String,
        pub port: String,
    }

    /// A NetworkPolicy.
    pub struct NetworkPolicy {
        /// Whether it selects every pod in the namespace.
        #[cfg_attr(feature = "component", component(name = "selects-all"))]
        pub selects_all: bool,
        #[cfg_attr(feature = "component", component(name = "policy-types"))]
        pub policy_types: Vec<String>,
        #[cfg_attr(feature = "component", component(name = "ingress-rules"))]
        pub ingress_rules: u32,
        #[cfg_attr(feature = "component", component(name = "egress-rules"))]
        pub egress_rules: u32,
        /// Whether one rule has no condition on the peer.
        #[cfg_attr(feature = "component", component(name = "allows-all-ingress"))]
        pub allows_all_ingress: bool,
        #[cfg_attr(feature = "component", component(name = "allows-all-egress"))]
        pub allows_all_egress: bool,
    }

    /// An Endpoints object or an EndpointSlice.
    pub struct EndpointsFacts {
        pub addresses: Vec<String>,
        pub ports: Vec<i64>,
    }
}

//! Services, ingresses, network policies, and endpoints.

use super::{Attribute, List};

views! {
    /// A Service.
    ServiceFacts {
        /// `ClusterIP`, `NodePort`, `LoadBalancer`, `ExternalName`; empty means `ClusterIP`.
        service_type: text,
        /// The labels of its pods.
        selector: attributes,
        /// Its ports.
        ports: list(ServicePort),
        /// `externalIPs`.
        external_ips: texts,
        /// The name that an `ExternalName` service resolves to.
        external_name: text,
        /// `loadBalancerSourceRanges`.
        source_ranges: texts,
        /// The addresses assigned to the load balancer.
        addresses: texts,
    }

    /// A port of a Service.
    ServicePort {
        /// Its name.
        name: text,
        /// `TCP`, `UDP`, or `SCTP`.
        protocol: text,
        /// The port of the service.
        port: value(i64),
        /// The port of the pods: a number or a name.
        target_port: text,
        /// The port on every node; 0 for none.
        node_port: value(i64),
    }

    /// An Ingress.
    IngressFacts {
        /// The ingress class.
        class: text,
        /// Hosts with TLS.
        tls_hosts: texts,
        /// Whether it has any TLS section.
        has_tls: value(bool),
        /// One entry for each path.
        rules: list(IngressRule),
    }

    /// A host and path of an Ingress with their backend; the default backend has neither.
    IngressRule {
        /// The host; empty means all.
        host: text,
        /// The path.
        path: text,
        /// The service of the backend.
        service: text,
        /// The port: a number or a name.
        port: text,
    }

    /// A NetworkPolicy.
    NetworkPolicy {
        /// Whether it selects every pod in the namespace.
        selects_all: value(bool),
        /// `Ingress`, `Egress`.
        policy_types: texts,
        /// The number of ingress rules.
        ingress_rules: value(u32),
        /// The number of egress rules.
        egress_rules: value(u32),
        /// Whether an ingress rule has no condition on the peer.
        allows_all_ingress: value(bool),
        /// The same for egress.
        allows_all_egress: value(bool),
    }

    /// An Endpoints object or an EndpointSlice.
    EndpointsFacts {
        /// The addresses.
        addresses: texts,
        /// The ports.
        ports: values(i64),
    }
}

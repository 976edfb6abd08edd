//! What is reachable, and from where.

use super::{Attribute, List};

views! {
    /// A Service.
    ServiceFacts {
        /// `ClusterIP`, `NodePort`, `LoadBalancer`, `ExternalName`; empty means `ClusterIP`.
        service_type: text,
        /// The labels of the pods behind it.
        selector: attributes,
        /// Its ports.
        ports: list(ServicePort),
        /// `externalIPs`.
        external_ips: texts,
        /// The name that an `ExternalName` service stands for.
        external_name: text,
        /// `loadBalancerSourceRanges`.
        source_ranges: texts,
        /// What the load balancer was given.
        addresses: texts,
    }

    /// A port of a Service.
    ServicePort {
        /// Its name.
        name: text,
        /// `TCP`, `UDP` or `SCTP`.
        protocol: text,
        /// The port of the service.
        port: value(i64),
        /// The port of the pods: a number or a name.
        target_port: text,
        /// The port of every node; 0 is none.
        node_port: value(i64),
    }

    /// An Ingress.
    IngressFacts {
        /// The ingress class.
        class: text,
        /// Hosts that have TLS.
        tls_hosts: texts,
        /// Whether it has TLS at all.
        has_tls: value(bool),
        /// One rule a path.
        rules: list(IngressRule),
    }

    /// One path of an Ingress.
    IngressRule {
        /// The host; empty means all.
        host: text,
        /// The path.
        path: text,
        /// The service behind it.
        service: text,
        /// The port: a number or a name.
        port: text,
    }

    /// A NetworkPolicy.
    NetworkPolicy {
        /// Whether it selects every pod of the namespace.
        selects_all: value(bool),
        /// `Ingress`, `Egress`.
        policy_types: texts,
        /// How many ingress rules it has.
        ingress_rules: value(u32),
        /// How many egress rules it has.
        egress_rules: value(u32),
        /// Whether one rule has no condition on the peer.
        allows_all_ingress: value(bool),
        /// The same for egress.
        allows_all_egress: value(bool),
    }

    /// Endpoints or an EndpointSlice.
    EndpointsFacts {
        /// The addresses.
        addresses: texts,
        /// The ports.
        ports: values(i64),
    }
}

//! Services, ingresses, network policies, and endpoints.

use wardline_event::model::{
    EndpointsFacts, IngressFacts, IngressRule, NetworkPolicy, ServiceFacts, ServicePort,
};

use super::METADATA_BYTES;
use super::read::{at, integer, objects, pairs, text, text_or_number, texts, texts_of};
use crate::json::Json;

/// The annotation for the class of an ingress before `spec.ingressClassName`.
const CLASS_ANNOTATION: &str = "kubernetes.io/ingress.class";

pub(super) fn service<'v>(body: impl Json<'v>) -> ServiceFacts {
    let spec = at(body, &["spec"]);
    let balancer = at(body, &["status", "loadBalancer"]);
    ServiceFacts {
        service_type: text(spec, "type"),
        selector: pairs(spec, "selector", METADATA_BYTES),
        ports: objects(spec, "ports").map(port).collect(),
        external_ips: texts(spec, "externalIPs"),
        external_name: text(spec, "externalName"),
        source_ranges: texts(spec, "loadBalancerSourceRanges"),
        addresses: objects(balancer, "ingress")
            .flat_map(|item| ["ip", "hostname"].map(|key| text(item, key)))
            .filter(|address| !address.is_empty())
            .collect(),
    }
}

fn port<'v>(item: impl Json<'v>) -> ServicePort {
    ServicePort {
        name: text(item, "name"),
        protocol: text(item, "protocol"),
        port: integer(item, "port"),
        target_port: text_or_number(at(item, &["targetPort"])),
        node_port: integer(item, "nodePort"),
    }
}

pub(super) fn ingress<'v>(body: impl Json<'v>) -> IngressFacts {
    let spec = at(body, &["spec"]);
    let classes = [
        text(spec, "ingressClassName"),
        text(at(body, &["metadata", "annotations"]), CLASS_ANNOTATION),
    ];
    let default = ["defaultBackend", "backend"]
        .into_iter()
        .map(|key| at(spec, &[key]))
        .find(|backend| backend.is_object());
    let mut rules: Vec<_> = objects(spec, "rules").flat_map(host_rules).collect();
    rules.extend(default.map(|backend| route(String::new(), String::new(), backend)));
    IngressFacts {
        class: classes
            .into_iter()
            .find(|class| !class.is_empty())
            .unwrap_or_default(),
        tls_hosts: objects(spec, "tls")
            .flat_map(|item| texts(item, "hosts"))
            .collect(),
        has_tls: objects(spec, "tls").next().is_some(),
        rules,
    }
}

/// Returns one rule for each path, or one for a host without paths.
fn host_rules<'v, J: Json<'v>>(item: J) -> Vec<IngressRule> {
    let host = text(item, "host");
    let rules: Vec<_> = objects(at(item, &["http"]), "paths")
        .map(|path| route(host.clone(), text(path, "path"), at(path, &["backend"])))
        .collect();
    if rules.is_empty() {
        return vec![route(host, String::new(), J::absent())];
    }
    rules
}

/// Reads the backend of `networking.k8s.io/v1`, or of `v1beta1` (`serviceName`).
fn route<'v>(host: String, path: String, backend: impl Json<'v>) -> IngressRule {
    let service = at(backend, &["service"]);
    let names = [text(service, "name"), text(backend, "serviceName")];
    let ports = [
        text_or_number(at(service, &["port", "number"])),
        text_or_number(at(service, &["port", "name"])),
        text_or_number(at(backend, &["servicePort"])),
    ];
    IngressRule {
        host,
        path,
        service: names
            .into_iter()
            .find(|name| !name.is_empty())
            .unwrap_or_default(),
        port: ports
            .into_iter()
            .find(|port| !port.is_empty())
            .unwrap_or_default(),
    }
}

pub(super) fn network_policy<'v>(body: impl Json<'v>) -> NetworkPolicy {
    let spec = at(body, &["spec"]);
    let pods = at(spec, &["podSelector"]);
    let selects_all = pods.is_object()
        && pods
            .members()
            .all(|(_, part)| part.members().next().is_none() && part.items().next().is_none());
    let count = |key| u32::try_from(objects(spec, key).count()).unwrap_or(u32::MAX);
    // A rule whose list of peers is missing or empty applies to all peers.
    let allows_all =
        |key, peers| objects(spec, key).any(|rule| objects(rule, peers).next().is_none());
    NetworkPolicy {
        selects_all,
        policy_types: texts(spec, "policyTypes"),
        ingress_rules: count("ingress"),
        egress_rules: count("egress"),
        allows_all_ingress: allows_all("ingress", "from"),
        allows_all_egress: allows_all("egress", "to"),
    }
}

pub(super) fn endpoints<'v>(body: impl Json<'v>) -> EndpointsFacts {
    let mut facts = EndpointsFacts::default();
    for subset in objects(body, "subsets") {
        for list in ["addresses", "notReadyAddresses"] {
            facts.addresses.extend(texts_of(subset, list, "ip"));
        }
        facts
            .ports
            .extend(objects(subset, "ports").map(|port| integer(port, "port")));
    }
    facts
}

pub(super) fn endpoint_slice<'v>(body: impl Json<'v>) -> EndpointsFacts {
    EndpointsFacts {
        addresses: objects(body, "endpoints")
            .flat_map(|item| texts(item, "addresses"))
            .collect(),
        ports: objects(body, "ports")
            .map(|port| integer(port, "port"))
            .collect(),
    }
}

//! Ingress controllers and gateways, which are meant to be exposed.
//!
//! Anybody may call a service `gateway`, and write the labels of a chart. A controller is known by
//! the image that its workload runs, or by the Gateway for which a controller made the service.

use std::sync::LazyLock;

use wardline_sdk::inventory;
use wardline_sdk::prelude::*;
use wardline_sdk::rules::Requester;
use wardline_sdk::rules::image::repository;
use wardline_sdk::rules::resources::LONG_RUNNING;
use wardline_sdk::rules::words::Names;
use wardline_sdk::view::ServiceFacts;

/// How sure it is that a service belongs to an ingress controller or a gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entrance {
    /// By its workload's image, or by its owner.
    Known,
    /// By a name or a label only.
    Named,
    /// Nothing says so.
    No,
}

/// Words in the names of ingress controllers and gateways, and in their labels.
static NAMES: LazyLock<Names> = LazyLock::new(|| {
    Names::new([
        "ingress",
        "ingressgateway",
        "gateway",
        "traefik",
        "contour",
        "envoy",
        "haproxy",
        "kong",
        "ambassador",
        "emissary",
        "nginx",
        "apisix",
    ])
});

/// Ends of the repositories of their images
/// (<https://kubernetes.io/docs/concepts/services-networking/ingress-controllers/>, and each
/// project's chart). A plain web server, such as `nginx`, is none of them.
const IMAGES: [&str; 19] = [
    "ingress-nginx/controller",
    "nginx-ingress-controller",
    "nginx/nginx-ingress",
    "nginx-ingress",
    "traefik",
    "projectcontour/contour",
    "envoyproxy/envoy",
    "envoyproxy/gateway",
    "istio/proxyv2",
    "haproxytech/kubernetes-ingress",
    "haproxy-ingress",
    "haproxy-ingress-controller",
    "kong",
    "kong/kubernetes-ingress-controller",
    "kong-gateway",
    "emissaryingress/emissary",
    "datawire/aes",
    "apache/apisix",
    "voyagermesh/haproxy",
];

const GATEWAY_LABEL: &str = "gateway.networking.k8s.io/gateway-name";

/// Classifies the service of a request.
pub fn of_service(event: AuditEvent<'_>, service: ServiceFacts<'_>) -> Entrance {
    let object = event.object_facts();
    // Controllers make a service for each Gateway.
    let is_of_gateway = object.is_some_and(|object| {
        let mut owners = object.owners();
        owners.any(|owner| owner.kind() == "Gateway" && owner.controller())
    });
    if is_of_gateway && Requester::is_program(event) {
        return Entrance::Known;
    }
    let selected = service.selector().map(|label| label.value());
    if std::iter::once(event.name())
        .chain(selected)
        .any(|name| runs_controller(event, name))
    {
        return Entrance::Known;
    }
    let is_named = |text: &str| NAMES.has_one(text);
    let is_labelled = object.is_some_and(|object| {
        let labels = object.labels();
        labels.has(GATEWAY_LABEL) || labels.get("app.kubernetes.io/name").is_some_and(is_named)
    });
    if is_of_gateway || is_labelled || is_named(event.name()) {
        Entrance::Named
    } else {
        Entrance::No
    }
}

/// Returns whether a workload of this name runs the image of an ingress controller.
fn runs_controller(event: AuditEvent<'_>, name: &str) -> bool {
    LONG_RUNNING.iter().any(|kind| {
        inventory::pod_spec(event, kind, event.namespace(), name).is_some_and(|spec| {
            let mut containers = spec.workload().containers();
            containers.any(|container| is_controller(container.image()))
        })
    })
}

fn is_controller(image: &str) -> bool {
    let repository = repository(image);
    IMAGES.iter().any(|end| {
        repository
            .strip_suffix(end)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
    })
}

#[cfg(test)]
mod tests {
    use super::is_controller;

    #[test]
    fn controllers_are_known_by_their_images() {
        for (image, expected) in [
            ("registry.k8s.io/ingress-nginx/controller:v1.12.1", true),
            ("traefik:v3.4", true),
            ("docker.io/library/traefik:v3.4", true),
            ("istio/proxyv2:1.26.0", true),
            ("docker.io/envoyproxy/envoy:v1.34.0", true),
            ("quay.io/jcmoraisjr/haproxy-ingress@sha256:0", true),
            ("nginx:1.29", false),
            ("shop/billing-gateway:7", false),
            ("shop/nottraefik:7", false),
            ("", false),
        ] {
            assert_eq!(is_controller(image), expected, "{image}");
        }
    }
}

//! Routes of the Gateway API, Traefik, Contour, and OpenShift that expose consoles.

use serde_json::Value;
use wardline_sdk::prelude::*;
use wardline_sdk::{raw, state};

use crate::backend::{Backend, ROUTE_SPEC};
use crate::object::{KEEP, path};
use crate::types::exposure::ROUTE;
use crate::types::{self, SERVICE_EXPOSED};

/// Resources, other than ingresses, that route traffic from outside to a service.
pub const RESOURCES: [&str; 6] = [
    "httproutes",
    "tlsroutes",
    "tcproutes",
    "ingressroutes",
    "httpproxies",
    "routes",
];

/// The API groups of [`RESOURCES`]: the Gateway API, Traefik (v3, and before), Contour, and
/// OpenShift.
pub const GROUPS: [&str; 5] = [
    "gateway.networking.k8s.io",
    "traefik.io",
    "traefik.containo.us",
    "projectcontour.io",
    "route.openshift.io",
];

/// Members whose elements name services: `backendRefs` of the Gateway API, `services` of
/// Traefik and Contour, and `to` and `alternateBackends` of OpenShift.
const BACKENDS: [&str; 4] = ["backendRefs", "services", "to", "alternateBackends"];

/// Maximum depth at which a spec is searched; `rules[].backendRefs[].name` has depth 5.
const MAX_DEPTH: u32 = 8;

/// Raises a finding if a route leads to a console.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let Some(spec) = raw::json(event, "/requestObject/spec")? else {
        return Ok(());
    };
    let spec: Value = serde_json::from_str(&spec)
        .map_err(|error| format!("cannot parse the spec of {}: {error}", path(event)))?;
    let mut services = Vec::new();
    collect(&spec, MAX_DEPTH, &mut services);
    let Some(backend) = Backend::from_services(event, ROUTE_SPEC, services.iter().copied()) else {
        return Ok(());
    };
    let known = state::cluster(event).key(format!("{} {}", event.resource(), path(event)));
    if !known.replace_text(backend.software.name, KEEP)? {
        return Ok(());
    }
    let user = event.actor().username();
    let finding_type = types::exposed(backend.software.kind);
    let mut finding = Finding::new(finding_type)
        .on(event)
        .evidence(event, ROUTE_SPEC, services.join(", "))
        .field(&event, AuditField::Username)
        .field(&event, AuditField::RequestUri)
        .attribute("software", backend.software.name)
        .dedup_key(path(event))
        .title(format!(
            "Exposure of {} ({} {}) by {user}",
            backend.software.name,
            event.resource(),
            path(event)
        ));
    // Other objects decide whether the gateway has TLS and requires a login.
    if finding_type == SERVICE_EXPOSED {
        finding = finding.severity(ROUTE);
    }
    findings.raise(backend.add_to(finding, event));
    Ok(())
}

/// Collects the names of services in a spec.
fn collect<'v>(value: &'v Value, depth: u32, services: &mut Vec<&'v str>) {
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    match value {
        Value::Array(items) => {
            for item in items {
                collect(item, depth, services);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                if BACKENDS.contains(&key.as_str()) {
                    let items = member
                        .as_array()
                        .map_or(std::slice::from_ref(member), Vec::as_slice);
                    services.extend(
                        items
                            .iter()
                            .filter_map(|item| item.get("name").and_then(Value::as_str)),
                    );
                }
                collect(member, depth, services);
            }
        }
        _ => {}
    }
}

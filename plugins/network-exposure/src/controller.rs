//! The configuration of ingress-nginx that says what an ingress may bring.

use wardline_sdk::prelude::*;
use wardline_sdk::state;
use wardline_sdk::view::Attribute;

use crate::types::HARDENING_DISABLED;
use crate::{is_news, path};

/// Namespaces that the controller's charts and manifests use.
pub const NAMESPACES: [&str; 2] = ["ingress-nginx*", "nginx-ingress*"];
/// Its ConfigMap elsewhere: the chart's under its own name, minikube's and the old manifests',
/// RKE2's, MicroK8s'.
pub const NAMES: [&str; 5] = [
    "ingress-nginx*",
    "nginx-ingress*",
    "nginx-configuration",
    "rke2-ingress-nginx*",
    "nginx-load-balancer-microk8s-conf",
];

const LOW: f64 = 3.0;

/// Raises a finding if annotations may be code after the request.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let Some(requested) = event.requested() else {
        return Ok(());
    };
    let Facts::ConfigMap(config) = requested.facts() else {
        return Ok(());
    };
    let weak: Vec<(String, String)> = config
        .data()
        .filter(|entry| is_weak(*entry))
        .map(|entry| {
            let field = format!("requestObject.data[{}]", entry.key());
            (field, entry.value().trim().to_owned())
        })
        .collect();
    if weak.is_empty() {
        if !requested.partial() {
            state::cluster(event)
                .key(format!("controller {}", path(event)))
                .delete()?;
        }
        return Ok(());
    }
    let now: Vec<String> = weak
        .iter()
        .map(|(field, value)| format!("{field}={value}"))
        .collect();
    if !is_news(
        event,
        &format!("controller {}", path(event)),
        &now.join(" "),
    )? {
        return Ok(());
    }
    let user = event.actor();
    let raised = Finding::new(HARDENING_DISABLED)
        .on(event)
        .evidence_if_any(event, weak);
    findings.raise(raised.map(|mut finding| {
        if user.service_account().is_some() || event.verb() == "create" {
            finding = finding.severity(LOW);
        }
        finding
            .field(&event, AuditField::Username)
            .field(&event, AuditField::Verb)
            .field(&event, AuditField::Namespace)
            .field(&event, AuditField::Name)
            .dedup_key(path(event))
            .title(format!(
                "{} let annotations of ingresses be code of their controller, by the ConfigMap {}",
                user.username(),
                path(event)
            ))
    }));
    Ok(())
}

/// Whether an entry allows more than the controller's default: snippets are off since v1.9.0,
/// the risk level is `High` since v1.12.0, paths are checked since v1.12.0.
fn is_weak(entry: Attribute<'_>) -> bool {
    let value = entry.value().trim();
    match entry.key() {
        "allow-snippet-annotations" => value.eq_ignore_ascii_case("true"),
        "annotations-risk-level" => value.eq_ignore_ascii_case("critical"),
        "strict-validate-path-type" => value.eq_ignore_ascii_case("false"),
        _ => false,
    }
}

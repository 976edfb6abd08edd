//! Settings of ingress-nginx that restrict annotations of ingresses.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::Requester;
use wardline_sdk::state;
use wardline_sdk::view::Attribute;

use crate::object::{KEEP, path};
use crate::types::HARDENING_DISABLED;
use crate::types::traffic::ROUTINE_HARDENING;

/// Namespaces that the controller's charts and manifests use.
pub const NAMESPACES: [&str; 2] = ["ingress-nginx*", "nginx-ingress*"];
/// Names of the ConfigMap in other namespaces: of the chart, minikube and the old manifests,
/// RKE2, and MicroK8s.
pub const NAMES: [&str; 5] = [
    "ingress-nginx*",
    "nginx-ingress*",
    "nginx-configuration",
    "rke2-ingress-nginx*",
    "nginx-load-balancer-microk8s-conf",
];

/// Raises a finding if the request lets annotations contain code.
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
    let known = state::cluster(event).key(format!("controller {}", path(event)));
    if weak.is_empty() {
        if !requested.partial() {
            known.delete()?;
        }
        return Ok(());
    }
    let now: Vec<String> = weak
        .iter()
        .map(|(field, value)| format!("{field}={value}"))
        .collect();
    if !known.replace_text(&now.join(" "), KEEP)? {
        return Ok(());
    }
    let user = event.actor();
    let raised = Finding::new(HARDENING_DISABLED)
        .on(event)
        .evidence_if_any(event, weak);
    findings.raise(raised.map(|mut finding| {
        if Requester::is_program(event) || event.verb() == "create" {
            finding = finding.severity(ROUTINE_HARDENING);
        }
        finding
            .field(&event, AuditField::Username)
            .field(&event, AuditField::Verb)
            .field(&event, AuditField::Namespace)
            .field(&event, AuditField::Name)
            .dedup_key(path(event))
            .title(format!(
                "Code in ingress annotations was allowed with ConfigMap {} by {}",
                path(event),
                user.username()
            ))
    }));
    Ok(())
}

/// Returns whether an entry allows more than the controller's default: snippets are disabled
/// since v1.9.0; the risk level is `High`, and paths are validated, since v1.12.0.
fn is_weak(entry: Attribute<'_>) -> bool {
    let value = entry.value().trim();
    match entry.key() {
        "allow-snippet-annotations" => value.eq_ignore_ascii_case("true"),
        "annotations-risk-level" => value.eq_ignore_ascii_case("critical"),
        "strict-validate-path-type" => value.eq_ignore_ascii_case("false"),
        _ => false,
    }
}

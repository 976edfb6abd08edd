//! Ephemeral containers that are added to a running pod (`kubectl debug`).

use wardline_sdk::prelude::*;
use wardline_sdk::rules::Change;
use wardline_sdk::rules::namespace::is_sensitive;
use wardline_sdk::rules::severity::{LOW, MEDIUM};
use wardline_sdk::view::{Container, ContainerRole};

use crate::settings::Tuning;

const EPHEMERAL: &str = "Execution:Kubernetes/EphemeralContainer";

const PRIVILEGED: SeverityRule = SeverityRule::new(
    6.0,
    "the container is privileged or has a capability that allows an escape to the node",
);
const UNUSUAL: SeverityRule = SeverityRule::new(
    MEDIUM,
    "the pod is in a namespace that holds cluster components, or the user is a service account",
);

/// Capabilities that allow an escape to the node. Those of the kubectl profiles `general`
/// (`SYS_PTRACE`) and `netadmin` are not among them.
const POWERFUL: [&str; 7] = [
    "SYS_ADMIN",
    "SYS_MODULE",
    "SYS_RAWIO",
    "SYS_BOOT",
    "DAC_READ_SEARCH",
    "BPF",
    "SYS_TIME",
];

pub fn judge(event: AuditEvent<'_>, tuning: &Tuning, findings: &mut Findings) {
    if event.dry_run() || tuning.trusts(event, event.namespace()) {
        return;
    }
    let change = Change::from_event(event);
    let before = change
        .as_ref()
        .and_then(Change::before)
        .map(|before| before.containers_by_name())
        .unwrap_or_default();
    let added: Vec<(usize, Container<'_>)> = change
        .iter()
        .flat_map(|change| change.workload.containers())
        .filter(|container| container.role() == ContainerRole::Ephemeral)
        .enumerate()
        .filter(|(_, container)| !before.contains_key(container.name()))
        .collect();
    // A whole object sent again adds nothing. Without bodies in the log, the request alone counts.
    if change.is_some() && added.is_empty() {
        return;
    }
    let reason = added.iter().find_map(|(_, one)| power(*one));
    let severity = if reason.is_some() {
        PRIVILEGED.severity
    } else if is_sensitive(event.namespace()) || event.actor().is_service_account() {
        UNUSUAL.severity
    } else {
        LOW
    };
    let username = event.user().username();
    let target = format!("{}/{}", event.namespace(), event.name());
    let images: Vec<&str> = added.iter().map(|(_, one)| one.image()).collect();
    let mut finding = Finding::new(EPHEMERAL)
        .on(event)
        .field(&event, AuditField::RequestUri)
        .severity(severity)
        .dedup_key(format!("{username}/{target}"))
        .title(match images.is_empty() {
            true => format!("A container was added to running pod {target} by {username}"),
            false => format!(
                "Container {} was added to running pod {target} by {username}",
                images.join(", ")
            ),
        });
    let spec_path = change.as_ref().map(|change| change.path.as_str());
    for (index, container) in &added {
        let at = format!(
            "{}.ephemeralContainers[{index}]",
            spec_path.unwrap_or_default()
        );
        finding = finding.evidence(event, format!("{at}.image"), container.image());
        if !container.target().is_empty() {
            let field = format!("{at}.targetContainerName");
            finding = finding.evidence(event, field, container.target());
        }
        if let Some((field, value)) = power(*container) {
            finding = finding.evidence(event, format!("{at}.securityContext.{field}"), value);
        }
    }
    findings.raise(finding);
}

/// Returns the security context field that allows an escape to the node, with its value.
fn power(container: Container<'_>) -> Option<(&'static str, String)> {
    let security = container.security();
    if security.privileged() == Some(true) {
        return Some(("privileged", "true".to_owned()));
    }
    POWERFUL
        .iter()
        .any(|capability| security.adds_capability(capability))
        .then(|| ("capabilities.add", security.capabilities_added().join(", ")))
}

pub fn finding_type() -> FindingType {
    FindingType::new(EPHEMERAL, LOW)
        .title("An ephemeral container was added to a running pod")
        .description(
            "An ephemeral container runs an image of the user's choice in the network of an \
             existing pod. With a target container it shares that container's processes and can \
             read their memory, files, and credentials. It stays until the pod ends.",
        )
        .technique("T1609")
        .technique("T1610")
        .remediation(
            "Ask the user whether this was intended. If not, revoke the user's credentials, \
             replace the pod, and rotate the credentials that it had. Remove `patch \
             pods/ephemeralcontainers` from roles that do not need it.",
        )
        .false_positives("Developers and administrators who troubleshoot with `kubectl debug`.")
        .severity_rules([PRIVILEGED, UNUSUAL])
        .tuning("Add users to `trusted-users` or namespaces to `trusted-namespaces`.")
        .aggregated_by("actor, namespace, and pod")
        .reference("https://kubernetes.io/docs/concepts/workloads/pods/ephemeral-containers/")
        .reference("https://attack.mitre.org/techniques/T1609/")
}

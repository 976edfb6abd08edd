//! Dangerous requests that admission rejected, judged by its message or by the request.

use wardline_sdk::prelude::*;
use wardline_sdk::text::contains;

use crate::container::{privileged, sensitive_mounts};
use crate::{capability, host_namespace};

/// Pod Security violations that concern access to the node (the check reasons in
/// `k8s.io/pod-security-admission/policy`), each with the access that was requested. Violations of
/// only the level `restricted` are common among developers and are not included.
const VIOLATIONS: [(&str, &str); 10] = [
    ("privileged (", "privileged"),
    ("host namespaces", "host namespaces"),
    ("hostPath volumes", "hostPath"),
    ("restricted volume type \"hostPath\"", "hostPath"),
    ("non-default capabilities", "capabilities"),
    ("hostProcess", "hostProcess"),
    ("procMount", "procMount"),
    ("forbidden sysctls", "sysctls"),
    ("seLinuxOptions", "seLinuxOptions"),
    ("forbidden AppArmor profile", "AppArmor"),
];

/// Messages of other admission controls: webhooks, ValidatingAdmissionPolicy, OpenShift's
/// security context constraints.
const OTHERS: [&str; 3] = [
    "denied the request",
    "ValidatingAdmissionPolicy",
    "unable to validate against any security context constraint",
];

/// Returns the access to the node for which admission rejected a request; empty if it was
/// rejected for another reason.
pub fn rejected(event: AuditEvent<'_>) -> Vec<&'static str> {
    let message = event.response().map_or("", |response| response.message());
    if contains(message, "violates PodSecurity") {
        let mut found: Vec<&str> = VIOLATIONS
            .iter()
            .filter(|(reason, _)| contains(message, reason))
            .map(|(_, access)| *access)
            .collect();
        found.dedup();
        return found;
    }
    if OTHERS.iter().any(|answer| contains(message, answer)) {
        return requested(event);
    }
    Vec::new()
}

/// Returns the access to the node that a request asks for.
pub fn requested(event: AuditEvent<'_>) -> Vec<&'static str> {
    let Some(Facts::Workload(workload)) = event.requested().map(|object| object.facts()) else {
        return Vec::new();
    };
    [
        ("privileged", !privileged(workload, "", None).is_empty()),
        (
            "host namespaces",
            host_namespace::shared(workload, "", None)
                .iter()
                .any(|danger| danger.severity >= 4.0),
        ),
        (
            "hostPath",
            sensitive_mounts(workload, "", None)
                .iter()
                .any(|danger| danger.severity >= 4.0),
        ),
        (
            "capabilities",
            capability::added(workload, "", None, None)
                .iter()
                .any(|danger| danger.severity >= 4.0),
        ),
    ]
    .into_iter()
    .filter(|(_, is_requested)| *is_requested)
    .map(|(access, _)| access)
    .collect()
}

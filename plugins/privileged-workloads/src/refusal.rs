//! What admission refuses, by what it says and by what was asked for.

use wardline_sdk::prelude::*;
use wardline_sdk::text::contains;

use crate::container::{privileged, sensitive_mounts};
use crate::{capability, host_namespace};

/// Violations of the levels of Pod Security that give the node away
/// (`k8s.io/pod-security-admission/policy`, the reasons of its checks), each with what was
/// asked for. What only the level `restricted` wants is every developer's trouble, and is not
/// here.
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

/// Answers of other admission: webhooks, ValidatingAdmissionPolicy, OpenShift's constraints.
const OTHERS: [&str; 3] = [
    "denied the request",
    "ValidatingAdmissionPolicy",
    "unable to validate against any security context constraint",
];

/// What of a refused request would have given the node away; empty where it was refused for
/// another reason.
pub fn refused(event: AuditEvent<'_>) -> Vec<&'static str> {
    let message = event.response().map_or("", |response| response.message());
    if contains(message, "violates PodSecurity") {
        let mut found: Vec<&str> = VIOLATIONS
            .iter()
            .filter(|(reason, _)| contains(message, reason))
            .map(|(_, what)| *what)
            .collect();
        found.dedup();
        return found;
    }
    if OTHERS.iter().any(|answer| contains(message, answer)) {
        return asked_for(event);
    }
    Vec::new()
}

/// What a request asks for that would give the node away.
pub fn asked_for(event: AuditEvent<'_>) -> Vec<&'static str> {
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
    .filter(|(_, asks)| *asks)
    .map(|(what, _)| what)
    .collect()
}

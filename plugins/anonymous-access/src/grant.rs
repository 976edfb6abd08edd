//! Rights that are given to everybody.

use wardline_sdk::prelude::*;
use wardline_sdk::view::{BindingFacts, ObjectFacts};

/// Severity High, as in GuardDuty.
pub const GRANTED: &str = "Policy:Kubernetes/AnonymousAccessGranted";

/// Shows the keys by which others verify the tokens of service accounts, as the
/// documentation proposes
/// (<https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#service-account-issuer-discovery>).
const ISSUER_DISCOVERY: &str = "system:service-account-issuer-discovery";
const LOW: f64 = 3.0;

/// What a binding gives to whom, and where that stands in the event.
struct Grant<'a> {
    subjects: Vec<(String, &'a str)>,
    role: &'a str,
}

/// Raises a finding if a request bound somebody who is not authenticated.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) {
    if !event.changed_something() {
        return;
    }
    let Some(grant) = Grant::of(event) else {
        return;
    };
    let names: Vec<&str> = grant.subjects.iter().map(|(_, name)| *name).collect();
    let title = format!(
        "{} {} gives {} the rights of {}",
        if event.namespace().is_empty() {
            "ClusterRoleBinding"
        } else {
            "RoleBinding"
        },
        event.name(),
        names.join(" and "),
        if grant.role.is_empty() {
            "its role"
        } else {
            grant.role
        },
    );
    let mut finding = Finding::new(GRANTED)
        .on(event)
        .field(&event, AuditField::Name)
        .title(title);
    if grant.role == ISSUER_DISCOVERY {
        finding = finding.severity(LOW);
    }
    for (field, name) in grant.subjects {
        finding = finding.evidence(event, field, name);
    }
    if !grant.role.is_empty() {
        finding = finding.evidence(event, "requestObject.roleRef.name", grant.role);
    }
    findings.raise(finding);
}

impl<'a> Grant<'a> {
    /// What the request itself names: a binding that had the subject before is not
    /// granted again by a change of its labels.
    fn of(event: AuditEvent<'a>) -> Option<Self> {
        let (object, place) = match event.requested() {
            Some(requested) if binding(requested).is_some() => (requested, "requestObject"),
            // The policy left the request out, or what admission made of it is worse.
            _ => (event.resulting()?, "responseObject"),
        };
        let binding = binding(object)?;
        let role = match binding.role_name() {
            "" => event
                .resulting()
                .and_then(self::binding)
                .map_or("", BindingFacts::role_name),
            role => role,
        };
        if is_built_in(event, role) {
            return None;
        }
        let subjects: Vec<(String, &str)> = binding
            .subjects()
            .enumerate()
            .filter(|(_, subject)| {
                matches!(
                    (subject.kind(), subject.name()),
                    // The kind may be left out in a patch of one field.
                    ("User" | "", "system:anonymous") | ("Group" | "", "system:unauthenticated")
                )
            })
            .map(|(index, subject)| (format!("{place}.subjects[{index}].name"), subject.name()))
            .collect();
        (!subjects.is_empty()).then_some(Self { subjects, role })
    }
}

fn binding(object: ObjectFacts<'_>) -> Option<BindingFacts<'_>> {
    match object.facts() {
        Facts::Binding(binding) => Some(binding),
        _ => None,
    }
}

/// The two bindings of everybody that come with a cluster: the API server makes the
/// first when it starts, kubeadm the second when it begins a cluster.
fn is_built_in(event: AuditEvent<'_>, role: &str) -> bool {
    match (event.namespace(), event.name()) {
        ("", "system:public-info-viewer") => role == "system:public-info-viewer",
        ("kube-public", "kubeadm:bootstrap-signer-clusterinfo") => {
            role == "kubeadm:bootstrap-signer-clusterinfo"
        }
        _ => false,
    }
}

//! Bindings that grant permissions to unauthenticated users.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::LOW;
use wardline_sdk::view::{BindingFacts, ObjectFacts};

/// High severity, as in GuardDuty.
pub const GRANTED: &str = "Policy:Kubernetes/AnonymousAccessGranted";

/// Publishes the keys that verify service account tokens, a grant that the Kubernetes
/// documentation recommends
/// (<https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#service-account-issuer-discovery>).
const ISSUER_DISCOVERY: &str = "system:service-account-issuer-discovery";

/// The rule for a role that only reveals public keys.
pub const PUBLIC_KEYS: SeverityRule = SeverityRule::new(
    LOW,
    "the role is `system:service-account-issuer-discovery`, which reveals public keys only",
);

/// The unauthenticated subjects of a binding, each with its path in the event, and the role.
struct Grant<'a> {
    subjects: Vec<(String, &'a str)>,
    role: &'a str,
}

/// Raises a finding if a request bound an unauthenticated subject to a role.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) {
    if !event.changed_something() {
        return;
    }
    let Some(grant) = Grant::from_event(event) else {
        return;
    };
    let names: Vec<&str> = grant.subjects.iter().map(|(_, name)| *name).collect();
    let title = format!(
        "{} was granted to {} by {} {}",
        if grant.role.is_empty() {
            "A role"
        } else {
            grant.role
        },
        names.join(" and "),
        if event.namespace().is_empty() {
            "ClusterRoleBinding"
        } else {
            "RoleBinding"
        },
        event.name(),
    );
    let mut finding = Finding::new(GRANTED)
        .on(event)
        .field(&event, AuditField::Name)
        .title(title);
    if grant.role == ISSUER_DISCOVERY {
        finding = finding.severity(PUBLIC_KEYS);
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
    /// Returns the grant that the request itself names: a change of labels does not grant an
    /// existing binding again.
    fn from_event(event: AuditEvent<'a>) -> Option<Self> {
        let (object, path) = match event.requested() {
            Some(requested) if binding(requested).is_some() => (requested, "requestObject"),
            // The audit policy left out the request body, or admission added the subject.
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
                    // A patch of one field may omit the kind.
                    ("User" | "", "system:anonymous") | ("Group" | "", "system:unauthenticated")
                )
            })
            .map(|(index, subject)| (format!("{path}.subjects[{index}].name"), subject.name()))
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

/// Whether this is one of the two public bindings that come with a cluster: the API server
/// creates the first when it starts, kubeadm the second when it initializes a cluster.
fn is_built_in(event: AuditEvent<'_>, role: &str) -> bool {
    match (event.namespace(), event.name()) {
        ("", "system:public-info-viewer") => role == "system:public-info-viewer",
        ("kube-public", "kubeadm:bootstrap-signer-clusterinfo") => {
            role == "kubeadm:bootstrap-signer-clusterinfo"
        }
        _ => false,
    }
}

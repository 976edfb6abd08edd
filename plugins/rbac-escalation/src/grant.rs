//! Findings about bindings.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::{HIGH, LOW};
use wardline_sdk::rules::{ObjectChange, Requester, namespace};
use wardline_sdk::view::Subject;

use crate::binding::{Grant, Strength, is_all_authenticated, is_default_account, name};
use crate::report::Report;
use crate::types::{
    ADMIN_BINDING, DEFAULT_ACCOUNT, INSTALLED, KUBEADM, OTHER_TO_ALL, OWN_GROUP, OWN_NAME,
    OWN_NAMESPACE, OWN_SERVICE_ACCOUNT, OWN_WEAK, PACKAGED_ACCOUNTS, PLATFORM_ACCOUNTS, SELF_GRANT,
    STRONG_TO_ALL, WITHIN_OPENSHIFT,
};

/// Judges a binding. Each subject is in exactly one finding. `is_installed` means that all
/// subjects are accounts of software that is being installed.
pub fn judge(changed: &ObjectChange<'_>, grant: &Grant<'_>, is_installed: bool) -> Vec<Report> {
    let changed = &changed.with_known_previous(grant.is_known);
    let event = changed.event;
    let strength = grant.strength;
    let mut default_accounts = Vec::new();
    let mut own = Vec::new();
    let mut all_authenticated = Vec::new();
    let mut others = Vec::new();
    for indexed in &grant.subjects {
        let subject = indexed.1;
        if is_default_account(subject) && strength.is_admin {
            default_accounts.push(*indexed);
        } else if is_all_authenticated(subject) {
            all_authenticated.push(*indexed);
        } else if is_self(event, subject, strength) {
            own.push(*indexed);
        } else {
            others.push(*indexed);
        }
    }
    let reports = [
        (!default_accounts.is_empty()).then(|| {
            let severity = if within_distribution(event, &default_accounts) {
                WITHIN_OPENSHIFT.severity
            } else {
                HIGH
            };
            report(changed, grant, DEFAULT_ACCOUNT, severity, &default_accounts)
        }),
        self_grant(changed, grant, &own),
        to_all_authenticated(changed, grant, &all_authenticated),
        to_others(changed, grant, &others, is_installed),
    ];
    reports.into_iter().flatten().collect()
}

/// A subject with its index in the binding.
type Indexed<'a> = (usize, Subject<'a>);

fn report(
    changed: &ObjectChange<'_>,
    grant: &Grant<'_>,
    kind: &'static str,
    severity: f64,
    subjects: &[Indexed<'_>],
) -> Report {
    let event = changed.event;
    let names: Vec<String> = subjects
        .iter()
        .map(|(_, subject)| name(*subject, event))
        .collect();
    let scope = match event.namespace() {
        "" => "cluster-wide".to_owned(),
        namespace => format!("in {namespace}"),
    };
    let title = format!(
        "Role {} was granted {scope} to {} by {}",
        match grant.role {
            "" => "of unknown name",
            role => role,
        },
        names.join(" and "),
        event.user().username(),
    );
    let mut finding = Finding::new(kind)
        .on(event)
        .field(&event, AuditField::Name)
        .title(title)
        .attribute("role", grant.role)
        .attribute("subjects", names.join(", "));
    for (index, subject) in subjects {
        finding = finding.evidence(
            event,
            format!("{}.subjects[{index}].name", grant.body),
            subject.name(),
        );
    }
    if !grant.role.is_empty() {
        finding = finding.evidence(
            event,
            format!("{}.roleRef.name", grant.role_body),
            grant.role,
        );
    }
    let key = if severity <= LOW && !event.namespace().is_empty() {
        // Roles in namespaces are granted all day, so the namespace is not part of the key.
        format!("{}|namespace|{}", event.user().username(), grant.role)
    } else {
        format!(
            "{}|{}/{}|{}",
            event.user().username(),
            event.namespace(),
            event.name(),
            grant.role
        )
    };
    Report::new(changed, finding.dedup_key(key), severity)
}

fn self_grant(
    changed: &ObjectChange<'_>,
    grant: &Grant<'_>,
    own: &[Indexed<'_>],
) -> Option<Report> {
    if own.is_empty() {
        return None;
    }
    let by_name = own
        .iter()
        .any(|(_, subject)| name(*subject, changed.event) == changed.event.actor().username());
    let severity = match (grant.strength.is_strong(), by_name) {
        (true, true) if changed.requester == Requester::ServiceAccount => OWN_SERVICE_ACCOUNT,
        (true, true) => OWN_NAME,
        (true, false) => OWN_GROUP,
        (false, _) => OWN_WEAK,
    };
    let severity = if changed.may_be_old {
        ObjectChange::RESENT.apply(severity.into())
    } else if changed.requester == Requester::Platform {
        ObjectChange::PLATFORM.apply(severity.into())
    } else if is_of_kubeadm(changed.event, own) {
        // The user is already a member of the group.
        KUBEADM.apply(severity.into())
    } else {
        severity.into()
    };
    Some(report(changed, grant, SELF_GRANT, severity, own))
}

fn to_all_authenticated(
    changed: &ObjectChange<'_>,
    grant: &Grant<'_>,
    subjects: &[Indexed<'_>],
) -> Option<Report> {
    let is_edit = grant.role == "edit" && changed.event.namespace().is_empty();
    let severity = if grant.strength.is_strong() || is_edit {
        STRONG_TO_ALL
    } else if changed.event.namespace().is_empty() && !is_public_role(grant.role) {
        OTHER_TO_ALL
    } else {
        return None;
    };
    (!subjects.is_empty()).then(|| {
        let severity = severity.into();
        report(changed, grant, ADMIN_BINDING, severity, subjects)
    })
}

/// Whether a role of Kubernetes or OpenShift is meant for all users.
fn is_public_role(role: &str) -> bool {
    role.is_empty()
        || role.starts_with("system:")
        || matches!(
            role,
            "basic-user" | "self-provisioner" | "cluster-status" | "helm-chartrepos-viewer"
        )
}

fn to_others(
    changed: &ObjectChange<'_>,
    grant: &Grant<'_>,
    others: &[Indexed<'_>],
    is_installed: bool,
) -> Option<Report> {
    if others.is_empty() {
        return None;
    }
    let event = changed.event;
    let severity = grant.strength.severity.filter(|severity| {
        // Roles with only Low permissions have findings of their own.
        grant.strength.is_admin || grant.role == "edit" || *severity >= 4.0
    })?;
    let to_accounts = others.iter().all(|(_, subject)| {
        subject.kind() == "ServiceAccount"
            || (changed.requester == Requester::Platform && subject.name().starts_with("system:"))
    });
    let home = event
        .user()
        .service_account()
        .filter(|_| Requester::is_program(event))
        .map(|(home, _)| home);
    let within_home = home.is_some_and(|home| {
        others
            .iter()
            .all(|(_, subject)| subject.kind() == "ServiceAccount" && subject.namespace() == home)
    });
    let rule = if changed.may_be_old {
        Some(ObjectChange::RESENT)
    } else if is_of_kubeadm(event, others) {
        Some(KUBEADM)
    } else if within_home {
        Some(OWN_NAMESPACE)
    // Packages and the platform bind service accounts, not people.
    } else if to_accounts && changed.installer.is_some() {
        Some(PACKAGED_ACCOUNTS)
    } else if to_accounts && changed.requester == Requester::Platform {
        Some(PLATFORM_ACCOUNTS)
    } else if is_installed {
        Some(INSTALLED)
    } else {
        None
    };
    let severity = rule.map_or(severity, |rule| rule.apply(severity));
    Some(report(changed, grant, ADMIN_BINDING, severity, others))
}

/// Whether a subject is the user who made the request, by name or by a group that is not a
/// `system:` group. Groups count only if the role is strong, because people set up their own teams.
fn is_self(event: AuditEvent<'_>, subject: Subject<'_>, strength: Strength) -> bool {
    let actor = event.actor();
    match subject.kind() {
        "Group" => {
            strength.is_strong()
                && !subject.name().starts_with("system:")
                && actor.in_group(subject.name())
        }
        _ => name(subject, event) == actor.username(),
    }
}

/// Whether the binding is the one that kubeadm creates for the administrators of a new cluster
/// (`cmd/kubeadm/app/constants`, `ClusterAdminsGroupAndClusterRoleBinding`).
fn is_of_kubeadm(event: AuditEvent<'_>, subjects: &[Indexed<'_>]) -> bool {
    const NAME: &str = "kubeadm:cluster-admins";
    event.name() == NAME
        && subjects
            .iter()
            .all(|(_, subject)| subject.kind() == "Group" && subject.name() == NAME)
}

/// Whether OpenShift grants the role within its own namespaces: its installer runs as a default
/// account.
fn within_distribution(event: AuditEvent<'_>, subjects: &[Indexed<'_>]) -> bool {
    event
        .user()
        .service_account()
        .is_some_and(|(home, _)| home.starts_with("openshift-"))
        && Requester::is_program(event)
        && subjects.iter().all(|(_, subject)| {
            subject.namespace().starts_with("openshift-")
                && namespace::is_sensitive(subject.namespace())
        })
}

//! Findings about who is given which role.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::{ObjectChange, Requester, namespace};
use wardline_sdk::view::Subject;

use crate::binding::{Grant, Strength, is_default_account, is_everybody, name};
use crate::report::{LOW, Report};
use crate::types::{ADMIN_BINDING, DEFAULT_ACCOUNT, SELF_GRANT};

/// The findings of one binding: at most one of each type, and one for each subject.
/// `is_installed` says that all subjects are accounts of software that is being installed.
pub fn judge(changed: &ObjectChange<'_>, grant: &Grant<'_>, is_installed: bool) -> Vec<Report> {
    let changed = &changed.compared(grant.is_known);
    let event = changed.event;
    let strength = grant.strength;
    let mut default_accounts = Vec::new();
    let mut own = Vec::new();
    let mut everybody = Vec::new();
    let mut others = Vec::new();
    for placed in &grant.subjects {
        let subject = placed.1;
        if is_default_account(subject) && strength.is_admin {
            default_accounts.push(*placed);
        } else if is_everybody(subject) {
            everybody.push(*placed);
        } else if is_self(event, subject, strength) {
            own.push(*placed);
        } else {
            others.push(*placed);
        }
    }
    let reports = [
        (!default_accounts.is_empty()).then(|| {
            let severity = if within_distribution(event, &default_accounts) {
                LOW
            } else {
                8.0
            };
            report(changed, grant, DEFAULT_ACCOUNT, severity, &default_accounts)
        }),
        self_grant(changed, grant, &own),
        to_everybody(changed, grant, &everybody),
        to_others(changed, grant, &others, is_installed),
    ];
    reports.into_iter().flatten().collect()
}

type Placed<'a> = (usize, Subject<'a>);

fn report(
    changed: &ObjectChange<'_>,
    grant: &Grant<'_>,
    kind: &'static str,
    severity: f64,
    subjects: &[Placed<'_>],
) -> Report {
    let event = changed.event;
    let names: Vec<String> = subjects
        .iter()
        .map(|(_, subject)| name(*subject, event))
        .collect();
    let whole = if event.namespace().is_empty() {
        "the whole cluster".to_owned()
    } else {
        event.namespace().to_owned()
    };
    let title = format!(
        "{} gave {} the role {} in {whole}",
        event.user().username(),
        names.join(" and "),
        grant.role,
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
            format!("{}.subjects[{index}].name", grant.place),
            subject.name(),
        );
    }
    if !grant.role.is_empty() {
        finding = finding.evidence(
            event,
            format!("{}.roleRef.name", grant.role_place),
            grant.role,
        );
    }
    let key = if severity <= LOW && !event.namespace().is_empty() {
        // Namespaces are handed out all day long.
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

fn self_grant(changed: &ObjectChange<'_>, grant: &Grant<'_>, own: &[Placed<'_>]) -> Option<Report> {
    if own.is_empty() {
        return None;
    }
    let by_name = own
        .iter()
        .any(|(_, subject)| name(*subject, changed.event) == changed.event.actor().username());
    let severity = match (grant.strength.is_strong(), by_name) {
        (true, true) if changed.requester == Requester::ServiceAccount => 6.5,
        (true, true) => 6.0,
        (true, false) => 5.0,
        (false, _) => LOW,
    };
    let is_routine = changed.may_be_old
        || changed.requester == Requester::Platform
        // Who does so is in the group already.
        || is_of_kubeadm(changed.event, own);
    let severity = if is_routine {
        severity.min(LOW)
    } else {
        severity
    };
    Some(report(changed, grant, SELF_GRANT, severity, own))
}

fn to_everybody(
    changed: &ObjectChange<'_>,
    grant: &Grant<'_>,
    all: &[Placed<'_>],
) -> Option<Report> {
    let is_edit = grant.role == "edit" && changed.event.namespace().is_empty();
    let severity = if grant.strength.is_strong() || is_edit {
        8.0
    } else if changed.event.namespace().is_empty() && !is_for_everybody(grant.role) {
        LOW
    } else {
        return None;
    };
    (!all.is_empty()).then(|| report(changed, grant, ADMIN_BINDING, severity, all))
}

/// Roles that are made for everybody: those of Kubernetes and of OpenShift.
fn is_for_everybody(role: &str) -> bool {
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
    others: &[Placed<'_>],
    is_installed: bool,
) -> Option<Report> {
    if others.is_empty() {
        return None;
    }
    let event = changed.event;
    let severity = grant.strength.severity.filter(|severity| {
        // Of roles of which only the rules are dangerous those findings tell.
        grant.strength.is_admin || grant.role == "edit" || *severity >= 4.0
    })?;
    let to_accounts = others.iter().all(|(_, subject)| {
        subject.kind() == "ServiceAccount"
            || (changed.requester == Requester::Platform && subject.name().starts_with("system:"))
    });
    let home = event.user().service_account().map(|(home, _)| home);
    let within_home = home.is_some_and(|home| {
        others
            .iter()
            .all(|(_, subject)| subject.kind() == "ServiceAccount" && subject.namespace() == home)
    });
    let is_packaged = changed.installer.is_some() || changed.requester == Requester::Platform;
    let is_routine = changed.may_be_old
        || is_of_kubeadm(event, others)
        || within_home
        // Packages and the platform bind their own accounts, and no people.
        || (to_accounts && is_packaged)
        || is_installed;
    let severity = if is_routine {
        severity.min(LOW)
    } else {
        severity
    };
    Some(report(changed, grant, ADMIN_BINDING, severity, others))
}

/// Whether a subject is who made the request: by name, or by a group that does not hold
/// everybody. Groups count only where the role is strong: people set up their own teams.
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

/// Whether kubeadm makes the group of the administrators of a new cluster
/// (`cmd/kubeadm/app/constants`, `ClusterAdminsGroupAndClusterRoleBinding`).
fn is_of_kubeadm(event: AuditEvent<'_>, subjects: &[Placed<'_>]) -> bool {
    const NAME: &str = "kubeadm:cluster-admins";
    event.name() == NAME
        && subjects
            .iter()
            .all(|(_, subject)| subject.kind() == "Group" && subject.name() == NAME)
}

/// Whether a distribution does this among its own namespaces: OpenShift's installer runs as a
/// default account.
fn within_distribution(event: AuditEvent<'_>, subjects: &[Placed<'_>]) -> bool {
    event
        .user()
        .service_account()
        .is_some_and(|(home, _)| home.starts_with("openshift-"))
        && event.impersonated_user().is_none()
        && subjects.iter().all(|(_, subject)| {
            subject.namespace().starts_with("openshift-")
                && namespace::is_sensitive(subject.namespace())
        })
}

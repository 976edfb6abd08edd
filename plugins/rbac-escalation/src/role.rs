//! Findings about the permissions of roles.

use wardline_sdk::inventory;
use wardline_sdk::prelude::*;
use wardline_sdk::rules::{Installs, ObjectChange, Requester};
use wardline_sdk::view::{ObjectFacts, RoleFacts};

use crate::memory::KnownRoles;
use crate::report::Report;
use crate::rights::{
    Granted, PACKAGED_WITHIN_NAMESPACE, Right, Scope, WITHIN_NAMESPACE, dangerous,
};
use crate::types::{
    AGGREGATED_ROLE, AGGREGATED_STRONG, AGGREGATED_WEAK, DANGEROUS_ROLE, ROLE_WIDENED,
};

/// The labels that aggregate a ClusterRole into a built-in one, most powerful first
/// (<https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles>;
/// `cluster-reader` is OpenShift's).
const AGGREGATES: [(&str, &str); 4] = [
    ("rbac.authorization.k8s.io/aggregate-to-admin", "admin"),
    ("rbac.authorization.k8s.io/aggregate-to-edit", "edit"),
    ("rbac.authorization.k8s.io/aggregate-to-view", "view"),
    (
        "rbac.authorization.k8s.io/aggregate-to-cluster-reader",
        "cluster-reader",
    ),
];

/// Judges a role by its aggregation label, or otherwise by its permissions.
///
/// # Errors
/// Returns [`DetectError`] if the host does not keep the state.
pub fn judge(
    changed: &ObjectChange<'_>,
    roles: &KnownRoles,
    installs: Installs,
) -> Result<Option<Report>, DetectError> {
    let event = changed.event;
    let known = roles.get(event, event.namespace(), event.name())?;
    let changed = &changed.with_known_previous(known.is_some());
    learn(event, roles)?;
    if let Some(report) = aggregated(changed) {
        return Ok(Some(report));
    }
    let has_rules =
        |object| facts(object).is_some_and(|role: RoleFacts<'_>| !role.rules().is_empty());
    let Some((object, body)) = changed.object(has_rules, "rules") else {
        return Ok(None);
    };
    let Some(role) = facts(object) else {
        return Ok(None);
    };
    let known = known.unwrap_or_default();
    let mut new: Vec<Granted> = dangerous(role)
        .into_iter()
        .filter(|granted| !known.contains(&granted.right) && !known.contains(&Right::Everything))
        .collect();
    let scope = Scope::from_namespace(event.namespace());
    let rated = new
        .iter()
        .filter_map(|granted| granted.right.severity(scope))
        .reduce(f64::max);
    let severity = match rated {
        Some(severity) => severity,
        None if scope == Scope::Namespace && is_power(&new) => {
            let rule = match changed.installer {
                Some(_) => PACKAGED_WITHIN_NAMESPACE,
                None => WITHIN_NAMESPACE,
            };
            if !is_own_choice(changed, installs)? || !roles.is_news_in_namespace(event, rule)? {
                return Ok(None);
            }
            new.retain(|granted| granted.right.is_power_in_namespace());
            rule.into()
        }
        None => return Ok(None),
    };
    let kind = if changed.is_new {
        DANGEROUS_ROLE
    } else {
        ROLE_WIDENED
    };
    let is_own = !changed.is_new && is_bound(event);
    let severity = if is_own {
        (severity + 1.0).min(6.9)
    } else {
        severity
    };
    let title = format!(
        "{} was {} by {}: {}",
        display_name(event),
        if changed.is_new { "created" } else { "widened" },
        event.user().username(),
        labels(&new),
    );
    let severity = changed.severity(severity);
    let finding = finding(event, kind, role, body, &new, title);
    let finding = if is_own {
        finding.attribute("held-by-actor", true)
    } else {
        finding
    };
    Ok(Some(Report::new(changed, finding, severity)))
}

/// Whether the role leads to more within its namespace.
fn is_power(new: &[Granted]) -> bool {
    new.iter()
        .any(|granted| granted.right.is_power_in_namespace())
}

/// Whether the requester chose the permissions of a role in a namespace. Installers and the platform
/// bring such roles along, and programs send them again.
fn is_own_choice(changed: &ObjectChange<'_>, installs: Installs) -> Result<bool, DetectError> {
    Ok(changed.requester.is_foreign()
        && !changed.may_be_old
        && changed.requester != Requester::Platform
        && !installs.is_own(changed.event, changed.event.namespace())?)
}

/// Stores the permissions of a role after the request, if the log contains them.
///
/// # Errors
/// Returns [`DetectError`] if the host does not keep the state.
pub fn learn(event: AuditEvent<'_>, roles: &KnownRoles) -> Result<(), DetectError> {
    let whole = event
        .resulting()
        .or_else(|| event.requested().filter(|object| !object.partial()));
    if let Some(role) = whole.and_then(facts) {
        let rights: Vec<Right> = dangerous(role)
            .into_iter()
            .map(|granted| granted.right)
            .collect();
        roles.set(event, &rights)?;
    }
    Ok(())
}

fn facts(object: ObjectFacts<'_>) -> Option<RoleFacts<'_>> {
    match object.facts() {
        Facts::Role(role) => Some(role),
        _ => None,
    }
}

fn aggregated(changed: &ObjectChange<'_>) -> Option<Report> {
    let event = changed.event;
    let is_labelled = |object: ObjectFacts<'_>| built_in(object).is_some();
    let (label, built_in) = changed
        .object(is_labelled, "metadata/labels")
        .and_then(|(object, _)| built_in(object))?;
    // A patch of only the label has no rules.
    let (role, body) = [
        (event.resulting(), "responseObject"),
        (event.requested(), "requestObject"),
    ]
    .into_iter()
    .find_map(|(object, body)| {
        let role = facts(object?).filter(|role| !role.rules().is_empty())?;
        Some((role, body))
    })?;
    let new: Vec<Granted> = dangerous(role)
        .into_iter()
        .filter(|granted| !granted.right.is_of_built_in(built_in))
        .collect();
    let worst = new
        .iter()
        .filter_map(|granted| granted.right.severity(Scope::Cluster))
        .reduce(f64::max)?;
    let severity = changed.severity(if worst >= 5.0 {
        AGGREGATED_STRONG
    } else {
        AGGREGATED_WEAK
    });
    let title = format!(
        "{} was aggregated into {built_in} by {}: {}",
        display_name(event),
        event.user().username(),
        labels(&new),
    );
    let finding = finding(event, AGGREGATED_ROLE, role, body, &new, title).evidence(
        event,
        format!("metadata.labels[{label}]"),
        "true",
    );
    Some(Report::new(changed, finding, severity))
}

/// Returns the aggregation label of a role and the name of the built-in role: the least powerful
/// one if there are several.
fn built_in(object: ObjectFacts<'_>) -> Option<(&'static str, &'static str)> {
    AGGREGATES
        .iter()
        .rev()
        .copied()
        .find(|(label, _)| object.labels().get(label) == Some("true"))
}

/// Whether the user who changes a role is bound to it, by name or by a group.
fn is_bound(event: AuditEvent<'_>) -> bool {
    let actor = event.actor();
    let kind = if event.namespace().is_empty() {
        "ClusterRole"
    } else {
        "Role"
    };
    std::iter::once(actor.username())
        .chain(actor.groups())
        .any(|subject| {
            inventory::bindings(event, subject).iter().any(|binding| {
                binding.role_name() == event.name()
                    && binding.role_kind() == kind
                    && (kind == "ClusterRole" || binding.namespace() == event.namespace())
            })
        })
}

/// Returns the kind and name of the role for titles.
fn display_name(event: AuditEvent<'_>) -> String {
    if event.namespace().is_empty() {
        format!("ClusterRole {}", event.name())
    } else {
        format!("Role {}/{}", event.namespace(), event.name())
    }
}

fn labels(granted: &[Granted]) -> String {
    let labels: Vec<&str> = granted
        .iter()
        .map(|granted| granted.right.label())
        .collect();
    labels.join(", ")
}

fn finding(
    event: AuditEvent<'_>,
    kind: &str,
    role: RoleFacts<'_>,
    body: &str,
    granted: &[Granted],
    title: String,
) -> Finding {
    let mut finding = Finding::new(kind)
        .on(event)
        .field(&event, AuditField::Name)
        .title(title)
        .dedup_key(format!(
            "{}|{}/{}",
            event.user().username(),
            event.namespace(),
            event.name()
        ));
    let mut cited = Vec::new();
    for granted in granted {
        if cited.contains(&granted.rule) {
            continue;
        }
        cited.push(granted.rule);
        if let Some(rule) = role.rules().nth(granted.rule) {
            finding = finding.evidence(
                event,
                format!("{body}.rules[{}]", granted.rule),
                format!(
                    "verbs {} on {} of API groups {}",
                    rule.verbs().join(", "),
                    rule.resources().join(", "),
                    groups(rule.api_groups()),
                ),
            );
        }
    }
    finding
}

/// Joins API groups for evidence. The core group is shown as `""`.
fn groups<'a>(groups: impl Iterator<Item = &'a str>) -> String {
    let named: Vec<&str> = groups
        .map(|group| if group.is_empty() { "\"\"" } else { group })
        .collect();
    named.join(", ")
}

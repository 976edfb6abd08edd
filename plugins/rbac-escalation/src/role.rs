//! Findings about what roles allow.

use wardline_sdk::inventory;
use wardline_sdk::prelude::*;
use wardline_sdk::rules::ObjectChange;
use wardline_sdk::view::{ObjectFacts, RoleFacts};

use crate::memory::KnownRoles;
use crate::report::Report;
use crate::rights::{Granted, Right, Scope, dangerous};
use crate::types::{AGGREGATED_ROLE, DANGEROUS_ROLE, ROLE_WIDENED};

/// The labels with which a ClusterRole flows into a built-in one
/// (<https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles>;
/// `cluster-reader` and `sudoer` are OpenShift's).
const AGGREGATES: [(&str, &str); 4] = [
    ("rbac.authorization.k8s.io/aggregate-to-admin", "admin"),
    ("rbac.authorization.k8s.io/aggregate-to-edit", "edit"),
    ("rbac.authorization.k8s.io/aggregate-to-view", "view"),
    (
        "rbac.authorization.k8s.io/aggregate-to-cluster-reader",
        "cluster-reader",
    ),
];

/// The finding of one role, if any: of its label, or of its rights.
pub fn judge(
    changed: &ObjectChange<'_>,
    roles: &KnownRoles,
) -> Result<Option<Report>, DetectError> {
    let event = changed.event;
    let known = roles.get(event, event.namespace(), event.name())?;
    let changed = &changed.compared(known.is_some());
    learn(event, roles)?;
    if let Some(report) = aggregated(changed) {
        return Ok(Some(report));
    }
    let has_rules =
        |object| facts(object).is_some_and(|role: RoleFacts<'_>| !role.rules().is_empty());
    let Some((object, place)) = changed.object(has_rules, "rules") else {
        return Ok(None);
    };
    let Some(role) = facts(object) else {
        return Ok(None);
    };
    let known = known.unwrap_or_default();
    let new: Vec<Granted> = dangerous(role)
        .into_iter()
        .filter(|granted| !known.contains(&granted.right) && !known.contains(&Right::Everything))
        .collect();
    let scope = Scope::of(event.namespace());
    let Some(severity) = new
        .iter()
        .filter_map(|granted| granted.right.severity(scope))
        .reduce(f64::max)
    else {
        return Ok(None);
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
        "{} {} {}, which {}lets its holder {}",
        event.user().username(),
        if changed.is_new { "made" } else { "changed" },
        title_of(event),
        if changed.is_new { "" } else { "now " },
        list(&new),
    );
    let severity = changed.severity(severity);
    let finding = finding(event, kind, role, place, &new, title);
    let finding = if is_own {
        finding.attribute("held-by-actor", true)
    } else {
        finding
    };
    Ok(Some(Report::new(changed, finding, severity)))
}

/// Keeps what a role allows after the request, where the log tells.
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
    // A patch of the label alone has no rules.
    let (role, place) = [
        (event.resulting(), "responseObject"),
        (event.requested(), "requestObject"),
    ]
    .into_iter()
    .find_map(|(object, place)| {
        let role = facts(object?).filter(|role| !role.rules().is_empty())?;
        Some((role, place))
    })?;
    let new: Vec<Granted> = dangerous(role)
        .into_iter()
        .filter(|granted| !granted.right.is_of_built_in(built_in))
        .collect();
    let worst = new
        .iter()
        .filter_map(|granted| granted.right.severity(Scope::Cluster))
        .reduce(f64::max)?;
    let severity = changed.severity(if worst >= 5.0 { 6.0 } else { 5.0 });
    let title = format!(
        "{} added {} to the built-in role {built_in}, which now lets its holder {}",
        event.user().username(),
        title_of(event),
        list(&new),
    );
    let finding = finding(event, AGGREGATED_ROLE, role, place, &new, title).evidence(
        event,
        format!("metadata.labels[{label}]"),
        "true",
    );
    Some(Report::new(changed, finding, severity))
}

/// The label of a role that is added to a built-in one, and that one's name; of several the
/// least.
fn built_in(object: ObjectFacts<'_>) -> Option<(&'static str, &'static str)> {
    AGGREGATES
        .iter()
        .rev()
        .copied()
        .find(|(label, _)| object.labels().get(label) == Some("true"))
}

/// Whether who changes a role is bound to it, by name or by a group.
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

fn title_of(event: AuditEvent<'_>) -> String {
    if event.namespace().is_empty() {
        format!("the ClusterRole {}", event.name())
    } else {
        format!("the Role {}/{}", event.namespace(), event.name())
    }
}

fn list(granted: &[Granted]) -> String {
    let says: Vec<&str> = granted.iter().map(|granted| granted.right.says()).collect();
    says.join(", ")
}

fn finding(
    event: AuditEvent<'_>,
    kind: &str,
    role: RoleFacts<'_>,
    place: &str,
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
                format!("{place}.rules[{}]", granted.rule),
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

/// API groups; the core group is named by its quotes.
fn groups<'a>(groups: impl Iterator<Item = &'a str>) -> String {
    let named: Vec<&str> = groups
        .map(|group| if group.is_empty() { "\"\"" } else { group })
        .collect();
    named.join(", ")
}

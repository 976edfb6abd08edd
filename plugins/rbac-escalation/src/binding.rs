//! Bindings: the granted role, its strength, and its new subjects.

use std::collections::BTreeSet;

use wardline_sdk::inventory;
use wardline_sdk::prelude::*;
use wardline_sdk::rules::ObjectChange;
use wardline_sdk::view::{BindingFacts, ObjectFacts, Subject};

use crate::memory::KnownRoles;
use crate::rights::{Right, Scope};
use crate::types::{ADMIN, ADMIN_IN_NAMESPACE, ADMINISTRATOR, EDIT};

/// Roles of the control plane that allow taking over the cluster, besides those with a rule of
/// their own (`plugin/pkg/auth/authorizer/rbac/bootstrappolicy`).
const CONTROL_PLANE: [&str; 5] = [
    "system:kube-controller-manager",
    "system:controller:clusterrole-aggregation-controller",
    "system:controller:generic-garbage-collector",
    "system:kube-scheduler",
    "system:node",
];

/// A role that a binding grants to subjects that it did not name before.
#[derive(Debug)]
pub struct Grant<'a> {
    /// The body of the event that names the subjects: `requestObject` or `responseObject`.
    pub body: &'static str,
    /// The name of the role; empty if the log does not contain it.
    pub role: &'a str,
    /// The body of the event that names the role.
    pub role_body: &'static str,
    pub strength: Strength,
    /// Whether the inventory knows other subjects of the binding.
    pub is_known: bool,
    /// The new subjects, each with its index in the binding.
    pub subjects: Vec<(usize, Subject<'a>)>,
}

/// The power of a role in the scope of its binding.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Strength {
    /// Whether the holder administers the cluster or the namespace of the binding.
    pub is_admin: bool,
    /// `None` if no permission of the role is known to be dangerous.
    pub severity: Option<f64>,
}

impl Strength {
    /// Whether the role leads to more permissions than it lists.
    pub fn is_strong(self) -> bool {
        self.is_admin || self.severity.is_some_and(|severity| severity >= 4.0)
    }
}

impl<'a> Grant<'a> {
    /// Returns the grant of a request, or `None` if the log shows no new subjects.
    ///
    /// # Errors
    /// Returns [`DetectError`] if the host does not return the state.
    pub fn from_change(
        changed: &ObjectChange<'a>,
        roles: &KnownRoles,
    ) -> Result<Option<Self>, DetectError> {
        let names_subjects =
            |object| facts(object).is_some_and(|binding| !binding.subjects().is_empty());
        let Some((object, body)) = changed.object(names_subjects, "subjects") else {
            return Ok(None);
        };
        let Some(binding) = facts(object) else {
            return Ok(None);
        };
        let event = changed.event;
        let (kind, role) = role_of(event, binding);
        let role_body = if binding.role_name().is_empty() {
            "responseObject"
        } else {
            body
        };
        let bound = already_bound(event, binding);
        let (old, new): (Vec<_>, Vec<_>) = binding
            .subjects()
            .enumerate()
            .filter(|(_, subject)| !is_anonymous(*subject))
            .partition(|(_, subject)| bound.contains(&name(*subject, event)));
        if new.is_empty() {
            return Ok(None);
        }
        let strength = strength(event, kind, role, roles)?;
        Ok(Some(Self {
            body,
            role,
            role_body,
            strength,
            is_known: !old.is_empty(),
            subjects: new,
        }))
    }
}

fn facts(object: ObjectFacts<'_>) -> Option<BindingFacts<'_>> {
    match object.facts() {
        Facts::Binding(binding) => Some(binding),
        _ => None,
    }
}

/// Returns the kind and name of the role. A patch does not contain it, because a role reference is
/// immutable. The built-in binding `cluster-admin` is known to refer to the role of that name.
fn role_of<'a>(event: AuditEvent<'a>, binding: BindingFacts<'a>) -> (&'a str, &'a str) {
    let named = |binding: BindingFacts<'a>| (binding.role_kind(), binding.role_name());
    match named(binding) {
        (_, "") => {}
        named => return named,
    }
    match event.resulting().and_then(facts).map(named) {
        None | Some((_, "")) if event.namespace().is_empty() && event.name() == "cluster-admin" => {
            ("ClusterRole", "cluster-admin")
        }
        None => ("", ""),
        Some(named) => named,
    }
}

fn strength(
    event: AuditEvent<'_>,
    kind: &str,
    role: &str,
    roles: &KnownRoles,
) -> Result<Strength, DetectError> {
    let scope = Scope::from_namespace(event.namespace());
    let by_scope = |whole, namespace| match scope {
        Scope::Cluster | Scope::SensitiveNamespace => whole,
        Scope::Namespace => namespace,
    };
    let known = |is_admin, rule: Option<SeverityRule>| {
        Ok(Strength {
            is_admin,
            severity: rule.map(f64::from),
        })
    };
    match (kind, role) {
        ("ClusterRole" | "", "cluster-admin") => {
            return known(
                true,
                by_scope(Some(ADMINISTRATOR), Some(ADMIN_IN_NAMESPACE)),
            );
        }
        ("ClusterRole" | "", "admin") => {
            return known(true, by_scope(Some(ADMIN), Some(ADMIN_IN_NAMESPACE)));
        }
        ("ClusterRole" | "", "edit") => return known(false, by_scope(Some(EDIT), None)),
        ("ClusterRole" | "", role) if CONTROL_PLANE.contains(&role) => {
            return known(false, by_scope(Some(ADMIN), None));
        }
        _ => {}
    }
    let home = if kind == "Role" {
        event.namespace()
    } else {
        ""
    };
    let rights = roles.rights(event, home, role)?;
    Ok(Strength {
        is_admin: rights.contains(&Right::Everything),
        severity: rights
            .into_iter()
            .filter_map(|right| right.severity(scope))
            .reduce(f64::max),
    })
}

/// Whether a subject is the anonymous user or group, which `anonymous-access` reports.
fn is_anonymous(subject: Subject<'_>) -> bool {
    matches!(
        subject.name(),
        "system:anonymous" | "system:unauthenticated"
    )
}

/// Returns the user or group name of a subject.
pub fn name(subject: Subject<'_>, event: AuditEvent<'_>) -> String {
    if subject.kind() != "ServiceAccount" {
        return subject.name().to_owned();
    }
    let namespace = match subject.namespace() {
        "" => event.namespace(),
        namespace => namespace,
    };
    format!("system:serviceaccount:{namespace}:{}", subject.name())
}

/// How many subjects are looked up to find the binding as it was. One of the first that stays is enough; if all
/// are new, the rest count as new too.
const LOOKED_UP: usize = 16;

/// Returns the names of the subjects that the binding named before, which is nobody if the log has not shown
/// it.
fn already_bound(event: AuditEvent<'_>, binding: BindingFacts<'_>) -> BTreeSet<String> {
    if event.verb() == "create" {
        return BTreeSet::new();
    }
    for subject in binding.subjects().take(LOOKED_UP) {
        for known in inventory::bindings(event, &name(subject, event)).iter() {
            if known.namespace() == event.namespace() && known.name() == event.name() {
                return known
                    .subjects()
                    .map(|subject| name(subject, event))
                    .collect();
            }
        }
    }
    BTreeSet::new()
}

/// Whether a subject is or includes the service account `default` of a namespace.
pub fn is_default_account(subject: Subject<'_>) -> bool {
    match subject.kind() {
        "ServiceAccount" => subject.name() == "default",
        _ => {
            let name = subject.name();
            name == "system:serviceaccounts"
                || name.starts_with("system:serviceaccounts:")
                || name
                    .strip_prefix("system:serviceaccount:")
                    .is_some_and(|account| account.ends_with(":default"))
        }
    }
}

/// Whether a subject is the group of all authenticated users.
pub fn is_all_authenticated(subject: Subject<'_>) -> bool {
    matches!(
        subject.name(),
        // `system:authenticated:oauth` is the group of people in OpenShift.
        "system:authenticated" | "system:authenticated:oauth"
    )
}

//! Who is given which role.

use wardline_sdk::inventory;
use wardline_sdk::prelude::*;
use wardline_sdk::rules::ObjectChange;
use wardline_sdk::view::{BindingFacts, ObjectFacts, Subject};

use crate::memory::KnownRoles;
use crate::rights::{Right, Scope};

/// Roles of the control plane with which one takes over the cluster, beyond those with a rule
/// of their own (`plugin/pkg/auth/authorizer/rbac/bootstrappolicy`).
const CONTROL_PLANE: [&str; 5] = [
    "system:kube-controller-manager",
    "system:controller:clusterrole-aggregation-controller",
    "system:controller:generic-garbage-collector",
    "system:kube-scheduler",
    "system:node",
];

/// What a binding gives to subjects that did not have it.
#[derive(Debug)]
pub struct Grant<'a> {
    /// Where the subjects stand in the event.
    pub place: &'static str,
    pub role: &'a str,
    /// Where the role stands in the event.
    pub role_place: &'static str,
    pub strength: Strength,
    /// Whether the log has told of others whom the binding names.
    pub is_known: bool,
    /// Each with its index in the binding.
    pub subjects: Vec<(usize, Subject<'a>)>,
}

/// How much a role is worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Strength {
    /// Whether its holder administers the cluster, or the namespace of the binding.
    pub is_admin: bool,
    /// None where nothing is known to be dangerous in it.
    pub severity: Option<f64>,
}

impl Strength {
    /// Whether one gets more with it than it says.
    pub fn is_strong(self) -> bool {
        self.is_admin || self.severity.is_some_and(|severity| severity >= 4.0)
    }
}

impl<'a> Grant<'a> {
    /// What the request gave, or none if it gave nothing that the log shows.
    pub fn of(changed: &ObjectChange<'a>, roles: &KnownRoles) -> Result<Option<Self>, DetectError> {
        let names_subjects =
            |object| facts(object).is_some_and(|binding| !binding.subjects().is_empty());
        let Some((object, place)) = changed.object(names_subjects, "subjects") else {
            return Ok(None);
        };
        let Some(binding) = facts(object) else {
            return Ok(None);
        };
        let event = changed.event;
        let (kind, role) = role_of(event, binding);
        let role_place = if binding.role_name().is_empty() {
            "responseObject"
        } else {
            place
        };
        let (old, new): (Vec<_>, Vec<_>) = binding
            .subjects()
            .enumerate()
            .filter(|(_, subject)| !is_anonymous(*subject))
            .partition(|(_, subject)| had_it(event, *subject));
        if new.is_empty() {
            return Ok(None);
        }
        let strength = strength(event, kind, role, roles)?;
        Ok(Some(Self {
            place,
            role,
            role_place,
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

/// The role: a patch leaves it out, for it cannot be changed. The binding of cluster-admin
/// that comes with every cluster has its name.
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
    let scope = Scope::of(event.namespace());
    let by_scope = |whole, namespace| match scope {
        Scope::Cluster | Scope::SensitiveNamespace => whole,
        Scope::Namespace => namespace,
    };
    let known = |is_admin, severity| Ok(Strength { is_admin, severity });
    match (kind, role) {
        ("ClusterRole" | "", "cluster-admin") => {
            return known(true, by_scope(Some(6.0), Some(3.0)));
        }
        ("ClusterRole" | "", "admin") => return known(true, by_scope(Some(5.0), Some(3.0))),
        ("ClusterRole" | "", "edit") => return known(false, by_scope(Some(3.0), None)),
        ("ClusterRole" | "", role) if CONTROL_PLANE.contains(&role) => {
            return known(false, by_scope(Some(5.0), None));
        }
        _ => {}
    }
    let home = if kind == "Role" {
        event.namespace()
    } else {
        ""
    };
    let rights = roles.rights(event, home, role)?;
    known(
        rights.contains(&Right::Everything),
        rights
            .into_iter()
            .filter_map(|right| right.severity(scope))
            .reduce(f64::max),
    )
}

/// Grants to everybody are told by another detector (`anonymous-access`).
fn is_anonymous(subject: Subject<'_>) -> bool {
    matches!(
        subject.name(),
        "system:anonymous" | "system:unauthenticated"
    )
}

/// The user or group name of a subject.
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

/// Whether this same binding gave it to the subject before.
fn had_it(event: AuditEvent<'_>, subject: Subject<'_>) -> bool {
    event.verb() != "create"
        && inventory::bindings(event, &name(subject, event))
            .iter()
            .any(|known| known.namespace() == event.namespace() && known.name() == event.name())
}

/// Whether a subject holds the `default` account of a namespace.
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

/// Whether a subject is everybody with any credential.
pub fn is_everybody(subject: Subject<'_>) -> bool {
    matches!(
        subject.name(),
        // OpenShift's and GKE's own have the first; `oauth` are the people of OpenShift.
        "system:authenticated" | "system:authenticated:oauth"
    )
}

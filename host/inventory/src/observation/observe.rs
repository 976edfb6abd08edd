//! The observation of one event.

use serde::{Deserialize, Serialize};
use wardline_decode::{Demand, Head, HeadObject};
use wardline_event::model::{
    AuditEvent, BindingFacts, Facts, Level, ObjectFacts, ServiceAccountFacts, Stage, Workload,
};

/// The resources whose pod spec the inventory keeps.
const WORKLOADS: [&str; 9] = [
    "pods",
    "deployments",
    "daemonsets",
    "statefulsets",
    "replicasets",
    "replicationcontrollers",
    "jobs",
    "cronjobs",
    "podtemplates",
];

/// The facts that the inventory keeps about an object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ObjectState {
    /// The pods that a workload defines.
    Workload(Box<Workload>),
    /// A ServiceAccount.
    ServiceAccount(ServiceAccountFacts),
    /// A RoleBinding or a ClusterRoleBinding.
    Binding(BindingFacts),
}

/// An observation: the state or change of an object that an event shows.
#[derive(Debug)]
pub enum ObjectUpdate {
    /// A request set the object to this state.
    Replaced(ObjectState),
    /// A request changed these parts of the object.
    Patched(ObjectState),
    /// A request read the object in this state.
    Read(ObjectState),
    /// The object was deleted.
    Deleted,
    /// All objects of the resource in the namespace were deleted.
    AllDeleted,
}

/// Whether an event with this verb and object may affect the inventory.
#[must_use]
pub fn may_affect_inventory(verb: &str, object: Option<&HeadObject<'_>>) -> bool {
    object.is_some_and(|object| is_remembered(object.resource, object.subresource))
        && matches!(
            verb,
            "create" | "update" | "patch" | "delete" | "deletecollection" | "get"
        )
}

/// Returns the part of an event that may affect the inventory, judged by its head.
#[must_use]
pub fn inventory_demand(head: &Head<'_>) -> Demand {
    let Some(object) = &head.object else {
        return Demand::None;
    };
    let from = match head.verb {
        "create" | "update" | "patch" | "delete" | "deletecollection" => Demand::Full,
        "get" if head.level == Level::RequestResponse => match head.answer {
            // Controllers read the same objects repeatedly, so the host compares the response's
            // object with the last one before it decodes the event.
            Some(answer) if is_whole(answer) => Demand::ResponseObject,
            Some(_) => Demand::None,
            None => Demand::Full,
        },
        _ => return Demand::None,
    };
    let may = head.stage != Stage::RequestReceived
        && head.code.is_some_and(|code| (200..300).contains(&code))
        && is_remembered(object.resource, object.subresource);
    if may { from } else { Demand::None }
}

/// Whether a response's object may have facts. A `Table`, which kubectl requests for printing,
/// and a `PartialObjectMetadata` have none (`meta/v1`).
fn is_whole(answer: &str) -> bool {
    !["Table\"", "PartialObjectMetadata\""].iter().any(|kind| {
        answer
            .strip_prefix("{\"kind\":\"")
            .is_some_and(|rest| rest.starts_with(kind))
    })
}

/// Whether the inventory keeps objects of a resource, and the subresource affects them.
fn is_remembered(resource: &str, subresource: &str) -> bool {
    matches!(subresource, "" | "ephemeralcontainers")
        && (WORKLOADS.contains(&resource)
            || matches!(
                resource,
                "serviceaccounts" | "rolebindings" | "clusterrolebindings"
            ))
}

/// Returns the observation of an event, or none. Only successful requests give one.
#[must_use]
pub fn observe(event: &AuditEvent) -> Option<ObjectUpdate> {
    let object = event.object.as_ref()?;
    let done = event
        .response
        .as_ref()
        .is_some_and(|response| (200..300).contains(&response.code));
    if !done || event.dry_run || event.stage == Stage::RequestReceived {
        return None;
    }
    let resource = object.resource.as_str();
    if !is_remembered(resource, &object.subresource) {
        return None;
    }
    match event.verb.as_str() {
        "create" | "update" | "patch" => changed(event),
        "get" => event
            .resulting
            .as_ref()
            .and_then(known)
            .map(ObjectUpdate::Read),
        // A deleted pod runs on for its grace period, and commands can still be run in it; the
        // kubelet deletes it with a period of zero when it has terminated.
        "delete" if resource == "pods" && !ends_at_once(event) => None,
        "delete" => Some(ObjectUpdate::Deleted),
        // With a selector, it is unknown which objects remain. A client may write any letter of the
        // parameter's name as `%XX`, so that only a request without parameters has none for certain.
        "deletecollection" if resource != "pods" && !event.request_uri.contains('?') => {
            Some(ObjectUpdate::AllDeleted)
        }
        _ => None,
    }
}

fn changed(event: &AuditEvent) -> Option<ObjectUpdate> {
    if let Some(known) = event.resulting.as_ref().and_then(known) {
        return Some(ObjectUpdate::Replaced(known));
    }
    let requested = event.requested.as_ref()?;
    let known = known(requested)?;
    let ephemeral = event
        .object
        .as_ref()
        .is_some_and(|object| !object.subresource.is_empty());
    Some(if requested.partial || ephemeral {
        ObjectUpdate::Patched(known)
    } else {
        ObjectUpdate::Replaced(known)
    })
}

/// Whether a request set some of the object's spec. `kubectl rollout restart` patches an annotation,
/// and an autoscaler the number of pods: the response shows a spec that others wrote.
#[must_use]
pub fn changes_spec(event: &AuditEvent) -> bool {
    let requested = event.requested.as_ref().map(|object| &object.facts);
    match requested {
        Some(Facts::Workload(named)) if event.verb == "patch" => {
            let spec = Workload {
                replicas: None,
                template_labels: Vec::new(),
                template_annotations: Vec::new(),
                ..named.clone()
            };
            spec != Workload::default()
        }
        _ => true,
    }
}

fn known(object: &ObjectFacts) -> Option<ObjectState> {
    match &object.facts {
        Facts::Workload(workload) => Some(ObjectState::Workload(Box::new(workload.clone()))),
        Facts::ServiceAccount(account) => Some(ObjectState::ServiceAccount(account.clone())),
        Facts::Binding(binding) => Some(ObjectState::Binding(binding.clone())),
        _ => None,
    }
}

fn ends_at_once(event: &AuditEvent) -> bool {
    matches!(
        event.requested.as_ref().map(|object| &object.facts),
        Some(Facts::DeleteOptions(options)) if options.grace_period_seconds == Some(0)
    )
}

//! The observation of one event.

use serde::{Deserialize, Serialize};
use wardline_decode::{Head, HeadObject, Wanted};
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
pub enum Known {
    /// The pods that a workload defines.
    Workload(Box<Workload>),
    /// A ServiceAccount.
    ServiceAccount(ServiceAccountFacts),
    /// A RoleBinding or a ClusterRoleBinding.
    Binding(BindingFacts),
}

/// An observation: the state or change of an object that an event shows.
#[derive(Debug)]
pub enum Lesson {
    /// A request set the object to this state.
    Whole(Known),
    /// A request changed these parts of the object.
    Part(Known),
    /// A request read the object in this state.
    Seen(Known),
    /// The object was deleted.
    Gone,
    /// All objects of the resource in the namespace were deleted.
    AllGone,
}

/// Whether an event with this verb and object may affect the inventory.
#[must_use]
pub fn may_concern(verb: &str, object: Option<&HeadObject<'_>>) -> bool {
    object.is_some_and(|object| is_remembered(object.resource, object.subresource))
        && matches!(
            verb,
            "create" | "update" | "patch" | "delete" | "deletecollection" | "get"
        )
}

/// Returns the part of an event that may affect the inventory, judged by its head.
#[must_use]
pub fn may_teach(head: &Head<'_>) -> Wanted {
    let Some(object) = &head.object else {
        return Wanted::Nothing;
    };
    let from = match head.verb {
        "create" | "update" | "patch" | "delete" | "deletecollection" => Wanted::Everything,
        "get" if head.level == Level::RequestResponse => match head.answer {
            // Controllers read the same objects repeatedly, so the host compares the response's
            // object with the last one before it decodes the event.
            Some(answer) if is_whole(answer) => Wanted::Answer,
            Some(_) => Wanted::Nothing,
            None => Wanted::Everything,
        },
        _ => return Wanted::Nothing,
    };
    let may = head.stage != Stage::RequestReceived
        && head.code.is_some_and(|code| (200..300).contains(&code))
        && is_remembered(object.resource, object.subresource);
    if may { from } else { Wanted::Nothing }
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
pub fn lesson(event: &AuditEvent) -> Option<Lesson> {
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
        "get" => event.resulting.as_ref().and_then(known).map(Lesson::Seen),
        // A deleted pod runs on for its grace period, and commands can still be run in it; the
        // kubelet deletes it with a period of zero when it has terminated.
        "delete" if resource == "pods" && !ends_at_once(event) => None,
        "delete" => Some(Lesson::Gone),
        // With a selector, it is unknown which objects remain.
        "deletecollection" if !event.request_uri.contains("Selector=") => Some(Lesson::AllGone),
        _ => None,
    }
}

fn changed(event: &AuditEvent) -> Option<Lesson> {
    if let Some(known) = event.resulting.as_ref().and_then(known) {
        return Some(Lesson::Whole(known));
    }
    let requested = event.requested.as_ref()?;
    let known = known(requested)?;
    let ephemeral = event
        .object
        .as_ref()
        .is_some_and(|object| !object.subresource.is_empty());
    Some(if requested.partial || ephemeral {
        Lesson::Part(known)
    } else {
        Lesson::Whole(known)
    })
}

fn known(object: &ObjectFacts) -> Option<Known> {
    match &object.facts {
        Facts::Workload(workload) => Some(Known::Workload(Box::new(workload.clone()))),
        Facts::ServiceAccount(account) => Some(Known::ServiceAccount(account.clone())),
        Facts::Binding(binding) => Some(Known::Binding(binding.clone())),
        _ => None,
    }
}

fn ends_at_once(event: &AuditEvent) -> bool {
    matches!(
        event.requested.as_ref().map(|object| &object.facts),
        Some(Facts::DeleteOptions(options)) if options.grace_period_seconds == Some(0)
    )
}

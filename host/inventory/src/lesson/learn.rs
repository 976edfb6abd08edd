//! What one event teaches.

use serde::{Deserialize, Serialize};
use wardline_decode::{Head, HeadObject, Wanted};
use wardline_event::model::{
    AuditEvent, BindingFacts, Facts, Level, ObjectFacts, ServiceAccountFacts, Stage, Workload,
};

/// Resources whose pod spec is remembered.
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

/// What is remembered of an object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Known {
    /// Its pods.
    Workload(Box<Workload>),
    /// A ServiceAccount.
    ServiceAccount(ServiceAccountFacts),
    /// A RoleBinding or a ClusterRoleBinding.
    Binding(BindingFacts),
}

/// What an event says of an object.
#[derive(Debug)]
pub enum Lesson {
    /// A request changed the object to this.
    Whole(Known),
    /// A request changed this of the object.
    Part(Known),
    /// Somebody read the object, and this is what it was.
    Seen(Known),
    /// It is gone.
    Gone,
    /// All objects of the resource in the namespace are gone.
    AllGone,
}

/// Whether events with this verb may teach something, for this object or for none.
#[must_use]
pub fn may_concern(verb: &str, object: Option<&HeadObject<'_>>) -> bool {
    object.is_some_and(|object| is_remembered(object.resource, object.subresource))
        && matches!(
            verb,
            "create" | "update" | "patch" | "delete" | "deletecollection" | "get"
        )
}

/// What an event may teach, by its head: from what of it that can be learned.
#[must_use]
pub fn may_teach(head: &Head<'_>) -> Wanted {
    let Some(object) = &head.object else {
        return Wanted::Nothing;
    };
    let from = match head.verb {
        "create" | "update" | "patch" | "delete" | "deletecollection" => Wanted::Everything,
        "get" if head.level == Level::RequestResponse => match head.answer {
            // Controllers read the same objects over and over.
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

/// Whether the text of an answer may be the object: what kubectl asks for to print it, and
/// what only metadata is asked for, has no facts (`meta/v1`).
fn is_whole(answer: &str) -> bool {
    !["Table\"", "PartialObjectMetadata\""].iter().any(|kind| {
        answer
            .strip_prefix("{\"kind\":\"")
            .is_some_and(|rest| rest.starts_with(kind))
    })
}

/// Whether objects of a resource are remembered, and this part of a request changes them.
fn is_remembered(resource: &str, subresource: &str) -> bool {
    matches!(subresource, "" | "ephemeralcontainers")
        && (WORKLOADS.contains(&resource)
            || matches!(
                resource,
                "serviceaccounts" | "rolebindings" | "clusterrolebindings"
            ))
}

/// What an event teaches, if anything: only requests that were carried out do.
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
        // A pod that is asked to end runs on for its grace period and can still be
        // entered; the kubelet deletes it with a period of zero when it has ended.
        "delete" if resource == "pods" && !ends_at_once(event) => None,
        "delete" => Some(Lesson::Gone),
        // A selector is in the query; what it leaves is not known.
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

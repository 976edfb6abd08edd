//! What one event teaches. The rules are those of the host.

use super::Known;
use crate::contract::{AuditEvent, Facts, ObjectFacts, Stage};

const RESOURCES: [&str; 12] = [
    "pods",
    "deployments",
    "daemonsets",
    "statefulsets",
    "replicasets",
    "replicationcontrollers",
    "jobs",
    "cronjobs",
    "podtemplates",
    "serviceaccounts",
    "rolebindings",
    "clusterrolebindings",
];

pub(super) enum Lesson {
    /// A request changed the object to this.
    Whole(Known),
    /// A request changed this of the object.
    Part(Known),
    /// Somebody read the object.
    Seen(Known),
    /// It is gone.
    Gone,
    /// All of the resource in the namespace are gone.
    AllGone,
}

/// Only requests that were carried out teach anything.
pub(super) fn lesson(event: &AuditEvent) -> Option<Lesson> {
    let object = event.object.as_ref()?;
    let resource = object.resource.as_str();
    let done = event
        .response
        .as_ref()
        .is_some_and(|response| (200..300).contains(&response.code));
    let of_spec = matches!(object.subresource.as_str(), "" | "ephemeralcontainers");
    let of_interest = of_spec && RESOURCES.contains(&resource);
    if !done || !of_interest || event.dry_run || event.stage == Stage::RequestReceived {
        return None;
    }
    match event.verb.as_str() {
        "create" | "update" | "patch" => changed(event),
        "get" => event.resulting.as_ref().and_then(known).map(Lesson::Seen),
        // A pod that is asked to end runs on for its grace period; the kubelet deletes
        // it with a period of zero when it has ended.
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

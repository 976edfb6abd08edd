//! What a request changed: the pods that it asked for, and what they were before.

use super::object::is_applied;
use crate::inventory::{self, PodSpec};
use crate::{AuditEvent, Facts, Workload};

/// A request that made or changed pods, or an object that makes pods. Asks
/// [`crate::inventory`] for `pods` and `workloads`, which the descriptor must name.
#[derive(Debug)]
pub struct Change<'a> {
    /// The request.
    pub event: AuditEvent<'a>,
    /// What it asked for; of a patch only what it names. With what admission added, where the
    /// log has that.
    pub workload: Workload<'a>,
    /// Where the pod spec stands in the event: `requestObject.spec.template.spec`.
    pub place: String,
    /// What the log told of the object before this request.
    before: Option<PodSpec>,
    /// Whether it may have been so before, without the log telling.
    pub may_be_old: bool,
}

impl<'a> Change<'a> {
    /// The change, or none if the request changed no pods: it failed, was a dry run, or
    /// carried no pod spec.
    #[must_use]
    pub fn of(event: AuditEvent<'a>) -> Option<Self> {
        if !event.changed_something() {
            return None;
        }
        let requested = event.requested();
        // A patch is judged by what it names: what it leaves alone is not its doing.
        let (object, name) = if event.verb() == "patch" {
            (requested?, "requestObject")
        } else {
            match event.resulting() {
                // With what admission added.
                Some(resulting) if matches!(resulting.facts(), Facts::Workload(_)) => {
                    (resulting, "responseObject")
                }
                _ => (requested?, "requestObject"),
            }
        };
        let Facts::Workload(workload) = object.facts() else {
            return None;
        };
        let before = inventory::pod_spec(event, resource(event), event.namespace(), event.name());
        // Of a whole object that was there already the log may not have told before.
        // Robots send whole objects again and again; people do so to change them.
        let may_be_old = before.is_none()
            && event.code() == Some(200)
            && event.user().service_account().is_some()
            && (event.verb() == "update" || is_applied(event));
        Some(Self {
            event,
            workload,
            place: format!("{name}.{}", pod_spec_path(resource(event))),
            before,
            may_be_old,
        })
    }

    /// What the pods were before, as far as the log has told.
    #[must_use]
    pub fn before(&self) -> Option<Workload<'_>> {
        self.before.as_ref().map(PodSpec::workload)
    }
}

fn resource(event: AuditEvent<'_>) -> &str {
    event
        .object()
        .map(|object| object.resource())
        .unwrap_or_default()
}

fn pod_spec_path(resource: &str) -> &'static str {
    match resource {
        "pods" => "spec",
        "cronjobs" => "spec.jobTemplate.spec.template.spec",
        "podtemplates" => "template.spec",
        _ => "spec.template.spec",
    }
}

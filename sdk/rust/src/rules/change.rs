//! Changes of pods and workloads: the requested pods, and the ones before.

use super::Requester;
use super::object::is_applied;
use crate::inventory::{self, PodSpec};
use crate::{AuditEvent, Facts, Workload};

/// A request that created or changed a workload. Queries [`crate::inventory`] for `pods` and
/// `workloads`, which the descriptor must declare.
#[derive(Debug)]
pub struct Change<'a> {
    /// The request.
    pub event: AuditEvent<'a>,
    /// The requested pods. For a patch, only the parts that it names; otherwise with the changes of
    /// admission, if the log has them.
    pub workload: Workload<'a>,
    /// The path of the pod spec in the event: `requestObject.spec.template.spec`.
    pub path: String,
    /// The object before this request, if the log has shown it.
    before: Option<PodSpec>,
    /// Whether the object may have been the same before, unseen by the log.
    pub may_be_old: bool,
}

impl<'a> Change<'a> {
    /// Returns the change, or none if the request failed, was a dry run, or has no pod spec.
    #[must_use]
    pub fn from_event(event: AuditEvent<'a>) -> Option<Self> {
        if !event.changed_something() {
            return None;
        }
        let requested = event.requested();
        // A patch is judged by the parts that it names, since it did not change the others.
        let (object, name) = if event.verb() == "patch" {
            (requested?, "requestObject")
        } else {
            match event.resulting() {
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
        // Programs send whole objects again and again, often unchanged; people do so to change
        // them.
        let may_be_old = before.is_none()
            && event.code() == Some(200)
            && Requester::is_program(event)
            && (event.verb() == "update" || is_applied(event));
        Some(Self {
            event,
            workload,
            path: format!("{name}.{}", pod_spec_path(resource(event))),
            before,
            may_be_old,
        })
    }

    /// Returns the pods before the request, if the log has shown them.
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

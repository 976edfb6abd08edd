//! Groups of requests, and the same requests by another actor, from another place, and later.

use std::time::Duration;

use crate::contract::{AuditEvent, Facts, ObjectFacts, Workload};
use crate::descriptor::nanoseconds;
use crate::testing::RaisedFinding;

/// Requests, each with its JSON text, in the order of the log.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Group(pub(super) Vec<(AuditEvent, String)>);

impl Group {
    pub(super) fn ids(&self) -> Vec<String> {
        let ids = self.0.iter().map(|(event, _)| event.audit_id.clone());
        ids.collect()
    }

    pub(super) fn is_cited_by(&self, finding: &RaisedFinding) -> bool {
        let mut events = self.0.iter();
        events.any(|(event, _)| finding.event_ids.contains(&event.audit_id))
    }

    /// Returns the same requests, sent by the actor of another one.
    pub(super) fn sent_by(&self, other: Option<&(AuditEvent, String)>) -> Self {
        let mut group = self.clone();
        if let Some((sender, _)) = other {
            for (event, _) in &mut group.0 {
                event.user = sender.user.clone();
                event
                    .impersonated_user
                    .clone_from(&sender.impersonated_user);
            }
        }
        group
    }

    /// Returns the same requests with the client, namespace, and images of another one.
    pub(super) fn moved_to(mut self, other: Option<&(AuditEvent, String)>) -> Self {
        let Some((place, _)) = other else { return self };
        let image = workload(&place.requested).and_then(|pods| pods.containers.first());
        for (event, _) in &mut self.0 {
            event.user_agent.clone_from(&place.user_agent);
            event.source_ips.clone_from(&place.source_ips);
            if let (Some(object), Some(theirs)) = (&mut event.object, &place.object)
                && !object.namespace.is_empty()
                && !theirs.namespace.is_empty()
            {
                object.namespace.clone_from(&theirs.namespace);
            }
            for facts in [&mut event.requested, &mut event.resulting] {
                if let (Some(ours), Some(image)) = (facts, image)
                    && let Facts::Workload(pods) = &mut ours.facts
                {
                    for container in &mut pods.containers {
                        container.image.clone_from(&image.image);
                    }
                }
            }
        }
        self
    }

    /// Whether both are about one object: what its first request did may be what the second one
    /// finds in place.
    pub(super) fn touches(&self, other: &Self) -> bool {
        self.0.iter().any(|(event, _)| {
            event.object.is_some()
                && other
                    .0
                    .iter()
                    .any(|(theirs, _)| theirs.object == event.object)
        })
    }

    /// Returns these requests, and those of the other group after a pause.
    pub(super) fn followed_by(&self, other: &Self, pause: Duration) -> Self {
        let last = self.0.iter().map(|(event, _)| event.time).max();
        let first = other.0.iter().map(|(event, _)| event.time).min();
        let (last, first) = (last.unwrap_or_default(), first.unwrap_or_default());
        let next = last.saturating_add(nanoseconds(pause));
        let mut all = self.clone();
        for (index, (event, _)) in all.0.iter_mut().enumerate() {
            event.audit_id = format!("lesser-{index}");
        }
        all.0.extend(other.0.iter().map(|(event, text)| {
            let mut event = event.clone();
            for time in [&mut event.time, &mut event.request_time] {
                *time = time.saturating_sub(first).saturating_add(next);
            }
            (event, text.clone())
        }));
        all
    }
}

/// Returns what distinguishes single requests from each other.
pub(super) fn shape(event: &AuditEvent) -> String {
    let object = event.object.as_ref();
    format!(
        "{} {:?} {} {} {:?} {:?}",
        event.verb,
        object.map(|object| (&object.api_group, &object.resource, &object.subresource)),
        event.user.username,
        event.user_agent,
        event.response.as_ref().map(|response| response.code),
        workload(&event.requested),
    )
}

fn workload(facts: &Option<ObjectFacts>) -> Option<&Workload> {
    match facts.as_ref().map(|object| &object.facts) {
        Some(Facts::Workload(workload)) => Some(workload),
        _ => None,
    }
}

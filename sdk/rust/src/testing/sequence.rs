//! The place of each event in the order of the host.

use std::collections::HashSet;

use crate::contract::{AuditEvent, EventRef, RuntimeEvent, Signal, Stage, Timestamp};

/// What the stand-in for the host knows of an event while a batch is judged.
#[derive(Debug, Clone)]
pub(super) struct Moment {
    pub reference: EventRef,
    /// What findings and windows call it.
    pub id: String,
    /// Whose state it opens.
    pub actor: String,
    pub time: Timestamp,
    /// The JSON text; none for events that were built.
    pub text: Option<String>,
}

/// Gives references, from 1 on, and knows which requests have been answered.
#[derive(Debug, Default)]
pub(super) struct Sequence {
    last: EventRef,
    seen: HashSet<(String, u8)>,
    open: HashSet<String>,
}

impl Sequence {
    fn next(&mut self) -> EventRef {
        self.last += 1;
        self.last
    }

    /// Numbers an audit event; says too whether this is its request's first stage
    /// with an answer. None if the event came before. One without an id gets one.
    pub fn audit(
        &mut self,
        event: &mut AuditEvent,
        text: Option<String>,
    ) -> Option<(Moment, bool)> {
        let reference = self.next();
        if event.audit_id.is_empty() {
            event.audit_id = format!("audit-{reference}");
        }
        if !self
            .seen
            .insert((event.audit_id.clone(), event.stage as u8))
        {
            return None;
        }
        event.ref_ = reference;
        let first_answer = self.is_first_answer(event);
        let moment = Moment {
            reference,
            id: event.audit_id.clone(),
            actor: wardline_event::actor(event),
            time: if event.time == 0 {
                event.request_time
            } else {
                event.time
            },
            text,
        };
        Some((moment, first_answer))
    }

    /// Numbers a runtime event. The container acts, or the node outside of one.
    pub fn runtime(&mut self, event: &mut RuntimeEvent) -> Moment {
        event.ref_ = self.next();
        let actor = match &event.container {
            Some(container) => format!("container:{}", container.id),
            None => format!("node:{}", event.node),
        };
        Moment {
            reference: event.ref_,
            id: format!("runtime-{}", event.ref_),
            actor,
            time: event.time,
            text: None,
        }
    }

    /// Numbers a signal.
    pub fn signal(&mut self, signal: &mut Signal) -> Moment {
        signal.ref_ = self.next();
        if signal.finding_id.is_empty() {
            signal.finding_id = format!("signal-{}", signal.ref_);
        }
        Moment {
            reference: signal.ref_,
            id: signal.finding_id.clone(),
            actor: signal.actor.clone(),
            time: signal.time,
            text: None,
        }
    }

    /// A request that goes on (an exec, a watch) is answered at `ResponseStarted`,
    /// and so is a 401, which has no later stage; any other at its end.
    fn is_first_answer(&mut self, event: &AuditEvent) -> bool {
        match event.stage {
            Stage::RequestReceived => false,
            Stage::ResponseStarted => self.open.insert(event.audit_id.clone()),
            Stage::ResponseComplete | Stage::Panic => !self.open.remove(&event.audit_id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Sequence;
    use crate::contract::{AuditEvent, Stage, User};

    fn event(id: &str, stage: Stage) -> AuditEvent {
        AuditEvent {
            audit_id: id.to_owned(),
            stage,
            source_ips: vec!["203.0.113.9".to_owned(), "10.0.0.1".to_owned()],
            ..AuditEvent::default()
        }
    }

    #[test]
    fn a_request_has_one_first_answer() {
        let mut sequence = Sequence::default();
        let mut first = |id, stage| sequence.audit(&mut event(id, stage), None).unwrap().1;
        assert!(!first("a", Stage::RequestReceived));
        assert!(first("a", Stage::ResponseStarted));
        assert!(!first("a", Stage::ResponseComplete));
        assert!(first("b", Stage::ResponseComplete));
        assert!(first("c", Stage::Panic));
    }

    #[test]
    fn an_event_comes_once() {
        let mut sequence = Sequence::default();
        let mut again = event("a", Stage::ResponseComplete);
        assert!(sequence.audit(&mut again, None).is_some());
        assert!(sequence.audit(&mut again, None).is_none());
    }

    #[test]
    fn the_actor_is_who_authenticated_or_the_peer() {
        let mut sequence = Sequence::default();
        let mut nobody = event("a", Stage::ResponseStarted);
        let (moment, _) = sequence.audit(&mut nobody, None).unwrap();
        assert_eq!(moment.actor, "address:10.0.0.1");
        let mut alice = event("b", Stage::ResponseComplete);
        alice.user = User {
            username: "alice".to_owned(),
            ..User::default()
        };
        alice.impersonated_user = Some(User {
            username: "root".to_owned(),
            ..User::default()
        });
        assert_eq!(sequence.audit(&mut alice, None).unwrap().0.actor, "alice");
    }
}

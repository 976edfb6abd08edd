//! The identity of requests and events: the parts in which two copies agree.

use std::hash::{BuildHasher, Hasher, RandomState};

use siphasher::sip128::{Hasher128, SipHasher13};
use wardline_event::model::AuditEvent;

/// Separates texts; no UTF-8 text contains it.
const SEPARATOR: u8 = 0xff;

/// Times that are multiples of this were shortened by a collector, in nanoseconds.
const COARSE: u64 = 1_000_000;

/// The key of the hashes. A client that does not know it cannot make one request pass for another.
pub(super) type Key = [u8; 16];

/// Keyed 128-bit hashes of an event, each of the part before it and more.
///
/// The audit id alone says nothing: a client chooses it with the header `Audit-ID`
/// (<https://kubernetes.io/docs/reference/labels-annotations-taints/audit-annotations/>, and
/// `WithAuditID` in `k8s.io/apiserver`), so that a client that repeats one would hide every request but
/// the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity {
    /// Cluster and audit id.
    pub audit_id: u128,
    /// Also user, verb, and URI.
    pub call: u128,
    /// Also addresses, user agent, and the time at which the request was received: one request.
    pub request: u128,
    /// Also stage, its time, the status, the object, and the whole text if the times are missing or
    /// coarse: one event.
    pub event: u128,
}

impl Identity {
    /// `raw` is the event as the source wrote it.
    pub fn of(key: &Key, cluster: &str, event: &AuditEvent, raw: &[u8]) -> Self {
        let mut hasher = SipHasher13::new_with_key(key);
        let text = |hasher: &mut SipHasher13, text: &str| {
            hasher.write(text.as_bytes());
            hasher.write_u8(SEPARATOR);
        };
        text(&mut hasher, cluster);
        text(&mut hasher, &event.audit_id);
        let audit_id = hasher.finish128().as_u128();
        text(&mut hasher, &event.user.username);
        text(&mut hasher, &event.verb);
        text(&mut hasher, &event.request_uri);
        let call = hasher.finish128().as_u128();
        for address in &event.source_ips {
            text(&mut hasher, address);
        }
        text(&mut hasher, &event.user_agent);
        hasher.write_u64(event.request_time);
        let request = hasher.finish128().as_u128();
        hasher.write_u8(event.stage as u8);
        hasher.write_u64(event.time);
        hasher.write_u16(event.response.as_ref().map_or(0, |response| response.code));
        if let Some(object) = &event.object {
            text(&mut hasher, &object.name);
            text(&mut hasher, &object.uid);
        }
        // The API server writes microseconds. Without them, requests of the same second are told
        // apart by their bodies.
        if event.time.is_multiple_of(COARSE) && event.request_time.is_multiple_of(COARSE) {
            hasher.write(raw);
        }
        Self {
            audit_id,
            call,
            request,
            event: hasher.finish128().as_u128(),
        }
    }
}

/// Uses the standard library's hashers, whose keys are random and not revealed by their hashes.
pub(super) fn random_key() -> Key {
    let [first, second] = [0_u8, 1].map(|half| RandomState::new().hash_one(half));
    (u128::from(first) << 64 | u128::from(second)).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use wardline_event::model::{AuditEvent, ObjectReference, Response, Stage, User};

    use super::Identity;

    fn event() -> AuditEvent {
        AuditEvent {
            audit_id: "chosen".into(),
            stage: Stage::ResponseComplete,
            verb: "list".into(),
            request_uri: "/api/v1/secrets".into(),
            user: User {
                username: "alice".into(),
                ..User::default()
            },
            source_ips: vec!["203.0.113.7".into()],
            user_agent: "curl".into(),
            request_time: 1,
            time: 2,
            object: Some(ObjectReference::default()),
            response: Some(Response {
                code: 200,
                ..Response::default()
            }),
            ..AuditEvent::default()
        }
    }

    #[test]
    fn every_part_tells_events_apart() {
        type Change = fn(&mut AuditEvent);
        let changes: [Change; 11] = [
            |event| event.audit_id.push('x'),
            |event| event.user.username.push('x'),
            |event| event.verb.push('x'),
            |event| event.request_uri.push('x'),
            |event| event.source_ips.push("10.0.0.1".into()),
            |event| event.user_agent.push('x'),
            |event| event.request_time += 1,
            |event| event.stage = Stage::Panic,
            |event| event.time += 1,
            |event| event.response = None,
            |event| event.object.as_mut().unwrap().name.push('x'),
        ];
        let key = [7; 16];
        let identity = Identity::of(&key, "east", &event(), b"text");
        assert_eq!(identity, Identity::of(&key, "east", &event(), b"text"));
        let other = Identity::of(&key, "west", &event(), b"text");
        assert_ne!(identity.audit_id, other.audit_id);
        for (number, change) in changes.iter().enumerate() {
            let mut changed = event();
            change(&mut changed);
            let changed = Identity::of(&key, "east", &changed, b"text");
            assert_ne!(identity.event, changed.event, "{number}");
            assert_eq!(identity.request == changed.request, number >= 7, "{number}");
            assert_eq!(identity.call == changed.call, number >= 4, "{number}");
            assert_eq!(
                identity.audit_id == changed.audit_id,
                number > 0,
                "{number}"
            );
        }
    }

    #[test]
    fn texts_cannot_move_from_one_part_to_the_next() {
        let mut one = event();
        one.verb = "get/".into();
        one.request_uri = "x".into();
        let mut other = event();
        other.verb = "get".into();
        other.request_uri = "/x".into();
        let key = [7; 16];
        assert_ne!(
            Identity::of(&key, "", &one, b"").call,
            Identity::of(&key, "", &other, b"").call
        );
    }

    #[test]
    fn text_tells_events_apart_that_have_no_exact_times() {
        let key = [7; 16];
        let is_same = |event: &AuditEvent, one: &[u8], other: &[u8]| {
            Identity::of(&key, "", event, one) == Identity::of(&key, "", event, other)
        };
        let mut event = event();
        assert!(is_same(&event, b"one", b"other"), "two forms of one event");
        let second = 1_000_000_000;
        for (request_time, time) in [(0, 0), (5 * second, 6 * second), (0, 6 * second)] {
            (event.request_time, event.time) = (request_time, time);
            assert!(!is_same(&event, b"one", b"other"));
            assert!(is_same(&event, b"one", b"one"), "sent twice");
        }
    }
}

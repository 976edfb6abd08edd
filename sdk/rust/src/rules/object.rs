//! Which of the objects of a request tells what it changed.

use super::{Requester, outcome, package};
use crate::view::ObjectFacts;
use crate::{AuditEvent, raw, text};

/// A request that made, changed or deleted an object of any kind, for rules that tell what it
/// changed from what it left alone. For pods and what makes them there is
/// [`Change`](super::Change).
#[derive(Debug, Clone, Copy)]
pub struct ObjectChange<'a> {
    /// The request.
    pub event: AuditEvent<'a>,
    /// Who made it.
    pub requester: Requester,
    /// The tool that installs the object, by the object's own labels.
    pub installer: Option<&'static str>,
    /// Whether the object is new.
    pub is_new: bool,
    /// Whether the request carries the whole object, as replacements and server-side apply do:
    /// of a whole object it cannot be told what its author changed. Of patches by the platform
    /// this is not asked.
    pub is_whole: bool,
    /// Whether all may have been so before: a robot sent the whole object again, and the log
    /// has not told what it was.
    pub may_be_old: bool,
}

impl<'a> ObjectChange<'a> {
    /// What a request did. Ask [`AuditEvent::changed_something`] first.
    #[must_use]
    pub fn of(event: AuditEvent<'a>) -> Self {
        let requester = Requester::of(event);
        // Server-side apply makes objects with a patch, which is answered with 201.
        let is_new = event.verb() == "create" || event.code() == Some(201);
        let is_whole = match event.verb() {
            "create" | "update" => true,
            "patch" => requester.is_foreign() && is_applied(event),
            _ => false,
        };
        Self {
            event,
            requester,
            installer: package::installer(event),
            is_new,
            is_whole,
            may_be_old: !is_new && is_whole && requester != Requester::Person,
        }
    }

    /// The same change, where the detector knows what the object was before: then nothing that
    /// it finds may be old.
    #[must_use]
    pub fn compared(self, is_known: bool) -> Self {
        Self {
            may_be_old: self.may_be_old && !is_known,
            ..self
        }
    }

    /// The object that tells what the request changed, with its place in the event. A part
    /// that the request does not name was not changed by it: what a patch of labels leaves
    /// alone is not its doing. `tells` says whether an object has the part; `key` is its name
    /// in a JSON patch (RFC 6902), whose removals and moves leave no facts.
    #[must_use]
    pub fn object(
        &self,
        tells: impl Fn(ObjectFacts<'a>) -> bool,
        key: &str,
    ) -> Option<(ObjectFacts<'a>, &'static str)> {
        if let Some(requested) = self.event.requested().filter(|object| tells(*object)) {
            return Some((requested, "requestObject"));
        }
        let resulting = self.event.resulting().filter(|object| tells(*object))?;
        (self.event.verb() != "patch" || self.json_patch_names(key))
            .then_some((resulting, "responseObject"))
    }

    /// Whether the log has neither what the request carried nor what it led to: at level
    /// `Metadata`, or where the event was too large.
    #[must_use]
    pub fn is_unseen(&self) -> bool {
        self.event.requested().is_none() && self.event.resulting().is_none()
    }

    /// Whether the request is a JSON patch that names this field of the object, or something
    /// below it. Also where the log does not have the patch, or it is too large to be read:
    /// then anything may have been changed.
    #[must_use]
    pub fn json_patch_names(&self, key: &str) -> bool {
        match raw::json(self.event, "/requestObject") {
            Ok(Some(patch)) => {
                patch.trim_start().starts_with('[') && text::contains(&patch, &format!("\"/{key}"))
            }
            Ok(None) | Err(_) => true,
        }
    }

    /// Whether this is what packages, parts of the platform, and robots that send what they
    /// have again and again do as a matter of course.
    #[must_use]
    pub fn is_routine(&self) -> bool {
        self.installer.is_some() || self.may_be_old || self.requester == Requester::Platform
    }

    /// The severity of what the request did: at most Low where it
    /// [is routine](Self::is_routine).
    #[must_use]
    pub fn severity(&self, severity: f64) -> f64 {
        if self.is_routine() {
            severity.min(outcome::ATTEMPT)
        } else {
            severity
        }
    }
}

/// Whether a patch is a whole object, which says its own kind, as server-side apply must
/// (<https://kubernetes.io/docs/reference/using-api/server-side-apply/>). Facts always have the
/// kind, from the path.
pub(super) fn is_applied(event: AuditEvent<'_>) -> bool {
    matches!(raw::json(event, "/requestObject/kind"), Ok(Some(_)))
}

#[cfg(test)]
mod tests {
    use super::ObjectChange;
    use crate::contract::{AuditEvent, ObjectFacts, Response, User};
    use crate::rules::outcome;

    const ROBOT: &str = "system:serviceaccount:deploy:robot";

    fn event(verb: &str, code: u16, username: &str, kind: &str) -> AuditEvent {
        AuditEvent {
            verb: verb.to_owned(),
            user: User {
                username: username.to_owned(),
                ..User::default()
            },
            response: Some(Response {
                code,
                ..Response::default()
            }),
            requested: Some(ObjectFacts {
                kind: kind.to_owned(),
                name: "requested".to_owned(),
                ..ObjectFacts::default()
            }),
            resulting: Some(ObjectFacts {
                name: "resulting".to_owned(),
                ..ObjectFacts::default()
            }),
            ..AuditEvent::default()
        }
    }

    #[test]
    fn what_is_new_and_what_may_be_old() {
        for (verb, code, username, kind, is_new, may_be_old) in [
            ("create", 201, "alice", "Role", true, false),
            // Server-side apply makes it.
            ("patch", 201, ROBOT, "Role", true, false),
            ("update", 200, ROBOT, "Role", false, true),
            ("update", 200, "alice", "Role", false, false),
            // A patch of a few fields, of which the facts have the kind too.
            ("patch", 200, ROBOT, "Role", false, false),
        ] {
            let event = event(verb, code, username, kind);
            let change = ObjectChange::of(crate::AuditEvent::from(&event));
            let found = (change.is_new, change.may_be_old);
            assert_eq!(found, (is_new, may_be_old), "{verb} {code} {username}");
        }
    }

    #[test]
    fn what_the_request_names_counts() {
        let event = event("update", 200, "alice", "Role");
        let change = ObjectChange::of(crate::AuditEvent::from(&event));
        let place = |name: &'static str| {
            change
                .object(|object| object.name() == name, "x")
                .map(|(_, place)| place)
        };
        assert_eq!(place("requested"), Some("requestObject"));
        assert_eq!(place("resulting"), Some("responseObject"));
        assert_eq!(place("neither"), None);
    }

    #[test]
    fn without_objects_nothing_is_seen() {
        let mut event = event("create", 201, "alice", "Role");
        assert!(!ObjectChange::of(crate::AuditEvent::from(&event)).is_unseen());
        event.requested = None;
        assert!(!ObjectChange::of(crate::AuditEvent::from(&event)).is_unseen());
        event.resulting = None;
        assert!(ObjectChange::of(crate::AuditEvent::from(&event)).is_unseen());
    }

    #[test]
    fn routine_is_low() {
        let severity = |username: &str| {
            let event = event("update", 200, username, "Role");
            ObjectChange::of(crate::AuditEvent::from(&event)).severity(6.0)
        };
        assert_eq!(severity("alice").to_bits(), 6.0_f64.to_bits());
        assert_eq!(severity(ROBOT).to_bits(), outcome::ATTEMPT.to_bits());
        let event = event("update", 200, ROBOT, "Role");
        let change = ObjectChange::of(crate::AuditEvent::from(&event)).compared(true);
        assert_eq!(change.severity(6.0).to_bits(), 6.0_f64.to_bits());
    }
}

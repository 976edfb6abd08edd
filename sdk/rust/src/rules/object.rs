//! Changes of objects of any kind.

use super::severity::{LOW, SeverityRule};
use super::{JsonPatch, Requester, named, package};
use crate::view::ObjectFacts;
use crate::{AuditEvent, raw};

/// A request that created, changed, or deleted an object of any kind, for rules that distinguish
/// the changed parts of the object from the others. [`Change`](super::Change) is for workloads.
#[derive(Debug, Clone, Copy)]
pub struct ObjectChange<'a> {
    /// The request.
    pub event: AuditEvent<'a>,
    /// The kind of identity that made the request.
    pub requester: Requester,
    /// The tool that installed the object, according to the object's labels.
    pub installer: Option<&'static str>,
    /// Whether the object is new.
    pub is_new: bool,
    /// Whether the request contains the whole object, as replacements and server-side apply do;
    /// which parts the requester changed is then unknown. Always false for patches by the platform.
    pub is_whole: bool,
    /// Whether the object may have been the same before: a program sent the whole object, and the
    /// previous one is unknown.
    pub may_be_old: bool,
}

impl<'a> ObjectChange<'a> {
    /// The rule that [`Self::severity`] applies to installations from packages.
    pub const PACKAGED: SeverityRule = SeverityRule::at_most(
        LOW,
        "the object has an owner or the labels of a package (Helm, Argo CD, Flux, OLM, and others)",
    );

    /// The rule that [`Self::severity`] applies to changes by the platform.
    pub const PLATFORM: SeverityRule =
        SeverityRule::at_most(LOW, "a component of the platform made the change");

    /// The rule that [`Self::severity`] applies to objects that may have been sent unchanged.
    pub const RESENT: SeverityRule = SeverityRule::at_most(
        LOW,
        "a service account sent the whole object with its own program, and its previous state is \
         unknown",
    );

    /// Returns the change of a request. Check [`AuditEvent::changed_something`] first.
    #[must_use]
    pub fn from_event(event: AuditEvent<'a>) -> Self {
        let requester = Requester::from_event(event);
        // Server-side apply creates objects with a patch, which is answered with 201.
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

    /// Returns the same change with [`Self::may_be_old`] cleared if the detector knows the previous
    /// object.
    #[must_use]
    pub fn with_known_previous(self, is_known: bool) -> Self {
        Self {
            may_be_old: self.may_be_old && !is_known,
            ..self
        }
    }

    /// Returns the object that shows a part which the request changed, with the object's field in
    /// the event; none if the request does not name the part, as a patch of labels does not name
    /// the spec. `tells` returns whether an object has the part. `key` is the part's name in a JSON
    /// patch (RFC 6902), whose removals and moves leave no facts.
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
        (self.event.verb() != "patch" || JsonPatch::from_event(self.event).names(key))
            .then_some((resulting, "responseObject"))
    }

    /// Returns whether the log contains neither the requested nor the resulting object, because of
    /// the level `Metadata` or the size of the event.
    #[must_use]
    pub fn is_unseen(&self) -> bool {
        self.event.requested().is_none() && self.event.resulting().is_none()
    }

    /// Returns whether the request is a patch that names only the metadata ([`named`]).
    #[must_use]
    pub fn is_only_metadata(&self) -> bool {
        named::only_metadata(self.event)
    }

    /// Returns whether this is routine: an installation from a package, a change by the platform,
    /// or an object that a program may have sent unchanged.
    #[must_use]
    pub fn is_routine(&self) -> bool {
        self.installer.is_some() || self.may_be_old || self.requester == Requester::Platform
    }

    /// Returns the severity of the change: at most Low if it [is routine](Self::is_routine).
    #[must_use]
    pub fn severity(&self, severity: impl Into<f64>) -> f64 {
        let severity = severity.into();
        if self.is_routine() {
            severity.min(LOW)
        } else {
            severity
        }
    }
}

/// Returns whether a patch is a whole object, as in server-side apply: it then contains its own
/// kind (<https://kubernetes.io/docs/reference/using-api/server-side-apply/>). The kind of facts
/// does not tell, since the decoder takes it from the path.
pub(super) fn is_applied(event: AuditEvent<'_>) -> bool {
    matches!(raw::json(event, "/requestObject/kind"), Ok(Some(_)))
}

#[cfg(test)]
mod tests {
    use super::ObjectChange;
    use crate::contract::{AuditEvent, ObjectFacts, Response, User};
    use crate::rules::severity::LOW;

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
    fn tells_new_objects_from_resent_ones() {
        for (verb, code, username, kind, is_new, may_be_old) in [
            ("create", 201, "alice", "Role", true, false),
            // Server-side apply creates it.
            ("patch", 201, ROBOT, "Role", true, false),
            ("update", 200, ROBOT, "Role", false, true),
            ("update", 200, "alice", "Role", false, false),
            // A patch of a few fields; its facts have a kind too.
            ("patch", 200, ROBOT, "Role", false, false),
        ] {
            let event = event(verb, code, username, kind);
            let change = ObjectChange::from_event(crate::AuditEvent::from(&event));
            let found = (change.is_new, change.may_be_old);
            assert_eq!(found, (is_new, may_be_old), "{verb} {code} {username}");
        }
    }

    #[test]
    fn prefers_the_requested_object() {
        let event = event("update", 200, "alice", "Role");
        let change = ObjectChange::from_event(crate::AuditEvent::from(&event));
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
    fn unseen_without_objects() {
        let mut event = event("create", 201, "alice", "Role");
        assert!(!ObjectChange::from_event(crate::AuditEvent::from(&event)).is_unseen());
        event.requested = None;
        assert!(!ObjectChange::from_event(crate::AuditEvent::from(&event)).is_unseen());
        event.resulting = None;
        assert!(ObjectChange::from_event(crate::AuditEvent::from(&event)).is_unseen());
    }

    #[test]
    fn nothing_is_routine_in_a_hand_tool() {
        for (verb, agent, is_routine) in [
            ("update", "kustomize-controller/v1.2.0", true),
            ("update", "Wget/1.21", false),
            ("update", "kubectl/v1.36.2", false),
            ("create", "curl/8.5.0", false),
        ] {
            for username in [ROBOT, "system:serviceaccount:kube-system:agent"] {
                let mut event = event(verb, 200, username, "Role");
                event.user_agent = agent.to_owned();
                let change = ObjectChange::from_event(crate::AuditEvent::from(&event));
                assert_eq!(change.is_routine(), is_routine, "{verb} {agent} {username}");
            }
        }
    }

    #[test]
    fn routine_is_low() {
        let severity = |username: &str| {
            let event = event("update", 200, username, "Role");
            ObjectChange::from_event(crate::AuditEvent::from(&event)).severity(6.0)
        };
        assert_eq!(severity("alice").to_bits(), 6.0_f64.to_bits());
        assert_eq!(severity(ROBOT).to_bits(), LOW.to_bits());
        let event = event("update", 200, ROBOT, "Role");
        let change =
            ObjectChange::from_event(crate::AuditEvent::from(&event)).with_known_previous(true);
        assert_eq!(change.severity(6.0).to_bits(), 6.0_f64.to_bits());
    }
}

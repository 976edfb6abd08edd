//! Questions that most rules ask of an audit event.

use super::{AuditEvent, Facts, ObjectFacts, Stage, User, Workload};

impl<'a> AuditEvent<'a> {
    /// Whether the request was answered with success (a code below 400; 101 is a
    /// stream that began). A dry run may succeed too: see [`AuditEvent::dry_run`].
    #[must_use]
    pub fn succeeded(self) -> bool {
        self.code().is_some_and(|code| code < 400)
    }

    /// Whether the request was refused for want of rights or of a user (403, 401).
    #[must_use]
    pub fn denied(self) -> bool {
        matches!(self.code(), Some(401 | 403))
    }

    /// The HTTP code of the answer, or none where there is no answer.
    #[must_use]
    pub fn code(self) -> Option<u16> {
        self.response()
            .map(super::Response::code)
            .filter(|code| *code != 0)
    }

    /// Whether the request changed the cluster: it succeeded, was no dry run, and
    /// its verb is one that changes.
    #[must_use]
    pub fn changed_something(self) -> bool {
        self.succeeded()
            && !self.dry_run()
            && matches!(
                self.verb(),
                "create" | "update" | "patch" | "delete" | "deletecollection"
            )
    }

    /// Whose rights were used: the impersonated user where there is one, and who
    /// authenticated otherwise.
    #[must_use]
    pub fn actor(self) -> User<'a> {
        self.impersonated_user().unwrap_or_else(|| self.user())
    }

    /// Who authenticated, whatever rights were used: the same as
    /// [`AuditEvent::user`].
    #[must_use]
    pub fn authenticated_user(self) -> User<'a> {
        self.user()
    }

    /// Whether nobody authenticated and the request was let in as
    /// `system:anonymous`.
    #[must_use]
    pub fn is_anonymous(self) -> bool {
        self.user().is_anonymous()
    }

    /// The address of the API server's peer: the last of
    /// [`AuditEvent::source_ips`], and the only one that cannot be forged. Behind a
    /// proxy it is the proxy's. Empty if there is none.
    #[must_use]
    pub fn client_ip(self) -> &'a str {
        self.source_ips().next_back().unwrap_or_default()
    }

    /// The address that the request says it began at: the first of
    /// [`AuditEvent::source_ips`]. Whoever can reach the API server can forge it.
    #[must_use]
    pub fn claimed_ip(self) -> &'a str {
        self.source_ips().next().unwrap_or_default()
    }

    /// Whether the request is for this resource and subresource, as `("pods",
    /// "exec")`; an empty subresource is the resource itself.
    #[must_use]
    pub fn resource_is(self, resource: &str, subresource: &str) -> bool {
        self.object().is_some_and(|object| {
            object.resource() == resource && object.subresource() == subresource
        })
    }

    /// The resource as subscriptions write it: `pods`, or `pods/exec`. Empty for
    /// requests that are for no resource.
    #[must_use]
    pub fn resource(self) -> String {
        match self.object() {
            None => String::new(),
            Some(object) if object.subresource().is_empty() => object.resource().to_owned(),
            Some(object) => format!("{}/{}", object.resource(), object.subresource()),
        }
    }

    /// The namespace of the resource; empty if it has none.
    #[must_use]
    pub fn namespace(self) -> &'a str {
        self.object()
            .map(super::ObjectReference::namespace)
            .unwrap_or_default()
    }

    /// The name of the resource; empty if it has none.
    #[must_use]
    pub fn name(self) -> &'a str {
        self.object()
            .map(super::ObjectReference::name)
            .unwrap_or_default()
    }

    /// The path of the request, without the query.
    #[must_use]
    pub fn path(self) -> &'a str {
        self.request_uri().split('?').next().unwrap_or_default()
    }

    /// The object after the request where the log has it, and the one that was
    /// asked for otherwise.
    #[must_use]
    pub fn object_facts(self) -> Option<ObjectFacts<'a>> {
        self.resulting().or_else(|| self.requested())
    }

    /// What the host found in [`AuditEvent::object_facts`]; where the answer holds
    /// nothing that it knows (an error, say), in the object that was asked for.
    #[must_use]
    pub fn facts(self) -> Facts<'a> {
        match self.resulting().map(ObjectFacts::facts) {
            None | Some(Facts::None) => self.requested().map_or(Facts::None, ObjectFacts::facts),
            Some(facts) => facts,
        }
    }

    /// The pods that the object of the request makes, if it makes any: what is
    /// true after the request where the log has that, and what was asked for
    /// otherwise.
    #[must_use]
    pub fn workload(self) -> Option<Workload<'a>> {
        match self.facts() {
            Facts::Workload(workload) => Some(workload),
            _ => None,
        }
    }

    /// The value of an audit annotation, such as
    /// `authorization.k8s.io/decision`.
    #[must_use]
    pub fn annotation(self, key: &str) -> Option<&'a str> {
        self.annotations().get(key)
    }

    /// Whether the event is of a stage that has an answer.
    #[must_use]
    pub fn is_answered(self) -> bool {
        self.stage() != Stage::RequestReceived
    }
}

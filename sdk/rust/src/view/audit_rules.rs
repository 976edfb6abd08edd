//! Properties of audit events that most rules check.

use super::{AuditEvent, Facts, ObjectFacts, Stage, User, Workload};

impl<'a> AuditEvent<'a> {
    /// Returns whether the request succeeded: a code below 400 (101 means that a stream was
    /// opened). A dry run may succeed too: see [`AuditEvent::dry_run`]. A request that was answered and
    /// whose status is missing, since the event was cut off before it, counts as having succeeded.
    #[must_use]
    pub fn succeeded(self) -> bool {
        match self.code() {
            Some(code) => code < 400,
            None => matches!(
                self.stage(),
                Stage::ResponseStarted | Stage::ResponseComplete
            ),
        }
    }

    /// Returns whether the request was denied (403) or unauthenticated (401).
    #[must_use]
    pub fn denied(self) -> bool {
        matches!(self.code(), Some(401 | 403))
    }

    /// Returns the HTTP code of the response, or none if there is no response.
    #[must_use]
    pub fn code(self) -> Option<u16> {
        self.response()
            .map(super::Response::code)
            .filter(|code| *code != 0)
    }

    /// Returns whether the request changed the cluster: it succeeded, was not a dry run, and has a
    /// verb that changes objects.
    #[must_use]
    pub fn changed_something(self) -> bool {
        self.succeeded()
            && !self.dry_run()
            && matches!(
                self.verb(),
                "create" | "update" | "patch" | "delete" | "deletecollection"
            )
    }

    /// Returns the user whose rights were used: the impersonated user, or else the authenticated
    /// one.
    #[must_use]
    pub fn actor(self) -> User<'a> {
        self.impersonated_user().unwrap_or_else(|| self.user())
    }

    /// Returns the authenticated user, whether or not it impersonated another; the same as
    /// [`AuditEvent::user`].
    #[must_use]
    pub fn authenticated_user(self) -> User<'a> {
        self.user()
    }

    /// Returns whether the request was made without a credential, as `system:anonymous`.
    #[must_use]
    pub fn is_anonymous(self) -> bool {
        self.user().is_anonymous()
    }

    /// Returns the address of the API server's peer: the last of [`AuditEvent::source_ips`], and
    /// the only one that cannot be forged. Behind a proxy it is the proxy's. Empty if there is
    /// none.
    #[must_use]
    pub fn client_ip(self) -> &'a str {
        self.source_ips().next_back().unwrap_or_default()
    }

    /// Returns the address that the request claims to come from: the first of
    /// [`AuditEvent::source_ips`]. Any client of the API server can forge it.
    #[must_use]
    pub fn claimed_ip(self) -> &'a str {
        self.source_ips().next().unwrap_or_default()
    }

    /// Returns whether the request is for this resource and subresource, such as `("pods",
    /// "exec")`; an empty subresource is the resource itself.
    #[must_use]
    pub fn resource_is(self, resource: &str, subresource: &str) -> bool {
        self.object().is_some_and(|object| {
            object.resource() == resource && object.subresource() == subresource
        })
    }

    /// Returns the resource as subscriptions write it: `pods`, or `pods/exec`. Empty for
    /// non-resource requests.
    #[must_use]
    pub fn resource(self) -> String {
        match self.object() {
            None => String::new(),
            Some(object) if object.subresource().is_empty() => object.resource().to_owned(),
            Some(object) => format!("{}/{}", object.resource(), object.subresource()),
        }
    }

    /// Returns the namespace of the resource; empty if it has none.
    #[must_use]
    pub fn namespace(self) -> &'a str {
        self.object()
            .map(super::ObjectReference::namespace)
            .unwrap_or_default()
    }

    /// Returns the name of the resource; empty if it has none.
    #[must_use]
    pub fn name(self) -> &'a str {
        self.object()
            .map(super::ObjectReference::name)
            .unwrap_or_default()
    }

    /// Returns the path of the request, without the query.
    #[must_use]
    pub fn path(self) -> &'a str {
        self.request_uri().split('?').next().unwrap_or_default()
    }

    /// Returns the resulting object if the log has it, and the requested object otherwise.
    #[must_use]
    pub fn object_facts(self) -> Option<ObjectFacts<'a>> {
        self.resulting().or_else(|| self.requested())
    }

    /// Returns the facts of the resulting object, or those of the requested object if the response
    /// has none, as an error.
    #[must_use]
    pub fn facts(self) -> Facts<'a> {
        match self.resulting().map(ObjectFacts::facts) {
            None | Some(Facts::None) => self.requested().map_or(Facts::None, ObjectFacts::facts),
            Some(facts) => facts,
        }
    }

    /// Returns the pods of a workload, if the object of the request is one: from the resulting
    /// object if the log has it, and from the requested object otherwise.
    #[must_use]
    pub fn workload(self) -> Option<Workload<'a>> {
        match self.facts() {
            Facts::Workload(workload) => Some(workload),
            _ => None,
        }
    }

    /// Returns the value of an audit annotation, such as `authorization.k8s.io/decision`.
    #[must_use]
    pub fn annotation(self, key: &str) -> Option<&'a str> {
        self.annotations().get(key)
    }

    /// Returns whether the event's stage has a response.
    #[must_use]
    pub fn is_answered(self) -> bool {
        self.stage() != Stage::RequestReceived
    }
}

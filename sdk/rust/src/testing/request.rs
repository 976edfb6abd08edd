use std::time::Duration;

use crate::contract::{Attribute, Facts};
use crate::contract::{
    AuditEvent, Level, ObjectFacts, ObjectReference, Response, Stage, User, Workload,
};
use crate::descriptor::nanoseconds;

/// 2025-01-01T00:00:00Z, the default time of a request.
const START: u64 = 1_735_689_600_000_000_000;

/// A request to the API server, for tests that set only the fields that matter. By default it is a
/// successful request of the user `alice` from 192.0.2.1.
///
/// ```
/// use std::time::Duration;
/// use wardline_sdk::contract::AuditEvent;
/// use wardline_sdk::testing::Request;
///
/// let event: AuditEvent = Request::new("get", "secrets")
///     .namespace("payments")
///     .name("card-keys")
///     .user("mallory")
///     .at(Duration::from_secs(90))
///     .into();
/// assert_eq!(event.object.unwrap().name, "card-keys");
/// ```
///
/// It has no JSON text, so [`crate::raw`] cannot read it.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a request has no effect until it is fed to a harness"]
pub struct Request(AuditEvent);

impl Request {
    /// Returns a request for a resource of the core API group: `pods`, or `pods/exec`.
    pub fn new(verb: &str, resource: &str) -> Self {
        let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
        Self::answered(AuditEvent {
            verb: verb.to_owned(),
            object: Some(ObjectReference {
                api_version: "v1".to_owned(),
                resource: resource.to_owned(),
                subresource: subresource.to_owned(),
                ..ObjectReference::default()
            }),
            ..AuditEvent::default()
        })
    }

    /// Returns a non-resource request for a path, such as `/version`.
    pub fn path(verb: &str, path: &str) -> Self {
        Self::answered(AuditEvent {
            verb: verb.to_owned(),
            request_uri: path.to_owned(),
            ..AuditEvent::default()
        })
    }

    fn answered(event: AuditEvent) -> Self {
        let request = Self(AuditEvent {
            stage: Stage::ResponseComplete,
            level: Level::RequestResponse,
            source_ips: vec!["192.0.2.1".to_owned()],
            user: User {
                username: "alice".to_owned(),
                groups: vec!["system:authenticated".to_owned()],
                ..User::default()
            },
            ..event
        });
        request.code(200).at(Duration::ZERO)
    }

    fn object(mut self, set: impl FnOnce(&mut ObjectReference)) -> Self {
        set(self.0.object.get_or_insert_default());
        self
    }

    /// Sets the `auditID`; by default, the harness assigns one.
    pub fn id(mut self, audit_id: &str) -> Self {
        self.0.audit_id = audit_id.to_owned();
        self
    }

    /// Sets the stage; the default is `ResponseComplete`.
    pub fn stage(mut self, stage: Stage) -> Self {
        self.0.stage = stage;
        self
    }

    /// Sets the API group.
    pub fn api_group(self, group: &str) -> Self {
        self.object(|object| object.api_group = group.to_owned())
    }

    /// Sets the namespace of the resource.
    pub fn namespace(self, namespace: &str) -> Self {
        self.object(|object| object.namespace = namespace.to_owned())
    }

    /// Sets the name of the resource.
    pub fn name(self, name: &str) -> Self {
        self.object(|object| object.name = name.to_owned())
    }

    /// Sets the path and query, as the client sent them.
    pub fn uri(mut self, uri: &str) -> Self {
        self.0.request_uri = uri.to_owned();
        self
    }

    /// Sets the user name of the authenticated user; its group stays `system:authenticated`.
    pub fn user(mut self, username: &str) -> Self {
        self.0.user.username = username.to_owned();
        self
    }

    /// Adds a group to the authenticated user.
    pub fn group(mut self, group: &str) -> Self {
        self.0.user.groups.push(group.to_owned());
        self
    }

    /// Makes the request without a credential, as `system:anonymous`.
    pub fn anonymous(mut self) -> Self {
        self.0.user = User {
            username: "system:anonymous".to_owned(),
            groups: vec!["system:unauthenticated".to_owned()],
            ..User::default()
        };
        self
    }

    /// Sets the impersonated user.
    pub fn impersonating(mut self, username: &str) -> Self {
        self.0.impersonated_user = Some(User {
            username: username.to_owned(),
            ..User::default()
        });
        self
    }

    /// Sets the address of the API server's peer.
    pub fn from_address(mut self, address: &str) -> Self {
        self.0.source_ips = vec![address.to_owned()];
        self
    }

    /// Sets the user agent.
    pub fn user_agent(mut self, text: &str) -> Self {
        self.0.user_agent = text.to_owned();
        self
    }

    /// Sets the HTTP code of the response.
    pub fn code(mut self, code: u16) -> Self {
        self.0.response = Some(Response {
            code,
            ..Response::default()
        });
        self
    }

    /// Sets the time of the request, as an offset from 2025-01-01T00:00:00Z.
    pub fn at(mut self, offset: Duration) -> Self {
        let time = START.saturating_add(nanoseconds(offset));
        self.0.request_time = time;
        self.0.time = time;
        self
    }

    /// Sets the facts of the requested object.
    pub fn requested(mut self, facts: Facts) -> Self {
        self.0.requested = Some(ObjectFacts {
            facts,
            ..ObjectFacts::default()
        });
        self
    }

    /// Sets the facts of the resulting object.
    pub fn resulting(mut self, facts: Facts) -> Self {
        self.0.resulting = Some(ObjectFacts {
            facts,
            ..ObjectFacts::default()
        });
        self
    }

    /// Sets the pods of both the requested and the resulting object.
    pub fn workload(self, workload: Workload) -> Self {
        self.requested(Facts::Workload(workload.clone()))
            .resulting(Facts::Workload(workload))
    }

    /// Adds an audit annotation.
    pub fn annotation(mut self, key: &str, value: &str) -> Self {
        self.0.annotations.push(Attribute {
            key: key.to_owned(),
            value: value.to_owned(),
        });
        self
    }
}

impl From<Request> for AuditEvent {
    fn from(request: Request) -> Self {
        request.0
    }
}

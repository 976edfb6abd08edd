//! Kubernetes audit events (`audit.k8s.io/v1` `Event`).

use super::{Attribute, ConnectOptions, EventRef, ObjectFacts, Timestamp};

enumerations! {
    /// The stage of the request at which the event was written (`audit.k8s.io/v1` `Stage`).
    pub enum Stage {
        #[default]
        #[cfg_attr(feature = "component", component(name = "request-received"))]
        RequestReceived,
        #[cfg_attr(feature = "component", component(name = "response-started"))]
        ResponseStarted,
        #[cfg_attr(feature = "component", component(name = "response-complete"))]
        ResponseComplete,
        #[cfg_attr(feature = "component", component(name = "panic"))]
        Panic,
    }

    /// How much of the request the audit policy records (`audit.k8s.io/v1` `Level`).
    pub enum Level {
        #[default]
        #[cfg_attr(feature = "component", component(name = "metadata"))]
        Metadata,
        #[cfg_attr(feature = "component", component(name = "request"))]
        Request,
        #[cfg_attr(feature = "component", component(name = "request-response"))]
        RequestResponse,
    }
}

records! {
    /// One request to the API server, at one stage.
    pub struct AuditEvent {
        #[cfg_attr(feature = "component", component(name = "ref"))]
        pub ref_: EventRef,
        /// The same for all stages of a request.
        #[cfg_attr(feature = "component", component(name = "audit-id"))]
        pub audit_id: String,
        pub stage: Stage,
        pub level: Level,
        /// When the request reached the API server.
        #[cfg_attr(feature = "component", component(name = "request-time"))]
        pub request_time: Timestamp,
        /// When the request reached this stage: the event's time for all rules.
        pub time: Timestamp,
        /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`;
        /// for non-resource requests the HTTP method in lower case. An exec, attach, or
        /// port-forward is `get` or `create`, depending on the client's protocol.
        pub verb: String,
        /// As the client sent it, with the query.
        #[cfg_attr(feature = "component", component(name = "request-uri"))]
        pub request_uri: String,
        /// The authenticated user. All fields are empty if the request was
        /// unauthenticated (401).
        pub user: User,
        /// The user whose rights applied, if `user` impersonated another.
        #[cfg_attr(feature = "component", component(name = "impersonated-user"))]
        pub impersonated_user: Option<User>,
        /// The `X-Forwarded-For` and `X-Real-Ip` addresses, then the peer's, which is
        /// the only one that cannot be forged.
        #[cfg_attr(feature = "component", component(name = "source-ips"))]
        pub source_ips: Vec<String>,
        #[cfg_attr(feature = "component", component(name = "user-agent"))]
        pub user_agent: String,
        /// The resource, or none for requests such as `/version`.
        pub object: Option<ObjectReference>,
        /// The response, or none at earlier stages.
        pub response: Option<Response>,
        /// Whether the request was a dry run (`dryRun=All`).
        #[cfg_attr(feature = "component", component(name = "dry-run"))]
        pub dry_run: bool,
        /// Whether a part is missing: the API server left the objects out because they were
        /// too large, or the event was cut off on its way. Fields that are missing are empty.
        pub truncated: bool,
        /// The object in the request. Of a patch, the fields that the patch sets, marked
        /// `partial`.
        pub requested: Option<ObjectFacts>,
        /// The object in the response: its state after the request. Only present at level
        /// `request-response`, and not for lists.
        pub resulting: Option<ObjectFacts>,
        /// The command line, container, path or port of an exec, attach, log,
        /// port-forward or proxy request.
        pub connect: Option<ConnectOptions>,
        /// The audit annotations: `authorization.k8s.io/decision` and others.
        pub annotations: Vec<Attribute>,
        /// Data for which this version has no field.
        pub attributes: Vec<Attribute>,
    }

    /// `authentication.k8s.io/v1` `UserInfo`.
    pub struct User {
        pub username: String,
        pub uid: String,
        pub groups: Vec<String>,
        /// One entry for each value, so a key may occur more than once:
        /// `authentication.kubernetes.io/pod-name`, `.../credential-id`.
        pub extra: Vec<Attribute>,
    }

    /// `audit.k8s.io/v1` `ObjectReference`.
    pub struct ObjectReference {
        #[cfg_attr(feature = "component", component(name = "api-group"))]
        pub api_group: String,
        #[cfg_attr(feature = "component", component(name = "api-version"))]
        pub api_version: String,
        /// In the plural: `pods`.
        pub resource: String,
        pub subresource: String,
        pub namespace: String,
        /// Empty for lists. If the API server generated the name, it is taken from the
        /// response object, provided the log has it.
        pub name: String,
        pub uid: String,
        #[cfg_attr(feature = "component", component(name = "resource-version"))]
        pub resource_version: String,
    }

    /// The part of `meta/v1` `Status` that audit events carry.
    pub struct Response {
        /// The HTTP code; 101 means that a stream was opened.
        pub code: u16,
        /// `Forbidden`, `NotFound`, ...; empty on success.
        pub reason: String,
        pub message: String,
    }
}

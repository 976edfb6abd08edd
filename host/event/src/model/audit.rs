//! Kubernetes audit events (`audit.k8s.io/v1` `Event`).

use super::{Attribute, ConnectOptions, EventRef, ObjectFacts, Timestamp};

enumerations! {
    /// How far the API server had come with the request (`audit.k8s.io/v1` `Stage`).
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

    /// How much of the request the audit policy kept (`audit.k8s.io/v1` `Level`).
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
        /// When it reached this stage: what rules call "when".
        pub time: Timestamp,
        /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`;
        /// for requests that are for no resource the HTTP method in lower case. An exec,
        /// attach or port-forward is `get` or `create`, by the client's protocol.
        pub verb: String,
        /// As the client sent it, with the query.
        #[cfg_attr(feature = "component", component(name = "request-uri"))]
        pub request_uri: String,
        /// Who authenticated. All empty if nobody did (401).
        pub user: User,
        /// Whose rights were used, where `user` impersonated somebody.
        #[cfg_attr(feature = "component", component(name = "impersonated-user"))]
        pub impersonated_user: Option<User>,
        /// The `X-Forwarded-For` and `X-Real-Ip` addresses, then the peer's, which is
        /// the only one that can't be forged.
        #[cfg_attr(feature = "component", component(name = "source-ips"))]
        pub source_ips: Vec<String>,
        #[cfg_attr(feature = "component", component(name = "user-agent"))]
        pub user_agent: String,
        /// The resource, or none for requests such as `/version`.
        pub object: Option<ObjectReference>,
        /// The answer, or none at stages before it.
        pub response: Option<Response>,
        /// Whether the request asked to change nothing (`dryRun=All`).
        #[cfg_attr(feature = "component", component(name = "dry-run"))]
        pub dry_run: bool,
        /// Whether the API server left the objects out because they were too large.
        pub truncated: bool,
        /// The object that the request carried. For a patch it is what the patch names,
        /// and `partial`.
        pub requested: Option<ObjectFacts>,
        /// The object in the answer: what is true after the request. Only there at level
        /// `request-response`, and not for lists.
        pub resulting: Option<ObjectFacts>,
        /// The command line, container, path or port of an exec, attach, log,
        /// port-forward or proxy request.
        pub connect: Option<ConnectOptions>,
        /// The audit annotations: `authorization.k8s.io/decision` and others.
        pub annotations: Vec<Attribute>,
        /// What this version has no field for.
        pub attributes: Vec<Attribute>,
    }

    /// `authentication.k8s.io/v1` `UserInfo`.
    pub struct User {
        pub username: String,
        pub uid: String,
        pub groups: Vec<String>,
        /// One entry a value, so that a key may come more than once:
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
        /// Empty for lists; for an object whose name the API server makes up it is taken
        /// from the answer, if the log has that.
        pub name: String,
        pub uid: String,
        #[cfg_attr(feature = "component", component(name = "resource-version"))]
        pub resource_version: String,
    }

    /// `meta/v1` `Status`, as far as audit events have it.
    pub struct Response {
        /// The HTTP code; 101 is a stream that began.
        pub code: u16,
        /// `Forbidden`, `NotFound`, ...; empty on success.
        pub reason: String,
        pub message: String,
    }
}

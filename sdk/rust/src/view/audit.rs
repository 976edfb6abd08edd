//! Kubernetes audit events.

use super::{Attribute, ConnectOptions, EventRef, Level, List, ObjectFacts, Stage, Timestamp};

views! {
    /// One request to the API server, at one stage.
    AuditEvent {
        /// Its reference.
        ref_: reference,
        /// The same for all stages of a request.
        audit_id: text,
        /// How far the API server had come with the request.
        stage: value(Stage),
        /// How much of the request the audit policy kept.
        level: value(Level),
        /// When the request reached the API server.
        request_time: time,
        /// When it reached this stage: what rules call "when".
        time: time,
        /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`;
        /// for requests that are for no resource the HTTP method in lower case. An exec,
        /// attach or port-forward is `get` or `create`, by the client's protocol.
        verb: text,
        /// As the client sent it, with the query.
        request_uri: text,
        /// Who authenticated. All empty if nobody did (401).
        user: record(User),
        /// Whose rights were used, where `user` impersonated somebody.
        impersonated_user: maybe_record(User),
        /// The `X-Forwarded-For` and `X-Real-Ip` addresses, then the peer's, which is
        /// the only one that can't be forged.
        source_ips: texts,
        /// What the client called itself.
        user_agent: text,
        /// The resource, or none for requests such as `/version`.
        object: maybe_record(ObjectReference),
        /// The answer, or none at stages before it.
        response: maybe_record(Response),
        /// Whether the request asked to change nothing (`dryRun=All`).
        dry_run: value(bool),
        /// Whether the API server left the objects out because they were too large.
        truncated: value(bool),
        /// The object that the request carried. For a patch it is what the patch names,
        /// and `partial`.
        requested: maybe_record(ObjectFacts),
        /// The object in the answer: what is true after the request. Only there at level
        /// `request-response`, and not for lists.
        resulting: maybe_record(ObjectFacts),
        /// The command line, container, path or port of an exec, attach, log,
        /// port-forward or proxy request.
        connect: maybe_record(ConnectOptions),
        /// The audit annotations: `authorization.k8s.io/decision` and others.
        annotations: attributes,
        /// What this version has no field for.
        attributes: attributes,
    }

    /// `authentication.k8s.io/v1` `UserInfo`.
    User {
        /// The user name.
        username: text,
        /// The UID; only service accounts have one.
        uid: text,
        /// The groups.
        groups: texts,
        /// One entry a value, so that a key may come more than once:
        /// `authentication.kubernetes.io/pod-name`, `.../credential-id`.
        extra: attributes,
    }

    /// `audit.k8s.io/v1` `ObjectReference`.
    ObjectReference {
        /// The API group; empty for the core group.
        api_group: text,
        /// The API version.
        api_version: text,
        /// In the plural: `pods`.
        resource: text,
        /// The subresource, such as `exec`; empty for none.
        subresource: text,
        /// Its namespace.
        namespace: text,
        /// Empty for lists; for an object whose name the API server makes up it is taken
        /// from the answer, if the log has that.
        name: text,
        /// The object's UID.
        uid: text,
        /// The resource version.
        resource_version: text,
    }

    /// `meta/v1` `Status`, as far as audit events have it.
    Response {
        /// The HTTP code; 101 is a stream that began.
        code: value(u16),
        /// `Forbidden`, `NotFound`, ...; empty on success.
        reason: text,
        /// The message of the API server.
        message: text,
    }
}

//! Kubernetes audit events.

use super::{Attribute, ConnectOptions, EventRef, Level, List, ObjectFacts, Stage, Timestamp};

views! {
    /// One request to the API server, at one stage.
    AuditEvent {
        /// Its reference.
        ref_: reference,
        /// The same for all stages of a request.
        audit_id: text,
        /// The stage of the request at which the event was written.
        stage: value(Stage),
        /// How much of the request the audit policy records.
        level: value(Level),
        /// When the request reached the API server.
        request_time: time,
        /// When the request reached this stage: the event's time for all rules.
        time: time,
        /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`; for
        /// non-resource requests the HTTP method in lower case. An exec, attach, or port-forward is
        /// `get` or `create`, depending on the client's protocol.
        verb: text,
        /// As the client sent it, with the query.
        request_uri: text,
        /// The authenticated user. All fields are empty if the request was unauthenticated (401).
        user: record(User),
        /// The user whose rights applied, if `user` impersonated another.
        impersonated_user: maybe_record(User),
        /// The `X-Forwarded-For` and `X-Real-Ip` addresses, then the peer's, which is the only one
        /// that cannot be forged.
        source_ips: texts,
        /// The user agent that the client sent.
        user_agent: text,
        /// The resource, or none for requests such as `/version`.
        object: maybe_record(ObjectReference),
        /// The response, or none at earlier stages.
        response: maybe_record(Response),
        /// Whether the request was a dry run (`dryRun=All`).
        dry_run: value(bool),
        /// Whether a part is missing: the API server left the objects out because they were
        /// too large, or the event was cut off on its way. Fields that are missing are empty.
        truncated: value(bool),
        /// The object in the request. Of a patch, the fields that the patch sets, marked `partial`.
        requested: maybe_record(ObjectFacts),
        /// The object in the response: its state after the request. Only present at level
        /// `request-response`, and not for lists.
        resulting: maybe_record(ObjectFacts),
        /// The command line, container, path or port of an exec, attach, log,
        /// port-forward or proxy request.
        connect: maybe_record(ConnectOptions),
        /// The audit annotations: `authorization.k8s.io/decision` and others.
        annotations: attributes,
        /// Data for which this version has no field.
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
        /// One entry for each value, so a key may occur more than once:
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
        /// Empty for lists. If the API server generated the name, it is taken from the response
        /// object, provided the log has it.
        name: text,
        /// The object's UID.
        uid: text,
        /// The resource version.
        resource_version: text,
    }

    /// The part of `meta/v1` `Status` that audit events carry.
    Response {
        /// The HTTP code; 101 means that a stream was opened.
        code: value(u16),
        /// `Forbidden`, `NotFound`, and so on; empty on success.
        reason: text,
        /// The message of the API server.
        message: text,
    }
}

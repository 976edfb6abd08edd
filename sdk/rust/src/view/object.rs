//! The object of a request.

use super::{Attribute, Facts, List};

views! {
    /// One object of a request or an answer.
    ObjectFacts {
        /// The API version.
        api_version: text,
        /// The kind.
        kind: text,
        /// Its namespace.
        namespace: text,
        /// Its name.
        name: text,
        /// Its UID.
        uid: text,
        /// The labels.
        labels: attributes,
        /// Without `last-applied-configuration`. Values are cut at 1,024 bytes.
        annotations: attributes,
        /// The owners.
        owners: list(Owner),
        /// Whether this is a patch: what is not in it was left as it was.
        partial: value(bool),
        /// What the host found in the object.
        facts: facts,
    }

    /// `meta/v1` `OwnerReference`.
    Owner {
        /// The kind.
        kind: text,
        /// Its name.
        name: text,
        /// Its UID.
        uid: text,
        /// Whether it is the managing controller.
        controller: value(bool),
    }

    /// `meta/v1` `DeleteOptions`.
    DeleteOptions {
        /// Seconds until the object is removed by force.
        grace_period_seconds: maybe(i64),
        /// `Orphan`, `Background` or `Foreground`.
        propagation: text,
    }

    /// What a request for a stream or a proxy carried in its URL.
    ConnectOptions {
        /// The container; empty means the pod's default.
        container: text,
        /// One entry a `command` key, in order.
        command: texts,
        /// Whether standard input is connected.
        stdin: value(bool),
        /// Whether standard output is connected.
        stdout: value(bool),
        /// Whether it is a terminal.
        tty: value(bool),
        /// The path behind `proxy`, with its query.
        path: text,
        /// Ports of a port-forward that the URL names (WebSocket clients only).
        ports: values(i64),
        /// `follow`, `previous`, `tailLines` and the other options of a log request.
        options: attributes,
    }
}

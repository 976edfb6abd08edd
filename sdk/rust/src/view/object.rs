//! Objects and options of a request.

use super::{Attribute, Facts, List};

views! {
    /// One object of a request or a response.
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
        /// Without `last-applied-configuration`. Values are truncated to 1,024 bytes.
        annotations: attributes,
        /// The owners.
        owners: list(Owner),
        /// Whether this is a patch: fields that it does not name keep their values.
        partial: value(bool),
        /// The facts of the object.
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

    /// `meta/v1` `DeleteOptions`, of a deletion or an eviction.
    DeleteOptions {
        /// The grace period until the object is removed by force, in seconds.
        grace_period_seconds: maybe(i64),
        /// `Orphan`, `Background`, or `Foreground`.
        propagation: text,
    }

    /// The options in the URL of an exec, attach, log, port-forward, or proxy request.
    ConnectOptions {
        /// The container; empty means the pod's default.
        container: text,
        /// One entry for each `command` key, in order.
        command: texts,
        /// Whether standard input is connected.
        stdin: value(bool),
        /// Whether standard output is connected.
        stdout: value(bool),
        /// Whether it is a terminal.
        tty: value(bool),
        /// The path after `proxy`, with its query.
        path: text,
        /// The ports of a port-forward that the URL names (WebSocket clients only).
        ports: values(i64),
        /// `follow`, `previous`, `tailLines`, and the other options of a log request.
        options: attributes,
    }
}

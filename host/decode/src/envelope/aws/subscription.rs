//! Log events of CloudWatch Logs, as delivered by subscriptions or printed by `aws logs`.

use std::borrow::Cow;

use super::{AUDIT_STREAM, CloudScope, Opener, cluster, is_of_component};
use crate::envelope::NESTING;
use crate::envelope::form::{is_of_cloud_watch, is_plain};
use crate::envelope::object::{Object, bytes_of};
use crate::envelope::opener::{trim_separators, whole_fault};
use crate::reject::{Fault, Reject};

impl Opener<'_, '_> {
    /// `{"messageType", "owner", "logGroup", "logStream", "logEvents": [...]}`.
    pub(super) fn subscription(&mut self, object: &Object<'_>, scope: &CloudScope, depth: usize) {
        match object.text("messageType").as_deref() {
            Some("DATA_MESSAGE") | None => {}
            // CloudWatch sends these to check that the destination is reachable.
            Some("CONTROL_MESSAGE") => return self.skip(),
            Some(_) if self.inside(object, scope, depth) => return,
            Some(other) => {
                let detail = format!("`messageType` is {other:?}, expected \"DATA_MESSAGE\"");
                return self.reject(Fault::new(Reject::BrokenEnvelope, detail), object.bytes);
            }
        }
        if !object.begins("logEvents", b'[') {
            if self.inside(object, scope, depth) {
                return;
            }
            let fault = if object.is_whole {
                Fault::new(
                    Reject::BrokenEnvelope,
                    "`logEvents` is missing or not a list",
                )
            } else {
                whole_fault(object.bytes)
            };
            return self.reject(fault, object.bytes);
        }
        let cluster = named(object);
        let name = object.text("logStream");
        let stream = Stream {
            name: name.as_deref(),
            is_eks: cluster.is_some(),
        };
        let scope = CloudScope {
            provider: "aws",
            account: object.text_or_empty("owner").into_owned(),
            cluster: cluster.unwrap_or_default(),
            ..scope.clone()
        };
        self.list(object, "logEvents", |opener, event| {
            opener.message(event, stream, &scope, depth);
        });
        self.end_halves(&scope);
    }

    /// `{"events": [{"logStreamName", "timestamp", "message", ...}]}`.
    pub(super) fn log_events(&mut self, object: &Object<'_>, scope: &CloudScope, depth: usize) {
        let of_aws = CloudScope {
            provider: "aws",
            ..scope.clone()
        };
        self.list(object, "events", |opener, event| {
            // Others write their records under `events` too.
            if Object::read(event).is_none_or(|event| is_of_cloud_watch(&event)) {
                opener.message(event, Stream::default(), &of_aws, depth);
            } else {
                opener.documents(event, scope, depth + 1);
            }
        });
        self.end_halves(&of_aws);
    }

    /// Opens a single log event.
    pub(super) fn log_event(&mut self, object: &Object<'_>, scope: &CloudScope, depth: usize) {
        let scope = CloudScope {
            provider: "aws",
            ..scope.clone()
        };
        self.message(object.bytes, Stream::default(), &scope, depth);
        self.end_halves(&scope);
    }

    /// Opens one log event of a stream, or of the stream that it names. In streams of other components,
    /// only a message that is an audit event counts.
    fn message(&mut self, event: &[u8], stream: Stream<'_>, scope: &CloudScope, depth: usize) {
        let object = Object::read(event);
        let message = object.as_ref().and_then(|object| object.line("message"));
        let (Some(object), Some(message)) = (object, message) else {
            if depth + 1 < NESTING && self.wrapped(event, scope, depth + 1) {
                return;
            }
            let detail = "`message` is missing or not a string";
            return self.reject(Fault::new(Reject::BrokenEnvelope, detail), event);
        };
        let own = object.text("logStreamName");
        let stream = Stream {
            name: own.as_deref().or(stream.name),
            ..stream
        };
        if self.is_part(&message, stream, scope) {
            return;
        }
        if is_plain(message.as_bytes()) {
            let line = trim_separators(message.as_bytes());
            return self.give(Cow::Borrowed(line), scope);
        }
        if stream.is_of_component() {
            return self.skip();
        }
        if stream.is_audit() && !message.starts_with('{') {
            let detail = "the end of an event whose beginning is in no message before it";
            return self.reject(Fault::new(Reject::Incomplete, detail), event);
        }
        self.log_line(bytes_of(message), scope, depth);
    }

    /// Joins a message that is a part of an event to the other parts; returns whether it is one.
    fn is_part(&mut self, message: &str, stream: Stream<'_>, scope: &CloudScope) -> bool {
        let (name, limit) = (stream.name.unwrap_or_default(), self.limits.line_bytes);
        let mut halves = std::mem::take(&mut self.halves);
        let mut give = |text| self.give(Cow::Owned(text), scope);
        let is_part = halves.push(name, message, limit, &mut give).is_none();
        self.halves = halves;
        is_part
    }

    /// Passes on events whose rest did not come.
    fn end_halves(&mut self, scope: &CloudScope) {
        while let Some(half) = self.halves.pop() {
            self.give(Cow::Owned(half), scope);
        }
    }
}

/// The stream of a log event.
#[derive(Debug, Clone, Copy, Default)]
struct Stream<'a> {
    name: Option<&'a str>,
    /// Whether the log group is one of EKS.
    is_eks: bool,
}

impl Stream<'_> {
    fn is_audit(self) -> bool {
        self.name.is_some_and(|name| name.starts_with(AUDIT_STREAM))
    }

    fn is_of_component(self) -> bool {
        self.name
            .is_some_and(|name| is_of_component(name, self.is_eks))
    }
}

fn named(object: &Object<'_>) -> Option<String> {
    cluster(&object.text("logGroup")?).map(str::to_owned)
}

//! Log events of CloudWatch Logs, as delivered by subscriptions or printed by `aws logs`.

use std::borrow::Cow;

use super::{CloudScope, Opener, cluster, is_audit};
use crate::envelope::form::is_plain;
use crate::envelope::object::{Object, bytes_of};
use crate::envelope::opener::whole_fault;
use crate::reject::{Fault, Reject};

impl Opener<'_, '_> {
    /// `{"messageType", "owner", "logGroup", "logStream", "logEvents": [...]}`.
    pub(super) fn subscription(&mut self, object: &Object<'_>, scope: &CloudScope, depth: usize) {
        match object.text("messageType").as_deref() {
            Some("DATA_MESSAGE") | None => {}
            // CloudWatch sends these to check that the destination is reachable.
            Some("CONTROL_MESSAGE") => return,
            Some(other) => {
                let detail = format!("`messageType` is {other:?}, expected \"DATA_MESSAGE\"");
                return self.reject(Fault::new(Reject::BrokenEnvelope, detail), object.bytes);
            }
        }
        if !object.begins("logEvents", b'[') {
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
        let scope = CloudScope {
            provider: "aws",
            account: object.text_or_empty("owner").into_owned(),
            cluster: named(object).unwrap_or_default(),
            ..scope.clone()
        };
        let is_other = object
            .text("logStream")
            .is_some_and(|stream| !is_audit(&stream));
        self.list(object, "logEvents", |opener, event| {
            opener.message(event, is_other, &scope, depth);
        });
        self.end_half(&scope);
    }

    /// `{"events": [{"logStreamName", "timestamp", "message", ...}]}`.
    pub(super) fn log_events(&mut self, object: &Object<'_>, scope: &CloudScope, depth: usize) {
        let scope = CloudScope {
            provider: "aws",
            ..scope.clone()
        };
        self.list(object, "events", |opener, event| {
            opener.message(event, false, &scope, depth);
        });
        self.end_half(&scope);
    }

    /// Opens a single log event.
    pub(super) fn log_event(&mut self, object: &Object<'_>, scope: &CloudScope, depth: usize) {
        let scope = CloudScope {
            provider: "aws",
            ..scope.clone()
        };
        self.message(object.bytes, false, &scope, depth);
        self.end_half(&scope);
    }

    /// Opens one log event. In streams of other logs, only a message that is an audit event counts:
    /// clusters that are not EKS name their streams as they like.
    fn message(&mut self, event: &[u8], is_other: bool, scope: &CloudScope, depth: usize) {
        let object = Object::read(event);
        let message = object.as_ref().and_then(|object| object.text("message"));
        let (Some(object), Some(message)) = (object, message) else {
            let detail = "`message` is missing or not a string";
            return self.reject(Fault::new(Reject::BrokenEnvelope, detail), event);
        };
        let is_other = is_other
            || object
                .text("logStreamName")
                .is_some_and(|stream| !is_audit(&stream));
        if is_other && !is_plain(message.as_bytes()) {
            return self.skip();
        }
        // CloudWatch splits what is longer than a message; the next message has the rest.
        if let Some(mut half) = self.half.take() {
            if !message.starts_with('{') {
                half.extend_from_slice(message.as_bytes());
                return self.part(half, scope);
            }
            self.give(Cow::Owned(half), scope);
        }
        if is_plain(message.as_bytes()) {
            return self.part_or_whole(message, scope);
        }
        self.log_line(bytes_of(message), scope, depth);
    }

    /// Passes on an event, unless it lacks its end.
    fn part_or_whole(&mut self, message: Cow<'_, str>, scope: &CloudScope) {
        if message.trim_ascii_end().ends_with('}') {
            self.give(bytes_of(message), scope);
        } else {
            self.part(message.into_owned().into_bytes(), scope);
        }
    }

    fn part(&mut self, message: Vec<u8>, scope: &CloudScope) {
        let is_whole = message.trim_ascii_end().ends_with(b"}");
        if is_whole || message.len() > self.limits.line_bytes {
            self.give(Cow::Owned(message), scope);
        } else {
            self.half = Some(message);
        }
    }

    /// Passes on an event whose rest did not come.
    fn end_half(&mut self, scope: &CloudScope) {
        if let Some(half) = self.half.take() {
            self.give(Cow::Owned(half), scope);
        }
    }
}

fn named(object: &Object<'_>) -> Option<String> {
    cluster(&object.text("logGroup")?).map(str::to_owned)
}

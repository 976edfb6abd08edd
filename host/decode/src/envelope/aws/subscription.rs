//! Log events of CloudWatch Logs, as delivered by subscriptions or printed by `aws logs`.

use super::{CloudScope, Opener, cluster, is_audit};
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
            if is_other {
                opener.skip();
            } else {
                opener.message(event, &scope, depth);
            }
        });
    }

    /// `{"events": [{"logStreamName", "timestamp", "message", ...}]}`.
    pub(super) fn log_events(&mut self, object: &Object<'_>, scope: &CloudScope, depth: usize) {
        let scope = CloudScope {
            provider: "aws",
            ..scope.clone()
        };
        self.list(object, "events", |opener, event| {
            opener.message(event, &scope, depth);
        });
    }

    /// Opens a single log event.
    pub(super) fn log_event(&mut self, object: &Object<'_>, scope: &CloudScope, depth: usize) {
        let scope = CloudScope {
            provider: "aws",
            ..scope.clone()
        };
        self.message(object.bytes, &scope, depth);
    }

    fn message(&mut self, event: &[u8], scope: &CloudScope, depth: usize) {
        let object = Object::read(event);
        let message = object.as_ref().and_then(|object| object.text("message"));
        let (Some(object), Some(message)) = (object, message) else {
            let detail = "`message` is missing or not a string";
            return self.reject(Fault::new(Reject::BrokenEnvelope, detail), event);
        };
        if object
            .text("logStreamName")
            .is_some_and(|stream| !is_audit(&stream))
        {
            return self.skip();
        }
        self.log_line(bytes_of(message), scope, depth);
    }
}

fn named(object: &Object<'_>) -> Option<String> {
    cluster(&object.text("logGroup")?).map(str::to_owned)
}

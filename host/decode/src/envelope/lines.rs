//! Lines that are not documents, and records without an event: lines of other logs are told from
//! events that cannot be read.

use std::borrow::Cow;

use super::collector::{self, Collector};
use super::form::is_plain;
use super::object::Object;
use super::opener::{Opener, trim_separators};
use super::wrapped::mentions_event;
use super::{CloudScope, NESTING, aws, prefix};
use crate::reject::{Fault, Reject};

impl Opener<'_, '_> {
    /// Opens a line that does not begin with a document.
    pub(super) fn text_line(&mut self, bytes: &[u8], scope: &CloudScope, depth: usize) {
        if self.after_prefix(bytes, scope, depth) {
            // The rest of the line is opened.
        } else if let Some(message) = aws::exported(bytes) {
            self.log_line(Cow::Borrowed(message), scope, depth);
        } else if collector::is_line_of_one(bytes) && !mentions_event(bytes) {
            self.skip();
        } else {
            self.whole(bytes, scope);
        }
    }

    /// Opens the document that ends a line. One without a trace of an event is a line of another log.
    fn after_prefix(&mut self, line: &[u8], scope: &CloudScope, depth: usize) -> bool {
        let Some(document) = prefix::document(line).filter(|_| depth < NESTING) else {
            return false;
        };
        if !is_plain(document) && !mentions_event(document) {
            return self.wrapped(document, scope, depth + 1);
        }
        self.documents(document, scope, depth + 1);
        true
    }

    /// A record without an event: if a collector wrote it, its line is of another log, unless there is a
    /// trace of an event or the line is missing.
    pub(super) fn without_event(&mut self, object: &Object<'_>, scope: &CloudScope) {
        let Some(Collector { name, line }) = collector::of(object) else {
            return self.whole(object.bytes, scope);
        };
        let has_line = object.has(line);
        if has_line && !mentions_event(object.bytes) {
            return self.skip();
        }
        let detail = match (has_line, name) {
            (true, _) => {
                format!("the record of {name} has no audit event that can be read in `{line}`")
            }
            // It leaves out what is longer than 4,096 bytes.
            (false, "journald") => {
                format!("the record of {name} has no `{line}`: give `--all` to `journalctl`")
            }
            (false, _) => format!("the record of {name} has no `{line}`"),
        };
        self.reject(Fault::new(Reject::NotAnAuditEvent, detail), object.bytes);
    }

    /// Opens a line of the audit log or of another log. Only events are objects; lines of
    /// other logs are skipped.
    pub(super) fn log_line(&mut self, message: Cow<'_, [u8]>, scope: &CloudScope, depth: usize) {
        let line = trim_separators(&message);
        if is_plain(&message) {
            self.give(message, scope);
        } else if line.starts_with(b"{") {
            self.documents(line, scope, depth + 1);
        } else if line.starts_with(b"[") && self.wrapped(line, scope, depth + 1) {
            // A list of a time and a record, as Fluent Bit writes it.
        } else if self.after_prefix(&message, scope, depth) {
            // The rest of the line is opened.
        } else if mentions_event(&message) {
            let detail = "the line has a key of an audit event, but does not end with one";
            self.reject(Fault::new(Reject::Malformed, detail), &message);
        } else {
            self.skip();
        }
    }
}

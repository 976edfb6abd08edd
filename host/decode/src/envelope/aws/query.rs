//! Rows of CloudWatch Logs Insights. A query must include `@message`.

use std::borrow::Cow;

use super::{CloudScope, Opener, cluster, is_of_component};
use crate::envelope::NESTING;
use crate::envelope::form::is_plain;
use crate::envelope::object::{Object, beginning, bytes_of, text};
use crate::reject::{Fault, Reject};
use crate::split::{ListItems, ListPart};

/// The fields of a row that matter here.
#[derive(Default)]
struct Row<'a> {
    message: Option<Cow<'a, [u8]>>,
    stream: Option<Cow<'a, str>>,
    log: Option<Cow<'a, str>>,
}

impl<'a> Row<'a> {
    fn set(&mut self, field: &str, value: &'a [u8]) {
        match field {
            "@message" => {
                self.message = match text(value).or_else(|| beginning(value)) {
                    Some(message) => Some(bytes_of(message)),
                    // The console writes an event as an object.
                    None => value.starts_with(b"{").then_some(Cow::Borrowed(value)),
                };
            }
            "@logStream" => self.stream = text(value),
            "@log" => self.log = text(value),
            _ => {}
        }
    }
}

impl Opener<'_, '_> {
    /// `{"results": [[{"field", "value"}, ...], ...]}`.
    pub(super) fn query_results(&mut self, object: &Object<'_>, scope: &CloudScope, depth: usize) {
        self.list(object, "results", |opener, result| {
            // Others, such as Splunk, write their records under `results` too.
            if !result.starts_with(b"[") {
                return opener.documents(result, scope, depth + 1);
            }
            let mut row = Row::default();
            let mut fields = ListItems::of_array(result);
            while let Some(ListPart::Item(field) | ListPart::Truncated(field)) = fields.next() {
                if let Some(field) = Object::read(field)
                    && let (Some(name), Some(value)) = (field.text("field"), field.get("value"))
                {
                    row.set(&name, value);
                }
            }
            opener.row(row, result, scope, depth);
        });
    }

    /// `{"@timestamp", "@message", ...}`.
    pub(super) fn query_row(&mut self, object: &Object<'_>, scope: &CloudScope, depth: usize) {
        let mut row = Row::default();
        for (key, value) in object.members() {
            if let Ok(name) = std::str::from_utf8(key) {
                row.set(name, value);
            }
        }
        self.row(row, object.bytes, scope, depth);
    }

    fn row(&mut self, row: Row<'_>, bytes: &[u8], scope: &CloudScope, depth: usize) {
        let Some(message) = row.message else {
            if depth + 1 < NESTING && self.wrapped(bytes, scope, depth + 1) {
                return;
            }
            let detail = "`@message` is missing or not an event: the query must include it";
            return self.reject(Fault::new(Reject::BrokenEnvelope, detail), bytes);
        };
        // `@log` is `ACCOUNT:GROUP`.
        let (account, group) = row
            .log
            .as_deref()
            .and_then(|log| log.split_once(':'))
            .unwrap_or_default();
        let cluster = cluster(group);
        let stream = row.stream.as_deref();
        let is_other = stream.is_some_and(|stream| is_of_component(stream, cluster.is_some()));
        if is_other && !is_plain(&message) {
            return self.skip();
        }
        let scope = CloudScope {
            provider: "aws",
            account: account.to_owned(),
            cluster: cluster.unwrap_or_default().to_owned(),
            ..scope.clone()
        };
        self.log_line(message, &scope, depth);
    }
}

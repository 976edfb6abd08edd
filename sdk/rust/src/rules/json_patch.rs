//! Paths that a JSON patch changes (RFC 6902).

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{AuditEvent, raw};

/// How many segments of a path are told apart; no field of a rule lies deeper. API servers accept
/// 10,000 operations (kubernetes/kubernetes, `maxJSONPatchOperations`).
const DEPTH: usize = 8;

/// The fields that a request changes if its body is a JSON patch. Read it once per event.
#[derive(Debug)]
pub struct JsonPatch(Content);

#[derive(Debug)]
enum Content {
    /// The body is not in the log, or too large to be read.
    Unknown,
    /// The body is not a JSON patch.
    Other,
    Paths(Node),
}

/// The paths that begin with the same segments.
#[derive(Debug, Default)]
struct Node {
    is_changed: bool,
    is_removed: bool,
    below: BTreeMap<String, Node>,
}

/// One operation; its value does not matter.
#[derive(Deserialize)]
struct Operation<'a> {
    #[serde(borrow, default)]
    op: Cow<'a, str>,
    #[serde(borrow, default)]
    path: Cow<'a, str>,
    #[serde(borrow, default)]
    from: Cow<'a, str>,
}

impl JsonPatch {
    /// Reads the body of a request.
    #[must_use]
    pub fn from_event(event: AuditEvent<'_>) -> Self {
        match raw::json(event, "/requestObject") {
            Ok(Some(body)) => Self::from_text(&body),
            Ok(None) | Err(_) => Self(Content::Unknown),
        }
    }

    /// Reads a body.
    pub(super) fn from_text(body: &str) -> Self {
        Self(Content::from_text(body))
    }

    /// Returns whether the patch changes a field, one below it, or one that contains it. `key` is
    /// a path without the first slash, such as `spec/replicas`. Also true if the patch is not in
    /// the log or too large to be read, since it may have changed anything.
    #[must_use]
    pub fn names(&self, key: &str) -> bool {
        match &self.0 {
            Content::Unknown => true,
            Content::Other => false,
            Content::Paths(root) => root.names(&mut key.split('/').filter(|part| !part.is_empty())),
        }
    }

    /// Returns whether the body is a JSON patch that leaves everything but a field of the object as
    /// it was. False if the patch is not in the log or too large to be read.
    #[must_use]
    pub fn changes_only(&self, field: &str) -> bool {
        match &self.0 {
            Content::Unknown | Content::Other => false,
            Content::Paths(root) => {
                !root.is_changed && root.below.keys().all(|changed| changed == field)
            }
        }
    }

    /// Returns whether the patch removes or moves an item of a list, or the whole list. Also true if
    /// the patch is not in the log or too large to be read.
    #[must_use]
    pub fn removes_from(&self, list: &str) -> bool {
        match &self.0 {
            Content::Unknown => true,
            Content::Other => false,
            Content::Paths(root) => root.removes_from(&mut list.split('/')),
        }
    }
}

impl Content {
    fn from_text(body: &str) -> Self {
        if !body.trim_start().starts_with('[') {
            return Self::Other;
        }
        let Ok(operations) = serde_json::from_str::<Vec<Operation<'_>>>(body) else {
            return Self::Unknown;
        };
        let mut root = Node::default();
        for operation in operations {
            match operation.op.as_ref() {
                "test" => {}
                "remove" => root.add(&operation.path, true),
                "move" => {
                    root.add(&operation.from, true);
                    root.add(&operation.path, false);
                }
                _ => root.add(&operation.path, false),
            }
        }
        Self::Paths(root)
    }
}

impl Node {
    fn add(&mut self, path: &str, is_removed: bool) {
        let mut node = self;
        let mut segments = path.split('/').skip(1);
        for segment in segments.by_ref().take(DEPTH) {
            // RFC 6901, section 4: `~1` first.
            let segment = segment.replace("~1", "/").replace("~0", "~");
            node = node.below.entry(segment).or_default();
        }
        node.is_changed = true;
        node.is_removed |= is_removed && segments.next().is_none();
    }

    fn names<'k>(&self, key: &mut (impl Iterator<Item = &'k str> + Clone)) -> bool {
        if self.is_changed {
            return true;
        }
        let Some(segment) = key.next() else {
            return !self.below.is_empty();
        };
        let is_index = segment.bytes().all(|byte| byte.is_ascii_digit());
        // `-` is the end of a list, whatever its length.
        let end = self.below.get("-").filter(|_| is_index);
        [self.below.get(segment), end]
            .into_iter()
            .flatten()
            .any(|below| below.names(&mut key.clone()))
    }

    fn removes_from<'k>(&self, list: &mut impl Iterator<Item = &'k str>) -> bool {
        if self.is_removed {
            return true;
        }
        match list.next() {
            Some(segment) => {
                let below = self.below.get(segment);
                below.is_some_and(|below| below.removes_from(list))
            }
            None => self.below.values().any(|item| item.is_removed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Content, JsonPatch};

    fn names(body: &str, key: &str) -> bool {
        JsonPatch(Content::from_text(body)).names(key)
    }

    #[test]
    fn patch_names_a_field_by_itself_by_its_parts_and_by_what_contains_it() {
        for (path, expected) in [
            ("/webhooks/0/failurePolicy", true),
            ("/webhooks/0/failurePolicy/x", true),
            (r"\/webhooks\/0\/failurePolicy", true),
            (r"/webhooks/0/failure\u0050olicy", true),
            ("/webhooks/-", true),
            ("/webhooks/0", true),
            ("/webhooks", true),
            ("", true),
            ("/webhooks/1", false),
            ("/webhooks/0/failurePolicyX", false),
            ("/metadata/labels/webhooks~10~1failurePolicy", false),
        ] {
            let body = format!(r#"[{{"op": "replace", "path": "{path}", "value": [{{}}]}}]"#);
            assert_eq!(names(&body, "webhooks/0/failurePolicy"), expected, "{path}");
        }
    }

    #[test]
    fn tests_and_copied_fields_are_not_changed() {
        let body =
            r#"[{"op": "test", "path": "/spec"}, {"op": "copy", "from": "/data", "path": "/x"}]"#;
        assert!(!names(body, "spec") && !names(body, "data") && names(body, "x"));
        let body = r#"[{"op": "move", "from": "/data/a", "path": "/x"}]"#;
        assert!(names(body, "data") && names(body, "x"));
    }

    #[test]
    fn other_bodies_name_nothing_and_broken_patches_anything() {
        assert!(!names(r#"{"spec": {}}"#, "spec"));
        assert!(names("[{]", "spec"));
    }

    #[test]
    fn removed_items_are_told_from_removed_fields() {
        let removes = |body: &str| JsonPatch(Content::from_text(body)).removes_from("webhooks");
        assert!(removes(r#"[{"op": "remove", "path": "/webhooks/20"}]"#));
        assert!(removes(r#"[{"op": "remove", "path": "/webhooks"}]"#));
        assert!(removes(
            r#"[{"op": "move", "from": "/webhooks/0", "path": "/webhooks/1"}]"#
        ));
        assert!(!removes(
            r#"[{"op": "remove", "path": "/webhooks/0/rules"}]"#
        ));
        assert!(!removes(r#"[{"op": "add", "path": "/webhooks/0"}]"#));
    }

    #[test]
    fn long_paths_are_cut() {
        let path = "/a".repeat(500_000);
        let body = format!(r#"[{{"op": "remove", "path": "{path}"}}]"#);
        assert!(names(&body, "a/a/a"));
        assert!(!JsonPatch(Content::from_text(&body)).removes_from("a/a/a/a/a/a/a"));
    }
}

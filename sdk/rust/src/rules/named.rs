//! The parts of an object that the body of a patch names.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;

use super::JsonPatch;
use crate::{AuditEvent, raw};

/// Returns whether a request is a patch that names only the object's metadata. Such a patch leaves
/// the rules, the subjects, the spec, and the data as they were.
///
/// False for other verbs, for a patch that is not in the log or too large to be read, and for one
/// that the rule cannot follow, since it may have changed anything. A whole object without its
/// other parts, as server-side apply sends it, names only its metadata too.
#[must_use]
pub fn only_metadata(event: AuditEvent<'_>) -> bool {
    event.verb() == "patch"
        && matches!(raw::json(event, "/requestObject"), Ok(Some(body)) if is_only_metadata(&body))
}

/// Members of an object that are not its content.
const BESIDES: [&str; 3] = ["metadata", "kind", "apiVersion"];

fn is_only_metadata(body: &str) -> bool {
    if body.trim_start().starts_with('[') {
        return JsonPatch::from_text(body).changes_only("metadata");
    }
    serde_json::from_str::<BTreeMap<String, IgnoredAny>>(body)
        .is_ok_and(|members| members.keys().all(|key| BESIDES.contains(&key.as_str())))
}

#[cfg(test)]
mod tests {
    use super::is_only_metadata;

    #[test]
    fn patches_that_name_more_than_metadata_are_told_apart() {
        for (body, expected) in [
            (r#"{"metadata":{"annotations":{"owner":"it"}}}"#, true),
            (
                r#"{"kind":"ClusterRole","apiVersion":"v1","metadata":{"labels":{"a":"b"}}}"#,
                true,
            ),
            (
                r#" { "metadata" : { "annotations" : { "rules" : "x,]}\" \\" } } } "#,
                true,
            ),
            (
                r#"{"metadata":{"annotations":{"owner":"it"}},"rules":[]}"#,
                false,
            ),
            (r#"{"metadata":{},"\u0072ules":[]}"#, false),
            (r#"{"$patch":"replace","metadata":{}}"#, false),
            (r#"{"rules":null}"#, false),
            ("{}", true),
            (
                r#"[{"op":"add","path":"/metadata/labels/a","value":"/rules"}]"#,
                true,
            ),
            (
                r#"[{"op":"add","path":"\u002fmetadata\/labels/a","value":{"path":"/rules"}}]"#,
                true,
            ),
            (
                r#"[{"op":"add","path":"/metadata/labels/a","value":"b"},{"op":"remove","path":"/rules/0"}]"#,
                false,
            ),
            (
                r#"[{"op":"move","from":"/rules","path":"/metadata/annotations/a"}]"#,
                false,
            ),
            (
                r#"[{"op":"replace","path":"","value":{"metadata":{}}}]"#,
                false,
            ),
            (r#"[{"op":"replace","path":"/metadatax","value":1}]"#, false),
            (r#"[{"op":"replace","value":1}]"#, false),
            ("[]", true),
            ("7", false),
            ("", false),
            (r#"{"metadata":{}"#, false),
        ] {
            assert_eq!(is_only_metadata(body), expected, "{body}");
        }
    }
}

//! Objects of one's own, and objects of others under the same name.

use std::time::Duration;

use crate::prelude::*;
use crate::rules::Made;
use crate::rules::time::HOUR;
use crate::testing::{AuditLine, Harness, TestError};

const DELETED: &str = "Impact:Kubernetes/ForeignObjectDeleted";

/// Reports deletions of objects that the actor did not make.
struct Deletions;

impl Detector for Deletions {
    fn describe() -> Descriptor {
        Descriptor::new("deletions", "1.0.0")
            .description("Reports deletions.")
            .audit(AuditSubscription::new())
            .finding(FindingType::new(DELETED, 3.0).title("Deletion"))
    }

    fn configure(_: &Settings) -> Result<Self, String> {
        Ok(Self)
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let made = Made::new(HOUR / 2);
        if !made.observe(event)? && event.verb() == "delete" && !made.take(event)? {
            findings.raise(
                Finding::new(DELETED)
                    .on(event)
                    .field(&event, AuditField::Name),
            );
        }
        Ok(())
    }
}

const PODS: &str = "/api/v1/namespaces/shop/pods";

fn create(uid: &str) -> AuditLine {
    let body = format!(
        r#"{{"kind": "Pod", "metadata": {{"name": "p", "namespace": "shop", "uid": "{uid}"}}, "spec": {{"containers": []}}}}"#
    );
    AuditLine::new("create", PODS)
        .request(r#"{"kind": "Pod", "metadata": {"name": "p"}}"#)
        .response(&body)
}

fn delete(uid: &str) -> AuditLine {
    AuditLine::new("delete", &format!("{PODS}/p")).response(&format!(
        r#"{{"kind": "Status", "apiVersion": "v1", "details": {{"name": "p", "uid": "{uid}"}}}}"#
    ))
}

fn minute(line: AuditLine, minute: u64) -> String {
    line.at(Duration::from_secs(minute * 60)).to_string()
}

fn reported(lines: &[String]) -> Result<usize, TestError> {
    let found = Harness::<Deletions>::new().audit_lines(&lines.join("\n"))?;
    Ok(found.len())
}

#[test]
fn own_object_is_excused_once_and_for_a_while() -> Result<(), TestError> {
    for (lines, expected) in [
        (vec![minute(create("1"), 0), minute(delete("1"), 5)], 0),
        // Without a UID, the name decides.
        (vec![minute(create(""), 0), minute(delete("1"), 5)], 0),
        (vec![minute(create("1"), 0), minute(delete(""), 5)], 0),
        // Somebody else made it again.
        (vec![minute(create("1"), 0), minute(delete("2"), 5)], 1),
        (
            vec![
                minute(create("1"), 0),
                minute(delete("1"), 5),
                minute(delete(""), 6),
            ],
            1,
        ),
        (vec![minute(create("1"), 0), minute(delete("1"), 45)], 1),
        (vec![minute(delete("1"), 5)], 1),
        (
            vec![
                minute(create("1").user("bob", &[]), 0),
                minute(delete("1"), 5),
            ],
            1,
        ),
        (
            vec![
                minute(create("1").answer(409, "exists"), 0),
                minute(delete("1"), 5),
            ],
            1,
        ),
    ] {
        assert_eq!(reported(&lines)?, expected, "{lines:?}");
    }
    Ok(())
}

#[test]
fn generated_name_comes_from_the_response() -> Result<(), TestError> {
    let create = AuditLine::new("create", PODS)
        .request(r#"{"kind": "Pod", "metadata": {"generateName": "p-"}}"#)
        .response(
            r#"{"kind": "Pod", "metadata": {"name": "p", "uid": "1"}, "spec": {"containers": []}}"#,
        );
    assert_eq!(reported(&[minute(create, 0), minute(delete("1"), 5)])?, 0);
    Ok(())
}

#[test]
fn server_side_apply_makes_an_object_only_once() -> Result<(), TestError> {
    let apply = |code| {
        AuditLine::new("patch", &format!("{PODS}/p"))
            .request(r#"{"kind": "Pod", "metadata": {"name": "p"}}"#)
            .answer(code, "")
    };
    for (code, expected) in [(201, 0), (200, 1)] {
        let lines = [minute(apply(code), 0), minute(delete(""), 5)];
        assert_eq!(reported(&lines)?, expected, "{code}");
    }
    Ok(())
}

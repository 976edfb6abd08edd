//! Bursts and replaced texts in `state`, and the helpers for tests with many cases.

use std::time::Duration;

use crate::prelude::*;
use crate::rules::time::{DAY, MINUTE};
use crate::state;
use crate::testing::{
    AuditLine, Harness, Request, TestError, judge, judge_lines, severities, summary,
    types_and_severities,
};

const READS: &str = "Discovery:Kubernetes/ManyReads";
const LISTS: &str = "Discovery:Kubernetes/ManyLists";
const AGENT: &str = "DefenseEvasion:Kubernetes/NewUserAgent";

/// Reports two different reads, two lists, and a changed user agent.
struct Kit;

impl Detector for Kit {
    fn describe() -> Descriptor {
        Descriptor::new("kit", "1.0.0")
            .description("Reports bursts and changes.")
            .audit(AuditSubscription::new())
            .finding(FindingType::new(READS, 5.0).title("Many reads"))
            .finding(FindingType::new(LISTS, 3.0).title("Many lists"))
            .finding(FindingType::new(AGENT, 2.0).title("New user agent"))
    }

    fn configure(_: &Settings) -> Result<Self, String> {
        Ok(Self)
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let window = state::actor(event).key(event.verb()).window(MINUTE, 10);
        let (finding_type, burst) = match event.verb() {
            "get" => (READS, window.burst(event.name(), 2)?),
            "list" => {
                let burst = window.burst_if(event.name(), |seen| seen.count() >= 2)?;
                (LISTS, burst)
            }
            _ => {
                let agent = state::actor(event).key("agent");
                if agent.replace_text(event.user_agent(), DAY)? {
                    findings.raise(
                        Finding::new(AGENT)
                            .on(event)
                            .field(&event, AuditField::UserAgent),
                    );
                }
                return Ok(());
            }
        };
        if let Some(burst) = burst {
            findings.raise(
                Finding::new(finding_type)
                    .on(event)
                    .events(burst.events())
                    .evidence(event, "objectRef.name", burst.members().join(", ")),
            );
        }
        Ok(())
    }
}

fn request(verb: &str, name: &str, second: u64) -> Request {
    Request::new(verb, "secrets")
        .name(name)
        .at(Duration::from_secs(second))
}

#[test]
fn burst_counts_different_members_and_empties_the_window() -> Result<(), TestError> {
    let found = judge::<Kit>([
        request("get", "a", 0),
        request("get", "a", 1),
        request("get", "b", 2),
        // The window was emptied.
        request("get", "c", 3),
        request("get", "d", 4),
    ])?;
    assert_eq!(types_and_severities(&found), [(READS, 5.0), (READS, 5.0)]);
    assert_eq!(found[0].evidence("objectRef.name"), Some("a, b"));
    assert_eq!(found[0].event_ids.len(), 2);
    assert_eq!(found[1].evidence("objectRef.name"), Some("c, d"));
    Ok(())
}

#[test]
fn no_burst_beyond_the_window() -> Result<(), TestError> {
    let found = judge::<Kit>([request("get", "a", 0), request("get", "b", 61)])?;
    assert!(found.is_empty());
    Ok(())
}

#[test]
fn burst_takes_any_condition() -> Result<(), TestError> {
    let lists = (0..5).map(|second| request("list", "", second));
    let found = judge::<Kit>(lists)?;
    assert_eq!(summary(&found), [("ManyLists", 3.0), ("ManyLists", 3.0)]);
    assert_eq!(severities(&found), [3.0, 3.0]);
    Ok(())
}

#[test]
fn replaced_text_is_compared_with_the_last() -> Result<(), TestError> {
    let agent = |text: &str| request("create", "a", 0).user_agent(text);
    let mut harness = Harness::<Kit>::new();
    for (text, is_new) in [("x", true), ("x", false), ("y", true), ("x", true)] {
        let found = harness.audit_event(agent(text))?;
        assert_eq!(!found.is_empty(), is_new, "{text}");
    }
    // The text expires a day after it was set.
    let late = agent("x").at(DAY + Duration::from_secs(1));
    assert_eq!(harness.audit_event(late)?.len(), 1);
    Ok(())
}

#[test]
fn judges_lines_of_a_log() -> Result<(), TestError> {
    let read =
        |name: &str| AuditLine::new("get", &format!("/api/v1/namespaces/shop/secrets/{name}"));
    let found = judge_lines::<Kit>(&[read("a"), read("b")])?;
    assert_eq!(summary(&found), [("ManyReads", 5.0)]);
    Ok(())
}

//! The order in which findings are told, and what hides them.

use std::time::Duration;

use proptest::prelude::*;

use super::Rank;
use crate::prelude::*;
use crate::rules::Told;
use crate::rules::time::{DAY, HOUR};
use crate::testing::{Harness, Request, TestError, judge, severities};

const READ: &str = "CredentialAccess:Kubernetes/Read";

/// Reports reads of config maps with the severity that their name says, once a day for each
/// namespace.
struct Reads;

impl Detector for Reads {
    fn describe() -> Descriptor {
        Descriptor::new("reads", "1.0.0")
            .description("Reports reads.")
            .audit(AuditSubscription::new())
            .finding(FindingType::new(READ, 3.0).title("Read"))
    }

    fn configure(_: &Settings) -> Result<Self, String> {
        Ok(Self)
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let severity: f64 = event.name().parse().unwrap_or(1.0);
        if Told::by_actor(event, "read").is_news(event.namespace(), severity, DAY)? {
            findings.raise(
                Finding::new(READ)
                    .on(event)
                    .field(&event, AuditField::Name)
                    .severity(severity),
            );
        }
        Ok(())
    }
}

/// Reports lists of members, which the name of the object holds.
struct Members;

impl Detector for Members {
    fn describe() -> Descriptor {
        Reads::describe()
    }

    fn configure(_: &Settings) -> Result<Self, String> {
        Ok(Self)
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let members = event.name().split(',').map(|one| (one.to_owned(), 3.0));
        if Told::by_actor(event, "members").has_news(members, DAY)? {
            findings.raise(Finding::new(READ).on(event).field(&event, AuditField::Name));
        }
        Ok(())
    }
}

#[test]
fn many_members_are_news_and_evict_nothing() -> Result<(), TestError> {
    let many: Vec<String> = (0..30_000).map(|number| number.to_string()).collect();
    let many = many.join(",");
    let news = |names: &[&str]| -> Result<Vec<bool>, TestError> {
        let mut harness = Harness::<Members>::new();
        let mut news = Vec::new();
        for name in names {
            let found = harness.audit_events([Request::new("get", "configmaps").name(name)])?;
            news.push(!found.is_empty());
        }
        Ok(news)
    };
    assert_eq!(
        news(&["a,b", "b,a,a", "b,c", &many, &many, "a", "c,b"])?,
        [true, false, true, true, true, false, false]
    );
    Ok(())
}

fn read(severity: f64, code: u16, after: Duration) -> Request {
    Request::new("get", "configmaps")
        .namespace("shop")
        .name(&severity.to_string())
        .code(code)
        .at(after)
}

#[test]
fn only_more_severe_finding_is_told_again() -> Result<(), TestError> {
    let hour = |count: u32| HOUR * count;
    let found = judge::<Reads>([
        read(3.0, 200, hour(0)),
        read(3.0, 200, hour(1)),
        read(5.0, 200, hour(2)),
        read(3.0, 200, hour(3)),
        read(5.0, 200, hour(4)),
        // The repetition of the fourth hour keeps the memory until the 28th.
        read(5.0, 200, hour(27)),
        // That of the 49th hour is lesser, and does not keep it.
        read(3.0, 200, hour(49)),
        read(3.0, 200, hour(52)),
    ])?;
    assert_eq!(severities(&found), [3.0, 5.0, 3.0]);
    Ok(())
}

#[test]
fn denied_attempt_does_not_hide_success() -> Result<(), TestError> {
    let found = judge::<Reads>([
        read(3.0, 403, Duration::ZERO),
        read(3.0, 403, HOUR),
        read(3.0, 200, HOUR * 2),
        read(3.0, 403, HOUR * 3),
    ])?;
    assert_eq!(severities(&found), [3.0, 3.0]);
    Ok(())
}

#[test]
fn member_that_is_too_long_is_always_news() -> Result<(), TestError> {
    let long = "n".repeat(300 << 10);
    let mut harness = Harness::<Reads>::new();
    for _ in 0..2 {
        let request = read(3.0, 200, Duration::ZERO).namespace(&long);
        assert_eq!(harness.audit_event(request)?.len(), 1);
    }
    Ok(())
}

#[test]
fn rank_survives_its_bytes() {
    for rank in [(1.0, false), (3.0, true), (10.0, false)] {
        let rank = Rank {
            severity: rank.0,
            took_effect: rank.1,
        };
        assert_eq!(Rank::decode(&rank.encode()), Some(rank));
    }
    assert_eq!(Rank::decode(b""), None);
}

proptest! {
    #[test]
    fn higher_severity_is_never_silent(
        requests in prop::collection::vec((1_u8..=10, prop::bool::ANY, 0_u64..90_000), 1..20)
    ) {
        let mut harness = Harness::<Reads>::new();
        let mut time = Duration::ZERO;
        let mut highest = 0.0_f64;
        for (severity, succeeds, pause) in requests {
            let severity = f64::from(severity);
            time += Duration::from_secs(pause);
            let code = if succeeds { 200 } else { 403 };
            let found = harness.audit_event(read(severity, code, time)).unwrap();
            prop_assert!(found.len() == 1 || severity <= highest);
            highest = highest.max(severity);
        }
    }
}

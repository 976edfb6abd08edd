//! Behavior that the stand-in shares with the host.

use std::time::Duration;

use crate::contract::{self, RuntimeEvent, StateError};
use crate::prelude::*;
use crate::testing::{Harness, Request, TestError};
use crate::{clock, log, raw, state};

const TYPE: &str = "Impact:Kubernetes/Test";

/// Obeys the verb of an event.
struct Obedient;

impl Detector for Obedient {
    fn describe() -> Descriptor {
        Descriptor::new("obedient", "1.0.0")
            .description("Obeys the verb of an event.")
            .audit(AuditSubscription::new())
            .runtime(RuntimeSubscription::new().actions(["exec"]))
            .signals(SignalSubscription::new().minimum_severity(5.0))
            .finding(FindingType::new(TYPE, 3.0).title("Finding on demand"))
    }

    fn configure(_: &Settings) -> Result<Self, String> {
        Ok(Self)
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let counter = state::actor(event).key("count").counter(state::FOREVER);
        let finding = Finding::new(TYPE).on(event);
        match event.verb() {
            "count" => findings.raise(finding.evidence(event, "count", counter.add(1)?)),
            "fail" => {
                counter.add(100)?;
                return Err("failed on demand".into());
            }
            "cluster" => {
                let shared = state::cluster(event).key("k").get();
                assert_eq!(shared, Err(StateError::NotShared));
                shared?;
            }
            "now" => findings.raise(finding.evidence(event, "now", clock::now().seconds())),
            "raw" => {
                let text = raw::json(event, "/user/username")?.unwrap_or_default();
                findings.raise(finding.evidence(event, "raw", text));
            }
            "severe" => findings.raise(finding.evidence(event, "verb", "severe").severity(11.0)),
            "undeclared" => {
                let other = Finding::new("Impact:Kubernetes/Other").on(event);
                findings.raise(other.evidence(event, "verb", "undeclared"));
            }
            "long" => findings.raise(finding.evidence(event, "v", "v".repeat(64 << 10))),
            "flood" => {
                for number in 0..257 {
                    findings.raise(Finding::new(TYPE).on(event).evidence(event, "n", number));
                }
            }
            "keep" => {
                let kept = state::actor(event).key("kept");
                let before = kept.get_text()?.unwrap_or_default();
                kept.set_text(event.name(), state::FOREVER)?;
                let window = state::actor(event)
                    .key("members")
                    .window(Duration::from_secs(3600), 10);
                let seen = window.observe(event.name())?.distinct();
                findings.raise(finding.evidence(event, "n", format!("{} {seen}", before.len())));
            }
            "calls" => {
                for _ in 0..50_001 {
                    let _ = clock::now();
                }
            }
            _ => log::info!("{}", event.verb()),
        }
        Ok(())
    }

    fn on_runtime_event(
        &mut self,
        event: RuntimeEventView<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let execs = state::actor(event)
            .key("execs")
            .counter(state::FOREVER)
            .add(1)?;
        findings.raise(Finding::new(TYPE).on(event).evidence(event, "execs", execs));
        Ok(())
    }

    fn on_signal(
        &mut self,
        signal: Signal<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        findings.raise(
            Finding::new(TYPE)
                .on(signal)
                .evidence(signal, "title", signal.title()),
        );
        Ok(())
    }
}

type RuntimeEventView<'a> = crate::RuntimeEvent<'a>;

fn told(verb: &str) -> Request {
    Request::new(verb, "pods")
}

fn values(found: &[crate::testing::RaisedFinding]) -> Vec<&str> {
    found
        .iter()
        .flat_map(|finding| &finding.evidence)
        .map(|(_, value)| value.as_str())
        .collect()
}

#[test]
fn texts_too_large_to_be_kept_cost_no_event() {
    let keep = |name: &str| told("keep").name(name);
    let (large, other) = ("n".repeat(300 << 10), format!("{}o", "n".repeat(300 << 10)));
    let found = Harness::<Obedient>::new()
        .audit_events([
            keep("small"),
            keep(&large),
            keep(&other),
            keep(&large),
            keep("small"),
        ])
        .unwrap();
    // The large texts are forgotten, and the members of the window stay different.
    assert_eq!(values(&found), ["0 1", "5 2", "0 3", "0 3", "0 3"]);
}

#[test]
fn bad_event_costs_only_itself_and_its_writes() {
    let mut harness = Harness::<Obedient>::new();
    let error = harness
        .audit_events([told("count"), told("fail").id("bad"), told("count")])
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the event `bad` was not judged: failed on demand"
    );
    assert_eq!(values(harness.findings()), ["1", "2"]);
    let found = harness.audit_event(told("count")).unwrap();
    assert_eq!(values(&found), ["3"]);
}

#[test]
fn each_actor_has_its_own_counter() -> Result<(), TestError> {
    let mut harness = Harness::<Obedient>::new().batch(1);
    let found = harness.audit_events([told("count"), told("count").user("bob"), told("count")])?;
    assert_eq!(values(&found), ["1", "1", "2"]);
    Ok(())
}

#[test]
fn cluster_state_requires_ordering_by_cluster() {
    let error = Harness::<Obedient>::new()
        .audit_event(told("cluster").id("x"))
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("needs a descriptor whose ordering is `cluster`")
    );
}

#[test]
fn clock_is_the_newest_event_of_an_instance() -> Result<(), TestError> {
    let now = |harness: &mut Harness<Obedient>, second| {
        let event = told("now").at(Duration::from_secs(second));
        harness
            .audit_event(event)
            .map(|found| values(&found).join(""))
    };
    let mut harness = Harness::<Obedient>::new();
    assert_eq!(now(&mut harness, 100)?, "1735689700");
    assert_eq!(now(&mut harness, 50)?, "1735689700");
    harness.restart();
    assert_eq!(now(&mut harness, 60)?, "1735689660");
    harness.set_now(Timestamp::from_nanoseconds(7_000_000_000));
    assert_eq!(now(&mut harness, 200)?, "7");
    Ok(())
}

const LINE: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a1","stage":"ResponseComplete","requestURI":"/x","verb":"raw","user":{"username":"carol"},"responseStatus":{"code":200}}"#;

#[test]
fn decodes_lines_and_keeps_their_text() -> Result<(), TestError> {
    let mut harness = Harness::<Obedient>::new();
    let found = harness.audit_lines(&format!("{LINE}\n\n"))?;
    assert_eq!(values(&found), ["\"carol\""]);
    assert_eq!(found[0].event_ids, ["a1"]);
    let repeated = harness.audit_line(LINE).unwrap_err();
    assert_eq!(repeated, TestError::Duplicate("a1".to_owned()));
    let rejected = harness.audit_lines("{}\n").unwrap_err();
    assert!(
        rejected
            .to_string()
            .starts_with("cannot decode line 1 as an audit event (")
    );
    let half = format!("{}\n{}", LINE.replace("a1", "a2"), &LINE[..80]);
    let rejected = harness.audit_lines(&half).unwrap_err();
    assert!(matches!(
        rejected,
        TestError::Rejected {
            line: 2,
            reason: "incomplete",
            ..
        }
    ));
    assert_eq!(harness.findings().len(), 1, "nothing of the text was fed");
    let built = harness.audit_event(told("raw").id("b")).unwrap_err();
    assert_eq!(built, TestError::NoText("b".to_owned()));
    Ok(())
}

#[test]
fn delivers_subscribed_runtime_events_and_signals() -> Result<(), TestError> {
    let event = |action: &str, node: &str| RuntimeEvent {
        action: action.to_owned(),
        node: node.to_owned(),
        ..RuntimeEvent::default()
    };
    let mut harness = Harness::<Obedient>::new();
    let found = harness.runtime_events([
        event("exec", "n1"),
        event("open", "n1"),
        event("exec", "n2"),
        event("exec", "n1"),
    ])?;
    assert_eq!(values(&found), ["1", "1", "2"]);
    assert_eq!(found[2].event_ids, ["runtime-4"]);
    let signal = |detector: &str, severity| contract::Signal {
        detector: detector.to_owned(),
        finding_id: format!("{detector}-1"),
        title: detector.to_owned(),
        severity,
        ..contract::Signal::default()
    };
    let found = harness.signals([signal("a", 5.0), signal("b", 4.0), signal("obedient", 9.0)])?;
    assert_eq!(values(&found), ["a"]);
    assert_eq!(found[0].event_ids, ["a-1"]);
    Ok(())
}

#[test]
fn refused_findings_are_errors_and_the_others_are_kept() {
    for (verb, said) in [
        ("severe", "the severity 11 is outside the range 1 to 10"),
        (
            "undeclared",
            "the type `Impact:Kubernetes/Other` is not declared in the descriptor",
        ),
    ] {
        let mut harness = Harness::<Obedient>::new();
        let error = harness
            .audit_events([told(verb), told("count")])
            .unwrap_err();
        assert!(matches!(error, TestError::Finding { .. }));
        assert!(error.to_string().ends_with(said), "{error}");
        assert_eq!(values(harness.findings()), ["1"]);
    }
}

#[test]
fn finding_that_is_too_large_is_cut() {
    let found = Harness::<Obedient>::new()
        .audit_events([told("long"), told("count")])
        .unwrap();
    let values = values(&found);
    assert!(values[0].len() < 64 << 10 && values[0].ends_with('…'));
    assert_eq!(values[1], "1");
    assert_eq!(found[0].attributes[0].0, "cut");
}

#[test]
fn event_that_exceeds_a_limit_is_not_judged() {
    for (verb, said) in [
        (
            "flood",
            "returned 257 findings; the limit for a batch is 256",
        ),
        ("calls", "more than 50000 calls to the host"),
    ] {
        let mut harness = Harness::<Obedient>::new().batch(2);
        let error = harness
            .audit_events([told("count"), told(verb).id("it"), told("count")])
            .unwrap_err();
        let expected = TestError::NotJudged {
            event: "it".to_owned(),
            reason: said.to_owned(),
        };
        assert_eq!(error, expected);
        assert_eq!(values(harness.findings()), ["1", "2"]);
    }
}

#[test]
fn request_with_401_is_not_open_afterwards() -> Result<(), TestError> {
    let at = |stage| told("count").id("a").code(401).stage(stage);
    let mut harness = Harness::<Obedient>::new();
    let found = harness.audit_event(at(contract::Stage::ResponseStarted))?;
    assert_eq!(values(&found), ["1"]);
    // A host takes the stage for a first answer too, since a 401 ends with its first stage.
    let found = harness.audit_event(at(contract::Stage::ResponseComplete))?;
    assert_eq!(values(&found), ["2"]);
    Ok(())
}

#[test]
fn log_lines_are_limited_and_printable() -> Result<(), TestError> {
    let mut harness = Harness::<Obedient>::new().batch(200);
    harness.audit_events((0..101).map(|_| told("two\nlines")))?;
    let lines = harness.log_lines();
    assert_eq!(lines.len(), 100);
    assert_eq!(lines[0].1, "two\\nlines");
    Ok(())
}

#[test]
fn clusters_share_no_state_and_no_ids() -> Result<(), TestError> {
    let mut harness = Harness::<Obedient>::new();
    let mut count = |cluster: &str| {
        harness.set_cluster(cluster);
        let found = harness.audit_event(told("count").id(cluster))?;
        Ok::<_, TestError>(values(&found).join(""))
    };
    assert_eq!([count("east")?, count("west")?], ["1", "1"]);
    harness.set_cluster("east");
    let again = harness.audit_event(told("count").id("west"))?;
    assert_eq!(
        values(&again),
        ["2"],
        "the id is that of another cluster's event"
    );
    Ok(())
}

#[test]
fn signal_without_a_finding_id_gets_one() -> Result<(), TestError> {
    let mut harness = Harness::<Obedient>::new();
    let found = harness.signals([contract::Signal {
        detector: "other".to_owned(),
        severity: 9.0,
        title: "Pod created".to_owned(),
        actor: "alice".to_owned(),
        ..contract::Signal::default()
    }])?;
    assert_eq!(values(&found), ["Pod created"]);
    assert_eq!(found[0].event_ids, ["signal-2"]);
    Ok(())
}

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use proptest::prelude::*;
use wardline_finding::export::{CloudAccount, Form};
use wardline_store::{Commit, NewFinding, Retention, Store};
use wardline_telemetry::{Metrics, Registration, Sinks};

use super::{Shared, Step, Target, Worker, delays};
use crate::dead_letter::DeadFindings;
use crate::fixture::json;
use crate::keeper::Keeper;
use crate::{DeliverError, Outgoing, Sink, Takes};

/// The response of a destination to a batch.
#[derive(Debug, Clone, Copy)]
enum Answer {
    Fail(usize),
    Refuse(usize),
    Close,
}

/// Gives the scripted answers, then takes everything.
struct Scripted {
    script: VecDeque<Answer>,
    taken: Arc<Mutex<Vec<u64>>>,
}

impl Sink for Scripted {
    fn deliver(&mut self, batch: &[Outgoing<'_>]) -> Result<(), DeliverError> {
        let take = |count: usize| {
            let count = count.min(batch.len());
            let numbers = batch[..count].iter().map(|finding| finding.number);
            self.taken.lock().unwrap().extend(numbers);
            count
        };
        match self.script.pop_front() {
            None => {
                take(batch.len());
                Ok(())
            }
            Some(Answer::Fail(count)) => Err(DeliverError::Temporary {
                taken: take(count),
                cause: "unreachable".into(),
            }),
            Some(Answer::Refuse(count)) => Err(DeliverError::Refused {
                taken: take(count.min(batch.len() - 1)),
                reason: "too large".to_owned(),
            }),
            Some(Answer::Close) => Err(DeliverError::Closed),
        }
    }
}

struct Fixture {
    folder: tempfile::TempDir,
    store: Arc<Store>,
    metrics: Metrics,
    shared: Arc<Shared>,
    worker: Worker,
    taken: Arc<Mutex<Vec<u64>>>,
}

impl Fixture {
    /// A sink, and findings in the store.
    fn new(script: &[Answer], takes: Takes, findings: Vec<Vec<u8>>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(&folder.path().join("state.redb")).unwrap());
        let findings: Vec<NewFinding> = findings
            .into_iter()
            .zip(1..)
            .map(|(json, number)| NewFinding {
                number,
                id: number.to_string(),
                time: 0,
                json,
            })
            .collect();
        let last = findings.len() as u64;
        let commit = Commit {
            findings,
            now: 1_000,
            ..Commit::default()
        };
        store.commit(&commit).unwrap();
        let mut registration = Registration::default();
        let telemetry = Sinks::register(&mut registration);
        let metrics = registration.finish();
        let target = Arc::new(Target::new(
            "siem".to_owned(),
            takes,
            0,
            telemetry.sink("siem"),
            DeadFindings::new(folder.path(), "siem", 1 << 20),
        ));
        let shared = Arc::new(Shared::new(vec![Arc::clone(&target)], telemetry));
        shared.bell.committed(last);
        let taken = Arc::default();
        let sink = Scripted {
            script: script.iter().copied().collect(),
            taken: Arc::clone(&taken),
        };
        let worker = Worker::new(
            target,
            Arc::clone(&shared),
            &store,
            Box::new(sink),
            (Form::Jsonl, CloudAccount::default()),
            delays().with_jitter_seed(1),
        );
        Self {
            folder,
            store,
            metrics,
            shared,
            worker,
            taken,
        }
    }

    fn taken(&self) -> Vec<u64> {
        self.taken.lock().unwrap().clone()
    }

    fn cursor(&self) -> u64 {
        self.shared.targets[0].cursor()
    }

    /// Numbers and reasons of the dead letters.
    fn dead(&self) -> Vec<(u64, String)> {
        std::fs::read_to_string(self.folder.path().join("siem.jsonl"))
            .unwrap_or_default()
            .lines()
            .map(|line| {
                let letter: serde_json::Value = serde_json::from_str(line).unwrap();
                let reason = letter["reason"].as_str().unwrap().to_owned();
                (letter["number"].as_u64().unwrap(), reason)
            })
            .collect()
    }

    fn has_metric(&self, line: &str) {
        self.shared.show();
        let text = self.metrics.encode();
        assert!(text.contains(line), "{line}\nin\n{text}");
    }
}

fn active(count: u64) -> Vec<Vec<u8>> {
    (1..=count).map(|number| json(number, "active")).collect()
}

#[test]
fn findings_are_delivered_in_order_to_the_sinks_that_take_them() {
    let findings = || {
        (1..=4)
            .map(|number| json(number, ["suppressed", "active"][number as usize % 2]))
            .collect()
    };
    for (takes, numbers) in [
        (Takes::Active, vec![1, 3]),
        (Takes::Suppressed, vec![2, 4]),
        (Takes::All, vec![1, 2, 3, 4]),
    ] {
        let mut fixture = Fixture::new(&[], takes, findings());
        assert_eq!(fixture.worker.step(), Step::Delivered);
        assert_eq!(fixture.worker.step(), Step::Idle);
        assert_eq!(fixture.taken(), numbers);
        assert_eq!(fixture.cursor(), 4);
        fixture.has_metric("wardline_sink_lag_findings{sink=\"siem\"} 0");
    }
}

#[test]
fn failure_is_retried_with_growing_delays_until_the_sink_takes_the_rest() {
    let script = [
        Answer::Fail(1),
        Answer::Fail(0),
        Answer::Fail(0),
        Answer::Fail(9),
    ];
    let mut fixture = Fixture::new(&script, Takes::All, active(3));
    let mut delays = Vec::new();
    while let Step::Retry(delay) = fixture.worker.step() {
        delays.push(delay);
        fixture.has_metric("wardline_undelivered_findings");
    }
    for (delay, least) in delays.iter().zip([200, 400, 800, 1600]) {
        let least = Duration::from_millis(least);
        assert!((least..=2 * least).contains(delay), "{delays:?}");
    }
    assert_eq!(delays.len(), 4);
    assert_eq!(fixture.taken(), [1, 2, 3]);
    assert_eq!(fixture.worker.step(), Step::Idle);
    assert_eq!(fixture.cursor(), 3);
    for line in [
        "wardline_sink_findings_total{sink=\"siem\"} 3",
        "wardline_sink_errors_total{sink=\"siem\"} 4",
        "wardline_sink_retries_total{sink=\"siem\"} 3",
        "wardline_undelivered_findings 0",
    ] {
        fixture.has_metric(line);
    }
    let same: Vec<Duration> = {
        let mut again = Fixture::new(&script, Takes::All, active(3));
        std::iter::from_fn(|| match again.worker.step() {
            Step::Retry(delay) => Some(delay),
            _ => None,
        })
        .collect()
    };
    assert_eq!(delays, same, "a seed gives the same delays");
}

#[test]
fn refused_and_unreadable_findings_are_dead_letters() {
    let mut findings = active(5);
    findings[3] = b"{\"id\":".to_vec();
    let mut fixture = Fixture::new(&[Answer::Refuse(1)], Takes::All, findings);
    assert_eq!(fixture.worker.step(), Step::Delivered);
    assert_eq!(fixture.taken(), [1, 3, 5]);
    assert_eq!(
        fixture.dead(),
        [(2, "refused".to_owned()), (4, "unreadable".to_owned())]
    );
    fixture.has_metric("wardline_sink_dead_letters_total{sink=\"siem\",reason=\"refused\"} 1");
}

#[test]
fn dead_letter_that_cannot_be_written_is_a_failure() {
    let mut fixture = Fixture::new(&[Answer::Refuse(0)], Takes::All, active(2));
    let path = fixture.folder.path().join("siem.jsonl");
    std::fs::create_dir(&path).unwrap();
    assert!(matches!(fixture.worker.step(), Step::Retry(_)));
    assert_eq!(fixture.cursor(), 0);
    std::fs::remove_dir(&path).unwrap();
    assert_eq!(fixture.worker.step(), Step::Delivered);
    assert_eq!(fixture.taken(), [1, 2]);
}

#[test]
fn closed_destination_ends_the_worker() {
    let mut fixture = Fixture::new(&[Answer::Close], Takes::All, active(1));
    assert_eq!(fixture.worker.step(), Step::Ended);
    assert!(
        fixture
            .shared
            .is_closed
            .load(std::sync::atomic::Ordering::SeqCst)
    );
    assert_eq!(fixture.cursor(), 0);
}

#[test]
fn dead_sink_does_not_let_the_store_grow() {
    let mut fixture = Fixture::new(&[], Takes::All, active(4));
    let size = json(1, "active").len() as u64 + 128;
    let retention = Retention {
        age: Duration::from_secs(10),
        bytes: 2 * size,
    };
    let keeper = Keeper::new(Arc::clone(&fixture.shared), &fixture.store, retention);
    keeper.look(&fixture.store, 5_000).unwrap();
    let expired = |numbers: &[u64]| -> Vec<(u64, String)> {
        let reason = "expired".to_owned();
        numbers
            .iter()
            .map(|number| (*number, reason.clone()))
            .collect()
    };
    assert_eq!(fixture.dead(), expired(&[1, 2]), "over the size");
    assert_eq!(fixture.cursor(), 2);
    fixture.has_metric("wardline_sink_lag_seconds{sink=\"siem\"} 4");
    fixture.has_metric("wardline_sink_lag_findings{sink=\"siem\"} 2");
    // The next commit removes them.
    let commit = Commit {
        cursors: vec![("siem".to_owned(), Some(2))],
        now: 5_000,
        retention: Some(retention),
        ..Commit::default()
    };
    fixture.store.commit(&commit).unwrap();
    assert_eq!(fixture.store.outbox(0, 9, usize::MAX).unwrap().len(), 2);
    keeper.look(&fixture.store, 20_000).unwrap();
    assert_eq!(fixture.dead(), expired(&[1, 2, 3, 4]), "too old");
    assert_eq!(fixture.worker.step(), Step::Idle);
    assert_eq!(fixture.taken(), [] as [u64; 0]);
}

fn answers() -> impl Strategy<Value = Vec<Answer>> {
    let answer = prop_oneof![
        (0..5_usize).prop_map(Answer::Fail),
        (0..5_usize).prop_map(Answer::Refuse),
    ];
    prop::collection::vec(answer, 0..8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever a destination answers, each finding is taken or a dead letter, once and in order.
    #[test]
    fn every_finding_is_taken_or_dead(script in answers(), count in 1..9_u64) {
        let mut fixture = Fixture::new(&script, Takes::All, active(count));
        while fixture.worker.step() != Step::Idle {}
        let taken = fixture.taken();
        let dead: Vec<u64> = fixture.dead().into_iter().map(|(number, _)| number).collect();
        prop_assert!(taken.is_sorted() && dead.is_sorted());
        let mut all = [taken, dead].concat();
        all.sort_unstable();
        prop_assert_eq!(all, (1..=count).collect::<Vec<_>>());
    }
}

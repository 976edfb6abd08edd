use std::sync::Arc;

use jiff::Timestamp;
use wardline_detect::WorkerHealth;
use wardline_finding::Finding;
use wardline_sink::{SinkFailure, SinkState};
use wardline_source::SourceState;
use wardline_store::ReplacedStore;

use super::{View, Watch};
use crate::app::observe::Telemetry;
use crate::config::Config;
use crate::pipeline::{Processed, SourceCounts, Totals};
use crate::plugin::{FileState, FileStatus, Origin, Running};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// A host that watches itself, with one detector in force.
struct Host {
    watch: Watch,
    ledger: Totals,
    files: Vec<FileStatus>,
    sources: Vec<SourceState>,
    sinks: Vec<SinkState>,
    replaced: Option<ReplacedStore>,
}

impl Host {
    fn new(saved: Option<Vec<u8>>) -> Self {
        let config = Config::defaults().unwrap();
        let telemetry = Arc::new(Telemetry::default());
        Self {
            watch: Watch::new(config.health, ["audit".to_owned()], saved, telemetry, at(0)),
            ledger: Totals::default(),
            files: vec![file("one", "aa")],
            sources: Vec::new(),
            sinks: Vec::new(),
            replaced: None,
        }
    }

    fn judged(&mut self, lines: u64, mut processed: Processed, now: Timestamp) {
        let counts = SourceCounts {
            lines,
            events: processed.events + processed.duplicates,
            rejected: 0,
        };
        processed.sources.add(&Arc::from("audit"), counts);
        self.ledger.add(&processed);
        self.watch.judged(&processed, now);
    }

    fn look(&mut self, now: Timestamp) -> Vec<String> {
        types(&self.look_at(&[], now))
    }

    fn look_at(&mut self, workers: &[WorkerHealth], now: Timestamp) -> Vec<Finding> {
        let view = View {
            ledger: &self.ledger,
            workers,
            files: &self.files,
            lists: &[],
            sources: &self.sources,
            sinks: &self.sinks,
            replaced: self.replaced.as_ref(),
        };
        self.watch.look(&view, now)
    }
}

fn types(findings: &[Finding]) -> Vec<String> {
    findings
        .iter()
        .map(|finding| finding.finding_type.clone())
        .collect()
}

fn file(name: &str, digest: &str) -> FileStatus {
    FileStatus {
        file: name.to_owned(),
        origin: Origin::File,
        state: FileState::Active,
        note: None,
        digest_on_disk: Some(digest.to_owned()),
        running: Some(Running {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            description: String::new(),
            digest: digest.to_owned(),
            subscribes: Vec::new(),
            raises: Vec::new(),
            imports: Vec::new(),
            grants: Vec::new(),
            settings: Vec::new(),
            limits: Vec::new(),
            compile_milliseconds: 0,
            since: String::new(),
        }),
        failure: None,
    }
}

fn events(events: u64) -> Processed {
    Processed {
        events,
        ..Processed::default()
    }
}

#[test]
fn source_that_stops_is_silent_until_it_delivers_again() {
    let mut host = Host::new(None);
    host.judged(5, events(5), at(10));
    assert!(host.look(at(10)).is_empty());
    assert!(host.look(at(10 + 14 * 60)).is_empty());
    assert_eq!(
        host.look(at(10 + 15 * 60)),
        ["Health:Wardline/SourceSilent"]
    );
    assert!(host.look(at(10 + 16 * 60)).is_empty(), "it was told");
    host.judged(1, events(1), at(10 + 17 * 60));
    assert!(host.look(at(10 + 17 * 60)).is_empty());
}

#[test]
fn source_that_never_delivers_is_silent() {
    let mut host = Host::new(None);
    assert!(host.look(at(1)).is_empty());
    assert_eq!(host.look(at(900)), ["Health:Wardline/SourceSilent"]);
}

#[test]
fn lines_without_events_are_told() {
    let mut host = Host::new(None);
    host.judged(100, events(0), at(10));
    assert_eq!(host.look(at(10)), ["Health:Wardline/SourceUnreadable"]);
}

#[test]
fn duplicates_are_told_if_they_are_most_events() {
    let mut host = Host::new(None);
    let replayed = |events, duplicates| Processed {
        events,
        duplicates,
        ..Processed::default()
    };
    host.judged(1000, replayed(600, 400), at(10));
    assert!(host.look(at(10)).is_empty());
    host.judged(2000, replayed(0, 2000), at(20));
    assert_eq!(host.look(at(20)), ["Health:Wardline/EventsDuplicated"]);
}

#[test]
fn gap_is_told_once() {
    let mut host = Host::new(None);
    host.judged(1, events(1), at(1));
    host.watch.gap("audit.log.1 is gone", at(1));
    assert_eq!(host.look(at(1)), ["Health:Wardline/EventsMissing"]);
    assert!(host.look(at(2)).is_empty());
}

#[test]
fn changed_detector_is_told_even_if_the_host_was_down_meanwhile() {
    let mut host = Host::new(None);
    assert!(host.look(at(1)).is_empty(), "the first look is the basis");
    let saved = host.watch.digests();
    assert!(saved.is_some());
    assert!(host.watch.digests().is_none(), "nothing has changed");

    let mut host = Host::new(saved);
    host.files = vec![file("one", "bb")];
    assert_eq!(host.look(at(1)), ["Health:Wardline/DetectorChanged"]);
    host.files = vec![file("one", "bb"), file("two", "cc")];
    assert_eq!(host.look(at(2)), ["Health:Wardline/DetectorChanged"]);
}

#[test]
fn host_without_detectors_is_told_unless_they_are_loading() {
    let mut host = Host::new(None);
    host.files[0].state = FileState::Compiling;
    assert!(host.look(at(1)).is_empty());
    host.files[0].state = FileState::Refused;
    host.files[0].running = None;
    assert_eq!(host.look(at(2)), ["Health:Wardline/NoDetector"]);
}

#[test]
fn findings_are_off_if_the_operator_turns_them_off() {
    let mut host = Host::new(None);
    host.watch.is_enabled = false;
    assert!(host.look(at(100_000)).is_empty());
}

#[test]
fn refused_senders_failing_sinks_and_replaced_stores_are_told() {
    let mut host = Host::new(None);
    let mut webhook = SourceState::new("webhook", "0.0.0.0:9443/".to_owned());
    host.sources = vec![webhook.clone()];
    host.sinks = vec![SinkState {
        name: "siem".to_owned(),
        waiting: 7,
        oldest_seconds: 60,
        failure: None,
    }];
    assert_eq!(host.look(at(1)), Vec::<String>::new());
    webhook
        .refused
        .insert("a valid bearer token is required".to_owned(), 3);
    host.sources = vec![webhook.clone()];
    host.sinks[0].failure = Some(SinkFailure {
        since: "2026-11-30T10:00:00Z".to_owned(),
        error: "no space left on device".to_owned(),
    });
    host.replaced = Some(ReplacedStore {
        kept_as: "/state/state.redb.damaged-1".into(),
        reason: "a checksum is wrong".to_owned(),
    });
    let found = host.look_at(&[], at(2));
    assert_eq!(
        types(&found),
        [
            "Health:Wardline/SinkFailing",
            "Health:Wardline/StoreReplaced",
            "Health:Wardline/SenderRefused",
        ]
    );
    assert_eq!(found[2].severity.score.to_bits(), 3.0_f64.to_bits());
    assert_eq!(host.look(at(3)), Vec::<String>::new(), "told already");
    *webhook.refused.values_mut().next().unwrap() += 100;
    host.sources = vec![webhook];
    let found = host.look_at(&[], at(4));
    assert_eq!(types(&found), ["Health:Wardline/SenderRefused"]);
    assert_eq!(found[0].severity.score.to_bits(), 5.0_f64.to_bits());
}

#[test]
fn source_with_a_problem_cannot_be_read() {
    let mut host = Host::new(None);
    let mut source = SourceState::new("audit", "/var/log/audit.log".to_owned());
    source.problem = Some("permission denied".to_owned());
    host.sources = vec![source.clone()];
    assert_eq!(host.look(at(1)), ["Health:Wardline/SourceUnreadable"]);
    source.problem = None;
    host.sources = vec![source];
    assert_eq!(host.look(at(2)), Vec::<String>::new());
}

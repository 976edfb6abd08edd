use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use wardline_finding::export::{CloudAccount, Form};
use wardline_store::{Commit, NewFinding, Retention, Store};
use wardline_telemetry::{Registration, Sinks};

use super::{Delivery, DeliveryOptions};
use crate::fixture::json;
use crate::{FileConfig, Kind, SinkSettings, Takes};

const SECOND: Duration = Duration::from_secs(1);

struct Fixture {
    folder: tempfile::TempDir,
    store: Arc<Store>,
    last: u64,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(&folder.path().join("state.redb")).unwrap());
        Self {
            folder,
            store,
            last: 0,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn commit(&mut self, findings: u64, delivery: Option<&mut Delivery>) {
        let numbers = self.last + 1..=self.last + findings;
        self.last += findings;
        let commit = Commit {
            findings: numbers
                .map(|number| NewFinding {
                    number,
                    id: number.to_string(),
                    time: 0,
                    json: json(number, "active"),
                })
                .collect(),
            cursors: delivery.map(Delivery::take_cursors).unwrap_or_default(),
            ..Commit::default()
        };
        self.store.commit(&commit).unwrap();
    }

    /// Starts delivery to files of these names.
    fn start(&self, names: &[&str]) -> Delivery {
        let sinks = names
            .iter()
            .map(|name| SinkSettings {
                name: (*name).to_owned(),
                form: Form::Jsonl,
                cloud_account: CloudAccount::default(),
                takes: Takes::Active,
                kind: Kind::File(FileConfig {
                    path: self.path(name),
                    limit: None,
                }),
            })
            .collect();
        let options = DeliveryOptions {
            dead_letters: self.path("dead-letters"),
            journals: self.path("sinks"),
            dead_letter_limit: 1 << 20,
            retention: Retention {
                age: Duration::from_secs(1 << 40),
                bytes: 1 << 30,
            },
        };
        let telemetry = Sinks::register(&mut Registration::default());
        Delivery::start(sinks, &self.store, self.last, &options, &telemetry).unwrap()
    }
}

/// The numbers of the findings in a file.
fn lines(path: &Path) -> Vec<u64> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .map(|finding| finding["source"]["line"].as_u64().unwrap())
        .collect()
}

fn eventually(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..6000 {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("timed out waiting until {what}");
}

#[test]
fn sink_that_hangs_delays_neither_another_sink_nor_the_end() {
    let mut fixture = Fixture::new();
    // Nobody reads the pipe, which takes 64 KiB.
    let made = std::process::Command::new("mkfifo")
        .arg(fixture.path("hangs"))
        .status()
        .unwrap();
    assert!(made.success());
    let mut delivery = fixture.start(&["hangs", "file"]);
    fixture.commit(500, Some(&mut delivery));
    delivery.committed(fixture.last);
    let file = fixture.path("file");
    eventually("the other sink has all", || lines(&file).len() == 500);
    delivery.finish(Duration::from_millis(50));
    assert_eq!(
        delivery.take_cursors(),
        [("file".to_owned(), Some(500))],
        "the sink that hangs keeps its position"
    );
    // It does not keep the store open either.
    drop(delivery);
    eventually("the store is free", || {
        Arc::strong_count(&fixture.store) == 1
    });
    assert_eq!(lines(&file), (1..=500).collect::<Vec<_>>());
}

#[test]
fn sink_resumes_at_its_position_after_a_restart() {
    let mut fixture = Fixture::new();
    let mut delivery = fixture.start(&["file", "later/file"]);
    fixture.commit(10, Some(&mut delivery));
    delivery.committed(fixture.last);
    // The cursor is not saved: the host is killed. The other sink's folder does not exist.
    delivery.finish(60 * SECOND);
    let (file, later) = (fixture.path("file"), fixture.path("later/file"));
    assert_eq!(lines(&file).len(), 10);
    std::fs::create_dir(fixture.path("later")).unwrap();
    let mut delivery = fixture.start(&["file", "later/file"]);
    fixture.commit(5, Some(&mut delivery));
    delivery.committed(fixture.last);
    delivery.finish(60 * SECOND);
    for file in [file, later] {
        assert_eq!(lines(&file), (1..=15).collect::<Vec<_>>());
    }
}

#[test]
fn new_sink_starts_at_the_present_and_removed_one_is_forgotten() {
    let mut fixture = Fixture::new();
    // Findings of a store without cursors, as an older format has them.
    fixture.commit(3, None);
    let mut delivery = fixture.start(&["first"]);
    delivery.finish(60 * SECOND);
    assert_eq!(lines(&fixture.path("first")), [1, 2, 3]);
    fixture.commit(0, Some(&mut delivery));
    let mut delivery = fixture.start(&["second"]);
    let mut cursors = delivery.take_cursors();
    cursors.sort();
    assert_eq!(
        cursors,
        [("first".to_owned(), None), ("second".to_owned(), Some(3))]
    );
    fixture.commit(2, None);
    delivery.committed(fixture.last);
    delivery.finish(60 * SECOND);
    assert_eq!(lines(&fixture.path("second")), [4, 5]);
}

use std::fs;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;
use tokio::runtime::{Builder, Runtime};
use wardline_telemetry::{Registration, Webhooks};

use super::{AppendError, BodyLog, LogEntry, LogItem, segment};

const LIMIT: u64 = 16 * 1000;

fn open(directory: &Path, next: Option<u64>) -> BodyLog {
    let telemetry = Webhooks::register(&mut Registration::default()).source("test");
    BodyLog::open(directory, LIMIT, next, telemetry).unwrap()
}

fn runtime() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

fn entry(body: impl AsRef<[u8]>) -> LogEntry {
    LogEntry {
        received: 1,
        sender: "lab".into(),
        body: Bytes::copy_from_slice(body.as_ref()),
    }
}

fn append(log: &BodyLog, body: impl AsRef<[u8]>) -> Result<(), AppendError> {
    runtime().block_on(log.appender.append(entry(body)))
}

/// Returns bodies as text, and gaps.
fn read(log: &mut BodyLog) -> (Vec<String>, Vec<String>) {
    let (mut bodies, mut gaps) = (Vec::new(), Vec::new());
    while let Some(read) = log.reader.read().unwrap() {
        match read {
            LogItem::Record(record) => {
                assert_eq!(record.entry.sender, "lab");
                bodies.push(String::from_utf8(record.entry.body.to_vec()).unwrap());
            }
            LogItem::Gap(gap) => gaps.push(gap),
        }
    }
    (bodies, gaps)
}

/// Ends like a kill: acknowledged bodies are on disk, and nothing else happens.
fn end(log: BodyLog) {
    drop(log.appender);
    log.writer.join().unwrap();
}

fn files(directory: &Path) -> Vec<u64> {
    let mut files: Vec<u64> = segment::list(directory)
        .unwrap()
        .into_iter()
        .map(|(first, _)| first)
        .collect();
    files.sort_unstable();
    files
}

#[test]
fn reads_acknowledged_bodies_in_order_and_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = open(folder.path(), None);
    for body in ["one", "two", "three"] {
        append(&log, body).unwrap();
    }
    assert_eq!(read(&mut log).0, ["one", "two", "three"]);
    end(log);
    let mut log = open(folder.path(), Some(2));
    append(&log, "four").unwrap();
    assert_eq!(
        read(&mut log),
        (vec!["two".into(), "three".into(), "four".into()], vec![])
    );
    assert_eq!(log.reader.next_number(), 5);
    end(log);
}

#[test]
fn torn_write_costs_only_itself() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path(), None);
    append(&log, "one").unwrap();
    append(&log, "two").unwrap();
    end(log);
    let path = segment::path(folder.path(), 1);
    let whole = fs::read(&path).unwrap();
    let second = whole.len() / 2;
    for length in second..whole.len() {
        for padding in [0, 1, 100_000] {
            // A file system may keep the length and lose the content.
            let mut torn = whole[..length].to_vec();
            torn.resize(length + padding, 0);
            fs::write(&path, torn).unwrap();
            let mut log = open(folder.path(), Some(1));
            append(&log, "three").unwrap();
            let expected = (vec!["one".into(), "three".into()], vec![]);
            assert_eq!(read(&mut log), expected, "{length} + {padding}");
            end(log);
            fs::remove_file(segment::path(folder.path(), 2)).unwrap();
        }
    }
}

#[test]
fn damage_costs_only_one_body() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path(), None);
    for body in ["one", "two", "three"] {
        append(&log, body).unwrap();
    }
    end(log);
    let path = segment::path(folder.path(), 1);
    let whole = fs::read(&path).unwrap();
    let length = whole.len() / 3;
    for at in 0..length {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x10;
        fs::write(&path, damaged).unwrap();
        let mut log = open(folder.path(), Some(1));
        let (bodies, gaps) = read(&mut log);
        assert_eq!(bodies, ["two", "three"], "{at}");
        assert_eq!(gaps.len(), 1, "{at}: {gaps:?}");
        end(log);
    }
}

#[test]
fn begins_a_file_when_one_is_full_and_removes_processed_files() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = open(folder.path(), None);
    let body = "a".repeat(400);
    for _ in 0..10 {
        append(&log, &body).unwrap();
    }
    assert_eq!(files(folder.path()), [1, 4, 7, 10]);
    assert_eq!(read(&mut log).0.len(), 10);
    log.reader.remove_before(6);
    assert_eq!(files(folder.path()), [4, 7, 10]);
    log.reader.remove_before(11);
    assert_eq!(files(folder.path()), [10]);
    append(&log, "next").unwrap();
    assert_eq!(read(&mut log).0, ["next"]);
    end(log);
}

#[test]
fn full_log_refuses_until_space_is_freed() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = open(folder.path(), None);
    let body = "a".repeat(963);
    for number in 0..16 {
        assert_eq!(append(&log, &body), Ok(()), "{number}");
    }
    assert_eq!(append(&log, ""), Err(AppendError::Full));
    assert_eq!(log.appender.check(1), Err(AppendError::Full));
    // The log is full after a restart, too.
    end(log);
    log = open(folder.path(), Some(1));
    assert_eq!(append(&log, &body), Err(AppendError::Full));
    for _ in 0..3 {
        log.reader.read().unwrap();
    }
    log.reader.remove_before(log.reader.next_number());
    assert_eq!(log.appender.check(1), Ok(()));
    assert_eq!(append(&log, &body), Ok(()));
    assert_eq!(read(&mut log).0.len(), 14);
    end(log);
}

#[test]
fn failing_disk_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("queue");
    let mut log = open(&directory, None);
    append(&log, "one").unwrap();
    // The next file cannot be created.
    append(&log, "a".repeat(1000)).unwrap();
    let away = folder.path().join("away");
    fs::rename(&directory, &away).unwrap();
    assert_eq!(append(&log, "two"), Err(AppendError::Failed));
    assert_eq!(log.appender.check(1), Err(AppendError::Failed));
    fs::rename(&away, &directory).unwrap();
    assert_eq!(append(&log, "three"), Ok(()));
    assert_eq!(log.appender.check(1), Ok(()));
    let (bodies, gaps) = read(&mut log);
    assert_eq!((bodies.len(), bodies[2].as_str()), (3, "three"));
    assert!(gaps.is_empty(), "{gaps:?}");
    end(log);
}

#[test]
fn remains_of_a_failed_flush_hide_no_record() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path(), None);
    append(&log, "one").unwrap();
    end(log);
    // Simulates a failed flush of record 2 and a failed truncation, after which record 2 was
    // written to a new file and acknowledged.
    let log = open(folder.path(), None);
    append(&log, "two").unwrap();
    end(log);
    let mut left = Vec::new();
    entry("left").encode(2, &mut left);
    let path = segment::path(folder.path(), 1);
    let mut old = fs::read(&path).unwrap();
    old.extend(left);
    fs::write(&path, old).unwrap();
    let mut log = open(folder.path(), Some(1));
    assert_eq!(read(&mut log), (vec!["one".into(), "two".into()], vec![]));
    end(log);
}

#[test]
fn removed_file_is_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path(), None);
    let body = "a".repeat(1000);
    for _ in 0..4 {
        append(&log, &body).unwrap();
    }
    end(log);
    let mut log = open(folder.path(), Some(1));
    fs::remove_file(segment::path(folder.path(), 2)).unwrap();
    let (bodies, gaps) = read(&mut log);
    assert_eq!((bodies.len(), gaps.len()), (3, 2), "{gaps:?}");
    end(log);
    // If the file was missing from the start, the numbers show the gap.
    let mut log = open(folder.path(), Some(1));
    let (bodies, gaps) = read(&mut log);
    assert_eq!((bodies.len(), gaps.len()), (3, 1), "{gaps:?}");
    end(log);
}

#[test]
fn resumes_after_acknowledged_records_when_the_queue_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = open(folder.path(), Some(5));
    append(&log, "one").unwrap();
    assert_eq!(read(&mut log), (vec!["one".into()], vec![]));
    assert_eq!(log.reader.next_number(), 6);
    // The only file is removed while the log is open.
    append(&log, "two").unwrap();
    end(log);
    let mut log = open(folder.path(), Some(6));
    fs::remove_file(segment::path(folder.path(), 5)).unwrap();
    assert_eq!(read(&mut log).1.len(), 1);
    assert_eq!(
        log.reader.next_number(),
        7,
        "the reader does not wait for lost records"
    );
    append(&log, "three").unwrap();
    assert_eq!(read(&mut log), (vec!["three".into()], vec![]));
    end(log);
}

#[test]
fn absent_directory_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("queue");
    let mut log = open(&directory, None);
    append(&log, "one").unwrap();
    let away = folder.path().join("away");
    fs::rename(&directory, &away).unwrap();
    assert!(log.reader.read().is_err());
    fs::rename(&away, &directory).unwrap();
    assert_eq!(read(&mut log), (vec!["one".into()], vec![]));
    end(log);
}

#[test]
fn append_wakes_a_waiting_reader() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = open(folder.path(), None);
    std::thread::scope(|scope| {
        let appender = log.appender.clone();
        scope.spawn(move || runtime().block_on(appender.append(entry("one"))).unwrap());
        // If it were not woken, this would take an hour.
        log.reader.wait(Duration::from_secs(3600));
    });
    assert_eq!(read(&mut log).0, ["one"]);
    end(log);
}

#[test]
fn stores_concurrent_bodies() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = open(folder.path(), None);
    runtime().block_on(async {
        let mut waiting = tokio::task::JoinSet::new();
        for number in 0..200 {
            let appender = log.appender.clone();
            waiting.spawn(async move { appender.append(entry(number.to_string())).await });
        }
        while let Some(one) = waiting.join_next().await {
            one.unwrap().unwrap();
        }
    });
    let (mut bodies, _) = read(&mut log);
    bodies.sort_by_key(|body| body.parse::<u64>().unwrap());
    let expected: Vec<String> = (0..200).map(|number| number.to_string()).collect();
    assert_eq!(bodies, expected);
    end(log);
}

#[derive(Debug, Clone)]
enum Do {
    Append(usize),
    /// Reads this many, and keeps the checkpoint.
    Deal(usize),
    /// Reads this many, which are not processed before the next crash.
    Read(usize),
    /// Leaves this many bytes of another record on disk.
    Crash(usize),
}

fn anything() -> impl Strategy<Value = Do> {
    prop_oneof![
        4 => (0_usize..900).prop_map(Do::Append),
        2 => (0_usize..6).prop_map(Do::Deal),
        1 => (0_usize..6).prop_map(Do::Read),
        1 => (0_usize..60).prop_map(Do::Crash),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn neither_loses_acknowledged_bodies_nor_repeats_processed_ones(
        steps in proptest::collection::vec(anything(), 1..60),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut log = open(folder.path(), None);
        let (mut acknowledged, mut dealt) = (Vec::new(), Vec::new());
        let (mut pending, mut next) = (Vec::new(), 1);
        let read = |log: &mut BodyLog, most: usize, pending: &mut Vec<String>| {
            for _ in 0..most {
                match log.reader.read().unwrap() {
                    Some(LogItem::Record(record)) => {
                        pending.push(String::from_utf8(record.entry.body.to_vec()).unwrap());
                    }
                    Some(LogItem::Gap(gap)) => panic!("{gap}"),
                    None => break,
                }
            }
        };
        for step in steps {
            match step {
                Do::Append(length) => {
                    let body = format!("{}{}", acknowledged.len(), "a".repeat(length));
                    if append(&log, &body).is_ok() {
                        acknowledged.push(body);
                    }
                }
                Do::Read(most) => read(&mut log, most, &mut pending),
                Do::Deal(most) => {
                    read(&mut log, most, &mut pending);
                    dealt.append(&mut pending);
                    next = log.reader.next_number();
                    log.reader.remove_before(next);
                }
                Do::Crash(bytes) => {
                    end(log);
                    let mut record = Vec::new();
                    entry("x".repeat(60)).encode(next + 1000, &mut record);
                    if let Some(newest) = files(folder.path()).last() {
                        let path = segment::path(folder.path(), *newest);
                        let mut file = fs::read(&path).unwrap();
                        file.extend(&record[..bytes]);
                        fs::write(&path, file).unwrap();
                    }
                    pending.clear();
                    log = open(folder.path(), Some(next));
                }
            }
        }
        read(&mut log, usize::MAX, &mut pending);
        dealt.append(&mut pending);
        prop_assert_eq!(dealt, acknowledged);
        end(log);
    }
}

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use wardline_state::{Moment, Partition, Quota, Room};

use super::{Commit, FindingFilter, NewFinding, PageCursor, Retention, Store, StoreError};

const ALICE: Room<'_> = Room::Actor {
    cluster: "",
    actor: "alice",
};

const QUOTA: Quota = Quota {
    entries: 100,
    bytes: 100_000,
    entry_bytes: 10_000,
};

fn changed(partition: &mut Partition, value: &[u8]) -> Commit {
    let moment = Moment {
        event: 1,
        event_id: "id",
        time: 1,
    };
    partition.begin();
    partition.set(&ALICE, "k", value, 0, &moment).unwrap();
    partition.commit();
    Commit {
        changes: vec![(Arc::from("d"), 3, partition.take_changes())],
        checkpoints: vec![("audit".into(), value.to_vec())],
        open_findings: vec![("gone".into(), None), ("open".into(), Some(value.to_vec()))],
        findings: vec![finding(1, "a", 1), finding(2, "b", 2)],
        cursors: vec![("file".into(), Some(0))],
        ..Commit::default()
    }
}

fn finding(number: u64, id: &str, time: i64) -> NewFinding {
    NewFinding {
        number,
        id: id.into(),
        time,
        json: format!("{{\"id\":\"{id}\",\"number\":{number}}}").into_bytes(),
    }
}

fn remembered(store: &Store) -> Option<Vec<u8>> {
    let moment = Moment {
        event: 2,
        event_id: "id",
        time: 2,
    };
    store
        .partition("d", 3, QUOTA)
        .unwrap()
        .get(&ALICE, "k", &moment)
        .unwrap()
}

/// Numbers of the findings behind a number.
fn outbox(store: &Store, after: u64) -> Vec<u64> {
    store
        .outbox(after, 1000, usize::MAX)
        .unwrap()
        .into_iter()
        .map(|finding| finding.number)
        .collect()
}

fn open() -> (tempfile::TempDir, Store) {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&directory.path().join("state.redb")).unwrap();
    (directory, store)
}

#[test]
fn committed_data_is_there_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.redb");
    let mut partition = Partition::new(QUOTA);
    let store = Store::open(&path).unwrap();
    store.commit(&changed(&mut partition, b"1")).unwrap();
    assert!(matches!(Store::open(&path), Err(StoreError::Locked(_))));
    drop(store);
    let store = Store::open(&path).unwrap();
    assert_eq!(remembered(&store), Some(b"1".to_vec()));
    assert_eq!(store.checkpoint("audit").unwrap(), Some(b"1".to_vec()));
    assert_eq!(
        store.open_findings().unwrap(),
        [("open".to_owned(), b"1".to_vec())]
    );
    assert_eq!(outbox(&store, 0), [1, 2]);
    assert_eq!(store.cursors().unwrap(), [("file".to_owned(), 0)]);
    let acknowledged = Commit {
        open_findings: vec![("open".into(), None)],
        cursors: vec![("file".into(), Some(1)), ("gone".into(), None)],
        ..Commit::default()
    };
    store.commit(&acknowledged).unwrap();
    assert_eq!(store.open_findings().unwrap(), []);
    assert_eq!(outbox(&store, 1), [2]);
    assert_eq!(store.cursors().unwrap(), [("file".to_owned(), 1)]);
    assert!(store.partition("d", 4, QUOTA).unwrap().usage().entries == 0);
}

/// A kill leaves the file as it was after the last transaction: state and
/// checkpoint agree.
#[test]
fn copy_of_the_file_taken_while_the_host_runs_is_whole() {
    let directory = tempfile::tempdir().unwrap();
    let (path, copy) = (directory.path().join("a"), directory.path().join("b"));
    let store = Store::open(&path).unwrap();
    let mut partition = Partition::new(QUOTA);
    for round in 0..20_u8 {
        store.commit(&changed(&mut partition, &[round])).unwrap();
        std::fs::copy(&path, &copy).unwrap();
        let after = Store::open(&copy).unwrap();
        assert_eq!(remembered(&after), Some(vec![round]));
        assert_eq!(after.checkpoint("audit").unwrap(), Some(vec![round]));
    }
}

#[test]
fn newer_file_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.redb");
    let store = Store::open(&path).unwrap();
    let newer = Commit {
        meta: vec![(super::FORMAT_KEY.into(), 99_u64.to_le_bytes().to_vec())],
        ..Commit::default()
    };
    store.commit(&newer).unwrap();
    drop(store);
    assert!(matches!(
        Store::open(&path),
        Err(StoreError::Newer { found: 99, .. })
    ));
}

#[test]
fn outbox_of_format_1_is_delivered() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.redb");
    {
        let database = redb::Database::create(&path).unwrap();
        let transaction = database.begin_write().unwrap();
        let outbox = redb::TableDefinition::<u64, &[u8]>::new("outbox");
        let mut table = transaction.open_table(outbox).unwrap();
        table.insert(7, b"seven".as_slice()).unwrap();
        table.insert(8, b"eight".as_slice()).unwrap();
        drop(table);
        let mut meta = transaction.open_table(super::META).unwrap();
        meta.insert(super::FORMAT_KEY, 1_u64.to_le_bytes().as_slice())
            .unwrap();
        drop(meta);
        transaction.commit().unwrap();
    }
    for _ in 0..2 {
        let store = Store::open(&path).unwrap();
        assert_eq!(outbox(&store, 0), [7, 8]);
        assert_eq!(store.cursors().unwrap(), []);
        assert_eq!(store.outbox(7, 1, 0).unwrap()[0].json, b"eight");
    }
}

#[test]
fn outbox_is_read_in_batches_of_limited_count_and_size() {
    let (_directory, store) = open();
    let commit = Commit {
        findings: (1..=10).map(|number| finding(number, "a", 0)).collect(),
        ..Commit::default()
    };
    store.commit(&commit).unwrap();
    assert_eq!(store.outbox(2, 3, usize::MAX).unwrap().len(), 3);
    assert_eq!(store.outbox(2, 100, 30).unwrap().len(), 2);
    // A finding that is larger than the limit is returned all the same.
    assert_eq!(store.outbox(2, 100, 1).unwrap()[0].number, 3);
    assert_eq!(store.outbox(u64::MAX, 1, 1).unwrap(), []);
}

/// Commits findings of the time `now`, with a retention of 10 s and 5 findings.
fn retained(store: &Store, now: i64, numbers: std::ops::RangeInclusive<u64>, cursor: u64) {
    let findings: Vec<NewFinding> = numbers.map(|number| finding(number, "a", now)).collect();
    let each = findings.first().map_or(0, |finding| finding.json.len()) as u64 + 128;
    let commit = Commit {
        findings,
        cursors: vec![("slow".into(), Some(cursor)), ("fast".into(), Some(99))],
        now,
        retention: Some(Retention {
            age: Duration::from_secs(10),
            bytes: if each == 128 { u64::MAX } else { 5 * each },
        }),
        ..Commit::default()
    };
    store.commit(&commit).unwrap();
}

#[test]
fn acknowledged_findings_are_kept_up_to_a_size_and_an_age() {
    let (_directory, store) = open();
    retained(&store, 1_000, 1..=4, 0);
    assert_eq!(outbox(&store, 0), [1, 2, 3, 4], "within the limits");
    retained(&store, 2_000, 5..=8, 0);
    assert_eq!(outbox(&store, 0).len(), 8, "not acknowledged");
    retained(&store, 3_000, 9..=9, 2);
    assert_eq!(outbox(&store, 0)[0], 3, "acknowledged");
    retained(&store, 3_000, 10..=10, 8);
    assert_eq!(outbox(&store, 0), [6, 7, 8, 9, 10], "too large");
    #[allow(clippy::reversed_empty_ranges)]
    retained(&store, 12_500, 1..=0, 8);
    assert_eq!(outbox(&store, 0), [9, 10], "too old");
    // The indexes are pruned too.
    let page = store.findings(&FindingFilter::default(), None, 10).unwrap();
    assert_eq!(page.findings.len(), 1);
}

#[test]
fn overdue_findings_are_named_whether_or_not_sinks_took_them() {
    let (_directory, store) = open();
    let retention = Retention {
        age: Duration::from_secs(10),
        bytes: 400,
    };
    assert_eq!(store.overdue(&retention, 0).unwrap(), None);
    let commit = Commit {
        findings: (1..=4).map(|number| finding(number, "a", 0)).collect(),
        cursors: vec![("dead".into(), Some(0))],
        now: 1_000,
        retention: Some(retention),
        ..Commit::default()
    };
    store.commit(&commit).unwrap();
    assert_eq!(outbox(&store, 0).len(), 4);
    assert_eq!(store.overdue(&retention, 2_000).unwrap(), Some(2), "size");
    assert_eq!(store.overdue(&retention, 11_000).unwrap(), Some(4), "age");
}

#[test]
fn pages_show_the_newest_version_of_each_finding_newest_first() {
    let (_directory, store) = open();
    let commit = Commit {
        findings: vec![
            finding(1, "a", 10),
            finding(2, "b", 40),
            finding(3, "a", 30),
            finding(4, "c", 20),
        ],
        ..Commit::default()
    };
    store.commit(&commit).unwrap();
    let numbers = |filter: &FindingFilter, after, limit| {
        let page = store.findings(filter, after, limit).unwrap();
        let numbers: Vec<u64> = page.findings.iter().map(|finding| finding.number).collect();
        (numbers, page.next)
    };
    let all = FindingFilter::default();
    assert_eq!(numbers(&all, None, 10), (vec![2, 3, 4], None));
    let (first, next) = numbers(&all, None, 2);
    assert_eq!(first, [2, 3]);
    assert_eq!(
        next,
        Some(PageCursor {
            time: 30,
            number: 3
        })
    );
    assert_eq!(numbers(&all, next, 2), (vec![4], None));
    let every = FindingFilter {
        every_version: true,
        ..all.clone()
    };
    assert_eq!(numbers(&every, None, 10).0, [2, 3, 4, 1]);
    let within = FindingFilter {
        from: Some(20),
        to: Some(30),
        ..all.clone()
    };
    assert_eq!(numbers(&within, None, 10).0, [3, 4]);
    let of_a = FindingFilter {
        id: Some("a".into()),
        ..every
    };
    assert_eq!(numbers(&of_a, None, 10).0, [3, 1]);
    let (first, next) = numbers(&of_a, None, 1);
    assert_eq!((first, numbers(&of_a, next, 1)), (vec![3], (vec![1], None)));
    let impossible = FindingFilter {
        from: Some(30),
        to: Some(20),
        ..all
    };
    assert_eq!(numbers(&impossible, None, 10).0, [] as [u64; 0]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Pages of any size, joined, are all findings sorted by time and number.
    #[test]
    fn joined_pages_are_all_findings(
        rows in prop::collection::vec((0..4_i64, "[a-c]"), 0..30),
        limit in 1..7_usize,
    ) {
        let (_directory, store) = open();
        let findings: Vec<NewFinding> = rows
            .iter()
            .zip(1..)
            .map(|((time, id), number)| finding(number, id, *time))
            .collect();
        let mut expected: Vec<(i64, u64)> = findings
            .iter()
            .map(|finding| (finding.time, finding.number))
            .collect();
        expected.sort_unstable();
        expected.reverse();
        store.commit(&Commit { findings, ..Commit::default() }).unwrap();
        let filter = FindingFilter { every_version: true, ..FindingFilter::default() };
        let (mut joined, mut after) = (Vec::new(), None);
        loop {
            let page = store.findings(&filter, after, limit).unwrap();
            joined.extend(page.findings.iter().map(|finding| (finding.time, finding.number)));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        prop_assert_eq!(joined, expected);
    }
}

use std::path::Path;

use proptest::prelude::*;

use crate::{Commit, NewFinding, Retention, Store, StoreError};

fn commit(numbers: std::ops::RangeInclusive<u64>) -> Commit {
    Commit {
        checkpoints: vec![("audit".into(), numbers.end().to_le_bytes().to_vec())],
        findings: numbers
            .map(|number| NewFinding {
                number,
                id: format!("{number:032x}"),
                time: 0,
                json: format!("{{\"number\":{number},\"text\":\"{}\"}}", "x".repeat(200))
                    .into_bytes(),
            })
            .collect(),
        cursors: vec![("file".into(), Some(0))],
        ..Commit::default()
    }
}

/// The numbers of all findings, or the error with which reading ends.
fn numbers(store: &Store) -> Result<Vec<u64>, StoreError> {
    let all = store.outbox(0, usize::MAX, usize::MAX)?;
    for finding in &all {
        let text = format!(
            "{{\"number\":{},\"text\":\"{}\"}}",
            finding.number,
            "x".repeat(200)
        );
        assert_eq!(finding.json, text.into_bytes(), "changed data was returned");
    }
    Ok(all.into_iter().map(|finding| finding.number).collect())
}

fn filled(path: &Path) {
    let store = Store::open(path).unwrap();
    for round in 0..4 {
        store
            .commit(&commit(round * 50 + 1..=round * 50 + 50))
            .unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whichever bytes are changed, the host starts: with the data of a commit, or with nothing and
    /// the damaged file beside it.
    #[test]
    fn damaged_store_never_keeps_the_host_from_starting(
        flips in prop::collection::vec((0.0..1.0_f64, 0..8_u8), 1..20),
        cut in prop::option::weighted(0.2, 0.0..1.0_f64),
        at_header in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.redb");
        filled(&path);
        let mut bytes = std::fs::read(&path).unwrap();
        let reach = if at_header { 4096.min(bytes.len()) } else { bytes.len() };
        for (place, bit) in flips {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
            let place = (place * reach as f64) as usize;
            bytes[place.min(reach - 1)] ^= 1 << bit;
        }
        if let Some(cut) = cut {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
            bytes.truncate((cut * bytes.len() as f64) as usize);
        }
        std::fs::write(&path, &bytes).unwrap();
        let (store, replaced) = Store::open_or_replace(&path).unwrap();
        let found = numbers(&store).unwrap();
        match &replaced {
            Some(replaced) => {
                prop_assert_eq!(&found, &Vec::<u64>::new());
                prop_assert_eq!(std::fs::read(&replaced.kept_as).unwrap().len(), bytes.len());
                prop_assert!(!replaced.reason.is_empty());
            }
            None => prop_assert!(
                found.len().is_multiple_of(50) && found.iter().zip(1..).all(|(one, other)| *one == other),
                "{} findings", found.len()
            ),
        }
        store.commit(&commit(1001..=1010)).unwrap();
        drop(store);
        let (_, again) = Store::open_or_replace(&path).unwrap();
        prop_assert_eq!(again, None);
    }
}

#[test]
fn other_content_is_put_aside_and_other_hosts_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.redb");
    std::fs::write(&path, "this is a text that somebody put here").unwrap();
    let (store, replaced) = Store::open_or_replace(&path).unwrap();
    assert!(replaced.unwrap().kept_as.exists());
    let second = Store::open_or_replace(&path).err().unwrap();
    assert!(matches!(second, StoreError::Locked(_)), "{second}");
    drop(store);
}

#[test]
fn commit_that_is_repeated_counts_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("state.redb")).unwrap();
    let retention = Retention {
        age: std::time::Duration::from_secs(1 << 40),
        bytes: 50 * (32 + 200 + 128) + 5_000,
    };
    for _ in 0..4 {
        let repeated = Commit {
            retention: Some(retention),
            cursors: vec![("file".into(), Some(50))],
            ..commit(1..=50)
        };
        store.commit(&repeated).unwrap();
        store.reopen().unwrap();
    }
    assert_eq!(numbers(&store).unwrap().len(), 50);
}

#[test]
fn compacting_gives_space_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.redb");
    let store = Store::open(&path).unwrap();
    for round in 0..10 {
        store
            .commit(&commit(round * 1000 + 1..=round * 1000 + 1000))
            .unwrap();
    }
    let full = std::fs::metadata(&path).unwrap().len();
    let none = Retention {
        age: std::time::Duration::ZERO,
        bytes: 0,
    };
    for _ in 0..10 {
        store
            .commit(&Commit {
                cursors: vec![("file".into(), Some(10_000))],
                now: 1,
                retention: Some(none),
                ..Commit::default()
            })
            .unwrap();
    }
    let (length, used) = store.size().unwrap();
    assert!(used * 4 < length, "{used} of {length}");
    store.compact().unwrap();
    let empty = std::fs::metadata(&path).unwrap().len();
    assert!(empty * 4 < full, "{empty} of {full}");
    assert_eq!(
        store.checkpoint("audit").unwrap().unwrap(),
        10_000_u64.to_le_bytes()
    );
}

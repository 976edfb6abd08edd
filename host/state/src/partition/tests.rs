use proptest::prelude::*;
use wardline_contract::StateError;

use super::{Moment, Partition, Room};
use crate::Quota;

const QUOTA: Quota = Quota {
    entries: 100,
    bytes: 100_000,
    entry_bytes: 10_000,
};
const ALICE: Room<'_> = actor("", "alice");

const fn actor<'a>(cluster: &'a str, actor: &'a str) -> Room<'a> {
    Room::Actor { cluster, actor }
}

fn at(time: u64) -> Moment<'static> {
    Moment {
        event: time,
        event_id: "id",
        time,
    }
}

#[test]
fn values_expire_by_event_time() {
    let mut partition = Partition::new(QUOTA);
    partition.set(&ALICE, "k", b"v", 10, &at(100)).unwrap();
    assert_eq!(
        partition.get(&ALICE, "k", &at(109)).unwrap(),
        Some(b"v".to_vec())
    );
    assert_eq!(partition.get(&ALICE, "k", &at(110)).unwrap(), None);
    assert_eq!(
        partition.get(&actor("", "bob"), "k", &at(100)).unwrap(),
        None
    );
    partition.set(&ALICE, "forever", b"v", 0, &at(1)).unwrap();
    assert!(
        partition
            .get(&ALICE, "forever", &at(u64::MAX))
            .unwrap()
            .is_some()
    );
}

#[test]
fn clusters_share_nothing() {
    let mut partition = Partition::new(QUOTA);
    // The last two would be the same if the lengths of the texts were not part of the key.
    let rooms = [
        ALICE,
        actor("east", "alice"),
        actor("west", "alice"),
        Room::Cluster(""),
        Room::Cluster("east"),
        actor("a", "bc"),
        actor("ab", "c"),
    ];
    for (value, room) in rooms.iter().enumerate() {
        let value = [u8::try_from(value).unwrap()];
        partition.set(room, "k", &value, 0, &at(1)).unwrap();
    }
    for (value, room) in rooms.iter().enumerate() {
        let value = vec![u8::try_from(value).unwrap()];
        assert_eq!(partition.get(room, "k", &at(1)), Ok(Some(value)));
    }
}

#[test]
fn counters_keep_the_expiry_of_their_first_use() {
    let mut partition = Partition::new(QUOTA);
    assert_eq!(partition.increment(&ALICE, "n", 2, 10, &at(0)), Ok(2));
    assert_eq!(partition.increment(&ALICE, "n", 3, 10, &at(9)), Ok(5));
    assert_eq!(partition.increment(&ALICE, "n", 1, 10, &at(10)), Ok(1));
}

#[test]
fn member_is_first_seen_once() {
    let mut partition = Partition::new(QUOTA);
    assert_eq!(
        partition.first_seen(&ALICE, "ip", "a", 10, &at(0)),
        Ok(true)
    );
    assert_eq!(
        partition.first_seen(&ALICE, "ip", "a", 10, &at(5)),
        Ok(false)
    );
    assert_eq!(
        partition.first_seen(&ALICE, "ip", "b", 10, &at(5)),
        Ok(true)
    );
    assert_eq!(
        partition.first_seen(&ALICE, "ip", "a", 10, &at(16)),
        Ok(true)
    );
}

#[test]
fn windows_slide_and_cite_the_first_event_of_each_member() {
    let mut partition = Partition::new(QUOTA);
    let mut observe = |time, member, limit| {
        partition
            .observe(&ALICE, "w", member, 10, limit, &at(time))
            .unwrap()
    };
    observe(1, "a", 10);
    observe(2, "b", 10);
    let window = observe(3, "a", 10);
    assert_eq!((window.count, window.distinct), (3, 2));
    assert_eq!(window.events, [1, 2]);
    assert_eq!(window.members, ["a", "b"]);
    let window = observe(12, "c", 10);
    assert_eq!((window.count, window.events), (3, vec![2, 3, 12]));
    let late = observe(5, "d", 10);
    assert_eq!(
        late.events,
        [2, 3, 5, 12],
        "late observations are inserted by their time"
    );
    assert_eq!(observe(13, "e", 2).events, [12, 13]);
}

#[test]
fn unit_can_cite_a_window_that_it_cleared() {
    let mut partition = Partition::new(QUOTA);
    partition.begin();
    partition.observe(&ALICE, "w", "a", 10, 10, &at(1)).unwrap();
    partition.commit();
    partition.begin();
    partition.clear(&ALICE, "w", &at(2)).unwrap();
    partition.commit();
    assert!(partition.citations().any(|(event, ..)| event == 1));
    partition.begin();
    partition.commit();
    assert!(!partition.citations().any(|(event, ..)| event == 1));
}

#[test]
fn quota_evicts_entries_written_longest_ago_and_counts_them() {
    let mut partition = Partition::new(Quota {
        entries: 3,
        ..QUOTA
    });
    for key in ["a", "b", "c"] {
        partition.set(&ALICE, key, b"", 0, &at(1)).unwrap();
    }
    partition.set(&ALICE, "a", b"again", 0, &at(2)).unwrap();
    partition.set(&ALICE, "d", b"", 0, &at(3)).unwrap();
    assert_eq!(partition.get(&ALICE, "b", &at(3)), Ok(None));
    assert!(partition.get(&ALICE, "a", &at(3)).unwrap().is_some());
    assert_eq!(partition.usage().evictions, 1);
    let large = vec![0; QUOTA.entry_bytes];
    assert_eq!(
        partition.set(&ALICE, "a", &large, 0, &at(4)),
        Err(StateError::TooLarge)
    );
}

/// Whoever lets a detector remember enough names must not make it forget what it has counted.
#[test]
fn names_and_values_evict_no_counts() {
    for quota in [
        Quota {
            entries: 10,
            ..QUOTA
        },
        Quota {
            bytes: 1000,
            ..QUOTA
        },
    ] {
        let mut partition = Partition::new(quota);
        for time in 1..=4 {
            let window = partition.observe(&ALICE, "w", "a", 1000, 1000, &at(time));
            let counted = partition.increment(&ALICE, "n", 1, 0, &at(time));
            assert_eq!(window.unwrap().count, u32::try_from(time).unwrap());
            assert_eq!(counted, Ok(i64::try_from(time).unwrap()));
            for name in 0..200 {
                let name = format!("{time}-{name}");
                partition
                    .first_seen(&ALICE, "s", &name, 0, &at(time))
                    .unwrap();
                partition
                    .set(&ALICE, &name, b"value", 0, &at(time))
                    .unwrap();
            }
        }
        let usage = partition.usage();
        assert!(
            usage.evictions > 0 && usage.entries <= quota.entries && usage.bytes <= quota.bytes
        );
    }
}

#[test]
fn counts_leave_half_of_the_quota_to_the_others() {
    let quota = Quota {
        entries: 10,
        ..QUOTA
    };
    let mut partition = Partition::new(quota);
    for name in ["a", "b", "c", "d", "e"] {
        assert!(partition.first_seen(&ALICE, "s", name, 0, &at(1)).unwrap());
    }
    for number in 0..100 {
        let key = number.to_string();
        partition
            .observe(&ALICE, &key, "m", 1000, 10, &at(2))
            .unwrap();
    }
    for name in ["a", "b", "c", "d", "e"] {
        assert!(!partition.first_seen(&ALICE, "s", name, 0, &at(3)).unwrap());
    }
}

#[derive(Debug, Clone)]
enum Call {
    Set(u8, u8),
    Delete(u8),
    Increment(u8, i8),
    Seen(u8, u8),
    Observe(u8, u8),
    Clear(u8),
}

fn call() -> impl Strategy<Value = Call> {
    prop_oneof![
        (0..6_u8, any::<u8>()).prop_map(|(key, value)| Call::Set(key, value)),
        (0..6_u8).prop_map(Call::Delete),
        (0..6_u8, any::<i8>()).prop_map(|(key, delta)| Call::Increment(key, delta)),
        (0..6_u8, 0..4_u8).prop_map(|(key, member)| Call::Seen(key, member)),
        (0..6_u8, 0..4_u8).prop_map(|(key, member)| Call::Observe(key, member)),
        (0..6_u8).prop_map(Call::Clear),
    ]
}

fn apply(partition: &mut Partition, call: &Call, time: u64) {
    let moment = at(time);
    match call {
        Call::Set(key, value) => {
            let _ = partition.set(&ALICE, &key.to_string(), &[*value], 20, &moment);
        }
        Call::Delete(key) => {
            let _ = partition.delete(&ALICE, &key.to_string(), &moment);
        }
        Call::Increment(key, delta) => {
            let _ = partition.increment(&ALICE, &key.to_string(), i64::from(*delta), 20, &moment);
        }
        Call::Seen(key, member) => {
            let _ =
                partition.first_seen(&ALICE, &key.to_string(), &member.to_string(), 20, &moment);
        }
        Call::Observe(key, member) => {
            let _ = partition.observe(
                &ALICE,
                &key.to_string(),
                &member.to_string(),
                20,
                5,
                &moment,
            );
        }
        Call::Clear(key) => {
            let _ = partition.clear(&ALICE, &key.to_string(), &moment);
        }
    }
}

proptest! {
    /// A unit that is rolled back leaves no trace, including evictions.
    #[test]
    fn rollback_undoes_everything(
        units in prop::collection::vec((prop::collection::vec(call(), 1..6), any::<bool>()), 1..30),
        entries in 2..20_usize,
    ) {
        let quota = Quota { entries, ..QUOTA };
        let (mut with, mut without) = (Partition::new(quota), Partition::new(quota));
        for (time, (calls, keep)) in units.iter().enumerate() {
            let time = time as u64 + 1;
            with.begin();
            for call in calls {
                apply(&mut with, call, time);
            }
            if *keep {
                with.commit();
                without.begin();
                for call in calls {
                    apply(&mut without, call, time);
                }
                without.commit();
            } else {
                with.rollback();
            }
            let keys = |partition: &Partition| -> Vec<(Vec<u8>, super::Value, u64)> {
                partition.entries.iter()
                    .map(|(key, entry)| (key.clone(), entry.value.clone(), entry.expires))
                    .collect()
            };
            prop_assert_eq!(keys(&with), keys(&without));
            prop_assert_eq!(with.usage(), without.usage());
            prop_assert!(with.usage().entries <= entries);
        }
    }
}

/// The bytes that a partition holds altogether.
fn held(partition: &Partition) -> usize {
    let entries = partition.entries.iter();
    let before = partition
        .journal
        .iter()
        .map(|(key, entry)| key.len() + entry.as_ref().map_or(0, |entry| entry.size(key)));
    let dirty = partition.dirty.keys().map(Vec::len);
    entries
        .map(|(key, entry)| key.len() + entry.size(key))
        .chain(before)
        .chain(dirty)
        .sum()
}

#[test]
fn endless_writes_hold_no_more_than_the_quota_several_times() {
    let mut partition = Partition::new(QUOTA);
    let (long, value) = ("k".repeat(4000), vec![0; 4000]);
    let mut most = 0;
    for unit in 0..20 {
        partition.begin();
        for number in 0..200 {
            let key = format!("{long}{unit}-{number}");
            let moment = at(number);
            partition.set(&ALICE, &key, &value, 0, &moment).unwrap();
            partition.set(&ALICE, "same", &value, 0, &moment).unwrap();
            partition
                .observe(&ALICE, "window", &key, 1000, 100, &moment)
                .unwrap();
            partition.delete(&ALICE, &key, &moment).unwrap();
            partition.set(&ALICE, &key, &value, 0, &moment).unwrap();
            most = most.max(held(&partition));
        }
        if unit % 3 == 0 {
            partition.rollback();
        } else {
            partition.commit();
        }
        most = most.max(held(&partition));
    }
    assert!(most < 5 * QUOTA.bytes, "{most}");
    let saved = partition.take_changes().0;
    assert!(saved.len() <= 2 * QUOTA.entries, "{}", saved.len());
}

proptest! {
    /// Whatever is written and however often: undoing a unit leaves what was there, and what is saved
    /// is what is there.
    #[test]
    fn units_are_undone_and_saved_completely(
        units in prop::collection::vec(
            (prop::collection::vec((0_u8..30, 0_usize..9000, any::<bool>()), 0..20), any::<bool>(), any::<bool>()),
            0..20,
        ),
    ) {
        let mut partition = Partition::new(QUOTA);
        let mut store = std::collections::BTreeMap::new();
        for (writes, is_kept, is_saved) in units {
            let before = partition.entries.clone();
            partition.begin();
            for (key, size, is_deleted) in writes {
                let key = key.to_string();
                if is_deleted {
                    partition.delete(&ALICE, &key, &at(1)).unwrap();
                } else {
                    partition.set(&ALICE, &key, &vec![1; size], 0, &at(1)).unwrap();
                }
            }
            if is_kept {
                partition.commit();
            } else {
                partition.rollback();
                prop_assert_eq!(&partition.entries, &before);
            }
            if is_saved {
                for (key, value) in partition.take_changes().0 {
                    match value {
                        Some(value) => drop(store.insert(key, value)),
                        None => prop_assert!(store.remove(&key).is_some(), "removes what is not there"),
                    }
                }
                let now: std::collections::BTreeMap<_, _> = partition
                    .entries
                    .iter()
                    .map(|(key, entry)| (key.clone(), entry.encode()))
                    .collect();
                prop_assert_eq!(&store, &now);
            }
        }
    }
}

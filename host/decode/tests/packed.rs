//! Packed events: values survive packing, damaged bytes are read without a panic, and the
//! layout is the documented one.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

#[path = "common/arbitrary.rs"]
mod arbitrary;

use std::collections::BTreeMap;
use std::fmt::Debug;

use arbitrary::arbitrary;
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use wardline_event::model::{AuditEvent, BindingFacts, RuntimeEvent, Signal};
use wardline_event::packed::{
    Event, Events, NotABatch, Owned, Packed, VERSION, assemble, pack, pack_into,
};

fn entropy() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..2000)
}

/// Checks a value through `Debug`, which prints every field with the methods that a detector
/// uses.
fn is_read_again<T>(bytes: &[u8])
where
    T: Packed + DeserializeOwned + PartialEq + Debug,
    for<'a> T::View<'a>: Debug,
{
    let value: T = arbitrary(bytes);
    let packed = Owned::of(&value).unwrap();
    assert_eq!(format!("{:?}", packed.view()), format!("{value:?}"));
    assert_eq!(T::unpack(packed.view()), value);
}

fn batch<E: Event>(events: &[E]) -> Vec<u8> {
    let packed: Vec<Vec<u8>> = events.iter().map(|event| pack(event).unwrap()).collect();
    let mut batch = vec![1, 2, 3];
    assemble::<E>(packed.iter().map(Vec::as_slice), &mut batch).unwrap();
    batch
}

/// Reads every field, whatever the bytes are.
fn read<E: Event>(bytes: &[u8]) -> usize
where
    for<'a> E::View<'a>: Debug,
{
    let Ok(events) = Events::<E>::open(bytes) else {
        return 0;
    };
    assert_eq!(events.clone().rev().count(), events.len());
    events.map(|event| format!("{event:?}").len()).sum()
}

proptest! {
    #[test]
    fn audit_events_survive_packing(bytes in entropy()) {
        is_read_again::<AuditEvent>(&bytes);
    }

    #[test]
    fn runtime_events_survive_packing(bytes in entropy()) {
        is_read_again::<RuntimeEvent>(&bytes);
    }

    #[test]
    fn signals_survive_packing(bytes in entropy()) {
        is_read_again::<Signal>(&bytes);
    }

    #[test]
    fn lists_survive_packing(bytes in entropy()) {
        is_read_again::<Vec<BindingFacts>>(&bytes);
        is_read_again::<Vec<i64>>(&bytes);
        is_read_again::<Vec<String>>(&bytes);
    }

    #[test]
    fn batch_holds_its_events_in_order(
        sources in prop::collection::vec(entropy(), 0..5),
    ) {
        let events: Vec<AuditEvent> = sources.iter().map(|bytes| arbitrary(bytes)).collect();
        let bytes = batch(&events);
        let read = Events::<AuditEvent>::open(&bytes).unwrap();
        prop_assert_eq!(read.len(), events.len());
        let backwards: Vec<AuditEvent> = read.clone().rev().map(AuditEvent::unpack).collect();
        prop_assert!(backwards.iter().eq(events.iter().rev()));
        prop_assert_eq!(read.map(AuditEvent::unpack).collect::<Vec<_>>(), events);
    }

    #[test]
    fn damaged_batch_is_read_or_refused(
        source in prop::collection::vec(any::<u8>(), 0..400),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        end in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let event: AuditEvent = arbitrary(&source);
        let mut bytes = batch(&[event]);
        for (at, byte) in changes {
            let at = 20 + at.index(bytes.len() - 20);
            bytes[at] = byte;
        }
        if cut {
            bytes.truncate(end.index(bytes.len()));
        }
        read::<AuditEvent>(&bytes);
    }

    #[test]
    fn any_bytes_are_read_or_refused(
        rest in prop::collection::vec(any::<u8>(), 0..600),
        count in 0_u32..4,
        family in 1_u16..4,
    ) {
        let mut bytes = b"wlpk".to_vec();
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend(family.to_le_bytes());
        bytes.extend(count.to_le_bytes());
        for _ in 0..count {
            bytes.extend([0; 4]);
            bytes.extend((rest.len() as u32).to_le_bytes());
        }
        bytes.extend(&rest);
        read::<AuditEvent>(&bytes);
        read::<RuntimeEvent>(&bytes);
        read::<Signal>(&bytes);
        read::<AuditEvent>(&rest);
    }
}

#[test]
fn other_bytes_are_refused() {
    let good = batch(&[AuditEvent::default()]);
    let refused = |bytes: &[u8]| Events::<AuditEvent>::open(bytes).err();
    let with = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        bytes
    };
    assert_eq!(refused(&good), None);
    assert_eq!(refused(&[]), Some(NotABatch::Magic));
    assert_eq!(refused(&with(0, b'W')), Some(NotABatch::Magic));
    assert_eq!(refused(&with(4, 2)), Some(NotABatch::Version(2)));
    assert_eq!(refused(&with(6, 9)), Some(NotABatch::Family(9)));
    assert_eq!(refused(&with(11, 255)), Some(NotABatch::Damaged));
    assert_eq!(refused(&with(15, 255)), Some(NotABatch::Damaged));
    assert_eq!(refused(&with(16, 1)), Some(NotABatch::Damaged));
    assert_eq!(
        refused(&good[..good.len() - 1]),
        Some(NotABatch::Damaged),
        "the end is missing"
    );
    assert_eq!(
        Events::<RuntimeEvent>::open(&good).err(),
        Some(NotABatch::Family(1))
    );
}

#[test]
fn position_outside_the_bytes_is_read_as_empty() {
    let value = vec!["one".to_owned(), "two".to_owned()];
    let good = pack(&value).unwrap();
    let read = |bytes: &[u8]| {
        let position = wardline_event::packed::Position::start(bytes);
        Vec::<String>::unpack(Vec::<String>::read(position))
    };
    assert_eq!(read(&good), value);
    for far in [good.len() as u32, u32::MAX] {
        let mut bytes = good.clone();
        bytes[..4].copy_from_slice(&far.to_le_bytes());
        assert_eq!(
            read(&bytes),
            Vec::<String>::new(),
            "the list begins outside"
        );
        let mut bytes = good.clone();
        bytes[4..8].copy_from_slice(&far.to_le_bytes());
        assert_eq!(read(&bytes), Vec::<String>::new(), "the list ends outside");
        let mut bytes = good.clone();
        bytes[8..12].copy_from_slice(&far.to_le_bytes());
        assert_eq!(read(&bytes), ["", "two"], "a text begins outside");
    }
    let mut bytes = good.clone();
    let last = bytes.len() - 1;
    bytes[last] = 0xFF;
    assert_eq!(read(&bytes), ["one", ""], "a text that is not UTF-8");
}

#[test]
fn buffer_is_reused() {
    let mut buffer = Vec::new();
    pack_into(&"a long text".to_owned(), &mut buffer).unwrap();
    pack_into(&"b".to_owned(), &mut buffer).unwrap();
    assert_eq!(buffer, pack(&"b".to_owned()).unwrap());
}

/// Detectors in other languages rely on `wit/v0.1/packed.txt`: it must not change within a
/// version of the contract (`wit/VERSIONING.md`).
#[test]
fn layout_is_the_documented_one() {
    let mut types = BTreeMap::new();
    AuditEvent::SHAPE.describe(&mut types);
    RuntimeEvent::SHAPE.describe(&mut types);
    Signal::SHAPE.describe(&mut types);
    let types: Vec<String> = types.into_values().collect();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../wit/v0.1/packed.txt");
    let text = format!("layout {VERSION}\n\n{}", types.join("\n"));
    if std::env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always") {
        std::fs::write(file, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(file).unwrap(), text);
}

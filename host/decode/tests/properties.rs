//! Properties of decoding that hold for every input.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

mod common;

use common::{LIMITS, list, one_of_recorded, units};
use proptest::prelude::*;
use wardline_decode::{Limits, Reject};
use wardline_event::model::AuditEvent;

/// Removes `kind` and `apiVersion`, which items of a list omit.
fn as_item(event: &str) -> String {
    event.replacen(r#""kind":"Event","apiVersion":"audit.k8s.io/v1","#, "", 1)
}

/// Text composed of fragments of JSON.
fn json_like() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        Just("{"),
        Just("}"),
        Just("["),
        Just("]"),
        Just(","),
        Just(":"),
        Just("\""),
        Just("\\"),
        Just("null"),
        Just("1e9"),
        Just(" "),
        Just("\n"),
        Just("\"kind\":\"EventList\""),
        Just("\"items\":["),
        Just(",{\"level\":\""),
        Just("\"auditID\":\"a\""),
        Just("é"),
    ];
    prop::collection::vec(part, 0..80).prop_map(|parts| parts.concat().into_bytes())
}

/// Every event or rejected part lies inside the input and after the one before it.
fn in_order(bytes: &[u8], limits: &Limits) -> Result<(), TestCaseError> {
    let mut end = bytes.as_ptr() as usize;
    for unit in units(bytes, limits) {
        let part = match &unit {
            Ok(decoded) => decoded.raw.as_bytes(),
            Err(rejected) => rejected.bytes,
        };
        if !part.is_empty() {
            prop_assert!(part.as_ptr() as usize >= end);
            end = part.as_ptr() as usize + part.len();
        }
    }
    prop_assert!(end <= bytes.as_ptr() as usize + bytes.len());
    Ok(())
}

proptest! {
    #[test]
    fn any_bytes_are_decoded(bytes in prop::collection::vec(any::<u8>(), 0..400), depth in 0..9_usize) {
        in_order(&bytes, &Limits { line_bytes: 200, depth, ..LIMITS })?;
    }

    #[test]
    fn any_json_like_text_is_decoded(bytes in json_like(), depth in 0..9_usize) {
        in_order(&bytes, &Limits { line_bytes: 200, depth, ..LIMITS })?;
        in_order(&bytes, &LIMITS)?;
    }

    #[test]
    fn mutated_event_gives_one_result(
        event in one_of_recorded(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = event.into_bytes();
        for (place, value) in changes {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        in_order(&bytes, &LIMITS)?;
        // The change may be in the kind itself.
        if bytes.starts_with(br#"{"kind":"Event","#) {
            prop_assert_eq!(units(&bytes, &LIMITS).len(), 1);
        }
    }

    #[test]
    fn truncated_event_is_incomplete(event in one_of_recorded(), place in any::<prop::sample::Index>()) {
        let end = place.index(event.len() - 1) + 1;
        let units = units(&event.as_bytes()[..end], &LIMITS);
        prop_assert_eq!(units.len(), 1);
        prop_assert_eq!(units[0].as_ref().unwrap_err().reason, Reject::Incomplete);
    }

    #[test]
    fn list_agrees_with_its_single_items(events in prop::collection::vec(one_of_recorded(), 0..6)) {
        let items: Vec<String> = events.iter().map(|event| as_item(event)).collect();
        let texts: Vec<&str> = items.iter().map(String::as_str).collect();
        let document = list(&texts);
        let array = format!("[{}]", texts.join(",\n"));
        let alone: Vec<_> = texts.iter().flat_map(|text| units(text.as_bytes(), &LIMITS)).collect();
        prop_assert!(alone.iter().all(Result::is_ok));
        prop_assert_eq!(&units(document.as_bytes(), &LIMITS), &alone);
        prop_assert_eq!(&units(array.as_bytes(), &LIMITS), &alone);
    }

    /// The other items are decoded whatever bytes, except brackets and quotes, one has.
    #[test]
    fn corrupt_item_does_not_affect_others(
        event in one_of_recorded(),
        place in any::<prop::sample::Index>(),
        value in "[a-z0-9é#]{1,3}",
    ) {
        let good = as_item(&event);
        let mut bad = good.clone();
        let mut at = place.index(bad.len());
        while !bad.is_char_boundary(at) || bad[..at].ends_with('\\') {
            at -= 1;
        }
        bad.insert_str(at, &value);
        let document = list(&[&good, &bad, &good]);
        let units = units(document.as_bytes(), &LIMITS);
        prop_assert_eq!(units.len(), 3);
        prop_assert!(units[0].is_ok() && units[2].is_ok());
    }

    #[test]
    fn truncated_list_gives_the_items_before_the_end(
        events in prop::collection::vec(one_of_recorded(), 1..4),
        place in any::<prop::sample::Index>(),
    ) {
        let items: Vec<String> = events.iter().map(|event| as_item(event)).collect();
        let texts: Vec<&str> = items.iter().map(String::as_str).collect();
        let document = list(&texts);
        let begin = document.find('[').unwrap() + 1;
        let end = begin + place.index(document.len() - 2 - begin);
        let mut whole = 0;
        let mut reached = begin;
        for text in &texts {
            reached += text.len() + 1;
            whole += usize::from(reached - 1 <= end);
        }
        let units = units(&document.as_bytes()[..end], &LIMITS);
        prop_assert_eq!(units.len(), whole + 1);
        prop_assert!(units[..whole].iter().all(Result::is_ok));
        prop_assert_eq!(units[whole].as_ref().unwrap_err().reason, Reject::Incomplete);
    }

    #[test]
    fn events_survive_serde(event in one_of_recorded()) {
        let event = units(event.as_bytes(), &LIMITS).remove(0).unwrap().event;
        let back: AuditEvent = serde_json::from_slice(&serde_json::to_vec(&event).unwrap()).unwrap();
        prop_assert_eq!(back, event);
    }
}

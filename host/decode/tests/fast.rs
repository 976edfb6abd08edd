//! The fast reader agrees with the slow one.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

mod common;

use common::{LIMITS, list, one_of_recorded, recorded, units};
use proptest::prelude::*;
use serde_json::{Map, Value};
use wardline_decode::{DecodeOutcome, Decoder, Demand, DemandFilter, Head, Limits};
use wardline_event::model::Facts;

/// Formats the fields by which the fast reader decides.
fn shown(head: &Head<'_>) -> String {
    let user = |user: &wardline_decode::HeadUser<'_>| {
        format!(
            "{}{:?}",
            user.username,
            user.groups.clone().collect::<Vec<_>>()
        )
    };
    format!(
        "{:?} {:?} {} {} {} {:?} {:?} {:?} {:?}",
        head.stage,
        head.level,
        head.verb,
        head.path,
        user(&head.user),
        head.impersonated_user.as_ref().map(user),
        head.source_ips.clone().collect::<Vec<_>>(),
        head.object,
        head.code,
    )
}

/// Needs every event and records the heads.
#[derive(Default)]
struct All(std::cell::RefCell<Vec<String>>);

impl DemandFilter for All {
    fn demand(&self, head: &Head<'_>) -> Demand {
        self.0.borrow_mut().push(shown(head));
        Demand::Full
    }
}

fn same(bytes: &[u8], limits: &Limits) -> Result<(), TestCaseError> {
    let expected = units(bytes, limits);
    let mut decoder = Decoder::default();
    let all = |_: &Head<'_>| true;
    let mut found = Vec::new();
    decoder.decode(bytes, limits, &all, &mut |unit| {
        found.push(match unit {
            DecodeOutcome::Event(decoded) => Ok(*decoded),
            DecodeOutcome::Rejected(rejected) => Err(rejected),
            other => panic!("unexpected: {other:?}"),
        });
    });
    prop_assert_eq!(&found, &expected);
    Ok(())
}

fn name_in_text(raw: &str) -> String {
    let event: Value = serde_json::from_str(raw).unwrap_or_default();
    event["objectRef"]["name"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

/// Values of types that bodies have, and of types that they should not have.
fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e9..1e9).prop_map(Value::from),
        "[a-z\"\\\\/é\n\u{1F600}]{0,6}".prop_map(Value::from),
        prop::sample::select(vec!["Pod", "v1", "apps/v1", "delete", "List", "All", ""])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        let key = prop::sample::select(KEYS.to_vec());
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..6).prop_map(|members| {
                let members = members
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value));
                Value::Object(members.collect::<Map<_, _>>())
            }),
        ]
    })
}

const KEYS: [&str; 40] = [
    "kind",
    "apiVersion",
    "metadata",
    "labels",
    "annotations",
    "managedFields",
    "name",
    "namespace",
    "spec",
    "template",
    "containers",
    "initContainers",
    "image",
    "command",
    "env",
    "valueFrom",
    "secretKeyRef",
    "securityContext",
    "privileged",
    "capabilities",
    "add",
    "volumes",
    "hostPath",
    "path",
    "hostPID",
    "rules",
    "verbs",
    "resources",
    "subjects",
    "roleRef",
    "data",
    "items",
    "$patch",
    "podSelector",
    "ingress",
    "from",
    "ports",
    "port",
    "status",
    "a\"b\\",
];

/// A recorded event with some values replaced.
fn altered() -> impl Strategy<Value = String> {
    let change = (any::<prop::sample::Index>(), values());
    (
        one_of_recorded(),
        prop::collection::vec(change, 1..4),
        any::<bool>(),
    )
        .prop_map(|(event, changes, pretty)| {
            let mut event: Value = serde_json::from_str(&event).unwrap();
            for (place, value) in changes {
                let mut places = 0;
                count(&event, &mut places);
                put(&mut event, &mut place.index(places), &value);
            }
            if pretty {
                serde_json::to_string_pretty(&event).unwrap()
            } else {
                event.to_string()
            }
        })
}

fn count(value: &Value, places: &mut usize) {
    *places += 1;
    match value {
        Value::Object(members) => members.values().for_each(|value| count(value, places)),
        Value::Array(items) => items.iter().for_each(|value| count(value, places)),
        _ => {}
    }
}

fn put(value: &mut Value, place: &mut usize, new: &Value) {
    if *place == 0 {
        *value = new.clone();
        *place = usize::MAX;
        return;
    }
    *place -= 1;
    match value {
        Value::Object(members) => members
            .values_mut()
            .for_each(|value| put(value, place, new)),
        Value::Array(items) => items.iter_mut().for_each(|value| put(value, place, new)),
        _ => {}
    }
}

#[test]
fn recorded_events_agree() {
    for event in recorded() {
        same(event.as_bytes(), &LIMITS).unwrap();
    }
}

#[test]
fn recorded_events_are_read_fast() {
    for event in recorded() {
        let (expected, interest) = (units(event.as_bytes(), &LIMITS), All::default());
        Decoder::default().decode(event.as_bytes(), &LIMITS, &interest, &mut |_| {});
        let heads = interest.0.into_inner();
        // A second question would come from the slow reader.
        assert_eq!(heads.len(), 1, "{event}");
        let mut head = Head::of(&expected[0].as_ref().unwrap().event);
        let name = name_in_text(&event);
        if let Some(object) = &mut head.object {
            object.name = &name;
        }
        assert_eq!(heads[0], shown(&head));
    }
}

#[test]
fn unsubscribed_event_is_counted_and_not_decoded() {
    let mut units = Vec::new();
    let event = recorded().remove(0);
    let document = list(&[&event, "{", &event]);
    let nothing = |_: &Head<'_>| false;
    Decoder::default().decode(document.as_bytes(), &LIMITS, &nothing, &mut |unit| {
        units.push(match unit {
            DecodeOutcome::Event(_) => "event",
            DecodeOutcome::Filtered(bytes) => {
                assert_eq!(bytes, event.as_bytes());
                "unwanted"
            }
            DecodeOutcome::Rejected(_) => "rejected",
            DecodeOutcome::ResponseObject(_) => "answer",
        });
    });
    assert_eq!(units[0], "unwanted");
    assert!(units.contains(&"rejected"));
}

/// Needs only the response's objects.
struct Answers;

impl DemandFilter for Answers {
    fn demand(&self, head: &Head<'_>) -> Demand {
        match head.answer {
            Some(_) if head.object.is_some() => Demand::ResponseObject,
            _ => Demand::None,
        }
    }
}

#[test]
fn response_object_is_passed_on_as_text() {
    let mut answers = 0;
    for event in recorded() {
        let parsed: Value = serde_json::from_str(&event).unwrap();
        let has_answer = parsed["responseObject"].is_object() && parsed["objectRef"].is_object();
        Decoder::default().decode(
            event.as_bytes(),
            &LIMITS,
            &Answers,
            &mut |unit| match unit {
                DecodeOutcome::ResponseObject(answer) => {
                    answers += 1;
                    assert!(has_answer);
                    let found: Value = serde_json::from_str(answer.text).unwrap();
                    assert_eq!(found, parsed["responseObject"]);
                    let name = parsed["objectRef"]["name"].as_str().unwrap_or_default();
                    assert_eq!(answer.object.name, name);
                    assert_eq!(answer.bytes, event.as_bytes());
                    let mut told = 0;
                    answer.telling(&mut |part| told += part.len());
                    assert!(told <= answer.text.len());
                }
                DecodeOutcome::Filtered(_) => assert!(!has_answer),
                other => panic!("{other:?}"),
            },
        );
    }
    assert!(answers > 0);
}

proptest! {
    #[test]
    fn altered_events_agree(event in altered()) {
        same(event.as_bytes(), &LIMITS)?;
        same(event.as_bytes(), &Limits { line_bytes: 2000, depth: 6, ..LIMITS })?;
    }

    #[test]
    fn duplicate_keys_agree(event in one_of_recorded(), key in 0..12_usize, value in values()) {
        let names = ["verb", "auditID", "user", "objectRef", "requestObject", "annotations",
            "stage", "responseStatus", "kind", "sourceIPs", "more", "responseObject"];
        let member = format!("{:?}:{value}", names[key]);
        let first = event.replacen('{', &format!("{{{member},"), 1);
        same(first.as_bytes(), &LIMITS)?;
        let last = format!("{},{member}}}", &event[..event.len() - 1]);
        same(last.as_bytes(), &LIMITS)?;
    }

    #[test]
    fn damaged_events_agree(
        event in one_of_recorded(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop_oneof![
            any::<u8>(),
            prop::sample::select(b"{}[]\",:\\ 0.eE-\n\x1f\xc3tnu".to_vec()),
        ]), 1..4),
        remove in any::<bool>(),
    ) {
        let mut bytes = event.into_bytes();
        for (place, value) in changes {
            let place = place.index(bytes.len());
            if remove {
                bytes.remove(place);
            } else {
                bytes[place] = value;
            }
        }
        same(&bytes, &LIMITS)?;
    }

    #[test]
    fn unsubscribed_events_agree(event in altered(), verb in "[a-z]{3,6}") {
        let interest = |head: &Head<'_>| head.verb.starts_with(&verb[..1]);
        let mut fast = Vec::new();
        Decoder::default().decode(event.as_bytes(), &LIMITS, &interest, &mut |unit| {
            fast.push(match unit {
                DecodeOutcome::Event(decoded) => Ok(Some(decoded.event)),
                DecodeOutcome::Filtered(_) | DecodeOutcome::ResponseObject(_) => Ok(None),
                DecodeOutcome::Rejected(rejected) => Err(rejected.reason),
            });
        });
        let slow: Vec<_> = units(event.as_bytes(), &LIMITS)
            .into_iter()
            .map(|unit| match unit {
                Ok(decoded) if interest(&Head::of(&decoded.event)) => Ok(Some(decoded.event)),
                Ok(_) => Ok(None),
                Err(rejected) => Err(rejected.reason),
            })
            .collect();
        for (fast, slow) in fast.iter().zip(&slow) {
            // The fast reader does not check every field of an unsubscribed event.
            if fast != &Ok(None) || slow.is_ok() {
                prop_assert_eq!(fast, slow);
            }
        }
        prop_assert_eq!(fast.len(), slow.len());
    }
}

/// Returns the parts of the response's object on which observations may depend.
fn telling(event: &Value) -> Vec<Vec<u8>> {
    let mut parts = Vec::new();
    let text = event.to_string();
    Decoder::default().decode(text.as_bytes(), &LIMITS, &Answers, &mut |unit| {
        if let DecodeOutcome::ResponseObject(answer) = unit {
            answer.telling(&mut |part| parts.push(part.to_vec()));
        }
    });
    parts
}

#[test]
fn members_that_controllers_keep_changing_have_no_facts() {
    let mut seen = 0;
    for event in recorded() {
        let event: Value = serde_json::from_str(&event).unwrap();
        let told = telling(&event);
        let facts = |event: &Value| {
            let text = event.to_string();
            let unit = units(text.as_bytes(), &LIMITS).remove(0);
            unit.unwrap().event.resulting.map(|object| object.facts)
        };
        // Only these facts give observations.
        let Some(Facts::Workload(_) | Facts::ServiceAccount(_) | Facts::Binding(_)) = facts(&event)
        else {
            continue;
        };
        seen += 1;
        let mut quiet = event.clone();
        let object = quiet["responseObject"].as_object_mut().unwrap();
        object.insert("status".into(), "other".into());
        if let Some(metadata) = object.get_mut("metadata") {
            metadata["resourceVersion"] = "7".into();
            metadata["generation"] = 7.into();
            metadata["managedFields"] = Value::Array(Vec::new());
        }
        assert_eq!(telling(&quiet), told);
        assert_eq!(facts(&quiet), facts(&event));
        for change in ["labels", "spec", "rules", "more"] {
            let mut loud = event.clone();
            loud["responseObject"][change] = "other".into();
            assert_ne!(telling(&loud), told, "{change}");
            let mut loud = event.clone();
            loud["responseObject"]["metadata"][change] = "other".into();
            assert_ne!(telling(&loud), told, "metadata.{change}");
        }
    }
    assert!(seen > 3, "{seen}");
}

//! Events that were cut off, in every form: what is known of them is as it was.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

mod common;
#[path = "common/wrap.rs"]
mod wrap;

use common::{LIMITS, one_of_recorded, recorded, sample, units};
use proptest::prelude::*;
use serde_json::{Value, json};
use wardline_decode::envelope::{Piece, open};
use wardline_decode::{DecodeOutcome, Decoder, Head, Limits, Reject, recover};
use wardline_event::model::AuditEvent;
use wrap::{FORMS, audit_row, log_entry};

/// Decodes and recovers as the host does, with both decoders. Returns the number of records of other
/// logs too.
fn judged(bytes: &[u8], limits: &Limits) -> (Vec<Result<AuditEvent, Reject>>, usize) {
    let (mut found, mut skipped) = (Vec::new(), 0);
    open(bytes, limits, &mut |piece| match piece {
        Piece::Document { text, .. } => found.extend(decoded(&text, limits, 4)),
        Piece::Skipped => skipped += 1,
        Piece::Rejected(rejected) => found.push(Err(rejected.reason)),
    });
    (found, skipped)
}

fn decoded(text: &[u8], limits: &Limits, faults: u8) -> Vec<Result<AuditEvent, Reject>> {
    let slow = units(text, limits);
    let mut fast = Vec::new();
    let all = |_: &Head<'_>| true;
    Decoder::default().decode(text, limits, &all, &mut |unit| match unit {
        DecodeOutcome::Event(decoded) => fast.push(Ok(*decoded)),
        DecodeOutcome::Rejected(rejected) => fast.push(Err(rejected)),
        other => panic!("every event is needed: {other:?}"),
    });
    assert_eq!(fast, slow);
    slow.into_iter()
        .flat_map(|unit| match unit {
            Ok(decoded) => vec![Ok(decoded.event)],
            Err(rejected) => match recover(&rejected, limits) {
                Some(known) if faults > 1 => {
                    let known = decoded(&known, limits, faults - 1);
                    if known.iter().all(Result::is_ok) {
                        known
                    } else {
                        vec![Err(rejected.reason)]
                    }
                }
                _ => vec![Err(rejected.reason)],
            },
        })
        .collect()
}

/// Whether each field of a part is that of the whole event, or missing.
fn is_part(part: &AuditEvent, whole: &AuditEvent) -> Result<(), TestCaseError> {
    fn known<T: PartialEq + Default>(part: &T, whole: &T) -> bool {
        *part == T::default() || part == whole
    }
    if !part.truncated {
        prop_assert_eq!(part, whole);
        return Ok(());
    }
    prop_assert_eq!(&part.audit_id, &whole.audit_id);
    prop_assert_eq!(&part.verb, &whole.verb);
    prop_assert_eq!(&part.request_uri, &whole.request_uri);
    prop_assert_eq!(&part.user, &whole.user);
    prop_assert_eq!((part.stage, part.level), (whole.stage, whole.level));
    prop_assert!(known(&part.request_time, &whole.request_time));
    prop_assert!(known(&part.time, &whole.time));
    prop_assert!(known(&part.impersonated_user, &whole.impersonated_user));
    prop_assert!(known(&part.source_ips, &whole.source_ips));
    prop_assert!(known(&part.user_agent, &whole.user_agent));
    prop_assert!(known(&part.response, &whole.response));
    let mut requested = whole.requested.clone();
    // If a new object has a `generateName`, only the response has the name.
    if let (Some(part), Some(whole)) = (&part.requested, &mut requested) {
        whole.name.clone_from(&part.name);
    }
    prop_assert!(known(&part.requested, &requested));
    prop_assert!(known(&part.resulting, &whole.resulting));
    prop_assert!(!part.dry_run || whole.dry_run);
    match (&part.object, &whole.object) {
        (Some(part), Some(whole)) => {
            prop_assert_eq!(&part.resource, &whole.resource);
            prop_assert_eq!(&part.subresource, &whole.subresource);
            prop_assert_eq!(&part.api_group, &whole.api_group);
            prop_assert_eq!(&part.api_version, &whole.api_version);
            prop_assert!(known(&part.namespace, &whole.namespace));
            prop_assert!(known(&part.name, &whole.name));
            prop_assert!(known(&part.uid, &whole.uid));
        }
        (part, whole) => prop_assert_eq!(part, whole),
    }
    for annotation in &part.annotations {
        let is_mark = annotation.key == "audit.k8s.io/truncated";
        prop_assert!(is_mark || whole.annotations.contains(annotation));
    }
    for attribute in &part.attributes {
        prop_assert!(whole.attributes.contains(attribute));
    }
    Ok(())
}

/// Each result of a cut is a rejection or a part of the event. Returns the number of events.
fn holds(bytes: &[u8], whole: &AuditEvent) -> Result<usize, TestCaseError> {
    let (found, skipped) = judged(bytes, &LIMITS);
    let shown = || String::from_utf8_lossy(bytes).into_owned();
    prop_assert!(!found.is_empty() || bytes.len() < 2, "silent: {}", shown());
    prop_assert_eq!(skipped, 0, "taken for another log: {}", shown());
    for event in found.iter().flatten() {
        is_part(event, whole)
            .map_err(|error| TestCaseError::fail(format!("{error}: {}", shown())))?;
    }
    Ok(found.iter().flatten().count())
}

fn only(text: &str) -> AuditEvent {
    let (mut found, _) = judged(text.as_bytes(), &LIMITS);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0).unwrap()
}

#[test]
fn recorded_events_are_judged_by_what_stands_before_each_cut() {
    for text in recorded() {
        let whole = only(&text);
        let minimum = text.find("\"sourceIPs\"").unwrap_or(text.len());
        // Each position of the head, and some of the bodies.
        for end in (1..1500.min(text.len())).chain((1500..text.len()).step_by(23)) {
            let events = holds(&text.as_bytes()[..end], &whole).unwrap();
            assert!(end <= minimum || events == 1, "lost: {}", &text[..end]);
        }
    }
}

/// Nothing that a client can make long comes before the user but the URI; the object's reference comes
/// after the addresses, to which a client adds.
#[test]
fn object_is_known_if_the_cut_is_in_the_addresses() {
    let event = json!({
        "requestURI": "/api/v1/namespaces/shop/pods/web/exec?command=id&container=app",
        "objectRef": {"resource": "pods", "namespace": "shop", "name": "web", "apiVersion": "v1", "subresource": "exec"},
    });
    let head = sample(event);
    let order = [
        "kind",
        "apiVersion",
        "level",
        "auditID",
        "stage",
        "requestURI",
        "verb",
        "user",
    ];
    let members = order.map(|key| format!("{:?}:{}", key, head[key]));
    let text = format!(r#"{{{},"sourceIPs":["1.1.1.1","#, members.join(","));
    let event = only(&text);
    assert_eq!(
        event
            .object
            .as_ref()
            .map(|object| object.subresource.as_str()),
        Some("exec")
    );
    assert_eq!(event.connect.unwrap().command, ["id"]);
    assert!(event.truncated);
}

/// The request is complete if only the response is cut off.
#[test]
fn request_before_a_cut_is_read() {
    let pod = |size: usize| {
        let value = "x".repeat(size);
        json!({"kind": "Pod", "apiVersion": "v1", "spec": {
            "hostPID": true,
            "containers": [{"name": "a", "env": [{"name": "A", "value": value}]}],
        }})
    };
    for size in [10, 100_000, 1_000_000] {
        let object = json!({"resource": "pods", "apiVersion": "v1"});
        let mut text = sample(json!({"objectRef": object})).to_string();
        text.truncate(text.len() - 1);
        text.push_str(&format!(
            r#","requestObject":{},"responseObject":{{"spec":{{"#,
            pod(size)
        ));
        let event = only(&text);
        let requested = event.requested.unwrap();
        assert!(
            requested.facts != wardline_event::model::Facts::None,
            "{size}"
        );
        assert!(event.truncated);
    }
}

#[test]
fn event_beyond_the_limits_is_judged_by_what_fits() {
    let limits = Limits {
        line_bytes: 40_000,
        depth: 10,
        ..LIMITS
    };
    let deep: Value = serde_json::from_str(&("[".repeat(50) + &"]".repeat(50))).unwrap();
    let object = json!({"resource": "pods", "apiVersion": "v1"});
    let spec = json!({"hostPID": true, "unknown": deep});
    for (response, has_facts) in [(json!({}), true), (json!({"a": "x".repeat(50_000)}), true)] {
        let event = sample(json!({
            "objectRef": object,
            "requestObject": {"kind": "Pod", "apiVersion": "v1", "spec": spec},
            "responseObject": response,
        }));
        let (found, _) = judged(event.to_string().as_bytes(), &limits);
        let event = found[0].as_ref().unwrap();
        assert!(event.truncated);
        assert_eq!(event.requested.is_some(), has_facts);
    }
}

/// kube-apiserver writes a patch as the client sent it.
#[test]
fn bytes_that_are_not_utf8_hide_no_request() {
    let text = sample(json!({
        "verb": "patch",
        "objectRef": {"resource": "pods", "apiVersion": "v1"},
        "requestObject": {"metadata": {"labels": {"a": "#"}}, "spec": {"hostPID": true}},
    }))
    .to_string();
    let place = text.find('#').unwrap();
    let mut bytes = text.into_bytes();
    bytes[place] = 0xff;
    let (found, _) = judged(&bytes, &LIMITS);
    let event = found[0].as_ref().unwrap();
    assert!(!event.truncated);
    assert_eq!(
        event.requested.as_ref().unwrap().labels[0].value,
        "\u{fffd}"
    );
}

#[test]
fn messages_of_one_event_are_joined_or_its_beginning_is_judged() {
    let text = &recorded()[0];
    let whole = only(text);
    let message = |stream: &str, text: &str| json!({"logStreamName": format!("kube-apiserver-audit-{stream}"), "message": text});
    let other = sample(json!({"auditID": "other"})).to_string();
    for end in (600..text.len() - 1).step_by(37) {
        if !text.is_char_boundary(end) || text[..end].ends_with('}') {
            continue;
        }
        let (one, rest) = text.split_at(end);
        let events =
            json!({"events": [message("a", one), message("b", &other), message("a", rest)]});
        let (found, skipped) = judged(events.to_string().as_bytes(), &LIMITS);
        assert_eq!((found.len(), skipped), (2, 0), "{found:?}");
        assert_eq!(found[1].as_ref().unwrap(), &whole);
        let alone = json!({"events": [message("a", rest)]});
        let (found, skipped) = judged(alone.to_string().as_bytes(), &LIMITS);
        assert!(found.iter().all(Result::is_err));
        assert_eq!((found.len(), skipped), (1, 0), "the rest is told");
    }
}

proptest! {
    /// The record of a collector is cut off.
    #[test]
    fn cut_record_gives_a_part_or_a_rejection(
        event in one_of_recorded(),
        form in 0..FORMS.len() + 2,
        end in any::<prop::sample::Index>(),
    ) {
        let (bytes, whole) = match FORMS.get(form) {
            Some((_, wrap)) => (wrap(std::slice::from_ref(&event)), only(&event)),
            None => {
                let record = if form == FORMS.len() {
                    log_entry(&event).to_string()
                } else {
                    audit_row(&event, false).to_string()
                };
                let whole = only(&record);
                (record.into_bytes(), whole)
            }
        };
        let end = 2 + end.index(bytes.len() - 2);
        holds(&bytes[..end], &whole)?;
    }

    /// The event is cut off, and its record is whole.
    #[test]
    fn record_of_a_cut_event_gives_a_part_or_a_rejection(
        event in one_of_recorded(),
        form in 0..FORMS.len(),
        end in any::<prop::sample::Index>(),
    ) {
        let whole = only(&event);
        let mut end = 20 + end.index(event.len() - 20);
        while !event.is_char_boundary(end) {
            end -= 1;
        }
        holds(&FORMS[form].1(&[event[..end].to_owned()]), &whole)?;
    }
}

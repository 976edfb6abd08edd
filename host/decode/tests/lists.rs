//! Lists: every item is decoded separately.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

mod common;

use common::{LIMITS, item, list, outline, units};
use wardline_decode::{Limits, Reject};

fn ok(id: &str) -> Result<String, Reject> {
    Ok(id.to_owned())
}

#[test]
fn blank_input_has_no_events() {
    for text in ["", "\n", " \t\r\n", "\u{feff}", "\u{feff} \n", "[]", "[ ]"] {
        assert_eq!(outline(text.as_bytes(), &LIMITS), [], "{text:?}");
    }
    assert_eq!(outline(list(&[]).as_bytes(), &LIMITS), []);
}

#[test]
fn lists_arrays_and_single_events_come_in_order() {
    let (a, b) = (item("a"), item("b"));
    let inputs = [
        list(&[&a, &b]),
        format!("\u{feff} {}\n", list(&[&a, &b])),
        format!("[{a},{b}]"),
        format!("[ {a} ,\n {b} ]"),
        format!(r#"{{"items":[{a},{b}],"apiVersion":"audit.k8s.io/v1","kind":"EventList"}}"#),
        format!(r#"{{"metadata":{{"items":[1]}},"kind":"EventList","items":[{a},,{b},]}}"#),
    ];
    for input in inputs {
        assert_eq!(
            outline(input.as_bytes(), &LIMITS),
            [ok("a"), ok("b")],
            "{input}"
        );
    }
    assert_eq!(outline(a.as_bytes(), &LIMITS), [ok("a")]);
}

#[test]
fn raw_text_is_that_of_the_item() {
    let (a, b) = (item("a"), item("b"));
    let text = list(&[&a, &b]);
    let raws: Vec<_> = units(text.as_bytes(), &LIMITS)
        .into_iter()
        .map(|unit| unit.unwrap().raw)
        .collect();
    assert_eq!(raws, [a, b]);
}

#[test]
fn bad_item_does_not_affect_others() {
    let (a, b) = (item("a"), item("b"));
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    let long = format!(r#"{{"level":"{}"}}"#, "x".repeat(3000));
    let cut = r#"{"level":"Metadata","auditID":"c","user":{"username":"eve"#;
    let cases: Vec<(String, Reject)> = vec![
        (deep, Reject::TooDeep),
        (long, Reject::TooLong),
        (r#"{"level":tru}"#.into(), Reject::Malformed),
        (r#"{"level":"x"}}"#.into(), Reject::Malformed),
        (r#"{"level":["x"}"#.into(), Reject::Malformed),
        (r#"{"level":"x"]}"#.into(), Reject::Malformed),
        (r#"{"level":"x","user":{"a":1}"#.into(), Reject::Incomplete),
        (r#"{"level":"x"#.into(), Reject::Incomplete),
        (r#"{"level":"x\"#.into(), Reject::Incomplete),
        (r#"{"level""#.into(), Reject::Incomplete),
        (r#"{"level":"x","#.into(), Reject::Incomplete),
        (cut.into(), Reject::Incomplete),
        ("17".into(), Reject::NotAnAuditEvent),
        ("null".into(), Reject::NotAnAuditEvent),
        (
            r#"{"kind":"EventList","items":[]}"#.into(),
            Reject::NotAnAuditEvent,
        ),
    ];
    let limits = Limits {
        line_bytes: 2000,
        ..LIMITS
    };
    for (bad, reason) in cases {
        let reason = if bad.len() > limits.line_bytes {
            Reject::TooLong
        } else {
            reason
        };
        let text = list(&[&a, &bad, &b]);
        let seen = outline(text.as_bytes(), &limits);
        assert_eq!(seen.len(), 3, "{bad}: {seen:?}");
        assert_eq!((&seen[0], &seen[2]), (&ok("a"), &ok("b")), "{bad}");
        assert_eq!(seen[1], Err(reason), "{bad}");
    }
}

#[test]
fn items_before_a_truncation_are_decoded() {
    let (a, b) = (item("a"), item("b"));
    let text = list(&[&a, &b]);
    let begin = text.find(&b).unwrap();
    for end in begin + 1..begin + b.len() {
        let seen = outline(&text.as_bytes()[..end], &LIMITS);
        assert_eq!(seen, [ok("a"), Err(Reject::Incomplete)], "{end}");
    }
    // Between two items, and after the last.
    for end in [begin - 1, begin] {
        let seen = units(&text.as_bytes()[..end], &LIMITS);
        assert_eq!(seen.len(), 2);
        assert_eq!(seen[1].as_ref().unwrap_err().bytes, b"");
    }
    assert_eq!(
        outline(&text.as_bytes()[..begin + b.len()], &LIMITS),
        [ok("a"), ok("b"), Err(Reject::Incomplete)],
    );
}

#[test]
fn list_gives_the_version_of_its_items() {
    let text = list(&[&item("a")]);
    let beta = text.replace("audit.k8s.io/v1", "audit.k8s.io/v1beta1");
    assert_eq!(
        outline(beta.as_bytes(), &LIMITS),
        [Err(Reject::UnsupportedVersion)]
    );
    let core = text.replace("audit.k8s.io/v1", "v1");
    assert_eq!(
        outline(core.as_bytes(), &LIMITS),
        [Err(Reject::NotAnAuditEvent)]
    );
    let pods = text.replace("EventList", "PodList");
    assert_eq!(
        outline(pods.as_bytes(), &LIMITS),
        [Err(Reject::NotAnAuditEvent)]
    );
}

#[test]
fn text_after_a_list_is_rejected() {
    let text = format!("{} trailing", list(&[&item("a")]));
    assert_eq!(
        outline(text.as_bytes(), &LIMITS),
        [ok("a"), Err(Reject::Malformed)]
    );
    let text = format!("[{}]]", item("a"));
    assert_eq!(
        outline(text.as_bytes(), &LIMITS),
        [ok("a"), Err(Reject::Malformed)]
    );
}

/// An element of a body that looks like an item is not one, as long as the extent of the item
/// around it is known.
#[test]
fn text_inside_an_item_is_not_an_item() {
    let inner = format!("[1,{}]", item("forged"));
    let outer = item("a").replacen('{', &format!(r#"{{"requestObject":{inner},"#), 1);
    let quoted = item("b").replacen(
        '{',
        &format!(r#"{{"userAgent":{:?},"#, format!(",{}", item("forged"))),
        1,
    );
    let text = list(&[&outer, &quoted]);
    assert_eq!(outline(text.as_bytes(), &LIMITS), [ok("a"), ok("b")]);
    // The same holds inside a broken item.
    let broken = outer.replacen('{', r#"{"a" b,"#, 1);
    let text = list(&[&broken, &quoted]);
    assert_eq!(
        outline(text.as_bytes(), &LIMITS),
        [Err(Reject::Malformed), ok("b")]
    );
    let text = list(&[&outer, &quoted]);
    // If the text is truncated after the element, the truncated item includes it.
    let end = text.find("forged").unwrap() + 200;
    let seen = outline(
        &text.as_bytes()[..end.min(text.find(r#""b""#).unwrap())],
        &LIMITS,
    );
    assert!(!seen.contains(&ok("forged")), "{seen:?}");
}

/// The work is linear in the input. With quadratic work, these inputs would take minutes.
#[test]
fn hostile_brackets_are_read_once() {
    let count = 1 << 20;
    let inputs = [
        format!("[{}{}", "[".repeat(count), "}".repeat(count)),
        format!("[{}", r#"{"a" "b","#.repeat(count)),
        format!("[{}", r#""a" "b","#.repeat(count)),
        format!("[{}", r#"x y","#.repeat(count)),
        format!("{}{}", r#"{"a":"#.repeat(count), "[".repeat(count)),
    ];
    for input in inputs {
        let mut count = 0_usize;
        wardline_decode::decode(input.as_bytes(), &LIMITS, &mut |unit| {
            assert!(unit.is_err());
            count += 1;
        });
        assert!(count > 0);
    }
}

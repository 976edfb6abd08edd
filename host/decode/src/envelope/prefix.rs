//! Text that programs write before an event on its line: the time, stream, and tag of a container
//! runtime, the head of syslog, the name of a node.

use memchr::memchr_iter;
use serde::de::IgnoredAny;

use super::form::is_plain;
use super::object::Object;
use super::opener::trim_separators;
use super::wrapped::mentions_event;
use crate::envelope::form::Form;

/// The longest text before an event, in bytes. Structured data of syslog (RFC 5424) takes some
/// hundred.
const PREFIX_BYTES: usize = 1024;

/// How many brackets before the event may belong to its prefix.
const BRACKETS: usize = 8;

/// Returns the document that ends a line. What comes before it does
/// not matter, but nothing may follow: a program that quotes somebody else's text in the middle of a
/// line does not make an event of it.
pub(super) fn document(line: &[u8]) -> Option<&[u8]> {
    let line = trim_separators(without_times(trim_separators(line)));
    let open = match line.last()? {
        b']' => b'[',
        // An event may be cut off.
        _ => b'{',
    };
    let head = line.get(..PREFIX_BYTES).unwrap_or(line);
    memchr_iter(open, head)
        .filter(|at| *at > 0 && !is_indented(line, *at))
        .take(BRACKETS)
        .filter_map(|at| line.get(at..))
        .find(|rest| ends_line(rest))
}

/// Removes the times after an event. `aws logs --output text` writes the columns of a log event in the
/// order of their names: `EVENTS`, `ingestionTime`, `logStreamName`, `message`, `timestamp`.
fn without_times(line: &[u8]) -> &[u8] {
    if !line.starts_with(b"EVENTS\t") {
        return line;
    }
    match memchr::memrchr(b'\t', line).and_then(|tab| line.split_at_checked(tab)) {
        Some((rest, time)) if time.iter().skip(1).all(u8::is_ascii_digit) => rest,
        _ => line,
    }
}

/// Whether a blank and a tab come before a position: klog writes them before the lines of a value,
/// which a client may have chosen.
fn is_indented(line: &[u8], at: usize) -> bool {
    line.get(..at)
        .is_some_and(|before| before.ends_with(b" \t"))
}

/// Whether a text is a single document, or an event that is cut off.
fn ends_line(rest: &[u8]) -> bool {
    if rest.starts_with(b"[") {
        return mentions_event(rest) && serde_json::from_slice::<IgnoredAny>(rest).is_ok();
    }
    let Some(object) = Object::read(rest) else {
        return false;
    };
    object.rest.is_empty() && (object.is_whole || is_plain(rest) || Form::of(&object).is_some())
}

#[cfg(test)]
mod tests {
    use super::document;

    const EVENT: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"a"}"#;

    #[test]
    fn any_prefix_is_left_out() {
        for prefix in [
            "2026-03-02T10:00:00.1Z stdout F ",
            "2026-03-02T10:00:00.123000+00:00 kube-apiserver-audit-0a1b ",
            "<133>Mar  2 10:00:00 cp-1.example.com k8s-audit: ",
            "<165>1 2026-03-02T10:00:00Z cp-1 audit - - [a@1 b=\"{c}\"] ",
            "master-0.example.com ",
            "[pod/kube-apiserver-cp-1/kube-apiserver] ",
            "Mar 02 10:00:00 cp-1 k8s-audit[12]: ",
            "audit: ",
        ] {
            let line = format!("{prefix}{EVENT}");
            let found = document(line.as_bytes());
            assert_eq!(found, Some(EVENT.as_bytes()), "{prefix}");
        }
    }

    #[test]
    fn times_after_an_event_are_left_out() {
        let line = format!("EVENTS\t17\tstream\t{EVENT}\t1709373600000");
        assert_eq!(document(line.as_bytes()), Some(EVENT.as_bytes()));
        let line = format!("text\t{EVENT}\t1709373600000");
        assert_eq!(document(line.as_bytes()), None);
    }

    #[test]
    fn quoted_event_in_a_line_is_not_an_event() {
        for line in [
            format!("error: user sent {EVENT} to /x"),
            format!("msg=\"{}\"", EVENT.replace('"', "\\\"")),
            "text {\"a\":1} text".to_owned(),
            "text".to_owned(),
            format!("{}{EVENT}", " x".repeat(1000)),
            format!("2026-03-02T10:00:00Z stderr F \t{EVENT}"),
        ] {
            assert_eq!(document(line.as_bytes()), None, "{line}");
        }
    }
}

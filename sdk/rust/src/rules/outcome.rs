//! The influence of a request's outcome on severities and titles.

use super::severity::{LOW, SeverityRule};
use crate::AuditEvent;

/// The maximum severity of a request that changed nothing, in the band Low.
pub const ATTEMPT: f64 = LOW;

/// The rule that [`severity`] applies to requests that changed nothing.
pub const ATTEMPTED: SeverityRule =
    SeverityRule::at_most(ATTEMPT, "the request was denied, failed, or was a dry run");

/// Returns the severity of a request: `done` if it took effect, and at most [`ATTEMPT`] if it was
/// denied, failed, or was a dry run.
#[must_use]
pub fn severity(event: AuditEvent<'_>, done: impl Into<f64>) -> f64 {
    let done = done.into();
    if event.succeeded() && !event.dry_run() {
        done
    } else {
        ATTEMPTED.apply(done)
    }
}

/// Returns a verb for titles: `done`, such as `created`, if the request took effect, and otherwise
/// [`attempted`] and `to_do`, as in `tried to create`.
#[must_use]
pub fn did(event: AuditEvent<'_>, done: &'static str, to_do: &str) -> String {
    match attempted(event) {
        "" => done.to_owned(),
        attempted => format!("{attempted}{to_do}"),
    }
}

/// Returns words for titles to put before an infinitive: none if the request took effect,
/// `tried to ` if it was denied or failed, `tried, in a dry run, to ` if it was a dry run.
#[must_use]
pub fn attempted(event: AuditEvent<'_>) -> &'static str {
    if !event.succeeded() {
        "tried to "
    } else if event.dry_run() {
        "tried, in a dry run, to "
    } else {
        ""
    }
}

/// Returns a suffix for titles: ` (denied)`, ` (failed)`, or ` (dry run)` if the request changed
/// nothing for that reason, and an empty text if it took effect.
#[must_use]
pub fn suffix(event: AuditEvent<'_>) -> &'static str {
    if event.denied() {
        " (denied)"
    } else if !event.succeeded() {
        " (failed)"
    } else if event.dry_run() {
        " (dry run)"
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::{ATTEMPT, attempted, did, severity, suffix};
    use crate::AuditEvent;
    use crate::contract::{self, Response};

    #[test]
    fn outcome_decides_severity_and_words() {
        for (code, dry_run, expected, words, title) in [
            (201, false, 6.0, "created", ""),
            (
                201,
                true,
                ATTEMPT,
                "tried, in a dry run, to create",
                " (dry run)",
            ),
            (403, false, ATTEMPT, "tried to create", " (denied)"),
            (403, true, ATTEMPT, "tried to create", " (denied)"),
            (409, false, ATTEMPT, "tried to create", " (failed)"),
        ] {
            let event = contract::AuditEvent {
                response: Some(Response {
                    code,
                    ..Response::default()
                }),
                dry_run,
                ..contract::AuditEvent::default()
            };
            let event = AuditEvent::from(&event);
            assert!(
                (severity(event, 6.0) - expected).abs() < f64::EPSILON,
                "{code}"
            );
            assert_eq!(did(event, "created", "create"), words);
            assert_eq!(suffix(event), title);
            assert_eq!(attempted(event).is_empty(), title.is_empty());
        }
    }

    #[test]
    fn attempts_are_at_most_low() {
        let denied = contract::AuditEvent {
            response: Some(Response {
                code: 403,
                ..Response::default()
            }),
            ..contract::AuditEvent::default()
        };
        let found = severity(AuditEvent::from(&denied), 2.0);
        assert_eq!(found.to_bits(), 2.0_f64.to_bits());
    }
}

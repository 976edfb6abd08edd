//! Whether events can reach a detector.

use std::sync::Arc;

use wardline_detect::{Detector, feeds};
use wardline_event::Family;

/// No source of this host reads runtime events.
const NO_RUNTIME: &str = "no source feeds runtime events";
/// No other detector that receives events declares a finding type that matches.
const NO_SIGNALS: &str = "no loaded detector raises a matching finding";

/// Which of a detector's subscriptions can match.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Activity {
    /// Whether no event can reach the detector.
    pub is_idle: bool,
    /// The reason why some subscriptions, or all, cannot match.
    pub note: Option<String>,
}

/// Returns the activity of each of the detectors that are in force together.
pub(super) fn activities(detectors: &[Arc<Detector>]) -> Vec<Activity> {
    let receives = feeds(detectors).receive_signals();
    detectors
        .iter()
        .zip(receives)
        .map(|(detector, receives_signals)| {
            let subscribes = |family| detector.subscriptions.has(family);
            activity(
                subscribes(Family::Audit),
                subscribes(Family::Runtime),
                subscribes(Family::Signal).then_some(receives_signals),
            )
        })
        .collect()
}

/// `signals` is whether the detector receives signals, if it subscribes to any.
fn activity(audit: bool, runtime: bool, signals: Option<bool>) -> Activity {
    let notes: Vec<&str> = [
        runtime.then_some(NO_RUNTIME),
        (signals == Some(false)).then_some(NO_SIGNALS),
    ]
    .into_iter()
    .flatten()
    .collect();
    Activity {
        is_idle: !audit && signals != Some(true),
        note: (!notes.is_empty()).then(|| notes.join("; ")),
    }
}

#[cfg(test)]
mod tests {
    use super::activity;

    #[test]
    fn detector_is_idle_if_no_family_can_reach_it() {
        let cases = [
            (true, false, None, false, None),
            (
                false,
                true,
                None,
                true,
                Some("no source feeds runtime events"),
            ),
            (
                true,
                true,
                None,
                false,
                Some("no source feeds runtime events"),
            ),
            (false, false, Some(true), false, None),
            (
                false,
                false,
                Some(false),
                true,
                Some("no loaded detector raises a matching finding"),
            ),
            (
                false,
                true,
                Some(false),
                true,
                Some(
                    "no source feeds runtime events; no loaded detector raises a matching finding",
                ),
            ),
        ];
        for (audit, runtime, signals, is_idle, note) in cases {
            let found = activity(audit, runtime, signals);
            assert_eq!((found.is_idle, found.note.as_deref()), (is_idle, note));
        }
    }
}

//! A property of all detectors: a finding is never hidden by a lesser one.

mod bench;
mod group;

use std::fmt;
use std::path::Path;
use std::time::Duration;

pub(super) use bench::logs;
use bench::{Bench, Severities, groups};
use group::Group;

use super::{AuditLine, Harness, TestError};
use crate::Detector;
use crate::rules::time::{HOUR, MINUTE};

/// The pauses between the lesser requests and the others: within all windows, behind most of them,
/// and behind all of them.
const PAUSES: [Duration; 3] = [
    Duration::from_secs(1),
    Duration::from_secs(20 * MINUTE.as_secs()),
    Duration::from_secs(30 * HOUR.as_secs()),
];

/// A finding that is raised for some requests alone, and not if lesser ones precede them.
#[derive(Debug, Clone, PartialEq)]
pub struct HiddenFinding {
    /// The finding type.
    pub finding_type: String,
    /// The severity that the requests have alone.
    pub alone: f64,
    /// The highest severity that was raised after the lesser requests; 0 if there was none.
    pub after: f64,
    /// The ids of the lesser requests.
    pub lesser: Vec<String>,
    /// The ids of the requests.
    pub requests: Vec<String>,
    /// The time between the two.
    pub pause: Duration,
}

impl fmt::Display for HiddenFinding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} {:.1} of {} is {:.1} if {} precede by {:?}",
            self.finding_type,
            self.alone,
            self.requests.join(", "),
            self.after,
            self.lesser.join(", "),
            self.pause
        )
    }
}

/// Returns the findings that a detector does not raise if the same actor does something lesser
/// first. There should be none: whoever is about to do the severe thing could hide it by a harmless
/// one.
///
/// The requests are those of the logs in a directory (`*.ndjson`) and of `more`, each alone and in
/// the groups for which the detector raises findings. Each group is preceded by every other one that
/// alone raises a lower severity of the type, sent by the same actor with its own client and with
/// the same client, namespace, and images; the group must be told as if it were alone. It is also
/// preceded by those that raise nothing of the type, which may lower its severity, since they can be context,
/// and must not silence it. A finding of another type that is as severe tells the requests too.
/// `host` returns a new harness with the settings and lists that the logs need.
///
/// # Errors
/// Returns [`TestError::Fixture`] if the logs cannot be read. Otherwise as
/// [`Harness::audit_lines`].
pub fn hidden_findings<D: Detector>(
    directory: impl AsRef<Path>,
    more: &[AuditLine],
    host: impl Fn() -> Harness<D>,
) -> Result<Vec<HiddenFinding>, TestError> {
    let mut bench = Bench::new(host);
    let groups = groups(logs(directory.as_ref(), more)?, &mut bench)?;
    let mut loud: Vec<(&Group, Severities)> = Vec::new();
    let mut silent: Vec<&Group> = Vec::new();
    for group in &groups {
        match bench.highest(group.clone())? {
            raised if raised.is_empty() => silent.push(group),
            raised => loud.push((group, raised)),
        }
    }
    let mut hidden = Vec::new();
    for (group, alone) in &loud {
        let last = group.0.last();
        let mut lesser: Vec<Group> = Vec::new();
        let sent = loud.iter().map(|(other, _)| other.sent_by(last));
        let moved = loud
            .iter()
            .map(|(other, _)| *other)
            .chain(silent.iter().copied());
        for other in sent.chain(moved.map(|other| other.sent_by(last).moved_to(last))) {
            if !other.touches(group) && !lesser.contains(&other) {
                lesser.push(other);
            }
        }
        for lesser in lesser {
            let before = bench.highest(lesser.clone())?;
            let louder: Vec<(&String, f64)> = alone
                .iter()
                .map(|(finding_type, severity)| (finding_type, *severity))
                .filter(|(finding_type, severity)| {
                    before.get(*finding_type).copied().unwrap_or_default() < *severity
                })
                .collect();
            if louder.is_empty() {
                continue;
            }
            // Requests that raise nothing are remembered for other reasons, and mostly not at all.
            let pauses = if before.is_empty() { 1 } else { PAUSES.len() };
            for pause in PAUSES.into_iter().take(pauses) {
                let raised = bench.judge(lesser.followed_by(group, pause))?;
                for (finding_type, alone) in &louder {
                    // Another type may tell the same requests instead.
                    let after = raised
                        .iter()
                        .filter(|finding| group.is_cited_by(finding))
                        .map(|finding| finding.severity)
                        .fold(0.0, f64::max);
                    // Requests that raise nothing of the type may be context: they lower, and never
                    // silence.
                    let is_hidden = match before.contains_key(*finding_type) {
                        true => after < *alone,
                        false => after == 0.0,
                    };
                    if is_hidden {
                        hidden.push(HiddenFinding {
                            finding_type: (*finding_type).clone(),
                            alone: *alone,
                            after,
                            lesser: lesser.ids(),
                            requests: group.ids(),
                            pause,
                        });
                    }
                }
            }
        }
    }
    Ok(hidden)
}

//! Whether the host does its work: each source is read, and detectors judge.

use std::collections::BTreeMap;

use wardline_detect::{BreakerState, WorkerHealth};
use wardline_source::SourceState;

use crate::pipeline::Processed;
use crate::plugin::{FileState, FileStatus, Origin};

/// The numbers that a source has delivered since the host started.
#[derive(Debug, Clone, Copy, Default)]
struct Delivered {
    lines: u64,
    events: u64,
}

/// Collects what decides whether the host is ready.
#[derive(Debug)]
pub(super) struct Readiness {
    delivered: BTreeMap<String, Delivered>,
    /// The problems at the last call, each of which was logged.
    known: Vec<String>,
}

/// The state of the host at one moment.
pub(super) struct State<'s> {
    /// Whether no detector is in force.
    pub is_blind: bool,
    pub sources: &'s [SourceState],
    pub files: &'s [FileStatus],
    pub workers: &'s [WorkerHealth],
    /// Why the store cannot be written, if so.
    pub store: Option<&'s str>,
}

impl Readiness {
    /// Starts before the first of these sources is read.
    pub fn new(sources: Vec<SourceState>) -> Self {
        Self {
            delivered: sources
                .into_iter()
                .map(|source| (source.name, Delivered::default()))
                .collect(),
            known: Vec::new(),
        }
    }

    /// Counts what was judged.
    pub fn judged(&mut self, processed: &Processed) {
        for (name, counts) in processed.sources.iter() {
            // A webhook's sources have the names of clusters, too, which senders choose.
            if let Some(delivered) = self.delivered.get_mut(name) {
                delivered.lines += counts.lines;
                delivered.events += counts.events;
            }
        }
    }

    /// Returns why the host is not ready, in sentences without a period; none if it is. New ones are
    /// logged.
    pub fn problems(&mut self, state: &State<'_>) -> Vec<String> {
        let mut problems = Vec::new();
        if state.is_blind {
            problems.push(
                "no detector judges events; sources are not read until one is in force".to_owned(),
            );
        }
        problems.extend(state.files.iter().filter_map(unloaded));
        for (index, worker) in state.workers.iter().enumerate() {
            let is_first = !state
                .workers
                .iter()
                .take(index)
                .any(|other| other.detector == worker.detector && is_out(other));
            if is_first && is_out(worker) {
                problems.push(format!("the detector {} is in quarantine", worker.detector));
            }
        }
        for source in state.sources {
            let delivered = self
                .delivered
                .get(&source.name)
                .copied()
                .unwrap_or_default();
            if let Some(problem) = &source.problem {
                problems.push(format!("the source {} is not read: {problem}", source.name));
            } else if delivered.lines > 0 && delivered.events == 0 {
                problems.push(format!(
                    "the source {} delivered {} lines and not one audit event",
                    source.name, delivered.lines
                ));
            }
        }
        problems.extend(
            state
                .store
                .map(|error| format!("the state directory cannot be written: {error}")),
        );
        self.log(&problems);
        problems
    }

    fn log(&mut self, problems: &[String]) {
        // Numbers in a problem change; its beginning tells whether it is known.
        let begins = |text: &str| text.split(" delivered ").next().unwrap_or(text).to_owned();
        for problem in problems {
            if !self.known.contains(&begins(problem)) {
                tracing::warn!("not ready: {problem}");
            }
        }
        if problems.is_empty() && !self.known.is_empty() {
            tracing::info!("ready: each source is read, and detectors judge");
        }
        self.known = problems.iter().map(|problem| begins(problem)).collect();
    }
}

fn is_out(worker: &WorkerHealth) -> bool {
    worker.breaker == BreakerState::Quarantined
}

/// Returns the problem of a built-in detector that is not in force. A broken file that somebody put into
/// the plugin directory is shown in the status only: it must not take the host out of service.
fn unloaded(file: &FileStatus) -> Option<String> {
    let is_own = file.origin == Origin::BuiltIn;
    (is_own && file.running.is_none() && file.state == FileState::Refused)
        .then(|| format!("the built-in detector {} is not in force", file.file))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use wardline_detect::{BreakerState, WorkerHealth};
    use wardline_source::SourceState;
    use wardline_state::Usage;

    use super::{Readiness, State};
    use crate::plugin::{FileState, FileStatus, Origin};

    fn file(origin: Origin) -> FileStatus {
        FileStatus {
            file: format!("{origin:?}"),
            origin,
            state: FileState::Refused,
            note: None,
            digest_on_disk: None,
            running: None,
            failure: None,
        }
    }

    fn worker(breaker: BreakerState) -> WorkerHealth {
        WorkerHealth {
            detector: Arc::from("witness"),
            breaker,
            last_failure: None,
            state: Usage::default(),
        }
    }

    #[test]
    fn each_reason_is_told_once() {
        let mut source = SourceState::new("audit", "audit.log".to_owned());
        let before = [source.clone()];
        let mut readiness = Readiness::new(before.to_vec());
        let (own, closed) = ([file(Origin::File)], [worker(BreakerState::Closed)]);
        let mut state = State {
            is_blind: false,
            sources: &before,
            files: &own,
            workers: &closed,
            store: None,
        };
        let none: [&str; 0] = [];
        assert_eq!(readiness.problems(&state), none);
        state.is_blind = true;
        state.store = Some("no space");
        let files = [file(Origin::File), file(Origin::BuiltIn)];
        state.files = &files;
        let out = [
            worker(BreakerState::Quarantined),
            worker(BreakerState::Quarantined),
        ];
        state.workers = &out;
        source.problem = Some("audit.log does not exist".to_owned());
        let sources = [source];
        state.sources = &sources;
        assert_eq!(
            readiness.problems(&state),
            [
                "no detector judges events; sources are not read until one is in force",
                "the built-in detector BuiltIn is not in force",
                "the detector witness is in quarantine",
                "the source audit is not read: audit.log does not exist",
                "the state directory cannot be written: no space",
            ]
        );
    }
}

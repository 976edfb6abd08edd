//! Which detectors are in force, and whether they work.

use std::collections::BTreeMap;

use jiff::Timestamp;
use wardline_detect::{BreakerState, WorkerHealth};
use wardline_health::{Condition, Growth, Kind};

use super::WINDOW;
use crate::plugin::{FileState, FileStatus, Origin};

/// Maximum number of changes that are told at once.
const MAX_CHANGES: usize = 256;
/// Severity if a built-in detector was replaced or turned off.
const BUILT_IN: f64 = 5.0;

/// The text that a built-in detector has in place of the digest of a file. It changes with the host, which
/// the operator replaces.
const PART_OF_HOST: &str = "built in";

/// The detectors at the latest observation.
pub(super) struct Detectors {
    /// The digest of each detector in force, by file; `None` before the first observation, unless
    /// one was saved.
    digests: Option<BTreeMap<String, String>>,
    is_saved: bool,
    changes: Vec<(Timestamp, Condition)>,
    evictions: BTreeMap<String, Growth>,
}

impl Detectors {
    pub fn new(saved: Option<Vec<u8>>) -> Self {
        let digests = saved.and_then(|saved| serde_json::from_slice(&saved).ok());
        Self {
            digests,
            is_saved: true,
            changes: Vec::new(),
            evictions: BTreeMap::new(),
        }
    }

    pub fn save(&mut self) -> Option<Vec<u8>> {
        if std::mem::replace(&mut self.is_saved, true) {
            return None;
        }
        // A map of texts always serializes.
        serde_json::to_vec(&self.digests).ok()
    }

    pub fn conditions(
        &mut self,
        files: &[FileStatus],
        workers: &[WorkerHealth],
        now: Timestamp,
    ) -> Vec<Condition> {
        let mut conditions = Vec::new();
        let is_loading = files.iter().any(|file| file.state == FileState::Compiling);
        if !is_loading {
            self.compare(files, now);
            let is_at_work = |file: &FileStatus| {
                file.state == FileState::Active && !is_quarantined(file, workers)
            };
            if !files.iter().any(is_at_work) {
                let observed = "No detector is in force that events can reach.".to_owned();
                conditions.push(
                    Condition::new(Kind::NoDetector, "", observed).with("files", files.len()),
                );
            }
        }
        for file in files {
            if let Some(failure) = &file.failure {
                let observed = format!("The file of {} is not in force.", file.file);
                conditions.push(
                    Condition::new(Kind::DetectorRefused, &file.file, observed)
                        .with("step", failure.step)
                        .with("failure", &failure.message),
                );
            }
            if is_quarantined(file, workers) {
                conditions.push(quarantine(file, workers));
            }
        }
        conditions.extend(self.evicted(workers, now));
        self.changes
            .retain(|(since, _)| now.duration_since(*since).unsigned_abs() < WINDOW);
        conditions.extend(self.changes.iter().map(|(_, condition)| condition.clone()));
        conditions
    }

    /// Notes which detectors are other ones than at the observation before.
    fn compare(&mut self, files: &[FileStatus], now: Timestamp) {
        let digests: BTreeMap<String, String> = files
            .iter()
            .filter_map(|file| {
                let running = file.running.as_ref()?;
                let digest = match file.origin {
                    Origin::BuiltIn => PART_OF_HOST.to_owned(),
                    Origin::File => running.digest.clone(),
                };
                Some((file.file.clone(), digest))
            })
            .collect();
        let before = self.digests.as_ref();
        if before == Some(&digests) {
            return;
        }
        self.is_saved = false;
        if let Some(before) = before {
            let names = before.keys().chain(digests.keys());
            let names: std::collections::BTreeSet<&String> = names.collect();
            for name in names {
                let (old, new) = (before.get(name), digests.get(name));
                if old != new && self.changes.len() < MAX_CHANGES {
                    self.changes.push((now, change(name, old, new)));
                }
            }
        }
        self.digests = Some(digests);
    }

    fn evicted(&mut self, workers: &[WorkerHealth], now: Timestamp) -> Vec<Condition> {
        let mut totals: BTreeMap<&str, u64> = BTreeMap::new();
        for worker in workers {
            *totals.entry(&worker.detector).or_default() += worker.state.evictions;
        }
        let mut conditions = Vec::new();
        for (detector, total) in totals {
            let growth = self
                .evictions
                .entry(detector.to_owned())
                .or_insert_with(|| Growth::over(WINDOW));
            let recent = growth.note(total, now);
            if recent > 0 {
                conditions.push(
                    Condition::new(
                        Kind::StateEvicted,
                        detector,
                        format!("{recent} entries of {detector} were evicted."),
                    )
                    .with("entries", recent),
                );
            }
        }
        conditions
    }
}

fn workers_of<'w>(
    file: &FileStatus,
    workers: &'w [WorkerHealth],
) -> impl Iterator<Item = &'w WorkerHealth> {
    let name = file.running.as_ref().map(|running| running.name.clone());
    workers
        .iter()
        .filter(move |worker| name.as_deref() == Some(worker.detector.as_ref()))
}

fn is_quarantined(file: &FileStatus, workers: &[WorkerHealth]) -> bool {
    workers_of(file, workers).any(|worker| worker.breaker == BreakerState::Quarantined)
}

fn quarantine(file: &FileStatus, workers: &[WorkerHealth]) -> Condition {
    let failure = workers_of(file, workers)
        .find_map(|worker| worker.last_failure.as_ref())
        .map(|failure| failure.message.clone());
    Condition::new(
        Kind::DetectorQuarantined,
        &file.file,
        format!("{} is in quarantine.", file.file),
    )
    .with("failure", failure.unwrap_or_default())
}

fn change(name: &str, old: Option<&String>, new: Option<&String>) -> Condition {
    let done = match (old, new) {
        (None, _) => "added",
        (_, None) => "removed",
        _ => "replaced",
    };
    let none = "none".to_owned();
    let (before, after) = (old.unwrap_or(&none), new.unwrap_or(&none));
    let condition = Condition::new(
        Kind::DetectorChanged,
        &format!("{name} {after}"),
        format!("The detector {name} was {done}."),
    )
    .with("detector", name)
    .with("digest before", before)
    .with("digest after", after);
    if before == PART_OF_HOST {
        condition.at_least(BUILT_IN)
    } else {
        condition
    }
}

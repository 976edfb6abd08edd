//! Brings findings to their sinks.
//!
//! A finding is in the store's outbox before a sink sees it, in the same transaction
//! as the place in the log that it came from. A sink that fails is tried again; what
//! it has not taken stays in the outbox, over restarts too.

use std::collections::HashSet;
use std::sync::Arc;

use wardline_finding::Status;
use wardline_finding::export::{CSV_HEADER, Form, Place, convert};
use wardline_sink::{FileSink, LineDigest, Sink, SinkError, Stdout};
use wardline_store::{Store, StoreError};
use wardline_telemetry::SinkTelemetry;

use crate::config::{Config, SinkKind};

/// Findings that are read from the outbox at once.
const AT_ONCE: usize = 1000;

/// Key of the number of the next finding.
const NEXT: &str = "findings/next";

/// Which findings a sink is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    Active,
    Suppressed,
    All,
}

impl Takes {
    fn takes(self, finding: &[u8]) -> bool {
        #[derive(serde::Deserialize)]
        struct Head {
            #[serde(default)]
            status: Status,
        }
        let status = serde_json::from_slice::<Head>(finding).map_or(Status::Active, |it| it.status);
        match self {
            Self::Active => status == Status::Active,
            Self::Suppressed => status == Status::Suppressed,
            Self::All => true,
        }
    }
}

struct Target {
    sink: Box<dyn Sink>,
    form: Form,
    place: Place,
    takes: Takes,
    /// The last finding that it has taken.
    taken: u64,
    /// Findings that it had when the host started, though the store did not know:
    /// those that were written just before the host was killed.
    had: HashSet<LineDigest>,
    failing: bool,
}

/// All sinks, and what each has taken.
pub(super) struct Delivery {
    store: Arc<Store>,
    targets: Vec<Target>,
    /// The last finding that was committed before the host started.
    old: u64,
    next: u64,
    forgotten: u64,
}

impl Delivery {
    /// Opens the sinks, and the archive of suppressed findings if there are rules. What was
    /// not delivered before the last end of the host is next.
    pub fn open(config: &Config, store: Arc<Store>) -> Result<Self, super::AppError> {
        let next = store
            .meta(NEXT)?
            .and_then(|saved| Some(u64::from_le_bytes(saved.as_slice().try_into().ok()?)))
            .unwrap_or(1);
        let waiting = store.outbox(0, 1)?;
        let first = waiting.first().map_or(next, |(number, _)| *number);
        let mut targets: Vec<Target> = Vec::new();
        let target = |sink, form, place, takes, had| Target {
            sink,
            form,
            place,
            takes,
            taken: first - 1,
            had,
            failing: false,
        };
        let with_lines = |mut file: FileSink| -> Result<(Box<dyn Sink>, _), SinkError> {
            let had = if waiting.is_empty() {
                HashSet::new()
            } else {
                file.recent_lines()?
            };
            Ok((Box::new(file), had))
        };
        for sink in &config.sinks {
            let takes = if sink.suppressed {
                Takes::All
            } else {
                Takes::Active
            };
            let (form, place) = (sink.form, &sink.place);
            let (sink, had): (Box<dyn Sink>, _) = match &sink.kind {
                SinkKind::Stdout(format) => (Box::new(Stdout::new(*format)), HashSet::new()),
                SinkKind::File(path) => {
                    let file = FileSink::open(path)?;
                    with_lines(match form {
                        Form::Csv => file.headed(CSV_HEADER),
                        _ => file,
                    })?
                }
            };
            targets.push(target(sink, form, place.clone(), takes, had));
        }
        if config.suppression.directory.is_some() {
            let archive = FileSink::open(&config.suppression.archive)?;
            let (sink, had) = with_lines(archive.limited(config.suppression.archive_limit))?;
            targets.push(target(
                sink,
                Form::Wardline,
                Place::default(),
                Takes::Suppressed,
                had,
            ));
        }
        Ok(Self {
            store,
            targets,
            old: next - 1,
            next,
            forgotten: first - 1,
        })
    }

    /// Numbers findings for the outbox.
    pub fn number(&mut self, findings: Vec<Vec<u8>>) -> Vec<(u64, Vec<u8>)> {
        findings
            .into_iter()
            .map(|finding| {
                let number = self.next;
                self.next += 1;
                (number, finding)
            })
            .collect()
    }

    /// What the store must keep of the numbering.
    pub fn save(&self) -> (String, Vec<u8>) {
        (NEXT.to_owned(), self.next.to_le_bytes().to_vec())
    }

    /// What all sinks have taken, if that is more than when this was last asked; the
    /// outbox may forget it.
    pub fn take_delivered(&mut self) -> Option<u64> {
        let all = self.targets.iter().map(|target| target.taken).min()?;
        (all > self.forgotten).then(|| {
            self.forgotten = all;
            all
        })
    }

    /// Gives every sink what is committed and it has not taken. False: the reader of
    /// standard output is gone, and the host should end.
    pub fn deliver(&mut self, telemetry: &SinkTelemetry) -> Result<bool, StoreError> {
        for target in &mut self.targets {
            while target.taken + 1 < self.next {
                let findings = self.store.outbox(target.taken, AT_ONCE)?;
                let Some((last, _)) = findings.last() else {
                    break;
                };
                let fresh: Vec<String> = findings
                    .iter()
                    .filter(|(_, finding)| target.takes.takes(finding))
                    .filter_map(|(number, finding)| Some((number, target.line(finding)?)))
                    .filter(|(number, line)| **number > self.old || !target.has(line.as_bytes()))
                    .map(|(_, line)| line)
                    .collect();
                let lines: Vec<&[u8]> = fresh.iter().map(String::as_bytes).collect();
                match target.sink.write(&lines) {
                    Ok(()) => {
                        target.failing = false;
                        target.taken = *last;
                        if *last >= self.old {
                            target.had = HashSet::new();
                        }
                        telemetry.written(target.sink.name(), fresh.len() as u64);
                    }
                    Err(SinkError::Closed) => {
                        tracing::error!("{}", SinkError::Closed);
                        return Ok(false);
                    }
                    Err(error) => {
                        let is_first = !std::mem::replace(&mut target.failing, true);
                        telemetry.failed(target.sink.name(), &error, is_first);
                        break;
                    }
                }
            }
        }
        let least = self.targets.iter().map(|target| target.taken).min();
        telemetry.undelivered((self.next - 1).saturating_sub(least.unwrap_or_default()));
        Ok(true)
    }
}

impl Target {
    /// The finding as the sink is given it. What is in the outbox was written by the host, if
    /// not by this version: what it cannot read any more is said and left out.
    fn line(&self, finding: &[u8]) -> Option<String> {
        convert(finding, self.form, &self.place)
            .inspect_err(|error| tracing::error!("a kept finding cannot be read: {error}"))
            .ok()
    }

    fn has(&self, line: &[u8]) -> bool {
        !self.had.is_empty() && self.had.contains(&LineDigest::of(line))
    }
}

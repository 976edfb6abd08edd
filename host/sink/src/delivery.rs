//! All sinks, and the threads that deliver to them.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use wardline_store::{Retention, Store, StoreError};
use wardline_telemetry::Sinks;

use super::SinkSettings;
use super::dead_letter::{DeadFindings, file_name};
use super::journal::Journal;
use super::keeper::Keeper;
use super::state::SinkState;
use super::worker::{Shared, Target, Worker, delays};

/// The settings that all sinks share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryOptions {
    /// The folder of the sinks' dead-letter files; created when it is needed.
    pub dead_letters: PathBuf,
    /// The folder of the sinks' journals; created when it is needed.
    pub journals: PathBuf,
    /// Size at which a dead-letter file is rotated, in bytes.
    pub dead_letter_limit: u64,
    /// The findings that the store keeps, also if a sink does not take them.
    pub retention: Retention,
}

/// The reason why delivery cannot start.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// The sinks' positions cannot be read.
    #[error("cannot read the positions of sinks")]
    Store(#[from] StoreError),
    /// A thread cannot be started.
    #[error("cannot start the thread of the sink {sink}")]
    Thread {
        /// The sink.
        sink: String,
        /// The operating system's error.
        #[source]
        error: std::io::Error,
    },
}

/// Delivers committed findings to all sinks. Each sink has a thread, and a cursor that the store keeps;
/// the judging thread only announces findings, and saves cursors with its next commit.
pub struct Delivery {
    shared: Arc<Shared>,
    /// The cursors as last returned for saving.
    saved: Vec<Option<u64>>,
    /// Sinks in the store that the configuration no longer has.
    forgotten: Vec<String>,
    /// Disconnected when the last worker has ended.
    ended: Receiver<()>,
}

impl Delivery {
    /// Starts a thread for each sink. `last` is the number of the last committed finding. A sink
    /// resumes at its cursor; a sink without a cursor starts behind `last`, or at the first finding if
    /// no sink has a cursor.
    ///
    /// # Errors
    /// Returns [`DeliveryError::Store`] if the cursors cannot be read, and [`DeliveryError::Thread`]
    /// if a thread cannot be started.
    pub fn start(
        sinks: Vec<SinkSettings>,
        store: &Arc<Store>,
        last: u64,
        options: &DeliveryOptions,
        telemetry: &Sinks,
    ) -> Result<Self, DeliveryError> {
        let saved = store.cursors()?;
        let new = if saved.is_empty() {
            let first = store.outbox(0, 1, 0)?;
            first
                .first()
                .map_or(last, |first| first.number.saturating_sub(1))
        } else {
            last
        };
        let cursor = |name: &str| {
            saved
                .iter()
                .find(|(saved, _)| saved == name)
                .map_or(new, |(_, number)| (*number).min(last))
        };
        let targets: Vec<Arc<Target>> = sinks
            .iter()
            .map(|sink| {
                Arc::new(Target::new(
                    sink.name.clone(),
                    sink.takes,
                    cursor(&sink.name),
                    telemetry.sink(&sink.name),
                    DeadFindings::new(&options.dead_letters, &sink.name, options.dead_letter_limit),
                ))
            })
            .collect();
        let shared = Arc::new(Shared::new(targets, telemetry.clone()));
        shared.bell.committed(last);
        shared.show();
        let (ending, ended) = channel();
        let delivery = Self {
            saved: vec![None; sinks.len()],
            forgotten: saved
                .iter()
                .filter(|(name, _)| !sinks.iter().any(|sink| sink.name == *name))
                .map(|(name, _)| name.clone())
                .collect(),
            shared: Arc::clone(&shared),
            ended,
        };
        for (sink, target) in sinks.into_iter().zip(&shared.targets) {
            let worker = Worker::new(
                Arc::clone(target),
                Arc::clone(&shared),
                store,
                sink.kind.open(
                    sink.form,
                    Journal::open(&options.journals.join(file_name(&sink.name)), last),
                ),
                (sink.form, sink.cloud_account),
                delays(),
            );
            start(&sink.name, &ending, move || worker.run())?;
        }
        let keeper = Keeper::new(Arc::clone(&shared), store, options.retention);
        start("keeper", &ending, move || keeper.run())?;
        Ok(delivery)
    }

    /// Announces the number of the last committed finding.
    pub fn committed(&self, last: u64) {
        self.shared.bell.committed(last);
        self.shared.show();
    }

    /// Returns the state of each sink, in the order of the configuration.
    #[must_use]
    pub fn states(&self) -> Vec<SinkState> {
        let last = self.shared.bell.last();
        self.shared
            .targets
            .iter()
            .map(|target| target.state(last))
            .collect()
    }

    /// Returns true if the reader of standard output is gone, and the host should end.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.shared.is_closed.load(Ordering::SeqCst)
    }

    /// Returns the cursors that have changed since the last call, for the next commit.
    pub fn take_cursors(&mut self) -> Vec<(String, Option<u64>)> {
        let mut changed: Vec<(String, Option<u64>)> = std::mem::take(&mut self.forgotten)
            .into_iter()
            .map(|name| (name, None))
            .collect();
        for (target, saved) in self.shared.targets.iter().zip(&mut self.saved) {
            let cursor = target.cursor();
            if saved.replace(cursor) != Some(cursor) {
                changed.push((target.name.clone(), Some(cursor)));
            }
        }
        changed
    }

    /// Waits until the sinks have taken all findings or have failed, at most for `grace`. The rest
    /// is delivered after the next start.
    pub fn finish(&mut self, grace: Duration) {
        self.shared.bell.stop();
        let end = Instant::now() + grace;
        loop {
            let rest = end.saturating_duration_since(Instant::now());
            match self.ended.recv_timeout(rest) {
                Ok(()) => {}
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    tracing::warn!("a sink did not stop in time");
                    break;
                }
            }
        }
        let last = self.shared.bell.last();
        for target in &self.shared.targets {
            let waiting = last.saturating_sub(target.cursor());
            if waiting > 0 {
                tracing::warn!(
                    sink = target.name,
                    findings = waiting,
                    "undelivered findings are kept for the next start"
                );
            }
        }
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        self.shared.bell.stop();
    }
}

fn start(
    name: &str,
    ending: &Sender<()>,
    work: impl FnOnce() + Send + 'static,
) -> Result<(), DeliveryError> {
    let ending = ending.clone();
    std::thread::Builder::new()
        .name("wardline-sink".to_owned())
        .spawn(move || {
            work();
            drop(ending);
        })
        .map(drop)
        .map_err(|error| DeliveryError::Thread {
            sink: name.to_owned(),
            error,
        })
}

#[cfg(test)]
mod tests;

//! Delivers findings to one sink.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use wardline_finding::Finding;
use wardline_finding::export::{CloudAccount, Form, encode};
use wardline_store::{Store, StoredFinding};
use wardline_telemetry::{SinkTelemetry, Sinks};
use wardline_text::chain;

use super::bell::Bell;
use super::dead_letter::{DeadFinding, DeadFindings, Reason};
use super::state::{SinkFailure, SinkState};
use super::{DeliverError, Outgoing, Sink, Takes};

/// Maximum number of findings that are read from the store at once.
pub(crate) const BATCH: usize = 1000;
/// Maximum size of findings that are read from the store at once, in bytes; one finding may exceed
/// it.
pub(crate) const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// Returns the delays between attempts: 0.2 s, doubled up to 30 s, and prolonged by up to the same
/// time at random, so that several hosts do not retry at the same moment.
pub(crate) fn delays() -> ExponentialBuilder {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(200))
        .with_max_delay(Duration::from_secs(30))
        .without_max_times()
        .with_jitter()
}

/// The state of one sink that other threads read.
pub(crate) struct Target {
    pub name: String,
    pub takes: Takes,
    /// The number of the last finding that the sink has acknowledged, or that was moved to its dead
    /// letters.
    cursor: AtomicU64,
    pub telemetry: SinkTelemetry,
    letters: Mutex<DeadFindings>,
    failure: Mutex<Option<SinkFailure>>,
    /// Time since the oldest undelivered finding was committed, in seconds.
    oldest: AtomicU64,
}

impl Target {
    pub fn new(
        name: String,
        takes: Takes,
        cursor: u64,
        telemetry: SinkTelemetry,
        letters: DeadFindings,
    ) -> Self {
        Self {
            name,
            takes,
            cursor: AtomicU64::new(cursor),
            telemetry,
            letters: Mutex::new(letters),
            failure: Mutex::default(),
            oldest: AtomicU64::default(),
        }
    }

    /// The state for operators. `last` is the number of the last committed finding.
    pub fn state(&self, last: u64) -> SinkState {
        let waiting = last.saturating_sub(self.cursor());
        let oldest = self.oldest.load(Ordering::Relaxed);
        SinkState {
            name: self.name.clone(),
            waiting,
            oldest_seconds: if waiting == 0 { 0 } else { oldest },
            failure: self.failure().clone(),
        }
    }

    /// Updates the age of the oldest undelivered finding.
    pub fn age(&self, age: Duration) {
        self.oldest.store(age.as_secs(), Ordering::Relaxed);
        self.telemetry.oldest(age);
    }

    /// Notes a failure, or that there is none. Of several failures in a row, the first gives the time.
    fn note(&self, error: Option<String>) {
        let mut failure = self.failure();
        match (error, failure.as_mut()) {
            (None, _) => *failure = None,
            (Some(error), Some(known)) => known.error = error,
            (Some(error), None) => {
                *failure = Some(SinkFailure {
                    since: format!("{:.3}", jiff::Timestamp::now()),
                    error,
                });
            }
        }
    }

    fn failure(&self) -> MutexGuard<'_, Option<SinkFailure>> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn cursor(&self) -> u64 {
        self.cursor.load(Ordering::SeqCst)
    }

    /// Moves the cursor forward. The worker and the keeper both do, so that it never moves back.
    pub fn advance(&self, number: u64) {
        self.cursor.fetch_max(number, Ordering::SeqCst);
    }

    /// Writes dead letters and counts them.
    pub fn bury(&self, letters: &[DeadFinding<'_>]) -> std::io::Result<()> {
        self.letters
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .write(letters)?;
        for letter in letters {
            self.telemetry.dead_letter(letter.reason.as_str());
        }
        Ok(())
    }
}

/// The state that all threads of the delivery share.
pub(crate) struct Shared {
    pub targets: Vec<Arc<Target>>,
    pub bell: Bell,
    /// Whether a sink's destination is gone for good.
    pub is_closed: AtomicBool,
    telemetry: Sinks,
    /// Held while the metrics are updated, so that none shows an older value last.
    showing: Mutex<()>,
}

impl Shared {
    pub fn new(targets: Vec<Arc<Target>>, telemetry: Sinks) -> Self {
        Self {
            targets,
            bell: Bell::default(),
            is_closed: AtomicBool::new(false),
            telemetry,
            showing: Mutex::default(),
        }
    }

    /// Updates the metrics of undelivered findings.
    pub fn show(&self) {
        let _showing = self.showing.lock().unwrap_or_else(PoisonError::into_inner);
        let last = self.bell.last();
        let mut most = 0;
        for target in &self.targets {
            let waiting = last.saturating_sub(target.cursor());
            target.telemetry.waiting(waiting);
            if waiting == 0 {
                target.age(Duration::ZERO);
            }
            most = most.max(waiting);
        }
        self.telemetry.undelivered(most);
    }
}

/// The result of one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// There is nothing to deliver.
    Idle,
    /// Findings were delivered; there may be more.
    Delivered,
    /// The sink failed, and should be tried again after this time.
    Retry(Duration),
    /// The sink's destination is gone, or the store is closed.
    Ended,
}

/// Delivers findings to one sink.
pub(crate) struct Worker {
    target: Arc<Target>,
    shared: Arc<Shared>,
    /// A sink that hangs must not keep the store open when the host ends.
    store: Weak<Store>,
    sink: Box<dyn Sink>,
    is_open: bool,
    form: Form,
    cloud_account: CloudAccount,
    backoff: ExponentialBuilder,
    /// The delays of the failure at present.
    delays: Option<<ExponentialBuilder as BackoffBuilder>::Backoff>,
}

/// A finding as it is given to the sink.
enum Prepared {
    Ready(Box<Finding>, String),
    Unreadable(String),
}

impl Worker {
    pub fn new(
        target: Arc<Target>,
        shared: Arc<Shared>,
        store: &Arc<Store>,
        sink: Box<dyn Sink>,
        (form, cloud_account): (Form, CloudAccount),
        backoff: ExponentialBuilder,
    ) -> Self {
        Self {
            target,
            shared,
            store: Arc::downgrade(store),
            sink,
            is_open: false,
            form,
            cloud_account,
            backoff,
            delays: None,
        }
    }

    /// Works until the host stops. Then delivers the rest, unless the sink fails.
    pub fn run(mut self) {
        loop {
            let step = self.step();
            self.shared.show();
            match step {
                Step::Delivered => {}
                Step::Idle if self.shared.bell.stops() => return,
                Step::Idle => self.shared.bell.wait_for_findings(self.target.cursor()),
                Step::Retry(_) if self.shared.bell.stops() => return,
                Step::Retry(delay) => self.shared.bell.wait(delay),
                Step::Ended => return,
            }
        }
    }

    /// Delivers the next findings, without waiting.
    pub fn step(&mut self) -> Step {
        if !self.is_open {
            match self.sink.open() {
                Ok(delivered) => {
                    self.target.advance(delivered);
                    self.is_open = true;
                }
                Err(DeliverError::Temporary { cause, .. }) => return self.failed(cause.as_ref()),
                Err(error) => return self.closed(&error),
            }
        }
        let Some(store) = self.store.upgrade() else {
            return Step::Ended;
        };
        // Read first: findings up to this number are in the store, or have been removed from it.
        let committed = self.shared.bell.last();
        let rows = match store.outbox(self.target.cursor(), BATCH, BATCH_BYTES) {
            Ok(rows) => rows,
            Err(error) => return self.failed(&error),
        };
        drop(store);
        let Some(last) = rows.last().map(|row| row.number) else {
            self.target.advance(committed);
            self.recovered();
            return Step::Idle;
        };
        if self.delays.is_some() {
            self.target.telemetry.retried();
        }
        let prepared: Vec<(&StoredFinding, Prepared)> = rows
            .iter()
            .filter_map(|row| Some((row, self.prepare(row)?)))
            .collect();
        for part in prepared.chunk_by(|(_, first), (_, next)| {
            matches!((first, next), (Prepared::Ready(..), Prepared::Ready(..)))
        }) {
            if let Err(step) = self.deliver(part) {
                return step;
            }
        }
        self.target.advance(last);
        self.recovered();
        Step::Delivered
    }

    /// Returns `None` if the sink is not given the finding.
    fn prepare(&self, row: &StoredFinding) -> Option<Prepared> {
        match serde_json::from_slice::<Finding>(&row.json) {
            Ok(finding) if !self.target.takes.takes(finding.status) => None,
            Ok(finding) => {
                let text = encode(&finding, self.form, &self.cloud_account);
                Some(Prepared::Ready(Box::new(finding), text))
            }
            Err(error) => Some(Prepared::Unreadable(error.to_string())),
        }
    }

    /// Delivers findings that are all ready, or one that is unreadable.
    fn deliver(&mut self, part: &[(&StoredFinding, Prepared)]) -> Result<(), Step> {
        let mut batch = Vec::with_capacity(part.len());
        for (row, prepared) in part {
            match prepared {
                Prepared::Ready(finding, text) => batch.push(Outgoing {
                    number: row.number,
                    finding,
                    text,
                }),
                Prepared::Unreadable(detail) => self.bury(row, Reason::Unreadable, detail)?,
            }
        }
        let mut rest = batch.as_slice();
        while !rest.is_empty() {
            let error = match self.sink.deliver(rest) {
                Ok(()) => {
                    self.delivered(rest);
                    return Ok(());
                }
                Err(error) => error,
            };
            match error {
                DeliverError::Temporary { taken, cause } => {
                    let (done, _) = rest.split_at(taken.min(rest.len()));
                    self.delivered(done);
                    return Err(self.failed(cause.as_ref()));
                }
                DeliverError::Refused { taken, reason } => {
                    let (done, next) = rest.split_at(taken.min(rest.len()));
                    self.delivered(done);
                    let Some((refused, next)) = next.split_first() else {
                        return Ok(());
                    };
                    if let Some((row, _)) =
                        part.iter().find(|(row, _)| row.number == refused.number)
                    {
                        self.bury(row, Reason::Refused, &reason)?;
                    }
                    rest = next;
                }
                DeliverError::Closed => return Err(self.closed(&error)),
            }
        }
        Ok(())
    }

    fn delivered(&self, findings: &[Outgoing<'_>]) {
        self.target.telemetry.delivered(findings.len() as u64);
        if let Some(last) = findings.last() {
            self.target.advance(last.number);
        }
    }

    fn bury(&mut self, finding: &StoredFinding, reason: Reason, detail: &str) -> Result<(), Step> {
        let letter = DeadFinding {
            finding,
            reason,
            detail,
        };
        self.target
            .bury(&[letter])
            .map_err(|error| self.failed(&error))?;
        self.target
            .telemetry
            .undeliverable(&finding.id, reason.as_str(), detail);
        self.target.advance(finding.number);
        Ok(())
    }

    fn closed(&self, error: &DeliverError) -> Step {
        self.target.telemetry.closed(error);
        self.target.note(Some(error.to_string()));
        self.shared.is_closed.store(true, Ordering::SeqCst);
        Step::Ended
    }

    fn recovered(&mut self) {
        if self.delays.take().is_some() {
            self.target.note(None);
            self.target.telemetry.recovered();
        }
    }

    /// Logs the first of several failures in a row.
    fn failed(&mut self, error: &(dyn std::error::Error + 'static)) -> Step {
        self.target.telemetry.failed(error, self.delays.is_none());
        self.target.note(Some(chain(error).to_string()));
        let backoff = self.backoff;
        let delays = self.delays.get_or_insert_with(|| backoff.build());
        Step::Retry(delays.next().unwrap_or(Duration::from_secs(30)))
    }
}

#[cfg(test)]
mod tests;

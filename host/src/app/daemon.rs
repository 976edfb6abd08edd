//! The thread that reads, judges, and commits.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use wardline_detect::{Generation, WorkerHealth};
use wardline_finding::lifecycle::Written;
use wardline_intel::{Board as ListBoard, Intel};
use wardline_inventory::Inventory;
use wardline_source::{Chunk, Merged, Source};
use wardline_state::Usage;
use wardline_store::{Commit, ReplacedStore, Store, StoreError};
use wardline_text::chain;

use super::AppError;
use super::background::Mailbox;
use super::blind::ObjectNeeds;
use super::deliver::Delivery;
use super::findings::Findings;
use super::health::{View, Watch};
use super::letters::Letters;
use super::observe::Telemetry;
use super::outage::Outage;
use super::readiness::{Readiness, State};
use super::scan::CHUNK_BYTES;
use super::warnings::Warnings;
use crate::api::{Snapshot, SnapshotCell, StoreReport};
use crate::pipeline::{CHUNKS_IN_FLIGHT, Pipeline, Processed, Totals};
use crate::plugin::Board;

/// Maximum wait for a line before other work is done.
const WAIT: Duration = Duration::from_millis(100);
/// Maximum delay of a commit; chunks without findings are committed together.
const COMMIT: Duration = Duration::from_millis(250);
/// Interval at which the API's data is updated.
const SNAPSHOT: Duration = Duration::from_millis(500);
/// Interval at which the store's size is looked at while nothing else is to do.
const COMPACT: Duration = Duration::from_secs(10 * 60);
/// Size in bytes below which the store is not compacted.
const SMALL: u64 = 32 * 1024 * 1024;
/// Number of undelivered findings after which the store is looked at once they are delivered.
const BACKLOG: u64 = 10_000;

/// The key of the digests of detectors in the store.
pub(super) const DIGESTS: &str = "health/digests";

/// The parts that the thread works with.
pub(super) struct Parts {
    pub chunk: usize,
    pub store: Arc<Store>,
    pub source: Merged,
    pub findings: Findings,
    /// Interval at which a repeated finding is written again.
    pub update_interval: Duration,
    pub delivery: Delivery,
    pub letters: Option<Letters>,
    pub pipeline: Pipeline,
    pub inventory: Arc<Inventory>,
    pub mailbox: Mailbox<Generation>,
    pub lists: Mailbox<Arc<Intel>>,
    pub telemetry: Arc<Telemetry>,
    pub snapshot: SnapshotCell,
    pub board: Board,
    pub list_board: ListBoard,
    pub watch: Watch,
    pub warnings: Warnings,
    /// Set once the detectors were loaded for the first time.
    pub is_loaded: Arc<AtomicBool>,
    /// The damaged store that was put aside at the start.
    pub replaced: Option<ReplacedStore>,
}

/// A chunk in flight.
struct Sent {
    lines: usize,
    /// The checkpoints that hold once the chunk is judged.
    checkpoints: Vec<(String, Vec<u8>)>,
    since: Instant,
}

/// The thread that reads, judges, and commits.
pub(super) struct Daemon {
    parts: Parts,
    ledger: Totals,
    generation: u64,
    /// The objects that the detectors in force judge.
    needs: ObjectNeeds,
    /// The chunks in flight, oldest first.
    sent: VecDeque<Sent>,
    /// Results that are judged but not committed.
    pending: Commit,
    committed: Instant,
    /// Time of the latest occurrence of a finding, by the host's clock.
    occurred: Instant,
    shown: Option<Instant>,
    /// Whether no source will deliver anything again.
    ended: bool,
    /// Whether no detector is in force.
    is_blind: bool,
    readiness: Readiness,
    outage: Option<Outage>,
    /// Whether what waits for the store is complete, and lacks only the commit.
    is_complete: bool,
    /// When the store's size was looked at.
    sized: Instant,
    /// The most findings that a sink had not taken since then.
    backlog: u64,
}

impl Daemon {
    pub fn new(parts: Parts) -> Self {
        let readiness = Readiness::new(parts.source.states());
        Self {
            parts,
            ledger: Totals::default(),
            generation: 0,
            needs: ObjectNeeds::default(),
            sent: VecDeque::new(),
            pending: Commit::default(),
            committed: Instant::now(),
            occurred: Instant::now(),
            shown: None,
            ended: false,
            is_blind: true,
            readiness,
            outage: None,
            is_complete: false,
            sized: Instant::now(),
            backlog: 0,
        }
    }

    /// The totals.
    pub fn ledger(&self) -> &Totals {
        &self.ledger
    }

    /// Works until `stop` is set, or until all sources have ended; then judges and commits the chunks in flight, and lets
    /// the sinks deliver the findings.
    pub fn work(&mut self, stop: &AtomicBool) -> Result<(), AppError> {
        while !self.parts.is_loaded.load(Ordering::SeqCst) && !stop.load(Ordering::SeqCst) {
            self.show(true)?;
            std::thread::sleep(WAIT);
        }
        self.swap()?;
        while !self.ended && !self.parts.delivery.is_closed() && !stop.load(Ordering::SeqCst) {
            let chunk = if self.is_blind || self.outage.is_some() {
                // Events that nobody judges or remembers stay where they are: in files, and in the queues of
                // webhooks, which refuse events once they are full.
                std::thread::sleep(WAIT);
                Chunk::default()
            } else {
                self.read()
            };
            // Swapped after reading, so that events read once a detector is shown as active are
            // judged by it.
            self.swap()?;
            if let Some(lists) = self.parts.lists.take() {
                self.parts.pipeline.set_lists(lists);
            }
            let idle = chunk.lines.is_empty();
            for gap in &chunk.gaps {
                self.parts.telemetry.source.gap(gap);
                self.parts.watch.gap(gap, jiff::Timestamp::now());
            }
            // If there is nothing more to read, chunks in flight must not wait for further ones.
            let is_behind =
                chunk.lines.len() >= self.parts.chunk || chunk.bytes >= CHUNK_BYTES as u64;
            self.send(chunk)?;
            self.receive(if is_behind { CHUNKS_IN_FLIGHT - 1 } else { 0 })?;
            self.write_what_waits();
            if idle || !self.pending.findings.is_empty() || self.committed.elapsed() >= COMMIT {
                // The numbering and the inventory cover all chunks in flight.
                self.receive(0)?;
                self.commit()?;
                if idle {
                    self.compact()?;
                }
            }
            self.show(false)?;
        }
        self.receive(0)?;
        let written = self.parts.findings.flush();
        self.write(&written);
        self.commit_last()?;
        self.parts.delivery.finish();
        // Saves the sinks' positions, so that deliveries are not repeated after a restart.
        self.commit_last()
    }

    /// Puts the newest detectors to work.
    fn swap(&mut self) -> Result<(), AppError> {
        if let Some(generation) = self.parts.mailbox.take() {
            self.generation = generation.number;
            self.is_blind = generation.detectors.is_empty();
            self.parts.telemetry.plugin.generation(generation.number);
            let descriptors = generation.detectors.iter();
            self.needs = ObjectNeeds::of(descriptors.map(|one| one.descriptor.as_ref()));
            self.parts.pipeline.swap(&generation)?;
        }
        Ok(())
    }

    fn read(&mut self) -> Chunk {
        match self.parts.source.next(self.parts.chunk, CHUNK_BYTES, WAIT) {
            Ok(chunk) => {
                self.parts.telemetry.source.succeeded();
                // Standard input ends; followed files and webhooks never do.
                self.ended = chunk.is_none();
                chunk.unwrap_or_default()
            }
            Err(error) => {
                self.parts.telemetry.source.failed(&error);
                std::thread::sleep(WAIT);
                // Results so far must still be committed and shown.
                Chunk::default()
            }
        }
    }

    fn send(&mut self, chunk: Chunk) -> Result<(), AppError> {
        if chunk.lines.is_empty() {
            // The skipped input is complete once all chunks before it are.
            let before = self.sent.back_mut().map(|sent| &mut sent.checkpoints);
            let checkpoints = before.unwrap_or(&mut self.pending.checkpoints);
            checkpoints.extend(chunk.checkpoints);
            return Ok(());
        }
        for part in chunk
            .lines
            .chunk_by(|one, other| one.source == other.source)
        {
            if let Some(first) = part.first() {
                let bytes = part.iter().map(|line| line.bytes.len() as u64).sum();
                let telemetry = &self.parts.telemetry.source;
                telemetry.read(&first.source, part.len() as u64, bytes);
            }
        }
        self.sent.push_back(Sent {
            lines: chunk.lines.len(),
            checkpoints: chunk.checkpoints,
            since: Instant::now(),
        });
        self.show_queue();
        Ok(self.parts.pipeline.submit(chunk.lines)?)
    }

    /// Receives chunks until at most `rest` are in flight.
    fn receive(&mut self, rest: usize) -> Result<(), AppError> {
        while self.parts.pipeline.in_flight() > rest {
            let processed = self.parts.pipeline.receive()?.unwrap_or_default();
            let mut time = Duration::ZERO;
            if let Some(sent) = self.sent.pop_front() {
                self.pending.checkpoints.extend(sent.checkpoints);
                time = sent.since.elapsed();
                let now = jiff::Timestamp::now();
                self.parts.watch.judged(&processed, now);
                self.readiness.judged(&processed);
            }
            self.show_queue();
            self.keep(processed, time);
        }
        Ok(())
    }

    fn show_queue(&self) {
        let lines = self.sent.iter().map(|sent| sent.lines).sum();
        self.parts.telemetry.pipeline.queued(lines);
    }

    /// Accounts for a chunk, and adds its results to the next commit.
    fn keep(&mut self, processed: Processed, time: Duration) {
        self.account(&processed, time);
        self.pending.changes.extend(processed.changes);
        if !processed.findings.is_empty() {
            self.occurred = Instant::now();
            let written = self.parts.findings.take(processed.findings);
            self.write(&written);
        }
    }

    /// Writes pending updates if no finding has occurred for the update interval by the host's
    /// clock, because event time may not advance.
    fn write_what_waits(&mut self) {
        if self.parts.findings.is_waiting() && self.occurred.elapsed() >= self.parts.update_interval
        {
            let written = self.parts.findings.flush();
            self.write(&written);
        }
    }

    /// Adds findings to the next commit, after which they are delivered.
    fn write(&mut self, written: &[Written]) {
        for one in written {
            let finding = self.parts.delivery.number(&one.finding);
            self.pending.findings.push(finding);
            let telemetry = &self.parts.telemetry.finding;
            telemetry.written(one.finding.status, one.is_update);
        }
        self.ledger.written = self.parts.findings.counts();
    }

    fn account(&mut self, processed: &Processed, time: Duration) {
        self.ledger.add(processed);
        self.parts.telemetry.judged(processed, time);
        if let Some(letters) = &mut self.parts.letters {
            letters.keep(processed);
        }
    }

    /// Commits what waits. If the store cannot be written, it waits on, and nothing is read.
    fn commit(&mut self) -> Result<(), AppError> {
        if let Some(outage) = &self.outage
            && !outage.is_due(Instant::now())
        {
            return Ok(());
        }
        self.parts.delivery.add_cursors(&mut self.pending);
        self.pending
            .open_findings
            .extend(self.parts.findings.take_changes());
        // After an outage, a commit shows whether it is over.
        if self.pending.is_empty() && self.outage.is_none() {
            return Ok(());
        }
        // Nothing is judged between a commit that fails and the one that succeeds.
        if !self.is_complete {
            self.pending
                .meta
                .extend(self.parts.pipeline.save_sequence());
            self.pending
                .inventory
                .extend(self.parts.inventory.take_changes());
            self.pending
                .changes
                .retain(|(_, _, changes)| !changes.is_empty());
            self.is_complete = true;
        }
        self.parts.delivery.complete(&mut self.pending);
        let started = Instant::now();
        if let Err(error) = self.parts.store.commit(&self.pending) {
            return self.failed(error);
        }
        if self.outage.take().is_some() {
            self.parts.telemetry.store.recovered();
        }
        self.parts.telemetry.store.committed(started.elapsed());
        self.parts.source.stored(&self.pending.checkpoints);
        self.parts.delivery.committed();
        self.pending = Commit::default();
        self.is_complete = false;
        self.committed = Instant::now();
        Ok(())
    }

    /// Handles a commit that failed.
    ///
    /// # Errors
    /// Returns the error if another attempt cannot succeed.
    fn failed(&mut self, error: StoreError) -> Result<(), AppError> {
        if !error.is_temporary() {
            return Err(error.into());
        }
        let is_first = self.outage.is_none();
        self.parts.telemetry.store.failed(&error, is_first);
        let text = chain(&error).to_string();
        // Earlier commits are there once the file is opened again.
        if let Err(error) = self.parts.store.reopen()
            && !error.is_temporary()
        {
            return Err(error.into());
        }
        self.outage = Some(Outage::note(self.outage.as_ref(), text, Instant::now()));
        Ok(())
    }

    /// Commits at the end of the host. What cannot be committed is judged again after the next start.
    fn commit_last(&mut self) -> Result<(), AppError> {
        if let Some(outage) = &mut self.outage {
            outage.retry_at(Instant::now());
        }
        self.commit()?;
        if self.outage.is_some() {
            tracing::warn!(
                "what was judged last cannot be saved, and is judged again after the next start"
            );
        }
        Ok(())
    }

    /// Gives space back to the file system once it is worth it, while nothing waits to be read.
    fn compact(&mut self) -> Result<(), AppError> {
        let is_drained = self.backlog > BACKLOG && self.parts.delivery.waiting() == 0;
        if self.outage.is_some() || (!is_drained && self.sized.elapsed() < COMPACT) {
            return Ok(());
        }
        self.sized = Instant::now();
        self.backlog = 0;
        let store = &self.parts.store;
        let done = store.size().and_then(|(before, used)| {
            self.parts.telemetry.store.size(before);
            if before >= SMALL && used < before / 2 {
                store.compact()?;
                self.parts
                    .telemetry
                    .store
                    .compacted(before, store.size()?.0);
            }
            Ok(())
        });
        match done {
            Ok(()) => Ok(()),
            Err(error) => self.failed(error),
        }
    }

    /// Raises findings of the host about itself.
    fn watch(&mut self, workers: &[WorkerHealth]) {
        let (files, lists) = (self.parts.board.read(), self.parts.list_board.read());
        let view = View {
            sources: &self.parts.source.states(),
            sinks: &self.parts.delivery.states(),
            replaced: self.parts.replaced.as_ref(),
            ledger: &self.ledger,
            workers,
            files: &files,
            lists: &lists,
        };
        let found = self.parts.watch.look(&view, jiff::Timestamp::now());
        if !found.is_empty() {
            let written = self.parts.findings.take_own(found);
            self.write(&written);
        }
        if let Some(digests) = self.parts.watch.digests() {
            self.pending.meta.push((DIGESTS.to_owned(), digests));
        }
    }

    /// Updates the API's data and the metrics if the interval has passed.
    fn show(&mut self, is_starting: bool) -> Result<(), AppError> {
        if self.shown.is_some_and(|shown| shown.elapsed() < SNAPSHOT) {
            return Ok(());
        }
        // A snapshot of the start is soon out of date.
        self.shown = (!is_starting).then(Instant::now);
        let health = self.parts.pipeline.health()?;
        if !is_starting {
            self.watch(&health);
        }
        let sources = self.parts.source.states();
        let sinks = self.parts.delivery.states();
        self.backlog = self.backlog.max(self.parts.delivery.waiting());
        let problems = if is_starting {
            Vec::new()
        } else {
            self.readiness.problems(&State {
                is_blind: self.is_blind,
                sources: &sources,
                files: &self.parts.board.read(),
                workers: &health,
                store: self.outage.as_ref().map(|outage| outage.error.as_str()),
            })
        };
        let mut usage: BTreeMap<_, Usage> = BTreeMap::new();
        for worker in &health {
            *usage.entry(&worker.detector).or_default() += worker.state;
        }
        for (detector, usage) in usage {
            self.parts.telemetry.detector.state(detector, &usage);
        }
        let (objects, evictions) = self.parts.inventory.usage();
        self.parts.telemetry.pipeline.inventory(objects, evictions);
        self.parts.telemetry.plugin.files(&self.parts.board.read());
        let rules = self.parts.findings.rules();
        let matches = self.parts.findings.matches(&rules);
        self.parts.telemetry.suppression.rules(&rules, &matches);
        self.parts
            .telemetry
            .finding
            .open(&self.parts.findings.usage());
        self.ledger.blind = self.needs.unmet(&self.ledger.coverage);
        self.parts.snapshot.write(Snapshot {
            ledger: self.ledger.clone(),
            matches,
            health,
            generation: self.generation,
            ready: !is_starting && problems.is_empty(),
            problems,
            warnings: self.parts.warnings.look().to_vec(),
            sources,
            sinks,
            store: StoreReport::new(
                self.outage.as_ref().map(|outage| outage.error.clone()),
                self.parts.replaced.as_ref(),
            ),
        });
        Ok(())
    }
}

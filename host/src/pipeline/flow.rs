//! Keeps several chunks in flight.

use std::collections::VecDeque;
use std::sync::Arc;

use wardline_contract::Descriptor;
use wardline_decode::Limits;
use wardline_detect::{Generation, Services, WorkerHealth};
use wardline_event::Record;
use wardline_event::model::EventRef;
use wardline_health::reused_audit_id;
use wardline_intel::Intel;
use wardline_order::{Sequenced, Sequencer};
use wardline_route::Router;
use wardline_source::RawLine;

use super::chunk::Processed;
use super::decode::LineOutcome;
use super::pool::{Pool, PoolError};
use super::read_objects::{ReadObject, ReadObjectLearner};
use super::signals::{self, Judgment};

/// The stack of a judging thread in addition to that of its guests, in bytes.
const OWN_STACK: usize = 2 * 1024 * 1024;

/// How many chunks should be in flight: one is judged, one decoded, and one read. More would
/// cost memory and gain nothing.
pub const CHUNKS_IN_FLIGHT: usize = 3;

/// A chunk that is being decoded.
struct Decoding {
    /// The generation that takes over with this chunk.
    generation: Option<Generation>,
    /// The intel lists for this chunk.
    lists: Arc<Intel>,
}

/// A chunk that is being judged.
struct Judging {
    processed: Processed,
    /// The reference of its first event.
    first: EventRef,
    /// Whether any of its events were sent to be judged.
    is_sent: bool,
    /// The events whose audit ids were used before.
    reused: Vec<Arc<Record>>,
    /// The generation that judges it.
    generation: Generation,
    /// The intel lists for it.
    lists: Arc<Intel>,
}

/// Turns lines into findings, in the order of the lines.
pub struct Pipeline {
    pool: Pool,
    sequencer: Sequencer,
    /// The descriptor of the host's own findings.
    own: Arc<Descriptor>,
    services: Services,
    read_objects: ReadObjectLearner,
    /// The filter for events to decode from now on.
    router: Arc<Router>,
    /// The generation that judges the chunks that are sequenced from now on.
    in_force: Generation,
    /// The generation that takes over with the next chunk.
    next: Option<Generation>,
    /// The chunks that are being decoded, oldest first.
    decoding: VecDeque<Decoding>,
    /// The chunks that are being judged, oldest first.
    judging: VecDeque<Judging>,
}

impl Pipeline {
    /// Starts `threads` threads, each of which hands at most `batch` events to a detector at
    /// once. `guest_stack` is the engine's limit on a guest's stack, in bytes.
    ///
    /// # Errors
    /// Returns [`PoolError::Spawn`] if a thread cannot be started.
    pub fn start(
        threads: usize,
        batch: usize,
        guest_stack: usize,
        limits: &Limits,
        services: Services,
        sequencer: Sequencer,
    ) -> Result<Self, PoolError> {
        let pool = Pool::start(threads, batch, guest_stack + OWN_STACK, limits, &services)?;
        Ok(Self {
            pool,
            sequencer,
            own: Arc::new(wardline_health::descriptor(env!("CARGO_PKG_VERSION"))),
            services,
            read_objects: ReadObjectLearner::new(*limits),
            router: Arc::default(),
            in_force: Generation::default(),
            next: None,
            decoding: VecDeque::new(),
            judging: VecDeque::new(),
        })
    }

    /// Returns the number of judging threads.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.pool.count()
    }

    /// Puts another generation into force. It filters and judges the chunks submitted from now
    /// on; the previous generation judges those in flight.
    ///
    /// # Errors
    /// Returns [`PoolError::Lost`] if a thread has exited.
    pub fn swap(&mut self, generation: &Generation) -> Result<(), PoolError> {
        self.router = Arc::clone(&generation.router);
        if self.in_flight() == 0 {
            return self.put_in_force(generation.clone());
        }
        self.next = Some(generation.clone());
        Ok(())
    }

    fn put_in_force(&mut self, generation: Generation) -> Result<(), PoolError> {
        self.pool.swap(&generation)?;
        self.in_force = generation;
        Ok(())
    }

    /// Puts other intel lists into force for the chunks submitted from now on. Chunks in flight
    /// are judged with the previous lists.
    pub fn set_lists(&mut self, lists: Arc<Intel>) {
        self.services.intel = lists;
    }

    /// Returns the health of the detectors, one entry for each thread and detector.
    ///
    /// # Errors
    /// Returns [`PoolError::Lost`] if a thread has exited.
    pub fn health(&self) -> Result<Vec<WorkerHealth>, PoolError> {
        self.pool.health()
    }

    /// Returns the values that [`Sequencer::restore`] needs to resume from here. They are valid
    /// only while nothing is in flight.
    pub fn save_sequence(&mut self) -> Vec<(String, Vec<u8>)> {
        self.sequencer.save()
    }

    /// Returns how many chunks were submitted and not received.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.decoding.len() + self.judging.len()
    }

    /// Accepts a chunk of lines. [`CHUNKS_IN_FLIGHT`] chunks keep all threads busy.
    ///
    /// # Errors
    /// Returns [`PoolError::Lost`] if a thread has exited.
    pub fn submit(&mut self, lines: Vec<RawLine>) -> Result<(), PoolError> {
        self.pool.decode(&Arc::new(lines), &self.router)?;
        self.decoding.push_back(Decoding {
            generation: self.next.take(),
            lists: Arc::clone(&self.services.intel),
        });
        Ok(())
    }

    /// Waits for the oldest chunk in flight, or returns `None` if there is none.
    ///
    /// # Errors
    /// Returns [`PoolError::Lost`] if a thread has exited.
    pub fn receive(&mut self) -> Result<Option<Processed>, PoolError> {
        // The next chunk is sequenced before this one is waited for, so that the threads have
        // work when they finish it. If detectors receive signals, those of this chunk come first.
        while self.judging.len() < self.chunks_to_judge() && !self.decoding.is_empty() {
            self.sequence()?;
        }
        let Some(oldest) = self.judging.pop_front() else {
            return Ok(None);
        };
        let processed = self.finish(oldest)?;
        if self.in_flight() == 0
            && let Some(generation) = self.next.take()
        {
            self.put_in_force(generation)?;
        }
        Ok(Some(processed))
    }

    /// Returns how many chunks may be judged at once.
    fn chunks_to_judge(&self) -> usize {
        if self.in_force.depth() > 0 { 1 } else { 2 }
    }

    /// Processes a chunk alone, while no other is in flight.
    ///
    /// # Errors
    /// Returns [`PoolError::Lost`] if a thread has exited.
    pub fn process(&mut self, lines: Vec<RawLine>) -> Result<Processed, PoolError> {
        self.submit(lines)?;
        Ok(self.receive()?.unwrap_or_default())
    }

    /// Numbers the events of the oldest chunk being decoded, and sends them to be judged.
    fn sequence(&mut self) -> Result<(), PoolError> {
        let mut units = self.pool.decoded()?;
        units.put_in_order();
        let lists = match self.decoding.pop_front() {
            Some(Decoding { generation, lists }) => {
                if let Some(generation) = generation {
                    self.put_in_force(generation)?;
                }
                lists
            }
            None => Arc::clone(&self.services.intel),
        };
        let mut judging = Judging {
            processed: Processed {
                unwanted: units.unwanted,
                skipped: units.skipped,
                salvaged: units.salvaged,
                sources: units.sources,
                ..Processed::default()
            },
            first: self.sequencer.next_reference(),
            is_sent: false,
            reused: Vec::new(),
            generation: self.in_force.clone(),
            lists,
        };
        let mut records = Vec::with_capacity(units.units.len());
        for unit in units.units {
            match unit {
                LineOutcome::Rejected(rejection) => judging.processed.rejected.push(rejection),
                LineOutcome::ReadObject(seen) => {
                    self.learn_read_object(&seen, &mut judging.processed)
                }
                LineOutcome::Event(record) => {
                    let (record, is_reused) = match self.sequencer.take(record) {
                        Sequenced::Duplicate => {
                            judging.processed.duplicates += 1;
                            continue;
                        }
                        Sequenced::Record(record) => (record, false),
                        Sequenced::ReusedId(record) => (record, true),
                    };
                    self.learn(&record);
                    judging.processed.coverage.note(&record);
                    let record = Arc::new(record);
                    if is_reused {
                        judging.reused.push(Arc::clone(&record));
                    }
                    records.push(record);
                }
            }
        }
        judging.processed.events = records.len() as u64;
        judging.processed.skewed = self.sequencer.take_skewed();
        if !records.is_empty() {
            self.pool.judge(&Arc::new(records), 0, &judging.lists)?;
            judging.is_sent = true;
        }
        self.judging.push_back(judging);
        Ok(())
    }

    fn learn(&self, record: &Record) {
        if let Some(event) = record.as_audit() {
            let reference = record.reference();
            self.services
                .inventory
                .apply(&record.cluster, event, reference, &record.actor);
        }
    }

    fn learn_read_object(&mut self, seen: &ReadObject, processed: &mut Processed) {
        // The events with the next reference and later came after this read.
        let after = self.sequencer.next_reference().saturating_sub(1);
        if let Some(rejection) = self.read_objects.at(seen, &self.services.inventory, after) {
            processed.unwanted -= 1;
            processed.rejected.push(rejection);
        }
    }

    /// Waits for the threads' results for a chunk, and lets them judge its signals.
    fn finish(&mut self, judging: Judging) -> Result<Processed, PoolError> {
        let Judging {
            mut processed,
            is_sent,
            reused,
            generation,
            lists,
            ..
        } = judging;
        if !is_sent {
            return Ok(processed);
        }
        let mut judgments: Vec<Judgment> = reused
            .into_iter()
            .map(|record| Judgment::of(reused_audit_id(record, &self.own)))
            .collect();
        self.collect(&mut processed, &mut judgments)?;
        let mut signals = Vec::new();
        let mut noted = 0;
        for level in 1..=generation.depth() {
            let new = judgments.get(noted..).unwrap_or_default();
            signals::note(
                new,
                noted,
                &generation.router,
                &mut self.sequencer,
                &mut signals,
            );
            noted = judgments.len();
            if signals.is_empty() {
                break;
            }
            let records = signals::in_order(&signals, &judgments);
            self.pool.judge(&Arc::new(records), level, &lists)?;
            self.collect(&mut processed, &mut judgments)?;
        }
        processed.signals = signals.len() as u64;
        judgments.sort_by(Judgment::compare);
        processed.findings = judgments.into_iter().map(|one| one.finding).collect();
        processed.count_not_judged();
        // Chunks in flight may still query the inventory as of their events.
        let oldest = self.judging.front();
        let first = oldest.map_or(self.sequencer.next_reference(), |chunk| chunk.first);
        self.services.inventory.forget_before(first);
        Ok(processed)
    }

    /// Waits for the threads' results for what was sent first, and adds its findings in order.
    fn collect(
        &self,
        processed: &mut Processed,
        judgments: &mut Vec<Judgment>,
    ) -> Result<(), PoolError> {
        let before = judgments.len();
        for (output, changes) in self.pool.judged()? {
            judgments.extend(output.claims.into_iter().map(Judgment::of));
            processed.not_judged.extend(output.not_judged);
            processed.changes.extend(changes);
            for (name, tally) in output.tallies {
                processed.tallies.entry(name).or_default().add(tally);
            }
        }
        if let Some(new) = judgments.get_mut(before..) {
            new.sort_by(Judgment::compare);
        }
        Ok(())
    }
}

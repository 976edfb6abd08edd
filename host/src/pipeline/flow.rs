//! Several chunks on their way at once.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use wardline_decode::Limits;
use wardline_detect::{Generation, LaneHealth, Services};
use wardline_event::Record;
use wardline_event::model::EventRef;
use wardline_finding::Claim;
use wardline_finding::{finding_of, sort};
use wardline_intel::Intel;
use wardline_order::{Sequenced, Sequencer};
use wardline_route::Router;
use wardline_source::RawLine;

use super::chunk::Processed;
use super::decode::Unit;
use super::pool::{Pool, PoolError};
use super::seen::{SecondLook, Seen};

/// Stack of a judging thread beside what its guests may use.
const OWN_STACK: usize = 2 * 1024 * 1024;

/// How many chunks should be in flight: one is judged and one decoded while one more is
/// read. More would cost memory and gain nothing.
pub const CHUNKS_IN_FLIGHT: usize = 3;

/// A chunk that is being decoded.
struct Decoding {
    /// The generation that takes over with it.
    generation: Option<Generation>,
    /// The lists that are in force for it.
    lists: Arc<Intel>,
}

/// A chunk that is being judged.
struct Judging {
    processed: Processed,
    /// The reference of its first event.
    first: EventRef,
    /// Whether there is anything in it to judge.
    is_sent: bool,
}

/// Takes lines and gives findings, in the order of the lines.
pub struct Pipeline {
    pool: Pool,
    sequencer: Sequencer,
    services: Services,
    second_look: SecondLook,
    /// Where events come from that do not say it themselves.
    cluster: String,
    /// What decides which events are decoded from now on.
    router: Arc<Router>,
    /// The generation that takes over with the next chunk.
    next: Option<Generation>,
    /// The chunks that are being decoded, oldest first.
    decoding: VecDeque<Decoding>,
    /// The chunks that are being judged, oldest first.
    judging: VecDeque<Judging>,
}

impl Pipeline {
    /// Starts `threads` threads, each of which hands at most `batch` events to a
    /// detector at once. `guest_stack` is the engine's limit on a guest's stack, in bytes.
    ///
    /// # Errors
    /// Where a thread cannot be started.
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
            services,
            second_look: SecondLook::new(*limits),
            cluster: String::new(),
            router: Arc::default(),
            next: None,
            decoding: VecDeque::new(),
            judging: VecDeque::new(),
        })
    }

    /// Names the cluster that events come from, where they do not say it themselves.
    #[must_use]
    pub fn in_cluster(mut self, name: &str) -> Self {
        name.clone_into(&mut self.cluster);
        self
    }

    /// How many threads judge.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.pool.count()
    }

    /// Puts another generation to work: it decides what is decoded of the chunks that are
    /// submitted from now on, and judges them. Those that are on their way are judged by
    /// the one before.
    ///
    /// # Errors
    /// Where a thread is lost.
    pub fn swap(&mut self, generation: &Generation) -> Result<(), PoolError> {
        self.router = Arc::clone(&generation.router);
        if self.in_flight() == 0 {
            return self.pool.swap(generation);
        }
        self.next = Some(generation.clone());
        Ok(())
    }

    /// Puts other lists in force, for the chunks that are submitted from now on. Those that
    /// are on their way are judged with the ones before.
    pub fn set_lists(&mut self, lists: Arc<Intel>) {
        self.services.intel = lists;
    }

    /// How the detectors fare, one entry for each thread and detector.
    ///
    /// # Errors
    /// Where a thread is lost.
    pub fn health(&self) -> Result<Vec<LaneHealth>, PoolError> {
        self.pool.health()
    }

    /// What must be kept so that [`Sequencer::restore`] goes on from here. It is of use
    /// only while nothing is in flight.
    pub fn save_sequence(&mut self) -> Vec<(String, Vec<u8>)> {
        self.sequencer.save()
    }

    /// How many chunks were submitted and not received.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.decoding.len() + self.judging.len()
    }

    /// Takes a chunk of lines and begins with it. [`CHUNKS_IN_FLIGHT`] keep all threads
    /// at work.
    ///
    /// # Errors
    /// Where a thread is lost.
    pub fn submit(&mut self, lines: Vec<RawLine>) -> Result<(), PoolError> {
        self.pool.decode(&Arc::new(lines), &self.router)?;
        self.decoding.push_back(Decoding {
            generation: self.next.take(),
            lists: Arc::clone(&self.services.intel),
        });
        Ok(())
    }

    /// Waits for the oldest chunk in flight; none if there is none.
    ///
    /// # Errors
    /// Where a thread is lost.
    pub fn receive(&mut self) -> Result<Option<Processed>, PoolError> {
        // The chunk behind is sequenced before this one is waited for, so that the
        // threads find work when they are done with it.
        while self.judging.len() < 2 && !self.decoding.is_empty() {
            self.sequence()?;
        }
        let Some(oldest) = self.judging.pop_front() else {
            return Ok(None);
        };
        let processed = self.finish(oldest)?;
        if self.in_flight() == 0
            && let Some(generation) = self.next.take()
        {
            self.pool.swap(&generation)?;
        }
        Ok(Some(processed))
    }

    /// Takes a chunk while nothing is in flight, and waits for it.
    ///
    /// # Errors
    /// Where a thread is lost.
    pub fn process(&mut self, lines: Vec<RawLine>) -> Result<Processed, PoolError> {
        self.submit(lines)?;
        Ok(self.receive()?.unwrap_or_default())
    }

    /// Numbers the events of the oldest chunk that is being decoded, and has them judged.
    fn sequence(&mut self) -> Result<(), PoolError> {
        let units = self.pool.decoded()?;
        let lists = match self.decoding.pop_front() {
            Some(Decoding { generation, lists }) => {
                if let Some(generation) = generation {
                    self.pool.swap(&generation)?;
                }
                lists
            }
            None => Arc::clone(&self.services.intel),
        };
        let mut judging = Judging {
            processed: Processed {
                unwanted: units.unwanted,
                skipped: units.skipped,
                ..Processed::default()
            },
            first: self.sequencer.next_reference(),
            is_sent: false,
        };
        let mut records = Vec::with_capacity(units.units.len());
        for unit in units.units {
            match unit {
                Unit::Rejected(rejection) => judging.processed.rejected.push(rejection),
                Unit::Answer(seen) => self.look_again(&seen, &mut judging.processed),
                Unit::Event(record) => match self.sequencer.take(record) {
                    Sequenced::Duplicate => judging.processed.duplicates += 1,
                    Sequenced::Record(record) => {
                        self.learn(&record);
                        records.push(Arc::new(record));
                    }
                },
            }
        }
        judging.processed.events = records.len() as u64;
        if !records.is_empty() {
            self.pool.judge(&Arc::new(records), &lists)?;
            judging.is_sent = true;
        }
        self.judging.push_back(judging);
        Ok(())
    }

    fn learn(&self, record: &Record) {
        self.services
            .inventory
            .apply(&record.event, record.reference(), &record.actor);
    }

    fn look_again(&mut self, seen: &Seen, processed: &mut Processed) {
        // Events from the next on were after this.
        let after = self.sequencer.next_reference().saturating_sub(1);
        if let Some(rejection) = self.second_look.at(seen, &self.services.inventory, after) {
            processed.unwanted -= 1;
            processed.rejected.push(rejection);
        }
    }

    /// Waits for what the threads say of a chunk.
    fn finish(&mut self, judging: Judging) -> Result<Processed, PoolError> {
        let mut processed = judging.processed;
        if !judging.is_sent {
            return Ok(processed);
        }
        let mut claims: Vec<Claim> = Vec::new();
        for (output, changes) in self.pool.judged()? {
            claims.extend(output.claims);
            processed.not_judged.extend(output.not_judged);
            processed.changes.extend(changes);
            for (name, tally) in output.tallies {
                processed.tallies.entry(name).or_default().add(tally);
            }
        }
        sort(&mut claims);
        processed.findings = claims
            .iter()
            .map(|claim| finding_of(claim, &self.cluster))
            .collect();
        processed.not_judged.sort_by(|one, other| {
            (one.record.reference(), one.detector.name())
                .cmp(&(other.record.reference(), other.detector.name()))
        });
        processed.events_not_judged = processed
            .not_judged
            .iter()
            .map(|skipped| skipped.record.reference())
            .collect::<BTreeSet<_>>()
            .len() as u64;
        // Those in flight may still ask how things were before their events.
        let oldest = self.judging.front();
        let first = oldest.map_or(self.sequencer.next_reference(), |chunk| chunk.first);
        self.services.inventory.forget_before(first);
        Ok(processed)
    }
}

//! One chunk after the other.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::chunk::Processed;
use super::decode::{DecodeLimits, Unit};
use super::pool::{Pool, PoolError};
use crate::detect::{Claim, Generation, LaneHealth, Services};
use crate::finding::{finding_of, sort};
use crate::route::Record;
use crate::sequence::{Sequenced, Sequencer};
use crate::source::RawLine;

/// Stack of a judging thread beside what its guests may use.
const OWN_STACK: usize = 2 * 1024 * 1024;

/// Takes lines and gives findings.
pub struct Pipeline {
    pool: Pool,
    sequencer: Sequencer,
    services: Services,
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
        limits: &DecodeLimits,
        services: Services,
        sequencer: Sequencer,
    ) -> Result<Self, PoolError> {
        let pool = Pool::start(threads, batch, guest_stack + OWN_STACK, limits, &services)?;
        Ok(Self {
            pool,
            sequencer,
            services,
        })
    }

    /// How many threads judge.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.pool.count()
    }

    /// Puts another generation to work, from the next chunk on.
    ///
    /// # Errors
    /// Where a thread is lost.
    pub fn swap(&self, generation: &Generation) -> Result<(), PoolError> {
        self.pool.swap(generation)
    }

    /// How the detectors fare, one entry for each thread and detector.
    ///
    /// # Errors
    /// Where a thread is lost.
    pub fn health(&self) -> Result<Vec<LaneHealth>, PoolError> {
        self.pool.health()
    }

    /// What must be kept so that [`Sequencer::restore`] goes on from here.
    pub fn save_sequence(&mut self) -> Vec<(String, Vec<u8>)> {
        self.sequencer.save()
    }

    /// Decodes and judges lines.
    ///
    /// # Errors
    /// Where a thread is lost.
    pub fn process(&mut self, lines: Vec<RawLine>) -> Result<Processed, PoolError> {
        let mut processed = Processed::default();
        let units = self.pool.decode(&Arc::new(lines))?;
        processed.unwanted = units.unwanted;
        let records = self.sequence(units.units, &mut processed);
        if records.is_empty() {
            return Ok(processed);
        }
        let records = Arc::new(records);
        let mut claims: Vec<Claim> = Vec::new();
        for (output, changes) in self.pool.judge(&records)? {
            claims.extend(output.claims);
            processed.not_judged.extend(output.not_judged);
            processed.changes.extend(changes);
            for (name, tally) in output.tallies {
                processed.tallies.entry(name).or_default().add(tally);
            }
        }
        sort(&mut claims);
        processed.findings = claims.iter().map(finding_of).collect();
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
        self.services
            .inventory
            .forget_before(self.sequencer.next_reference());
        Ok(processed)
    }

    fn sequence(&mut self, units: Vec<Unit>, processed: &mut Processed) -> Vec<Arc<Record>> {
        let mut records = Vec::with_capacity(units.len());
        for unit in units {
            match unit {
                Unit::Rejected(rejection) => processed.rejected.push(rejection),
                Unit::Event { event, raw, origin } => {
                    match self.sequencer.take(*event, raw, origin) {
                        Sequenced::Duplicate => processed.duplicates += 1,
                        Sequenced::Record(record) => {
                            processed.events += 1;
                            self.services.inventory.apply(
                                &record.event,
                                record.reference(),
                                &record.actor,
                            );
                            records.push(Arc::new(record));
                        }
                    }
                }
            }
        }
        records
    }
}

//! The same pipeline with the same detectors linked natively, on the host's own decoder,
//! sequence, state and inventory, and with the same batches: what lies between the two is
//! what the sandbox costs. It has one thread and no queues.

mod host;
mod lane;

use std::sync::Arc;

use lane::Lane;
use wardline::config::Config;
use wardline::detect::Generation;
use wardline::inventory::Inventory;
use wardline::route::{Origin, Record};
use wardline::sequence::{Sequenced, Sequencer};
use wardline_event::decode::{Decoder, Limits, Unit};

use crate::host::Done;
use crate::log::Log;
use crate::timing::timed;

/// Judges the log with the detectors of a generation, one chunk after the other.
pub fn judge_all(log: &Log, generation: &Generation, config: &Config) -> Done {
    let inventory = Arc::new(Inventory::new(config.inventory_objects));
    let lanes = generation
        .detectors
        .iter()
        .map(|detector| Lane::new(detector, &inventory))
        .collect();
    let mut pipeline = Pipeline {
        generation: generation.clone(),
        limits: Limits {
            line_bytes: config.line_limit,
            depth: config.depth,
        },
        batch: config.batch,
        decoder: Decoder::default(),
        sequencer: Sequencer::default(),
        inventory,
        lanes,
        source: Arc::from("log"),
        done: Done::none(),
    };
    let lines: Vec<&[u8]> = log.lines().collect();
    pipeline.done.all = timed(|| {
        for chunk in lines.chunks(config.chunk) {
            pipeline.judge(chunk);
        }
    });
    pipeline.done
}

struct Pipeline {
    generation: Generation,
    limits: Limits,
    batch: usize,
    decoder: Decoder,
    sequencer: Sequencer,
    inventory: Arc<Inventory>,
    lanes: Vec<Lane>,
    source: Arc<str>,
    done: Done,
}

impl Pipeline {
    fn judge(&mut self, lines: &[&[u8]]) {
        let records = self.decode(lines);
        for record in &records {
            let lanes = &mut self.lanes;
            self.generation.router.each(record, |number| {
                lanes[number].wanted.push(Arc::clone(record))
            });
        }
        for lane in &mut self.lanes {
            let wanted = std::mem::take(&mut lane.wanted);
            for part in wanted.chunks(self.batch) {
                lane.judge(part, &mut self.done);
            }
        }
        self.inventory
            .forget_before(self.sequencer.next_reference());
    }

    /// The events that somebody wants, in their order.
    fn decode(&mut self, lines: &[&[u8]]) -> Vec<Arc<Record>> {
        let mut units = Vec::new();
        for line in lines {
            let router = &*self.generation.router;
            self.decoder
                .decode(line, &self.limits, router, &mut |unit| match unit {
                    Unit::Event(decoded) => {
                        self.done.wanted += 1;
                        units.push((Box::new(decoded.event), Box::<str>::from(decoded.raw)));
                    }
                    Unit::Unwanted(_) => self.done.unwanted += 1,
                    Unit::Rejected(rejected) => panic!("{rejected:?}"),
                });
        }
        let mut records = Vec::with_capacity(units.len());
        for (event, raw) in units {
            let origin = Origin {
                source: Arc::clone(&self.source),
                line: 0,
            };
            if let Sequenced::Record(record) = self.sequencer.take(*event, raw, origin) {
                self.inventory
                    .apply(&record.event, record.reference(), &record.actor);
                records.push(Arc::new(record));
            }
        }
        records
    }
}

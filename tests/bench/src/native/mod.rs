//! The same pipeline with natively linked detectors, on the host's own decoder, sequence,
//! state, and inventory, and with the same batches. The difference in time is the cost of the
//! sandbox. It has one thread and no queues.

mod host;
mod lane;
mod steps;

use std::sync::Arc;

use bytes::Bytes;
use lane::Lane;
pub use steps::Steps;
use steps::step;
use wardline::config::Config;
use wardline::pipeline::{ReadObject, ReadObjectLearner};
use wardline_decode::{DecodeOutcome, Decoder, Limits};
use wardline_detect::Generation;
use wardline_event::{Origin, Record};
use wardline_inventory::Inventory;
use wardline_order::{Sequenced, Sequencer};

use crate::host::Done;
use crate::log::Log;
use crate::timing::timed;

/// Judges the log with the detectors of a generation, one chunk after the other.
pub fn judge_all(log: &Log, generation: &Generation, config: &Config) -> (Done, Steps) {
    let inventory = Arc::new(Inventory::new(config.inventory_objects));
    let lanes = generation
        .detectors
        .iter()
        // Detectors of findings have no events here.
        .filter(|detector| !detector.descriptor.audit.is_empty())
        .map(|detector| Lane::new(detector, &inventory))
        .collect();
    let limits = Limits {
        line_bytes: config.line_limit,
        document_bytes: config.document_limit,
        depth: config.depth,
    };
    let mut pipeline = Pipeline {
        generation: generation.clone(),
        limits,
        second_look: ReadObjectLearner::new(limits),
        batch: config.batch,
        decoder: Decoder::default(),
        sequencer: Sequencer::default(),
        inventory,
        lanes,
        source: Arc::from("log"),
        done: Done::none(),
    };
    let lines: Vec<Bytes> = log.lines().map(Bytes::copy_from_slice).collect();
    let mut steps = Steps::NONE;
    pipeline.done.all = timed(|| {
        for chunk in lines.chunks(config.chunk) {
            pipeline.judge(chunk, &mut steps);
        }
    });
    (pipeline.done, steps)
}

struct Pipeline {
    generation: Generation,
    limits: Limits,
    batch: usize,
    decoder: Decoder,
    sequencer: Sequencer,
    second_look: ReadObjectLearner,
    inventory: Arc<Inventory>,
    lanes: Vec<Lane>,
    source: Arc<str>,
    done: Done,
}

/// An event that is needed, or the response's object of one.
enum Wanted {
    Event(Record),
    Answer(ReadObject),
}

impl Pipeline {
    fn judge(&mut self, lines: &[Bytes], steps: &mut Steps) {
        let wanted = step(&mut steps.decode, || self.decode(lines));
        let records = step(&mut steps.order, || self.order(wanted));
        step(&mut steps.route, || self.route(&records));
        step(&mut steps.judge, || {
            for lane in &mut self.lanes {
                for part in lane.wanted.clone().chunks(self.batch) {
                    lane.judge(part, &mut self.done);
                }
            }
        });
        step(&mut steps.free, || {
            for lane in &mut self.lanes {
                lane.wanted.clear();
            }
            drop(records);
            self.inventory
                .forget_before(self.sequencer.next_reference());
        });
    }

    fn decode(&mut self, lines: &[Bytes]) -> Vec<Wanted> {
        let mut wanted = Vec::new();
        for line in lines {
            let router = &*self.generation.router;
            let origin = || Origin {
                source: Arc::clone(&self.source),
                line: 0,
            };
            self.decoder
                .decode(line, &self.limits, router, &mut |unit| match unit {
                    DecodeOutcome::Event(decoded) => {
                        let raw = line.slice_ref(decoded.raw.as_bytes());
                        let record = Record::audit(decoded.event, raw, "".into(), origin());
                        wanted.push(Wanted::Event(record));
                        self.done.wanted += 1;
                    }
                    DecodeOutcome::ResponseObject(answer) => {
                        wanted.push(Wanted::Answer(ReadObject::new(
                            &answer,
                            line,
                            "".into(),
                            origin(),
                        )));
                        self.done.unwanted += 1;
                    }
                    DecodeOutcome::Filtered(_) => self.done.unwanted += 1,
                    DecodeOutcome::Rejected(rejected) => panic!("{rejected:?}"),
                });
        }
        wanted
    }

    fn order(&mut self, wanted: Vec<Wanted>) -> Vec<Arc<Record>> {
        let mut records = Vec::with_capacity(wanted.len());
        for wanted in wanted {
            let record = match wanted {
                Wanted::Event(record) => self.sequencer.take(record),
                Wanted::Answer(seen) => {
                    let after = self.sequencer.next_reference() - 1;
                    let rejection = self.second_look.at(&seen, &self.inventory, after);
                    assert!(rejection.is_none(), "the log has lines that are not events");
                    continue;
                }
            };
            if let Sequenced::Record(record) | Sequenced::ReusedId(record) = record {
                let event = record.as_audit().expect("an audit event");
                let reference = record.reference();
                self.inventory
                    .apply(&record.cluster, event, reference, &record.actor);
                records.push(Arc::new(record));
            }
        }
        records
    }

    fn route(&mut self, records: &[Arc<Record>]) {
        let lanes = &mut self.lanes;
        for record in records {
            self.generation.router.each(record, |number| {
                lanes[number].wanted.push(Arc::clone(record));
            });
        }
    }
}

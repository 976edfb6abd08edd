//! A host without knowledge of events: it passes the bytes of each event into the sandbox,
//! where serde_json parses them to a tree of values.
//!
//! The detector is `tests/detectors/parser`. Its events are made outside the measured time and
//! contain only the text; they come in batches that are read in place, so that passing them
//! costs as little as possible.

use wardline::app::Composition;
use wardline_detect::Instance;
use wardline_event::model::{Attribute, AuditEvent};

use super::Met;
use crate::bench::Bench;
use crate::instance::{BATCH, started};
use crate::log::Log;
use crate::records::record;
use crate::timing::{Time, timed};
use crate::transport::{config, load};

pub struct Inside {
    instance: Instance,
    /// Keeps the services that the detector may call.
    _composition: Composition,
}

impl Inside {
    pub fn new(bench: &Bench) -> Self {
        let (composition, generation) =
            load(&config(), &bench.built.parser, Some(&bench.built.cache));
        let instance = started(&composition.services, &generation.detectors[0]);
        Self {
            instance,
            _composition: composition,
        }
    }

    /// Judges a log and returns the time inside calls and the matches.
    pub fn judge(&mut self, log: &Log) -> (Time, Met) {
        let (mut time, mut met) = (Time::NOTHING, Met::new());
        let lines: Vec<&[u8]> = log.lines().collect();
        for (number, lines) in (0..).zip(lines.chunks(BATCH)) {
            let batch: Vec<_> = (number * BATCH as u64 + 1..)
                .zip(lines)
                .map(|(number, line)| record(number, only_text(line)))
                .collect();
            for record in &batch {
                record.packed().expect("it can be packed");
            }
            let mut findings = Vec::new();
            let call = timed(|| findings = self.instance.judge(&batch).expect("it judges"));
            time = time.plus(call);
            for evidence in findings.iter().flat_map(|finding| &finding.evidence) {
                *met.entry(evidence.value.clone()).or_default() += 1;
            }
        }
        (time, met)
    }
}

fn only_text(line: &[u8]) -> AuditEvent {
    AuditEvent {
        attributes: vec![Attribute {
            key: parser::JSON.to_owned(),
            value: String::from_utf8_lossy(line).into_owned(),
        }],
        ..AuditEvent::default()
    }
}

//! Lines into events.

use std::sync::Arc;

use wardline_event::decode::{self, Decoder, Interest, Limits, Reject};

use super::Rejection;
use super::seen::Seen;
use crate::route::{Origin, Record};
use crate::sequence::unplaced;
use crate::source::{Defect, RawLine};

/// What one event of a source may be.
pub type DecodeLimits = Limits;

/// One event, or why there is none.
pub(super) enum Unit {
    Event(Record),
    Answer(Seen),
    Rejected(Rejection),
}

/// What lines hold.
#[derive(Default)]
pub(super) struct Units {
    /// Events that somebody wants, and what is no event, in the order of the lines.
    pub units: Vec<Unit>,
    /// How many events no detector wants.
    pub unwanted: u64,
}

/// Decodes lines.
pub(super) fn decode(
    decoder: &mut Decoder,
    lines: &[RawLine],
    limits: &Limits,
    interest: &dyn Interest,
) -> Units {
    let (mut units, mut unwanted) = (Vec::new(), 0);
    for line in lines {
        let origin = || Origin {
            source: Arc::clone(&line.source),
            line: line.line,
        };
        if line.defect == Some(Defect::TooLong) {
            units.push(Unit::Rejected(Rejection::new(
                Reject::TooLong,
                format!("longer than {} bytes", limits.line_bytes),
                &line.bytes,
                origin(),
            )));
            continue;
        }
        decoder.decode(&line.bytes, limits, interest, &mut |unit| match unit {
            decode::Unit::Event(decoded) => {
                let raw = line.bytes.slice_ref(decoded.raw.as_bytes());
                units.push(Unit::Event(unplaced(decoded.event, raw, origin())));
            }
            decode::Unit::Rejected(rejected) => units.push(Unit::Rejected(Rejection::new(
                rejected.reason,
                rejected.detail,
                rejected.bytes,
                origin(),
            ))),
            decode::Unit::Unwanted(_) => unwanted += 1,
            decode::Unit::Answer(answer) => {
                units.push(Unit::Answer(Seen::new(&answer, &line.bytes, origin())));
                unwanted += 1;
            }
        });
    }
    Units { units, unwanted }
}

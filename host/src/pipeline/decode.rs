//! Lines into events.

use std::sync::Arc;

use wardline_event::decode::{self, Limits, Reject};
use wardline_event::model::AuditEvent;

use super::Rejection;
use crate::route::Origin;
use crate::source::{Defect, RawLine};

/// What one event of a source may be.
pub type DecodeLimits = Limits;

/// One event, or why there is none, with where it was read.
pub(super) enum Unit {
    Event {
        event: Box<AuditEvent>,
        raw: Box<str>,
        origin: Origin,
    },
    Rejected(Rejection),
}

/// Decodes lines, in order.
pub(super) fn decode(lines: &[RawLine], limits: &Limits) -> Vec<Unit> {
    let mut units = Vec::with_capacity(lines.len());
    for line in lines {
        let origin = Origin {
            source: Arc::clone(&line.source),
            line: line.line,
        };
        if line.defect == Some(Defect::TooLong) {
            units.push(Unit::Rejected(Rejection::new(
                Reject::TooLong,
                format!("longer than {} bytes", limits.line_bytes),
                &line.bytes,
                origin,
            )));
            continue;
        }
        decode::decode(&line.bytes, limits, &mut |result| {
            units.push(match result {
                Ok(decoded) => Unit::Event {
                    event: Box::new(decoded.event),
                    raw: decoded.raw.into(),
                    origin: origin.clone(),
                },
                Err(rejected) => Unit::Rejected(Rejection::new(
                    rejected.reason,
                    rejected.detail,
                    rejected.bytes,
                    origin.clone(),
                )),
            });
        });
    }
    units
}

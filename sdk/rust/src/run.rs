//! One batch through a detector, the same way in the sandbox and outside.

use wardline_event::packed::{Event, Events, assemble, pack};

use crate::contract::{self, DetectError, Finding};
use crate::detector::Detector;
use crate::finding::Findings;
use crate::view::List;

/// Judges a packed batch of audit events (`wit/PACKED.md`).
///
/// # Errors
/// As the detector says, or where the bytes are no such batch.
pub fn packed_audit_events<D: Detector>(
    detector: &mut D,
    batch: &[u8],
) -> Result<Vec<Finding>, DetectError> {
    let events = List::of(open(batch)?);
    let mut findings = Findings::default();
    detector.on_audit_events(events, &mut findings)?;
    Ok(findings.into_contract())
}

/// Judges a packed batch of runtime events.
///
/// # Errors
/// As [`packed_audit_events`].
pub fn packed_runtime_events<D: Detector>(
    detector: &mut D,
    batch: &[u8],
) -> Result<Vec<Finding>, DetectError> {
    let events = List::of(open(batch)?);
    let mut findings = Findings::default();
    detector.on_runtime_events(events, &mut findings)?;
    Ok(findings.into_contract())
}

/// Judges a batch of audit events.
///
/// # Errors
/// As the detector says.
pub fn audit_events<D: Detector>(
    detector: &mut D,
    events: &[contract::AuditEvent],
) -> Result<Vec<Finding>, DetectError> {
    packed_audit_events(detector, &packed(events)?)
}

/// Judges a batch of runtime events.
///
/// # Errors
/// As the detector says.
pub fn runtime_events<D: Detector>(
    detector: &mut D,
    events: &[contract::RuntimeEvent],
) -> Result<Vec<Finding>, DetectError> {
    packed_runtime_events(detector, &packed(events)?)
}

/// Judges a batch of signals.
///
/// # Errors
/// As the detector says.
pub fn signals<D: Detector>(
    detector: &mut D,
    signals: &[contract::Signal],
) -> Result<Vec<Finding>, DetectError> {
    let batch = packed(signals)?;
    let signals = List::of(open(&batch)?);
    let mut findings = Findings::default();
    detector.on_signals(signals, &mut findings)?;
    Ok(findings.into_contract())
}

fn open<E: Event>(batch: &[u8]) -> Result<Events<'_, E>, DetectError> {
    Events::open(batch).map_err(|error| DetectError::Other(error.to_string()))
}

/// Events that did not come packed, as a batch: views are of nothing else.
fn packed<E: Event>(events: &[E]) -> Result<Vec<u8>, DetectError> {
    let too_large = |error| DetectError::Other(format!("a batch is {error}"));
    let events: Vec<Vec<u8>> = events
        .iter()
        .map(pack)
        .collect::<Result<_, _>>()
        .map_err(too_large)?;
    let mut batch = Vec::new();
    assemble::<E>(events.iter().map(Vec::as_slice), &mut batch).map_err(too_large)?;
    Ok(batch)
}

//! Passes one batch to a detector, in the same way inside the sandbox and outside.

use wardline_event::packed::{Event, Events, assemble, pack};

use crate::contract::{self, DetectError, Finding};
use crate::detector::Detector;
use crate::finding::Findings;
use crate::view::List;

/// Judges a packed batch of audit events (`wit/PACKED.md`).
///
/// # Errors
/// Returns the detector's error, or [`DetectError::Other`] if the bytes are not such a batch.
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
/// Returns the detector's error, or [`DetectError::Other`] if the batch is too large to be packed.
pub fn audit_events<D: Detector>(
    detector: &mut D,
    events: &[contract::AuditEvent],
) -> Result<Vec<Finding>, DetectError> {
    packed_audit_events(detector, &packed(events)?)
}

/// Judges a batch of runtime events.
///
/// # Errors
/// Returns the detector's error, or [`DetectError::Other`] if the batch is too large to be packed.
pub fn runtime_events<D: Detector>(
    detector: &mut D,
    events: &[contract::RuntimeEvent],
) -> Result<Vec<Finding>, DetectError> {
    packed_runtime_events(detector, &packed(events)?)
}

/// Judges a batch of signals.
///
/// # Errors
/// Returns the detector's error, or [`DetectError::Other`] if the batch is too large to be packed.
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

/// Packs events into a batch, which is all that views can read.
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

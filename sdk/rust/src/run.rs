//! One batch through a detector, the same way in the sandbox and outside.

use crate::contract::{self, Finding};
use crate::detector::Detector;
use crate::finding::Findings;
use crate::view::List;

/// Judges a batch of audit events.
///
/// # Errors
/// As the detector says.
pub fn audit_events<D: Detector>(
    detector: &mut D,
    events: &[contract::AuditEvent],
) -> Result<Vec<Finding>, contract::DetectError> {
    let mut findings = Findings::default();
    detector.on_audit_events(List::of(events), &mut findings)?;
    Ok(findings.into_contract())
}

/// Judges a batch of runtime events.
///
/// # Errors
/// As the detector says.
pub fn runtime_events<D: Detector>(
    detector: &mut D,
    events: &[contract::RuntimeEvent],
) -> Result<Vec<Finding>, contract::DetectError> {
    let mut findings = Findings::default();
    detector.on_runtime_events(List::of(events), &mut findings)?;
    Ok(findings.into_contract())
}

/// Judges a batch of signals.
///
/// # Errors
/// As the detector says.
pub fn signals<D: Detector>(
    detector: &mut D,
    signals: &[contract::Signal],
) -> Result<Vec<Finding>, contract::DetectError> {
    let mut findings = Findings::default();
    detector.on_signals(List::of(signals), &mut findings)?;
    Ok(findings.into_contract())
}

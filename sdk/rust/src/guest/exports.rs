//! The exports that [`crate::detector!`] makes.

use std::cell::RefCell;
use std::thread::LocalKey;

use super::panic::install_hook;
use crate::contract::{self, AuditEvent, DetectError, Finding, RuntimeEvent, Signal};
use crate::detector::Detector;
use crate::run;

/// The storage that keeps a detector's instance between calls.
pub type Slot<D> = LocalKey<RefCell<Option<D>>>;

/// `lifecycle.describe`.
#[must_use]
pub fn describe<D: Detector>() -> contract::Descriptor {
    install_hook();
    D::describe().into_contract()
}

/// `lifecycle.configure`.
///
/// # Errors
/// Returns the detector's reason for refusing its settings.
pub fn configure<D: Detector>(
    slot: &'static Slot<D>,
    settings: Vec<(String, contract::SettingValue)>,
) -> Result<(), String> {
    install_hook();
    let detector = D::configure(&crate::Settings::new(settings))?;
    slot.set(Some(detector));
    Ok(())
}

/// `audit-packed.on-audit-packed`.
///
/// # Errors
/// Returns the detector's error, or [`DetectError::Other`] if there is no instance.
pub fn judge_audit_packed<D: Detector>(
    slot: &'static Slot<D>,
    batch: Vec<u8>,
) -> Result<Vec<Finding>, DetectError> {
    with(slot, |detector| run::packed_audit_events(detector, &batch))
}

/// `audit.on-audit-events`.
///
/// # Errors
/// Returns the detector's error, or [`DetectError::Other`] if there is no instance.
pub fn judge_audit_events<D: Detector>(
    slot: &'static Slot<D>,
    events: Vec<AuditEvent>,
) -> Result<Vec<Finding>, DetectError> {
    with(slot, |detector| run::audit_events(detector, &events))
}

/// `runtime-packed.on-runtime-packed`.
///
/// # Errors
/// Returns the detector's error, or [`DetectError::Other`] if there is no instance.
pub fn judge_runtime_packed<D: Detector>(
    slot: &'static Slot<D>,
    batch: Vec<u8>,
) -> Result<Vec<Finding>, DetectError> {
    with(slot, |detector| {
        run::packed_runtime_events(detector, &batch)
    })
}

/// `runtime.on-runtime-events`.
///
/// # Errors
/// Returns the detector's error, or [`DetectError::Other`] if there is no instance.
pub fn judge_runtime_events<D: Detector>(
    slot: &'static Slot<D>,
    events: Vec<RuntimeEvent>,
) -> Result<Vec<Finding>, DetectError> {
    with(slot, |detector| run::runtime_events(detector, &events))
}

/// `signals.on-signals`.
///
/// # Errors
/// Returns the detector's error, or [`DetectError::Other`] if there is no instance.
pub fn judge_signals<D: Detector>(
    slot: &'static Slot<D>,
    signals: Vec<Signal>,
) -> Result<Vec<Finding>, DetectError> {
    with(slot, |detector| run::signals(detector, &signals))
}

fn with<D: Detector>(
    slot: &'static Slot<D>,
    judge: impl FnOnce(&mut D) -> Result<Vec<Finding>, DetectError>,
) -> Result<Vec<Finding>, DetectError> {
    install_hook();
    slot.with_borrow_mut(|slot| match slot {
        Some(detector) => judge(detector),
        None => Err(DetectError::Other(
            "the host sent events before it called `configure`".to_owned(),
        )),
    })
}

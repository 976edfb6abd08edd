//! The trait that every detector implements.

use crate::descriptor::Descriptor;
use crate::error::{BatchError, DetectError};
use crate::finding::Findings;
use crate::settings::Settings;
use crate::view::{AuditEvent, List, RuntimeEvent, Signal};

/// A detector: its description, its settings, and its rules.
///
/// For each event family that it handles, a detector implements the method for single events or
/// the one for batches; the others keep their defaults. One thread at a time uses an instance,
/// and the host may drop it between two batches: values that must outlive a batch belong in
/// [`crate::state`].
pub trait Detector: Sized {
    /// Returns the detector's name, its subscriptions, its finding types, and its settings. Must
    /// always return the same.
    fn describe() -> Descriptor;

    /// Creates an instance from the operator's settings. Called once for each instance, before
    /// any event.
    ///
    /// # Errors
    /// Returns a sentence for the operator if the settings cannot be used. The host then does not
    /// load the detector.
    fn configure(settings: &Settings) -> Result<Self, String>;

    /// Judges one audit event.
    ///
    /// # Errors
    /// Returns a [`DetectError`] if the event could not be judged. The host counts it and judges
    /// the rest of the batch without the event.
    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let _ = (event, findings);
        Ok(())
    }

    /// Judges a batch of 1 to 256 audit events, in order. The default calls
    /// [`Detector::on_audit_event`] for each.
    ///
    /// # Errors
    /// Returns a [`BatchError`] if an event, or the whole batch, could not be judged.
    fn on_audit_events<'a>(
        &mut self,
        events: List<'a, AuditEvent<'a>>,
        findings: &mut Findings,
    ) -> Result<(), BatchError> {
        for event in events {
            self.on_audit_event(event, findings)
                .map_err(|error| error.for_event(&event))?;
        }
        Ok(())
    }

    /// Judges one runtime event.
    ///
    /// # Errors
    /// As [`Detector::on_audit_event`].
    fn on_runtime_event(
        &mut self,
        event: RuntimeEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let _ = (event, findings);
        Ok(())
    }

    /// Judges a batch of runtime events, like [`Detector::on_audit_events`].
    ///
    /// # Errors
    /// As [`Detector::on_audit_events`].
    fn on_runtime_events<'a>(
        &mut self,
        events: List<'a, RuntimeEvent<'a>>,
        findings: &mut Findings,
    ) -> Result<(), BatchError> {
        for event in events {
            self.on_runtime_event(event, findings)
                .map_err(|error| error.for_event(&event))?;
        }
        Ok(())
    }

    /// Judges one finding of another detector.
    ///
    /// # Errors
    /// As [`Detector::on_audit_event`].
    fn on_signal(
        &mut self,
        signal: Signal<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let _ = (signal, findings);
        Ok(())
    }

    /// Judges a batch of signals, like [`Detector::on_audit_events`].
    ///
    /// # Errors
    /// As [`Detector::on_audit_events`].
    fn on_signals<'a>(
        &mut self,
        signals: List<'a, Signal<'a>>,
        findings: &mut Findings,
    ) -> Result<(), BatchError> {
        for signal in signals {
            self.on_signal(signal, findings)
                .map_err(|error| error.for_event(&signal))?;
        }
        Ok(())
    }
}

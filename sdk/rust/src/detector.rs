//! What a detector is.

use crate::descriptor::Descriptor;
use crate::error::{BatchError, DetectError};
use crate::finding::Findings;
use crate::settings::Settings;
use crate::view::{AuditEvent, List, RuntimeEvent, Signal};

/// A detector: what it is called and wants, and how it judges.
///
/// Of the six methods that judge, a detector writes the one for single events of
/// each family that it is for, and leaves the rest as they are. An instance is
/// used by one thread at a time and may be thrown away between two batches: what
/// must outlive a batch belongs into [`crate::state`].
pub trait Detector: Sized {
    /// Says what the detector is: its name, which events it wants, what it can
    /// raise. Must always say the same.
    fn describe() -> Descriptor;

    /// Makes an instance from the operator's settings. Called once for each
    /// instance, before any event.
    ///
    /// # Errors
    /// A sentence for the operator, where the settings cannot be used. The
    /// detector is then not put to work.
    fn configure(settings: &Settings) -> Result<Self, String>;

    /// Judges one audit event.
    ///
    /// # Errors
    /// Where the event could not be judged. The host counts it, and goes on with
    /// the rest of the batch as if the event had never been there.
    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let _ = (event, findings);
        Ok(())
    }

    /// Judges a batch of 1 to 256 audit events, in order; one by one, if not
    /// written otherwise.
    ///
    /// # Errors
    /// Where an event, or the whole batch, could not be judged.
    fn on_audit_events<'a>(
        &mut self,
        events: List<'a, AuditEvent<'a>>,
        findings: &mut Findings,
    ) -> Result<(), BatchError> {
        for event in events {
            self.on_audit_event(event, findings)
                .map_err(|error| error.of(&event))?;
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
                .map_err(|error| error.of(&event))?;
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
                .map_err(|error| error.of(&signal))?;
        }
        Ok(())
    }
}

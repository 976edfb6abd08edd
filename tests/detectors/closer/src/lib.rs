//! A detector for tests of what the host does with subscriptions that cannot match: it subscribes
//! to runtime events, and to the findings of the detector `echo`, which subscribes to its own.

use wardline_sdk::prelude::*;

const CLOSED: &str = "Test:Kubernetes/Closed";

/// The detector.
pub struct Closer;

impl Detector for Closer {
    fn describe() -> Descriptor {
        Descriptor::new("closer", env!("CARGO_PKG_VERSION"))
            .description("Repeats the findings of the detector echo.")
            .runtime(RuntimeSubscription::new().actions(["exec"]))
            .signals(SignalSubscription::new().finding_types(["Test:Kubernetes/Echo"]))
            .finding(FindingType::new(CLOSED, 1.0).title("A finding was repeated"))
    }

    fn configure(_: &Settings) -> Result<Self, String> {
        Ok(Self)
    }

    fn on_runtime_event(
        &mut self,
        event: RuntimeEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        findings.raise(
            Finding::new(CLOSED)
                .on(event)
                .evidence(event, "action", event.action()),
        );
        Ok(())
    }

    fn on_signal(
        &mut self,
        signal: Signal<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        findings.raise(Finding::new(CLOSED).on(signal).evidence(
            signal,
            "type",
            signal.finding_type(),
        ));
        Ok(())
    }
}

wardline_sdk::detector!(Closer: runtime, signals);

//! A detector for tests of signals: it raises a finding for each finding of another detector, with
//! the running number of findings in the cluster. From that a test sees the order of signals.

use wardline_sdk::prelude::*;
use wardline_sdk::state::{self, FOREVER};

const ECHO: &str = "Test:Kubernetes/Echo";

/// The detector.
pub struct Echo;

impl Detector for Echo {
    fn describe() -> Descriptor {
        Descriptor::new("echo", env!("CARGO_PKG_VERSION"))
            .description("Repeats the findings of all other detectors.")
            .ordered_by_cluster()
            .signals(SignalSubscription::new())
            .finding(FindingType::new(ECHO, 1.0).title("A finding was repeated"))
    }

    fn configure(_: &Settings) -> Result<Self, String> {
        Ok(Self)
    }

    fn on_signal(
        &mut self,
        signal: Signal<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let number = state::cluster(signal)
            .key("heard")
            .counter(FOREVER)
            .add(1)?;
        findings.raise(
            Finding::new(ECHO)
                .on(signal)
                .evidence(signal, "number", number)
                .evidence(signal, "type", signal.finding_type())
                .evidence(signal, "finding", signal.finding_id())
                .dedup_key(number.to_string()),
        );
        Ok(())
    }
}

wardline_sdk::detector!(Echo: signals);

//! A detector for tests of signals: it counts the findings of the detector `witness` per actor in
//! a window, and raises a finding that cites them once there are enough.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::state;

const MANY: &str = "Test:Kubernetes/Many";

/// The detector.
pub struct Correlator {
    enough: u32,
    window: Duration,
    panic_on: String,
}

impl Detector for Correlator {
    fn describe() -> Descriptor {
        Descriptor::new("correlator", env!("CARGO_PKG_VERSION"))
            .description("Reports actors of several findings.")
            .signals(SignalSubscription::new().finding_types(["Test:Kubernetes/Se*"]))
            .setting("enough", "The number of findings that is reported.", 3)
            .setting(
                "window",
                "Period over which findings are counted.",
                Duration::from_secs(600),
            )
            .setting("panic-on", "The actor on whose findings it panics.", "")
            .finding(FindingType::new(MANY, 2.0).title("Several findings of one actor"))
    }

    fn configure(settings: &Settings) -> Result<Self, String> {
        Ok(Self {
            enough: u32::try_from(settings.integer("enough")?).unwrap_or(u32::MAX),
            window: settings.duration("window")?,
            panic_on: settings.text("panic-on")?.to_owned(),
        })
    }

    fn on_signal(
        &mut self,
        signal: Signal<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        assert!(signal.actor() != self.panic_on, "asked to panic");
        let window = state::actor(signal).key("found").window(self.window, 100);
        let seen = window.observe(signal.finding_id())?;
        if seen.distinct() >= self.enough {
            findings.raise(
                Finding::new(MANY)
                    .on(signal)
                    .events(seen.events())
                    .evidence(signal, "actor", signal.actor())
                    .evidence(signal, "count", seen.distinct()),
            );
            window.clear()?;
        }
        Ok(())
    }
}

wardline_sdk::detector!(Correlator: signals);

#[cfg(test)]
mod tests {
    use wardline_sdk::contract::Signal;
    use wardline_sdk::testing::Harness;

    use super::{Correlator, MANY};

    fn signal(number: u64, actor: &str) -> Signal {
        Signal {
            time: number * 1_000_000_000,
            finding_id: format!("finding-{number}"),
            finding_type: "Test:Kubernetes/Seen".into(),
            severity: 1.0,
            detector: "witness".into(),
            actor: actor.into(),
            ..Signal::default()
        }
    }

    #[test]
    fn finding_cites_the_findings_in_the_window() {
        let mut harness = Harness::<Correlator>::new();
        let found = harness
            .signals([
                signal(1, "alice"),
                signal(2, "bob"),
                signal(3, "alice"),
                signal(4, "alice"),
            ])
            .unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].finding_type, MANY);
        assert_eq!(found[0].evidence("actor"), Some("alice"));
        let mut ids = found[0].event_ids.clone();
        ids.sort();
        assert_eq!(ids, ["finding-1", "finding-3", "finding-4"]);
    }
}

//! A detector for measuring the cost of passing an event's bytes into the sandbox and
//! parsing them there, as hosts without knowledge of events do.
//!
//! It expects the JSON text in the attribute `json` of an event, and evaluates the ten rules
//! of `tests/bench/rules`.

mod rules;

use serde_json::Value;
use wardline_sdk::prelude::*;

const MET: &str = "Test:Kubernetes/RuleMet";

/// The attribute that holds the JSON text.
pub const JSON: &str = "json";

/// The detector.
pub struct Parser;

impl Detector for Parser {
    fn describe() -> Descriptor {
        Descriptor::new("parser", env!("CARGO_PKG_VERSION"))
            .description("Parses the JSON of every event.")
            .audit(AuditSubscription::new())
            .finding(FindingType::new(MET, 1.0).title("Event matched a rule"))
    }

    fn configure(_: &Settings) -> Result<Self, String> {
        Ok(Self)
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let text = event
            .attributes()
            .find(|attribute| attribute.key() == JSON)
            .map_or("", |attribute| attribute.value());
        let Ok(parsed) = serde_json::from_str::<Value>(text) else {
            return Err(DetectError::new("the attribute `json` is not JSON"));
        };
        for (name, is_met) in rules::ALL {
            if is_met(&parsed) {
                findings.raise(Finding::new(MET).on(event).evidence(event, "rule", name));
            }
        }
        Ok(())
    }
}

wardline_sdk::detector!(Parser);

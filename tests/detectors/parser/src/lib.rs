//! A detector for measurements of what it costs to hand the bytes of an event into the
//! sandbox and to parse them there, as hosts do that know nothing of events.
//!
//! It expects the JSON text in the attribute `json` of an event, and asks the ten rules of
//! `tests/bench/rules`.

mod rules;

use serde_json::Value;
use wardline_sdk::prelude::*;

const MET: &str = "Test:Kubernetes/RuleMet";

/// The attribute that holds the text.
pub const JSON: &str = "json";

/// The detector.
pub struct Parser;

impl Detector for Parser {
    fn describe() -> Descriptor {
        Descriptor::new("parser", env!("CARGO_PKG_VERSION"))
            .description("Parses the JSON of every event.")
            .audit(AuditSubscription::new())
            .finding(FindingType::new(MET, 1.0).title("A rule was met"))
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
            return Err(DetectError::new("the attribute `json` is no JSON"));
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

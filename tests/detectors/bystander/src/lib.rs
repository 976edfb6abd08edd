//! A detector for measuring the cost of many detectors. It reads user, verb, and namespace,
//! as most detectors do first, and finds nothing. It subscribes to every event; a benchmark
//! replaces its subscriptions.

use wardline_sdk::prelude::*;

const NEVER: &str = "Test:Kubernetes/Never";

/// The detector.
pub struct Bystander;

impl Detector for Bystander {
    fn describe() -> Descriptor {
        Descriptor::new("bystander", env!("CARGO_PKG_VERSION"))
            .description("Reads every event and finds nothing.")
            .audit(AuditSubscription::new())
            .finding(FindingType::new(NEVER, 1.0).title("Finding that is never raised"))
    }

    fn configure(_: &Settings) -> Result<Self, String> {
        Ok(Self)
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let is_mine = event.user().username() == "bystander"
            && event.verb() == "bystand"
            && event.namespace().starts_with("bystanders-");
        if is_mine {
            findings.raise(
                Finding::new(NEVER)
                    .on(event)
                    .field(&event, AuditField::Username),
            );
        }
        Ok(())
    }
}

wardline_sdk::detector!(Bystander);

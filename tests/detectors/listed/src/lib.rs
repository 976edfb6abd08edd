//! A detector for tests of the host: raises a finding for every request from an address on
//! an intel list of the kind that a setting names.

use wardline_sdk::intel;
use wardline_sdk::prelude::*;

const LISTED: &str = "Test:Kubernetes/Listed";

/// The detector.
pub struct Listed {
    kind: String,
}

impl Detector for Listed {
    fn describe() -> Descriptor {
        Descriptor::new("listed", env!("CARGO_PKG_VERSION"))
            .description("Reports requests from listed addresses.")
            .audit(AuditSubscription::new())
            .setting("kind", "The kind of the lists.", "threat")
            .finding(FindingType::new(LISTED, 1.0).title("Request from a listed address"))
    }

    fn configure(settings: &Settings) -> Result<Self, String> {
        Ok(Self {
            kind: settings.text("kind")?.to_owned(),
        })
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let Some(hit) = intel::address_in_any(&self.kind, event.client_ip())? else {
            return Ok(());
        };
        findings.raise(
            Finding::new(LISTED)
                .on(event)
                .evidence(event, "list", &hit.list_name)
                .evidence(event, "entry", &hit.entry)
                .dedup_key(event.audit_id()),
        );
        Ok(())
    }
}

wardline_sdk::detector!(Listed);

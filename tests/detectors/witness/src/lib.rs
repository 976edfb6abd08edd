//! A detector for tests of the host: it raises a finding for every event, with the setting
//! under which the event was judged and the running number of events of its actor. From
//! that a test sees whether an event was lost, judged twice, or judged without its state.
//! Either each event is a separate finding, or all events of an actor are one.

use wardline_sdk::prelude::*;
use wardline_sdk::state::{self, FOREVER};

const SEEN: &str = "Test:Kubernetes/Seen";

/// The detector.
pub struct Witness {
    label: String,
    by_actor: bool,
}

impl Detector for Witness {
    fn describe() -> Descriptor {
        Descriptor::new("witness", env!("CARGO_PKG_VERSION"))
            .description("Reports every event.")
            .audit(AuditSubscription::new())
            .setting("label", "The label of every finding.", "none")
            .setting(
                "by-actor",
                "Whether all events of an actor are one finding.",
                false,
            )
            .finding(FindingType::new(SEEN, 1.0).title("An event was judged"))
    }

    fn configure(settings: &Settings) -> Result<Self, String> {
        Ok(Self {
            label: settings.text("label")?.to_owned(),
            by_actor: settings.boolean("by-actor")?,
        })
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let count = state::actor(event).key("seen").counter(FOREVER).add(1)?;
        let key = if self.by_actor {
            event.user().username().to_owned()
        } else {
            event.audit_id().to_owned()
        };
        findings.raise(
            Finding::new(SEEN)
                .on(event)
                .evidence(event, "label", &self.label)
                .evidence(event, "count", count)
                .dedup_key(key),
        );
        Ok(())
    }
}

wardline_sdk::detector!(Witness);

//! A detector that misbehaves as its setting `conduct` specifies.
//!
//! One build covers all guests that can be written in Rust. `tests/held` defines the host's
//! expected reaction to each.

mod conduct;
mod misbehave;

pub use conduct::Conduct;
pub use misbehave::POISON;

use wardline_sdk::prelude::*;

/// The finding type that the guest declares.
pub const DECLARED: &str = "Execution:Kubernetes/TestGuest";

/// The guest.
pub struct Guest {
    conduct: Conduct,
    /// An event of an earlier batch.
    earlier: Option<EventRef>,
}

impl Detector for Guest {
    fn describe() -> Descriptor {
        Descriptor::new("test-guest", env!("CARGO_PKG_VERSION"))
            .description("Misbehaves, to test that the host contains it.")
            .audit(AuditSubscription::new().resources(["pods/exec"]))
            .finding(FindingType::new(DECLARED, 5.0).title("A command was run in a pod"))
            .setting(
                "conduct",
                "How it misbehaves.",
                Conduct::FindingsFlood.name(),
            )
    }

    fn configure(settings: &Settings) -> Result<Self, String> {
        let name = settings.text("conduct")?;
        let conduct = Conduct::ALL
            .iter()
            .copied()
            .find(|conduct| conduct.name() == name)
            .ok_or_else(|| format!("there is no conduct `{name}`"))?;
        misbehave::at_configure(conduct)?;
        Ok(Self {
            conduct,
            earlier: None,
        })
    }

    fn on_audit_events<'a>(
        &mut self,
        events: List<'a, AuditEvent<'a>>,
        findings: &mut Findings,
    ) -> Result<(), BatchError> {
        let earlier = self.earlier;
        for event in events {
            self.earlier.get_or_insert(event.reference());
            misbehave::at_event(self.conduct, event, earlier, findings)?;
        }
        Ok(())
    }
}

wardline_sdk::detector!(Guest);

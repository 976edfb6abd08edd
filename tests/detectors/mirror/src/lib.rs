//! A detector for tests of how events reach the sandbox: it reads every field of every
//! event and raises a finding with a digest of them. It exports every family, so that the
//! whole contract is linked.

use wardline_sdk::prelude::*;

const READ: &str = "Test:Kubernetes/Read";

/// The detector.
pub struct Mirror;

impl Detector for Mirror {
    fn describe() -> Descriptor {
        Descriptor::new("mirror", env!("CARGO_PKG_VERSION"))
            .description("Reports a digest of every event.")
            .audit(AuditSubscription::new())
            .finding(FindingType::new(READ, 1.0).title("An event was read"))
    }

    fn configure(_: &Settings) -> Result<Self, String> {
        Ok(Self)
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        findings.raise(Finding::new(READ).on(event).evidence(
            event,
            "event",
            print(&format!("{event:?}")),
        ));
        Ok(())
    }
}

/// Returns the length of a text and its 64-bit FNV-1a hash
/// (<https://www.rfc-editor.org/rfc/rfc9923>).
#[must_use]
pub fn print(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{} {hash:016x}", text.len())
}

wardline_sdk::detector!(Mirror: audit, runtime, signals);

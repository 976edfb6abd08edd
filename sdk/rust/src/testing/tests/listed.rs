//! Queries of intel lists.

use crate::intel;
use crate::prelude::*;
use crate::testing::{Harness, Request, TestError};

/// Looks up the name of each object on all lists.
struct Listed;

impl Detector for Listed {
    fn describe() -> Descriptor {
        Descriptor::new("listed", "1.0.0")
            .description("Reports names that are on a list.")
            .audit(AuditSubscription::new())
            .finding(FindingType::new("Impact:Kubernetes/Test", 3.0).title("Test"))
    }

    fn configure(_: &Settings) -> Result<Self, String> {
        Ok(Self)
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let asked = [
            intel::hash_in_any("threat", event.name())?,
            intel::domain_in_any("threat", event.name())?,
            intel::address_in_any("threat", event.name())?,
        ];
        for hit in asked.into_iter().flatten() {
            let finding = Finding::new("Impact:Kubernetes/Test").on(event);
            findings.raise(finding.evidence(event, "list", hit.list_name));
        }
        Ok(())
    }
}

#[test]
fn one_call_queries_all_lists_of_a_kind() -> Result<(), TestError> {
    let digest = "ab".repeat(32);
    let mut harness = Harness::<Listed>::new()
        .intel_names("digests", "threat", [digest.as_str()])
        .intel_domains("domains", "threat", ["*.evil.example"])
        .intel_addresses("addresses", "threat", ["192.0.2.0/24"])
        .intel_domains("ours", "trusted", ["good.evil.example"]);
    for (name, count) in [
        (digest.to_uppercase(), 1),
        (format!("sha256:{digest}"), 1),
        ("a.evil.example".to_owned(), 1),
        ("good.evil.example".to_owned(), 0),
        ("192.0.2.9".to_owned(), 1),
        ("no-address".to_owned(), 0),
    ] {
        let found = harness.audit_event(Request::new("get", "pods").name(&name))?;
        assert_eq!(found.len(), count, "{name}");
    }
    Ok(())
}

//! Invalid setups, and detectors that a host would not load.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::prelude::*;
use crate::testing::{Harness, Request, TestError};

struct Settled(f64);

impl Detector for Settled {
    fn describe() -> Descriptor {
        Descriptor::new("settled", "1.0.0")
            .description("Reports the setting `ratio`.")
            .audit(AuditSubscription::new())
            .finding(FindingType::new("Impact:Kubernetes/Test", 3.0).title("Test"))
            .setting("limit", "A number.", 2)
            .setting("ratio", "A share.", 0.5)
    }

    fn configure(settings: &Settings) -> Result<Self, String> {
        let ratio = settings.decimal("ratio")?;
        if ratio > 1.0 {
            return Err(format!("ratio {ratio} exceeds 1"));
        }
        Ok(Self(ratio))
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let finding = Finding::new("Impact:Kubernetes/Test").on(event);
        findings.raise(finding.evidence(event, "ratio", self.0));
        Ok(())
    }
}

fn harness() -> Harness<Settled> {
    Harness::new()
}

fn said(mut harness: Harness<Settled>) -> String {
    let event = Request::new("get", "pods");
    harness.audit_event(event).unwrap_err().to_string()
}

#[test]
fn accepts_declared_settings_of_their_kind_only() {
    assert_eq!(
        said(harness().setting("limits", 3)),
        "the detector has no setting `limits` (did you mean `limit`?)"
    );
    assert_eq!(
        said(harness().setting("limit", "3")),
        "the setting `limit` takes an integer, not \"3\""
    );
    assert_eq!(
        said(harness().setting("ratio", 1.5)),
        "the detector refused its settings: ratio 1.5 exceeds 1"
    );
}

#[test]
fn accepts_an_integer_for_a_number() -> Result<(), TestError> {
    let mut harness = harness().setting("ratio", 1);
    let found = harness.audit_event(Request::new("get", "pods"))?;
    assert_eq!(found[0].evidence("ratio"), Some("1"));
    Ok(())
}

#[test]
fn reports_the_first_mistake() {
    let harness = harness()
        .intel_addresses("bad", "threat", ["not an address"])
        .setting("none", true);
    assert_eq!(
        said(harness),
        "`not an address` cannot be on the intel list `bad`, which holds addresses"
    );
}

static ASKED: AtomicU32 = AtomicU32::new(0);

struct Moody;

impl Detector for Moody {
    fn describe() -> Descriptor {
        let version = format!("1.0.{}", ASKED.fetch_add(1, Ordering::Relaxed));
        Descriptor::new("moody", &version).audit(AuditSubscription::new())
    }

    fn configure(_: &Settings) -> Result<Self, String> {
        Ok(Self)
    }
}

#[test]
fn descriptor_must_not_vary() {
    let error = Harness::<Moody>::new().configure().unwrap_err();
    assert_eq!(
        format!("{error:?}"),
        "the host would refuse the descriptor: two calls of `describe` returned different descriptors"
    );
}

/// Has no description, and an outcome that does not exist.
struct Careless<const DESCRIBED: bool>;

impl<const DESCRIBED: bool> Detector for Careless<DESCRIBED> {
    fn describe() -> Descriptor {
        let descriptor = Descriptor::new("careless", "1.0.0")
            .audit(AuditSubscription::new().outcomes(["succes"]))
            .finding(FindingType::new("Impact:Kubernetes/Test", 3.0).title("Test"));
        match DESCRIBED {
            true => descriptor.description("Reports nothing."),
            false => descriptor,
        }
    }

    fn configure(_: &Settings) -> Result<Self, String> {
        Ok(Self)
    }
}

#[test]
fn descriptor_is_checked_as_by_a_host() {
    let error = Harness::<Careless<false>>::new().configure().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the host would refuse the descriptor: the descriptor has no description"
    );
    let error = Harness::<Careless<true>>::new().configure().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the host would refuse the descriptor: audit subscription 0: `succes` is not an outcome (success, denied, failure, or unknown)"
    );
}

use super::{Finding, Findings};
use crate::contract::{self, Evidence};
use crate::view::{AuditEvent, AuditField, EventRef};

const TYPE: &str = "Impact:Kubernetes/Test";

fn event(reference: u64) -> contract::AuditEvent {
    contract::AuditEvent {
        ref_: reference,
        verb: "delete".to_owned(),
        ..contract::AuditEvent::default()
    }
}

#[test]
fn cites_each_event_once_and_keeps_the_first_first() {
    let (one, two) = (event(1), event(2));
    let (one, two) = (AuditEvent::from(&one), AuditEvent::from(&two));
    let finding = Finding::new(TYPE)
        .on(two)
        .events([EventRef::new(3), EventRef::new(2)])
        .evidence(one, "a", 7)
        .field(&two, AuditField::Verb)
        .severity(4.5)
        .title("t")
        .description("d")
        .dedup_key("k")
        .attribute("x", true)
        .into_contract();
    assert_eq!(finding.events, [2, 3, 1]);
    let evidence = |event, field: &str, value: &str| Evidence {
        event,
        field: field.to_owned(),
        value: value.to_owned(),
    };
    assert_eq!(
        finding.evidence,
        [evidence(1, "a", "7"), evidence(2, "verb", "delete")]
    );
    assert_eq!(finding.severity, Some(4.5));
    let texts = [&finding.title, &finding.description, &finding.dedup_key];
    assert_eq!(texts, ["t", "d", "k"]);
    let attribute = finding.attributes.first().unwrap();
    assert_eq!(
        (attribute.key.as_str(), attribute.value.as_str()),
        ("x", "true")
    );
}

#[test]
fn no_finding_without_evidence() {
    let event = event(1);
    let event = AuditEvent::from(&event);
    let mut findings = Findings::default();
    let none: [(&str, &str); 0] = [];
    findings.raise(Finding::new(TYPE).on(event).evidence_if_any(event, none));
    assert!(findings.is_empty());
    let two = [("a", "1"), ("b", "2")];
    findings.raise(Finding::new(TYPE).on(event).evidence_if_any(event, two));
    assert_eq!(findings.len(), 1);
    assert_eq!(findings.into_contract().first().unwrap().evidence.len(), 2);
}

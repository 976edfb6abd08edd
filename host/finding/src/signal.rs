//! Turns a finding into an event for detectors that subscribe to findings.

use wardline_event::Record;
use wardline_event::model::Signal;

use wardline_check::Claim;

use crate::Finding;

/// Creates the signal of one occurrence of a finding, without a reference. Suppressed findings are
/// signals too: suppression decides what people see, not what happened.
#[must_use]
pub fn signal_of(claim: &Claim, finding: &Finding) -> Record {
    let signal = Signal {
        ref_: 0,
        time: claim.latest(),
        finding_id: finding.id.clone(),
        finding_type: finding.finding_type.clone(),
        severity: finding.severity.score,
        title: finding.title.clone(),
        detector: finding.detector.name.clone(),
        actor: claim.record.actor.as_ref().to_owned(),
        resource: finding.resource.resource.clone(),
        namespace: finding.resource.namespace.clone(),
        name: finding.resource.name.clone(),
        techniques: finding.techniques.clone(),
        evidence: claim.finding.evidence.clone(),
        attributes: finding.attributes.clone(),
    };
    // A finding contains only plain values, which always serialize.
    let text = serde_json::to_vec(finding).unwrap_or_default();
    Record::signal(signal, text.into(), &claim.record)
}

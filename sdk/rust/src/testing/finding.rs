use super::TestError;
use super::limits::FINDING_BYTES;
use super::sequence::Moment;
use super::state::State;
use crate::contract::{Descriptor, EventRef, Finding, FindingType};

/// A finding that the host would take, as an operator would see it: what the
/// finding leaves out is filled in from its type.
#[derive(Debug, Clone, PartialEq)]
pub struct RaisedFinding {
    /// One of the declared types.
    pub finding_type: String,
    /// From 1.0 to 10.0.
    pub severity: f64,
    /// One line.
    pub title: String,
    /// A sentence or two.
    pub description: String,
    /// The events that justify it, in the order in which it cites them: the
    /// `auditID` of audit events, the finding's id of signals, and `runtime-N` for
    /// the runtime event with the reference N.
    pub event_ids: Vec<String>,
    /// Fields and their values.
    pub evidence: Vec<(String, String)>,
    /// Empty where it is the resource of the first event.
    pub dedup_key: String,
    /// Keys and values.
    pub attributes: Vec<(String, String)>,
}

impl RaisedFinding {
    /// The value of a field of the evidence; of a field that comes more than once
    /// the first.
    #[must_use]
    pub fn evidence(&self, field: &str) -> Option<&str> {
        value(&self.evidence, field)
    }

    /// The value of an attribute.
    #[must_use]
    pub fn attribute(&self, key: &str) -> Option<&str> {
        value(&self.attributes, key)
    }

    /// `Low`, `Medium`, `High` or `Critical` (`wit/v0.1/types.wit`, `finding`).
    #[must_use]
    pub fn severity_label(&self) -> &'static str {
        match self.severity {
            score if score < 4.0 => "Low",
            score if score < 7.0 => "Medium",
            score if score < 9.0 => "High",
            _ => "Critical",
        }
    }
}

fn value<'a>(pairs: &'a [(String, String)], key: &str) -> Option<&'a str> {
    pairs
        .iter()
        .find(|(known, _)| known == key)
        .map(|(_, value)| value.as_str())
}

/// Checks a finding as a host does.
pub(super) fn check(
    finding: Finding,
    descriptor: &Descriptor,
    batch: &[Moment],
    state: &State,
) -> Result<RaisedFinding, TestError> {
    match problem(&finding, descriptor, batch, state) {
        Ok((declared, event_ids)) => Ok(raised(finding, declared, event_ids)),
        Err(reason) => Err(TestError::Finding {
            finding_type: finding.finding_type,
            reason,
        }),
    }
}

fn problem<'d>(
    finding: &Finding,
    descriptor: &'d Descriptor,
    batch: &[Moment],
    state: &State,
) -> Result<(&'d FindingType, Vec<String>), String> {
    let size = size(finding);
    if size > FINDING_BYTES {
        return Err(format!("it has {size} bytes; {FINDING_BYTES} are allowed"));
    }
    let declared = descriptor
        .finding_types
        .iter()
        .find(|known| known.name == finding.finding_type)
        .ok_or("the descriptor does not declare this type")?;
    let severity = finding.severity.unwrap_or(declared.severity);
    if !(1.0..=10.0).contains(&severity) {
        return Err(format!("the severity {severity} is not from 1 to 10"));
    }
    let of_batch = |reference: EventRef| {
        batch
            .iter()
            .find(|moment| moment.reference == reference)
            .map(|moment| moment.id.clone())
    };
    let first = *finding.events.first().ok_or("it cites no event")?;
    if of_batch(first).is_none() {
        return Err(format!("its first event, {first}, is not one of the batch"));
    }
    let mut cited: Vec<EventRef> = Vec::new();
    let mut event_ids = Vec::new();
    for &reference in &finding.events {
        if cited.contains(&reference) {
            continue;
        }
        let id = of_batch(reference)
            .or_else(|| state.cited(reference))
            .ok_or_else(|| {
                format!("it cites event {reference}, which is neither of the batch nor in a window")
            })?;
        cited.push(reference);
        event_ids.push(id);
    }
    if finding.evidence.is_empty() {
        return Err("it gives no evidence".to_owned());
    }
    match finding
        .evidence
        .iter()
        .find(|evidence| !cited.contains(&evidence.event))
    {
        Some(evidence) => Err(format!(
            "its evidence `{}` is of event {}, which it does not cite",
            evidence.field, evidence.event
        )),
        None => Ok((declared, event_ids)),
    }
}

fn raised(finding: Finding, declared: &FindingType, event_ids: Vec<String>) -> RaisedFinding {
    let or = |text: String, other: &str| match text.is_empty() {
        true => other.to_owned(),
        false => text,
    };
    RaisedFinding {
        severity: finding.severity.unwrap_or(declared.severity),
        title: or(finding.title, &declared.title),
        description: or(finding.description, &declared.description),
        event_ids,
        evidence: finding
            .evidence
            .into_iter()
            .map(|evidence| (evidence.field, evidence.value))
            .collect(),
        dedup_key: finding.dedup_key,
        attributes: finding
            .attributes
            .into_iter()
            .map(|attribute| (attribute.key, attribute.value))
            .collect(),
        finding_type: finding.finding_type,
    }
}

fn size(finding: &Finding) -> usize {
    let texts = [
        &finding.finding_type,
        &finding.title,
        &finding.description,
        &finding.dedup_key,
    ];
    let evidence = finding
        .evidence
        .iter()
        .map(|evidence| evidence.field.len() + evidence.value.len() + size_of::<EventRef>());
    let attributes = finding
        .attributes
        .iter()
        .map(|attribute| attribute.key.len() + attribute.value.len());
    texts.iter().map(|text| text.len()).sum::<usize>()
        + finding.events.len() * size_of::<EventRef>()
        + evidence.sum::<usize>()
        + attributes.sum::<usize>()
}

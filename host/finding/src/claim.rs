//! What a detector claims, checked against what it may claim.

use std::sync::Arc;

use wardline_contract::{Descriptor, Finding, FindingType};
use wardline_event::Record;
use wardline_event::model::EventRef;
use wardline_files::text::{is_fit, shown};

/// Severities reach from here
const LEAST_SEVERITY: f64 = 1.0;
/// to here (`wit/v0.1/lifecycle.wit`, `finding-type`).
const MOST_SEVERITY: f64 = 10.0;

/// What two strings take in a guest's memory beside their text, so that a list of
/// things that are empty has a size too.
const TWO_TEXTS: usize = 16;

/// A finding that holds together: its type is declared, its events are known, and
/// its evidence is about them.
#[derive(Clone)]
pub struct Claim {
    /// The event whose actor and resource it names.
    pub record: Arc<Record>,
    /// The audit ids of all its events, the first one's first, by reference.
    pub events: Vec<(EventRef, Arc<str>)>,
    /// What the detector said. Text is printable and on one line.
    pub finding: Finding,
    /// Its severity, from 1.0 to 10.0.
    pub severity: f64,
    /// Which of the declared types it is, as an index into the descriptor.
    pub finding_type: usize,
    /// Of the version that raised it.
    pub descriptor: Arc<Descriptor>,
    /// Counts the claims of one call, so that their order can be kept.
    pub ordinal: u32,
}

impl Claim {
    /// What the descriptor says of its type.
    #[must_use]
    pub fn declared(&self) -> Option<&FindingType> {
        self.descriptor.finding_types.get(self.finding_type)
    }
}

/// Checks a finding. `remembered` gives the audit id of an event that is not of the batch,
/// but in the detector's state. A finding has at most `finding_bytes` of text. Otherwise says why it is refused: a short reason for metrics,
/// and a sentence for the author.
pub fn check(
    mut finding: Finding,
    ordinal: u32,
    batch: &[Arc<Record>],
    descriptor: &Arc<Descriptor>,
    finding_bytes: usize,
    remembered: &dyn Fn(u64) -> Option<Arc<str>>,
) -> Result<Claim, (&'static str, String)> {
    let size = size(&finding);
    if size > finding_bytes {
        return Err((
            "too_large",
            format!("a finding of {size} bytes; {finding_bytes} are allowed"),
        ));
    }
    let types = &descriptor.finding_types;
    let Some(finding_type) = types
        .iter()
        .position(|known| known.name == finding.finding_type)
    else {
        return Err((
            "undeclared_type",
            format!(
                "the type `{}` is not in its descriptor",
                shown(&finding.finding_type, 256)
            ),
        ));
    };
    let declared = types
        .get(finding_type)
        .map_or(LEAST_SEVERITY, |known| known.severity);
    let severity = finding.severity.unwrap_or(declared);
    if !(LEAST_SEVERITY..=MOST_SEVERITY).contains(&severity) {
        return Err((
            "severity",
            format!("the severity {severity} is not from {LEAST_SEVERITY} to {MOST_SEVERITY}"),
        ));
    }
    let find = |reference: EventRef| {
        batch
            .binary_search_by_key(&reference, |record| record.reference())
            .ok()
            .and_then(|index| batch.get(index))
    };
    let Some(&first) = finding.events.first() else {
        return Err(("no_events", "it cites no event".into()));
    };
    let Some(record) = find(first) else {
        return Err((
            "unknown_event",
            format!("its first event, {first}, is not one of the batch"),
        ));
    };
    let mut events: Vec<(EventRef, Arc<str>)> = Vec::with_capacity(finding.events.len());
    for &reference in &finding.events {
        if events.iter().any(|(known, _)| *known == reference) {
            continue;
        }
        let audit_id = find(reference)
            .map(|record| Arc::from(record.event.audit_id.as_str()))
            .or_else(|| remembered(reference));
        match audit_id {
            Some(audit_id) => events.push((reference, audit_id)),
            None => {
                return Err((
                    "unknown_event",
                    format!(
                        "it cites event {reference}, which is neither of the batch nor in its state"
                    ),
                ));
            }
        }
    }
    if finding.evidence.is_empty() {
        return Err(("no_evidence", "it gives no evidence".into()));
    }
    for evidence in &finding.evidence {
        if !events.iter().any(|(known, _)| *known == evidence.event) {
            return Err((
                "unknown_event",
                format!(
                    "its evidence is of event {}, which it does not cite",
                    evidence.event
                ),
            ));
        }
    }
    clean(&mut finding, finding_bytes);
    Ok(Claim {
        record: Arc::clone(record),
        events,
        finding,
        severity,
        finding_type,
        descriptor: Arc::clone(descriptor),
        ordinal,
    })
}

fn size(finding: &Finding) -> usize {
    let texts = [
        &finding.finding_type,
        &finding.title,
        &finding.description,
        &finding.dedup_key,
    ];
    texts.iter().map(|text| text.len()).sum::<usize>()
        + finding.events.len() * size_of::<EventRef>()
        + finding
            .evidence
            .iter()
            .map(|evidence| {
                evidence.field.len() + evidence.value.len() + TWO_TEXTS + size_of::<EventRef>()
            })
            .sum::<usize>()
        + finding
            .attributes
            .iter()
            .map(|attribute| attribute.key.len() + attribute.value.len() + TWO_TEXTS)
            .sum::<usize>()
}

/// The texts repeat what strangers sent to the API server.
fn clean(finding: &mut Finding, limit: usize) {
    let texts = [
        &mut finding.title,
        &mut finding.description,
        &mut finding.dedup_key,
    ]
    .into_iter()
    .chain(
        finding
            .evidence
            .iter_mut()
            .flat_map(|evidence| [&mut evidence.field, &mut evidence.value]),
    )
    .chain(
        finding
            .attributes
            .iter_mut()
            .flat_map(|attribute| [&mut attribute.key, &mut attribute.value]),
    );
    for text in texts {
        if !is_fit(text) {
            *text = shown(text, limit);
        }
    }
}

//! Checks the findings that a detector returns.

use std::sync::Arc;

use wardline_contract::{Descriptor, Finding, FindingType};
use wardline_event::model::{EventRef, Timestamp};
use wardline_event::{Cited, Record};
use wardline_text::{is_fit, shown};

/// Lowest severity (`wit/v0.1/lifecycle.wit`, `finding-type`).
const MIN_SEVERITY: f64 = 1.0;
/// Highest severity (`wit/v0.1/lifecycle.wit`, `finding-type`).
const MAX_SEVERITY: f64 = 10.0;

/// Size of two string headers in a guest's memory, in bytes, so that a list of empty strings has a
/// size too.
const STRING_PAIR_BYTES: usize = 16;

/// A finding that passed the check: its type is declared, its events are known, and its evidence
/// cites those events.
#[derive(Clone)]
pub struct Claim {
    /// The event that the finding cites first. Its subject determines the actor and the resource.
    pub record: Arc<Record>,
    /// All events with their references, starting with the event of `record`.
    pub events: Vec<(EventRef, Cited)>,
    /// The finding as the detector returned it, with all text on one line and printable.
    pub finding: Finding,
    /// The severity, from 1.0 to 10.0.
    pub severity: f64,
    /// Index of the finding's type in the descriptor.
    pub finding_type: usize,
    /// The descriptor of the version that returned it.
    pub descriptor: Arc<Descriptor>,
    /// Counts the claims of one worker, to preserve their order.
    pub ordinal: u32,
}

impl Claim {
    /// The descriptor's declaration of the finding's type.
    #[must_use]
    pub fn declared(&self) -> Option<&FindingType> {
        self.descriptor.finding_types.get(self.finding_type)
    }

    /// Estimates the size in memory, in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        size_of::<Self>() + size(&self.finding) + self.events.len() * size_of::<(EventRef, Cited)>()
    }

    /// The time of the latest event.
    #[must_use]
    pub fn latest(&self) -> Timestamp {
        let times = self.events.iter().map(|(_, cited)| cited.time);
        times.max().unwrap_or_default()
    }
}

/// Returns the event of a batch that a reference names.
#[must_use]
pub fn find(batch: &[Arc<Record>], reference: EventRef) -> Option<&Arc<Record>> {
    let sorted = batch.binary_search_by_key(&reference, |record| record.reference());
    match sorted {
        Ok(index) => batch.get(index),
        // Signals are not judged in the order of their references.
        Err(_) => batch.iter().find(|record| record.reference() == reference),
    }
}

/// Checks a finding, whose text is cut to `finding_bytes`: what is too much is left out and counted, since
/// a client may have made it long in order to hide the finding. `remembered` returns an event that
/// is not in the batch but in the detector's state. The error is a short reason
/// for metrics and an explanation for the detector's author.
pub fn check(
    mut finding: Finding,
    ordinal: u32,
    batch: &[Arc<Record>],
    descriptor: &Arc<Descriptor>,
    finding_bytes: usize,
    remembered: &dyn Fn(EventRef) -> Option<Cited>,
) -> Result<Claim, (&'static str, String)> {
    super::cut::to_size(&mut finding, finding_bytes);
    let types = &descriptor.finding_types;
    let Some(finding_type) = types
        .iter()
        .position(|known| known.name == finding.finding_type)
    else {
        return Err((
            "undeclared_type",
            format!(
                "the type `{}` is not declared in the descriptor",
                shown(&finding.finding_type, 256)
            ),
        ));
    };
    let declared = types
        .get(finding_type)
        .map_or(MIN_SEVERITY, |known| known.severity);
    let severity = finding.severity.unwrap_or(declared);
    if !(MIN_SEVERITY..=MAX_SEVERITY).contains(&severity) {
        return Err((
            "severity",
            format!(
                "the severity {severity} is outside the range {MIN_SEVERITY} to {MAX_SEVERITY}"
            ),
        ));
    }
    let Some(&first) = finding.events.first() else {
        return Err(("no_events", "the finding cites no event".into()));
    };
    let Some(record) = find(batch, first) else {
        return Err((
            "unknown_event",
            format!("the first event, {first}, is not in the batch"),
        ));
    };
    let mut events: Vec<(EventRef, Cited)> = Vec::with_capacity(finding.events.len());
    for &reference in &finding.events {
        if events.iter().any(|(known, _)| *known == reference) {
            continue;
        }
        let cited = find(batch, reference)
            .map(|record| Cited {
                id: Arc::clone(&record.event_id),
                time: record.time(),
            })
            .or_else(|| remembered(reference));
        match cited {
            Some(cited) => events.push((reference, cited)),
            None => {
                return Err((
                    "unknown_event",
                    format!(
                        "the finding cites event {reference}, which is neither in the batch nor in the detector's state"
                    ),
                ));
            }
        }
    }
    if finding.evidence.is_empty() {
        return Err(("no_evidence", "the finding has no evidence".into()));
    }
    for evidence in &finding.evidence {
        if !events.iter().any(|(known, _)| *known == evidence.event) {
            return Err((
                "unknown_event",
                format!(
                    "the evidence names event {}, which the finding does not cite",
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

/// The size of a finding's text in memory, in bytes.
pub(crate) fn size(finding: &Finding) -> usize {
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
                evidence.field.len()
                    + evidence.value.len()
                    + STRING_PAIR_BYTES
                    + size_of::<EventRef>()
            })
            .sum::<usize>()
        + finding
            .attributes
            .iter()
            .map(|attribute| attribute.key.len() + attribute.value.len() + STRING_PAIR_BYTES)
            .sum::<usize>()
}

/// Escapes control characters: the texts repeat what untrusted clients sent to the API server.
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

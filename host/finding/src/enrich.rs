//! Creates a finding from a claim.

mod audit;
mod runtime;

use wardline_event::model::{Attribute, EventRef, Timestamp};
use wardline_event::{Event, Record};
use wardline_text::shown;

use super::identity::Identity;
use super::{
    Actor, Cloud, ContainerName, Details, DetectorName, EventFamily, EvidenceItem, Finding,
    Process, Reader, Request, Resource, SCHEMA_VERSION, Severity, Status,
};
use wardline_check::Claim;

/// Maximum length of a text that is copied from an event, in bytes. A request URI contains the
/// whole command line of an exec.
const TEXT_BYTES: usize = 4096;

/// The parts of a finding that are taken from the event that it is about; how depends on the
/// event's family.
#[derive(Default)]
struct Parts {
    cloud: Option<Cloud>,
    actor: Actor,
    resource: Resource,
    object: Option<Details>,
    request: Option<Request>,
    process: Option<Process>,
    container: Option<ContainerName>,
    node: Option<String>,
}

impl Parts {
    fn of(record: &Record) -> Self {
        match &record.event {
            Event::Audit(event) => audit::parts(event),
            Event::Runtime(event) => runtime::parts(event),
            // The subject of a record is never a signal.
            Event::Signal(_) => Self::default(),
        }
    }
}

/// Creates the finding of a claim, as one occurrence.
#[must_use]
pub fn finding_of(claim: &Claim) -> Finding {
    let subject = claim.record.subject();
    let parts = Parts::of(subject);
    let cluster = text(&subject.cluster);
    let time = rfc3339(claim.record.time());
    let declared = claim.declared();
    let or = |said: &str, declared: Option<&String>| {
        if said.is_empty() {
            declared.map(|other| text(other)).unwrap_or_default()
        } else {
            said.to_owned()
        }
    };
    let texts = |list: Option<&Vec<String>>| list.map(|list| texts(list)).unwrap_or_default();
    Finding {
        schema_version: SCHEMA_VERSION.to_owned(),
        id: Identity {
            cluster: &cluster,
            finding_type: &claim.finding.finding_type,
            key: &claim.finding.dedup_key,
            actor: &subject.actor,
            resource: &parts.resource,
        }
        .id(),
        finding_type: claim.finding.finding_type.clone(),
        severity: Severity::new(claim.severity),
        title: or(&claim.finding.title, declared.map(|known| &known.title)),
        description: or(
            &claim.finding.description,
            declared.map(|known| &known.description),
        ),
        cluster,
        cloud: parts.cloud,
        status: Status::Active,
        suppression: None,
        count: 1,
        first_seen: time.clone(),
        last_seen: time.clone(),
        time,
        detector: DetectorName {
            name: claim.descriptor.name.clone(),
            version: claim.descriptor.version.clone(),
        },
        actor: parts.actor,
        resource: parts.resource,
        object: parts.object,
        request: parts.request,
        process: parts.process,
        container: parts.container,
        node: parts.node,
        event_family: EventFamily::from(claim.record.family()),
        event_ids: event_ids(claim),
        event_ids_omitted: 0,
        evidence: claim
            .finding
            .evidence
            .iter()
            .map(|evidence| EvidenceItem {
                event_id: event_id(claim, evidence.event),
                field: evidence.field.clone(),
                value: text(&evidence.value),
            })
            .collect(),
        techniques: texts(declared.map(|known| &known.techniques)),
        remediation: or("", declared.map(|known| &known.remediation)),
        false_positives: or("", declared.map(|known| &known.false_positives)),
        references: texts(declared.map(|known| &known.references)),
        attributes: claim.finding.attributes.clone(),
        source: Reader {
            name: text(&subject.origin.source),
            line: subject.origin.line,
        },
    }
}

/// Returns the ids of all events, each once.
fn event_ids(claim: &Claim) -> Vec<String> {
    let mut ids: Vec<String> = Vec::with_capacity(claim.events.len());
    for (_, cited) in &claim.events {
        let id = text(&cited.id);
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

fn event_id(claim: &Claim, reference: EventRef) -> String {
    claim
        .events
        .iter()
        .find(|(known, _)| *known == reference)
        .map(|(_, cited)| text(&cited.id))
        .unwrap_or_default()
}

/// Returns the cloud location from the envelope, whose attributes have OpenTelemetry's names
/// (<https://opentelemetry.io/docs/specs/semconv/resource/cloud/>).
fn cloud(attributes: &[Attribute]) -> Option<Cloud> {
    let value = |key: &str| {
        attributes
            .iter()
            .find(|attribute| attribute.key == key)
            .map(|attribute| text(&attribute.value))
            .unwrap_or_default()
    };
    let cloud = Cloud {
        provider: value("cloud.provider"),
        account: value("cloud.account.id"),
        region: value("cloud.region"),
    };
    (cloud != Cloud::default()).then_some(cloud)
}

fn text(text: &str) -> String {
    shown(text, TEXT_BYTES)
}

fn texts(list: &[String]) -> Vec<String> {
    list.iter().map(|one| text(one)).collect()
}

/// Formats a time with microseconds, like the API server; an unknown time gives an empty text.
fn rfc3339(time: Timestamp) -> String {
    if time == 0 {
        return String::new();
    }
    jiff::Timestamp::from_nanosecond(i128::from(time))
        .map(|time| format!("{time:.6}"))
        .unwrap_or_default()
}

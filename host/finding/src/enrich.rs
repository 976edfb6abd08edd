//! Creates a finding from a claim.

use wardline_event::model::{Attribute, AuditEvent, Timestamp};
use wardline_text::shown;

use super::details::details;
use super::identity::Identity;
use super::{
    Actor, Cloud, DetectorName, EvidenceItem, Finding, Reader, Request, Resource, SCHEMA_VERSION,
    Severity, Status,
};
use wardline_check::Claim;

/// Maximum length of a text that is copied from an event, in bytes. A request URI contains the
/// whole command line of an exec.
const TEXT_BYTES: usize = 4096;

/// The event attribute in which a source names the cluster.
const CLUSTER: &str = "cluster";

/// Creates the finding of a claim, as one occurrence. `cluster` is the cluster name for events that
/// carry none.
#[must_use]
pub fn finding_of(claim: &Claim, cluster: &str) -> Finding {
    let event = claim.record.event.as_ref();
    let cluster = cluster_of(event, cluster);
    let time = rfc3339(claim.record.time());
    let declared = claim.declared();
    let resource = resource(event);
    let or = |said: &str, declared: Option<&String>| {
        if said.is_empty() {
            declared
                .map(|text| shown(text, TEXT_BYTES))
                .unwrap_or_default()
        } else {
            said.to_owned()
        }
    };
    let texts = |list: Option<&Vec<String>>| -> Vec<String> {
        list.into_iter()
            .flatten()
            .map(|text| shown(text, TEXT_BYTES))
            .collect()
    };
    let audit_id = |reference| {
        claim
            .events
            .iter()
            .find(|(known, _)| *known == reference)
            .map(|(_, id)| shown(id, TEXT_BYTES))
            .unwrap_or_default()
    };
    let mut event_ids: Vec<String> = Vec::with_capacity(claim.events.len());
    for (_, id) in &claim.events {
        let id = shown(id, TEXT_BYTES);
        if !event_ids.contains(&id) {
            event_ids.push(id);
        }
    }
    Finding {
        schema_version: SCHEMA_VERSION.to_owned(),
        id: Identity {
            cluster: &cluster,
            finding_type: &claim.finding.finding_type,
            key: &claim.finding.dedup_key,
            actor: &claim.record.actor,
            resource: &resource,
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
        cloud: cloud(event),
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
        actor: actor(event),
        resource,
        object: details(event),
        request: Request {
            verb: shown(&event.verb, TEXT_BYTES),
            uri: shown(&event.request_uri, TEXT_BYTES),
            response_code: event.response.as_ref().map(|response| response.code),
        },
        event_ids,
        event_ids_omitted: 0,
        evidence: claim
            .finding
            .evidence
            .iter()
            .map(|evidence| EvidenceItem {
                event_id: audit_id(evidence.event),
                field: evidence.field.clone(),
                value: shown(&evidence.value, TEXT_BYTES),
            })
            .collect(),
        techniques: texts(declared.map(|known| &known.techniques)),
        remediation: or("", declared.map(|known| &known.remediation)),
        false_positives: or("", declared.map(|known| &known.false_positives)),
        references: texts(declared.map(|known| &known.references)),
        attributes: claim.finding.attributes.clone(),
        source: Reader {
            name: shown(&claim.record.origin.source, TEXT_BYTES),
            line: claim.record.origin.line,
        },
    }
}

/// Returns the cluster that the event names, or else the configured one.
fn cluster_of(event: &AuditEvent, configured: &str) -> String {
    event
        .attributes
        .iter()
        .find(|attribute| attribute.key == CLUSTER && !attribute.value.is_empty())
        .map_or_else(
            || configured.to_owned(),
            |attribute| shown(&attribute.value, TEXT_BYTES),
        )
}

/// Returns the cloud location from the envelope, whose attributes have OpenTelemetry's names
/// (<https://opentelemetry.io/docs/specs/semconv/resource/cloud/>).
fn cloud(event: &AuditEvent) -> Option<Cloud> {
    let value = |key: &str| {
        event
            .attributes
            .iter()
            .find(|attribute| attribute.key == key)
            .map(|attribute| shown(&attribute.value, TEXT_BYTES))
            .unwrap_or_default()
    };
    let cloud = Cloud {
        provider: value("cloud.provider"),
        account: value("cloud.account.id"),
        region: value("cloud.region"),
    };
    (cloud != Cloud::default()).then_some(cloud)
}

fn actor(event: &AuditEvent) -> Actor {
    let user = &event.user;
    let texts = |list: &[String]| list.iter().map(|text| shown(text, TEXT_BYTES)).collect();
    Actor {
        username: shown(&user.username, TEXT_BYTES),
        uid: shown(&user.uid, TEXT_BYTES),
        groups: texts(&user.groups),
        impersonated: event
            .impersonated_user
            .as_ref()
            .map(|user| shown(&user.username, TEXT_BYTES)),
        source_ips: texts(&event.source_ips),
        user_agent: shown(&event.user_agent, TEXT_BYTES),
        extra: user
            .extra
            .iter()
            .map(|pair| Attribute {
                key: shown(&pair.key, TEXT_BYTES),
                value: shown(&pair.value, TEXT_BYTES),
            })
            .collect(),
    }
}

fn resource(event: &AuditEvent) -> Resource {
    event
        .object
        .as_ref()
        .map(|object| Resource {
            api_group: shown(&object.api_group, TEXT_BYTES),
            resource: shown(&object.resource, TEXT_BYTES),
            subresource: shown(&object.subresource, TEXT_BYTES),
            namespace: shown(&object.namespace, TEXT_BYTES),
            name: shown(&object.name, TEXT_BYTES),
        })
        .unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use wardline_event::model::{Attribute, AuditEvent};

    use super::cluster_of;

    #[test]
    fn cluster_of_the_event_precedes_the_configured_one() {
        let mut event = AuditEvent::default();
        assert_eq!(cluster_of(&event, "configured"), "configured");
        for (value, expected) in [("", "configured"), ("eu-1", "eu-1"), ("a\nb", "a\\nb")] {
            event.attributes = vec![Attribute {
                key: "cluster".into(),
                value: value.into(),
            }];
            assert_eq!(cluster_of(&event, "configured"), expected);
        }
    }
}

//! A finding as it leaves the host.

use serde::{Deserialize, Serialize};
use wardline_event::model::Attribute;

use super::Severity;

/// Something that a security team should look at. The names of the fields in JSON
/// are a promise: fields may be added, and none is renamed or removed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// 32 hexadecimal digits. The same claim about the same events has the same id,
    /// so that a log that is read twice gives no second finding.
    pub id: String,
    /// `Purpose:Resource/Family`, with `.Mechanism` and `!Artifact` where there are any.
    #[serde(rename = "type")]
    pub finding_type: String,
    /// How bad it is.
    pub severity: Severity,
    /// One line for a person.
    pub title: String,
    /// What happened and why it matters.
    pub description: String,
    /// When the last of the events happened, RFC 3339.
    pub time: String,
    /// Who raised it.
    pub detector: DetectorName,
    /// Who acted.
    pub actor: Actor,
    /// What was acted on.
    pub resource: Resource,
    /// The request of the first event.
    pub request: Request,
    /// The `auditID` of every event that justifies it, the main one first.
    pub event_ids: Vec<String>,
    /// The fields that made it fire, with their values.
    pub evidence: Vec<EvidenceItem>,
    /// ATT&CK technique ids.
    pub techniques: Vec<String>,
    /// What to do about it.
    pub remediation: String,
    /// What else raises it, and how to tell.
    pub false_positives: String,
    /// Where the rule comes from.
    pub references: Vec<String>,
    /// What the detector adds; keys are its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
    /// Where the first event was read.
    pub source: Reader,
}

/// A version of a detector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DetectorName {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// Who acted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Actor {
    /// The authenticated user; empty if nobody authenticated.
    pub username: String,
    /// The uid of a service account.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub uid: String,
    /// The user's groups.
    pub groups: Vec<String>,
    /// Whose rights were used, where the user impersonated somebody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impersonated: Option<String>,
    /// Forwarded addresses, then the peer's, which alone cannot be forged.
    pub source_ips: Vec<String>,
    /// As the client says.
    pub user_agent: String,
    /// Names and values of `user.extra`, such as the pod that a token belongs to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extra: Vec<Attribute>,
}

/// What was acted on; all empty for a request that is for no resource.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// Empty for the core group.
    pub api_group: String,
    /// In the plural: `pods`.
    pub resource: String,
    /// Such as `exec`.
    pub subresource: String,
    /// Empty for what belongs to the cluster.
    pub namespace: String,
    /// Empty for lists.
    pub name: String,
}

/// The request that the API server answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// As the audit log has it.
    pub verb: String,
    /// With its query.
    pub uri: String,
    /// The HTTP code, if it was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_code: Option<u16>,
}

/// One field with its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceItem {
    /// The `auditID` of the event that it belongs to.
    pub event_id: String,
    /// Where it stands in the event.
    pub field: String,
    /// Its value as text.
    pub value: String,
}

/// Where an event was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reader {
    /// The source's name; for a scan the file's path.
    pub name: String,
    /// The line, counted from 1 where the host began to read.
    pub line: u64,
}

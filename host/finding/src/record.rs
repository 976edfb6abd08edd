//! A finding as it leaves the host.

use serde::{Deserialize, Serialize};
use wardline_event::model::Attribute;

use super::{Details, Severity};

/// The version of the form below. The second number counts additions; the first would
/// change with anything that a reader must know of.
pub const SCHEMA_VERSION: &str = "1.0";

/// Something that a security team should look at. The names of the fields in JSON
/// are a promise: fields may be added, and none is renamed or removed.
///
/// What was found once and happens again is the same finding: it is written again with the
/// same `id` and a larger `count`. What is said of all occurrences together is `severity`
/// (the highest), `count`, `first_seen`, `last_seen` and `event_ids`; everything else is of
/// the newest occurrence, as in GuardDuty. Times are those of events, so that a replay of
/// a log gives the same findings; there is no time at which the host wrote it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Finding {
    /// [`SCHEMA_VERSION`].
    pub schema_version: String,
    /// 32 hexadecimal digits: the same thing has the same id whenever it happens, on
    /// whichever host. It is made of cluster, type, and the key that the type documents.
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
    /// The cluster that it happened in, if that is known.
    #[serde(default)]
    pub cluster: String,
    /// Where in which cloud, if the source says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud: Option<Cloud>,
    /// Whether it is to be looked at.
    pub status: Status,
    /// Why it is not, if it is suppressed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppression: Option<Suppression>,
    /// How often it happened, at least 1.
    pub count: u64,
    /// When it happened first, RFC 3339; empty if no event said its time.
    pub first_seen: String,
    /// When it happened last.
    pub last_seen: String,
    /// When the event of the newest occurrence happened. It differs from `last_seen` where
    /// events do not come in the order of their times.
    pub time: String,
    /// Who raised it.
    pub detector: DetectorName,
    /// Who acted.
    pub actor: Actor,
    /// What was acted on.
    pub resource: Resource,
    /// What that was, where it is a workload, a role, a binding or a question for rights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<Details>,
    /// The request of the first event.
    pub request: Request,
    /// The `auditID` of the events that justify it, the main one of the first occurrence
    /// first. Of more than 100 they are the first 10 and the newest 90.
    pub event_ids: Vec<String>,
    /// How many are left out.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub event_ids_omitted: u64,
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
    #[cfg_attr(test, schemars(with = "Vec<super::schema::Pair>"))]
    pub attributes: Vec<Attribute>,
    /// Where the first event was read.
    pub source: Reader,
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Whether a finding is to be looked at.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It is.
    #[default]
    Active,
    /// A rule of the operator says that it is not.
    Suppressed,
}

impl Status {
    /// As it is written in findings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suppressed => "suppressed",
        }
    }
}

/// The rule that suppressed a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Suppression {
    /// Its name.
    pub rule: String,
    /// Who answers for it.
    pub owner: String,
    /// Why it is there.
    pub reason: String,
}

/// Where in which cloud a cluster is. Empty is what the source did not say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Cloud {
    /// `aws`, `gcp` or `azure`.
    pub provider: String,
    /// The account, project or subscription.
    pub account: String,
    /// The region.
    pub region: String,
}

/// A version of a detector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct DetectorName {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// Who acted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
    #[cfg_attr(test, schemars(with = "Vec<super::schema::Pair>"))]
    pub extra: Vec<Attribute>,
}

/// What was acted on; all empty for a request that is for no resource.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Reader {
    /// The source's name; for a scan the file's path.
    pub name: String,
    /// The line, counted from 1 where the host began to read.
    pub line: u64,
}

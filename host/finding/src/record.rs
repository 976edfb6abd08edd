//! A finding in Wardline's own format.

use serde::{Deserialize, Serialize};
use wardline_event::Family;
use wardline_event::model::Attribute;

use super::{Details, Severity};

/// The version of the finding format. The second number increases with added fields, the first with
/// any change that breaks readers.
pub const SCHEMA_VERSION: &str = "1.0";

/// Suspicious activity for a security team to investigate. The names of the JSON fields are stable:
/// fields may be added, but none is renamed or removed.
///
/// If the activity is repeated, the finding is written again with the same `id` and a larger
/// `count`. `severity` (the highest), `count`, `first_seen`, `last_seen`, and `event_ids` cover all
/// occurrences; all other fields describe the latest one, as in GuardDuty. Times are event times,
/// so that replaying a log gives the same findings; the time of writing is not included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Finding {
    /// [`SCHEMA_VERSION`].
    pub schema_version: String,
    /// Identifies the finding, as 32 hexadecimal digits. Repeated occurrences have the same id on
    /// every host. It is derived from cluster, type, and the deduplication key that the type
    /// documents.
    pub id: String,
    /// `Purpose:Resource/Family`, optionally followed by `.Mechanism` and `!Artifact`.
    #[serde(rename = "type")]
    pub finding_type: String,
    /// The severity.
    pub severity: Severity,
    /// A one-line summary.
    pub title: String,
    /// A description of the observation, and the reason why it matters.
    pub description: String,
    /// The cluster in which it happened; empty if unknown.
    #[serde(default)]
    pub cluster: String,
    /// The cluster's cloud account and region, if the source names them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud: Option<Cloud>,
    /// Whether a suppression rule matches.
    pub status: Status,
    /// The suppression rule that matches, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppression: Option<Suppression>,
    /// Number of occurrences, at least 1.
    pub count: u64,
    /// Time of the first occurrence (RFC 3339); empty if no event has a time.
    pub first_seen: String,
    /// Time of the last occurrence (RFC 3339); empty if no event has a time.
    pub last_seen: String,
    /// Time of the latest occurrence's main event. It differs from `last_seen` if events are not
    /// read in the order of their times.
    pub time: String,
    /// The detector that reported it.
    pub detector: DetectorName,
    /// The identity that acted: the one that made the request, or the service account of the pod in
    /// which a process ran.
    pub actor: Actor,
    /// The resource that was acted on; for a process, its pod.
    pub resource: Resource,
    /// Details of the object, if it is a workload, role, binding, or access review.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<Details>,
    /// The request, if the finding is about one. A finding about other findings has the parts of the
    /// event that the first of them is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Request>,
    /// The process, if the finding is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<Process>,
    /// The container in which the process ran, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<ContainerName>,
    /// The node on which the process ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// The kind of events that `event_ids` and `evidence` name; absent for audit events.
    #[serde(default, skip_serializing_if = "EventFamily::is_audit")]
    pub event_family: EventFamily,
    /// The ids of the events that justify the finding, starting with the main event of the first
    /// occurrence: the `auditID` of an audit event, or the `id` of another finding. If there are
    /// more than 100, the first 10 and the latest 90 are listed.
    pub event_ids: Vec<String>,
    /// Number of event ids that are not listed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub event_ids_omitted: u64,
    /// The event fields that triggered the detector, with their values.
    pub evidence: Vec<EvidenceItem>,
    /// ATT&CK technique ids.
    pub techniques: Vec<String>,
    /// Steps to respond to the finding.
    pub remediation: String,
    /// Legitimate activity that raises it, and how to recognize that.
    pub false_positives: String,
    /// Sources of the detection rule.
    pub references: Vec<String>,
    /// Additional values from the detector, under its own keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(with = "Vec<super::schema::Pair>"))]
    pub attributes: Vec<Attribute>,
    /// The position at which the main event was read.
    pub source: Reader,
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Whether a finding needs attention.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// The finding needs attention.
    #[default]
    Active,
    /// A suppression rule matches the finding.
    Suppressed,
}

impl Status {
    /// Returns the name used in findings.
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
    /// The rule's name.
    pub rule: String,
    /// The person or team responsible for the rule.
    pub owner: String,
    /// The reason for the rule.
    pub reason: String,
}

/// A kind of events.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum EventFamily {
    /// Requests to the API server.
    #[default]
    Audit,
    /// Actions of processes.
    Runtime,
    /// Findings of other detectors.
    Signal,
    /// Observations of the host about itself; no ids are listed.
    Host,
}

impl EventFamily {
    /// Returns whether events are requests to the API server.
    #[must_use]
    pub fn is_audit(&self) -> bool {
        *self == Self::Audit
    }
}

impl From<Family> for EventFamily {
    fn from(family: Family) -> Self {
        match family {
            Family::Audit => Self::Audit,
            Family::Runtime => Self::Runtime,
            Family::Signal => Self::Signal,
        }
    }
}

/// The location of a cluster in a cloud; values that the source does not name are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Cloud {
    /// `aws`, `gcp`, or `azure`.
    pub provider: String,
    /// The account, project, or subscription.
    pub account: String,
    /// The region.
    pub region: String,
}

/// A version of a detector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct DetectorName {
    /// The detector's name.
    pub name: String,
    /// The detector's version.
    pub version: String,
}

/// The identity that acted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Actor {
    /// The authenticated user; empty if the request was not authenticated.
    pub username: String,
    /// The uid of a service account.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub uid: String,
    /// The user's groups.
    pub groups: Vec<String>,
    /// The impersonated user, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impersonated: Option<String>,
    /// Addresses from forwarding headers, followed by the peer's address, the only one that cannot
    /// be forged.
    pub source_ips: Vec<String>,
    /// The address of the API server's peer; empty if unknown. Behind a load balancer or proxy that does
    /// not keep addresses, it is that of the proxy.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub peer_ip: String,
    /// The user agent, as claimed by the client.
    pub user_agent: String,
    /// Names and values of `user.extra`, such as the pod to which a token is bound.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(with = "Vec<super::schema::Pair>"))]
    pub extra: Vec<Attribute>,
}

/// The resource that was acted on; all fields are empty for a non-resource request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Resource {
    /// The API group; empty for the core group.
    pub api_group: String,
    /// The resource in the plural, such as `pods`.
    pub resource: String,
    /// The subresource, such as `exec`; may be empty.
    pub subresource: String,
    /// The namespace; empty for cluster-scoped resources.
    pub namespace: String,
    /// The object's name; empty for lists.
    pub name: String,
}

/// The request that the API server answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Request {
    /// The verb, as recorded in the audit log.
    pub verb: String,
    /// The URI with its query.
    pub uri: String,
    /// The HTTP status code, if the request was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_code: Option<u16>,
}

/// A process.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Process {
    /// The PID on the node.
    pub pid: u32,
    /// The PID of the parent.
    pub parent_pid: u32,
    /// The name (`comm`).
    pub name: String,
    /// The path of the executable.
    pub executable: String,
    /// The SHA-256 of the executable, in hexadecimal; empty if unknown.
    pub executable_sha256: String,
    /// The arguments, at most 64.
    pub arguments: Vec<String>,
    /// The working directory.
    pub working_directory: String,
    /// The user id.
    pub uid: u32,
    /// The time at which it started (RFC 3339); empty if unknown.
    pub start_time: String,
}

/// A container.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ContainerName {
    /// The id that the runtime gave it.
    pub id: String,
    /// The name in its pod.
    pub name: String,
    /// The image with its tag.
    pub image: String,
    /// The digest of the image; empty if unknown.
    pub image_digest: String,
    /// Whether it is privileged.
    pub privileged: bool,
}

/// An event field and its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct EvidenceItem {
    /// The id of the event, one of the finding's `event_ids`.
    pub event_id: String,
    /// The path of the field in the event.
    pub field: String,
    /// The value as text.
    pub value: String,
}

/// The position at which an event was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Reader {
    /// The name of the source; for a scan, the file's path.
    pub name: String,
    /// The line number, counted from 1 at the position where the host started to read.
    pub line: u64,
}

//! The cluster that an envelope names, and its cloud.

use wardline_event::model::{Attribute, AuditEvent};

/// The origin of the events in an envelope; unknown fields are empty. The names are those of
/// OpenTelemetry's resource attributes
/// (<https://opentelemetry.io/docs/specs/semconv/resource/cloud/>).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CloudScope {
    /// `aws`, `gcp`, or `azure`; empty for an event without an envelope.
    pub provider: &'static str,
    /// The account, project, or subscription.
    pub account: String,
    /// The region, such as `eu-west-1`.
    pub region: String,
    /// The availability zone, if the cluster has only one.
    pub zone: String,
    /// The name of the cluster.
    pub cluster: String,
}

impl CloudScope {
    /// Returns the known fields as attributes of an event.
    pub fn attributes(&self) -> impl Iterator<Item = Attribute> {
        [
            ("cluster", self.cluster.as_str()),
            ("cloud.provider", self.provider),
            ("cloud.account.id", &self.account),
            ("cloud.region", &self.region),
            ("cloud.availability_zone", &self.zone),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| Attribute {
            key: key.to_owned(),
            value: value.to_owned(),
        })
    }

    /// Adds the known fields to the attributes of an event.
    pub fn note(&self, event: &mut AuditEvent) {
        event.attributes.extend(self.attributes());
    }
}

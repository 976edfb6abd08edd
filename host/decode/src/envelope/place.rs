//! Which cluster an envelope names, and where that runs.

use wardline_event::model::{Attribute, AuditEvent};

/// Where the events of an envelope are from, as far as it says so. The names are those of
/// OpenTelemetry's resource attributes
/// (<https://opentelemetry.io/docs/specs/semconv/resource/cloud/>).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// `aws`, `gcp` or `azure`; empty outside of envelopes.
    pub provider: &'static str,
    /// The account, project or subscription.
    pub account: String,
    /// The region, such as `eu-west-1`.
    pub region: String,
    /// The zone, if the cluster has only one.
    pub zone: String,
    /// The cluster's name.
    pub cluster: String,
}

impl Place {
    /// What there is, with the keys under which events have it.
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

    /// Writes it into an event's attributes.
    pub fn note(&self, event: &mut AuditEvent) {
        event.attributes.extend(self.attributes());
    }
}

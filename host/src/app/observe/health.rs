//! Conditions of the host that are findings.

use std::collections::BTreeMap;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use wardline_health::{Condition, Kind};
use wardline_telemetry::Registration;
use wardline_text::shown;

use super::set;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    r#type: &'static str,
}

/// Conditions of the host.
pub(in crate::app) struct HealthTelemetry {
    conditions: Family<Labels, Gauge>,
}

impl HealthTelemetry {
    pub fn register(to: &mut Registration) -> Self {
        Self {
            conditions: to.gauges(
                "health_conditions",
                "Conditions of the host that are present, by finding type",
            ),
        }
    }

    /// A condition began, became more severe, or lasts.
    pub fn raised(&self, condition: &Condition) {
        tracing::warn!(
            finding = condition.kind.finding_type(),
            "{}",
            shown(&condition.observed, 1024)
        );
    }

    /// A condition ended.
    pub fn ended(&self, kind: Kind, subject: &str) {
        tracing::info!(finding = kind.finding_type(), subject = %shown(subject, 256), "the condition ended");
    }

    /// The number of conditions that are present.
    pub fn present(&self, counts: &BTreeMap<Kind, usize>) {
        for kind in Kind::ALL {
            let labels = Labels {
                r#type: kind.finding_type(),
            };
            let count = counts.get(&kind).copied().unwrap_or_default();
            set(&self.conditions.get_or_create(&labels), count as u64);
        }
    }
}

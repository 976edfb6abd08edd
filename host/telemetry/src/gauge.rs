//! Gauges of unsigned numbers.

use prometheus_client::metrics::gauge::Gauge;

pub(super) fn set(gauge: &Gauge, value: u64) {
    gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
}

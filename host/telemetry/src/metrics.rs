//! The registry of metrics, and their text format
//! (<https://prometheus.io/docs/specs/om/open_metrics_spec/>).

use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Metric, Registry};

/// The content type of [`Metrics::encode`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Registers the metrics of all areas. Names get the prefix `wardline_`.
pub struct Registration(Registry);

impl Default for Registration {
    fn default() -> Self {
        Self(Registry::with_prefix("wardline"))
    }
}

impl Registration {
    /// Registers a number that only grows.
    pub fn counter(&mut self, name: &str, help: &str) -> Counter {
        self.register(name, help, Counter::default())
    }

    /// Registers counters that differ in their labels.
    pub fn counters<L: Labels>(&mut self, name: &str, help: &str) -> Family<L, Counter> {
        self.register(name, help, Family::default())
    }

    /// Registers a number that grows and shrinks.
    pub fn gauge(&mut self, name: &str, help: &str) -> Gauge {
        self.register(name, help, Gauge::default())
    }

    /// Registers gauges that differ in their labels.
    pub fn gauges<L: Labels>(&mut self, name: &str, help: &str) -> Family<L, Gauge> {
        self.register(name, help, Family::default())
    }

    /// Registers a distribution of durations, in seconds.
    pub fn durations(&mut self, name: &str, help: &str) -> Histogram {
        self.register(name, help, seconds())
    }

    /// Registers distributions of durations that differ in their labels.
    pub fn durations_by<L: Labels>(
        &mut self,
        name: &str,
        help: &str,
    ) -> Family<L, Histogram, fn() -> Histogram> {
        self.register(name, help, Family::new_with_constructor(seconds))
    }

    /// Ends the registration.
    #[must_use]
    pub fn finish(self) -> Metrics {
        Metrics(Arc::new(self.0))
    }

    fn register<M: Metric + Clone>(&mut self, name: &str, help: &str, metric: M) -> M {
        self.0.register(name, help, metric.clone());
        metric
    }
}

/// A set of labels.
pub trait Labels: EncodeLabelSet + Clone + Debug + Eq + Hash + Send + Sync + 'static {}

impl<L: EncodeLabelSet + Clone + Debug + Eq + Hash + Send + Sync + 'static> Labels for L {}

/// From 50 µs, doubled, to about 1.6 s.
fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(50e-6, 2.0, 16))
}

/// Sets a gauge to a number without a sign.
pub fn set(gauge: &Gauge, value: u64) {
    gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
}

/// All registered metrics; clones share them.
#[derive(Clone)]
pub struct Metrics(Arc<Registry>);

impl Metrics {
    /// Returns all metrics as text.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = encode(&mut text, &self.0);
        text
    }
}

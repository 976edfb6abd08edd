//! Writing the store.

use std::time::Duration;

use prometheus_client::metrics::histogram::Histogram;

use super::Registration;

/// Events of the store.
pub struct StoreTelemetry {
    commit_seconds: Histogram,
}

impl StoreTelemetry {
    /// Registers the metrics.
    pub fn register(to: &mut Registration) -> Self {
        Self {
            commit_seconds: to.durations("commit_seconds", "Duration of commits to the store"),
        }
    }

    /// A transaction was committed.
    pub fn committed(&self, time: Duration) {
        self.commit_seconds.observe(time.as_secs_f64());
    }
}

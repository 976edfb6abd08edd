//! Writing the store.

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use wardline_text::chain;

use super::{Registration, set};

/// Events of the store.
pub struct StoreTelemetry {
    commit_seconds: Histogram,
    failures: Counter,
    bytes: Gauge,
}

impl StoreTelemetry {
    /// Registers the metrics.
    pub fn register(to: &mut Registration) -> Self {
        Self {
            commit_seconds: to.durations("commit_seconds", "Duration of commits to the store"),
            failures: to.counter(
                "commit_errors",
                "Failed commits to the store, which are retried; nothing is read meanwhile",
            ),
            bytes: to.gauge("store_bytes", "Size of the store on disk"),
        }
    }

    /// A transaction was committed.
    pub fn committed(&self, time: Duration) {
        self.commit_seconds.observe(time.as_secs_f64());
    }

    /// A commit failed. Only the first of several failures in a row is logged.
    pub fn failed(&self, error: &dyn Error, is_first: bool) {
        self.failures.inc();
        if is_first {
            tracing::error!(
                "cannot write the state directory, sources are not read until it works again: {}",
                chain(error)
            );
        }
    }

    /// A commit succeeded after failures.
    pub fn recovered(&self) {
        tracing::info!("the state directory can be written again");
    }

    /// A damaged store was put aside.
    pub fn replaced(&self, kept_as: &Path, reason: &str) {
        tracing::error!(
            kept_as = %kept_as.display(),
            "the store was damaged and put aside; counts, windows, and positions in logs begin anew: {reason}"
        );
    }

    /// The size of the store, in bytes.
    pub fn size(&self, bytes: u64) {
        set(&self.bytes, bytes);
    }

    /// The space of removed data was given back; sizes are in bytes.
    pub fn compacted(&self, before: u64, after: u64) {
        tracing::info!(before, after, "the store was compacted");
        self.size(after);
    }
}

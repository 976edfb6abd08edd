//! Reading lines.

use std::fmt::Display;
use std::sync::atomic::{AtomicBool, Ordering};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use wardline_text::{Hint, chain_with_hint};

use super::{Registration, SourceName};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    source: SourceName,
}

/// Events of all sources.
pub struct SourceTelemetry {
    lines: Family<Labels, Counter>,
    bytes: Family<Labels, Counter>,
    errors: Counter,
    gaps: Counter,
    failing: AtomicBool,
}

impl SourceTelemetry {
    /// Registers the metrics.
    pub fn register(to: &mut Registration) -> Self {
        Self {
            lines: to.counters("source_lines", "Lines read"),
            bytes: to.counters("source_bytes", "Bytes read"),
            errors: to.counter("source_errors", "Failed reads, which are retried"),
            gaps: to.counter(
                "source_gaps",
                "Gaps in the input, where events may have been lost before they were read",
            ),
            failing: AtomicBool::new(false),
        }
    }

    /// Lines were read.
    pub fn read(&self, source: &str, lines: u64, bytes: u64) {
        let labels = Labels {
            source: source.into(),
        };
        self.lines.get_or_create(&labels).inc_by(lines);
        self.bytes.get_or_create(&labels).inc_by(bytes);
    }

    /// Events may have been lost before they were read.
    pub fn gap(&self, gap: &dyn Display) {
        self.gaps.inc();
        tracing::warn!("events may be missing: {gap}");
    }

    /// A read failed. Only the first of several failures in a row is logged.
    pub fn failed(&self, error: &impl Hint) {
        self.errors.inc();
        if !self.failing.swap(true, Ordering::Relaxed) {
            tracing::error!("{}", chain_with_hint(error));
        }
    }

    /// A read succeeded, which is logged if the previous one failed.
    pub fn succeeded(&self) {
        if self.failing.swap(false, Ordering::Relaxed) {
            tracing::info!("the sources are readable again");
        }
    }
}

//! Chunks, and the inventory that they change.

use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use wardline_telemetry::Registration;

use super::set;
use crate::pipeline::Processed;

/// Events of the pipeline.
pub(in crate::app) struct PipelineTelemetry {
    events: Counter,
    filtered: Counter,
    duplicates: Counter,
    skewed: Counter,
    queue: Gauge,
    chunk_seconds: Histogram,
    inventory_objects: Gauge,
    inventory_evictions: Gauge,
}

impl PipelineTelemetry {
    pub fn register(to: &mut Registration) -> Self {
        Self {
            events: to.counter("events", "Events read, without duplicates"),
            filtered: to.counter(
                "events_unwanted",
                "Events among these that no detector subscribes to",
            ),
            duplicates: to.counter("events_duplicate", "Duplicate events that were dropped"),
            skewed: to.counter(
                "events_clock_skewed",
                "Events whose times are in the future, or far from those around them",
            ),
            queue: to.gauge("queue_lines", "Lines of the chunks in flight"),
            chunk_seconds: to.durations(
                "chunk_seconds",
                "Time from the reading of a chunk until it was judged",
            ),
            inventory_objects: to.gauge("inventory_objects", "Cluster objects in the inventory"),
            inventory_evictions: to.gauge(
                "inventory_evictions",
                "Objects that were evicted from the inventory to stay within its limit",
            ),
        }
    }

    /// A chunk was judged, in this time since it was read.
    pub fn judged(&self, processed: &Processed, time: Duration) {
        self.events.inc_by(processed.events + processed.unwanted);
        self.filtered.inc_by(processed.unwanted);
        self.duplicates.inc_by(processed.duplicates);
        self.skewed.inc_by(processed.skewed);
        self.chunk_seconds.observe(time.as_secs_f64());
    }

    /// The number of lines in flight.
    pub fn queued(&self, lines: usize) {
        set(&self.queue, lines as u64);
    }

    /// The size of the inventory.
    pub fn inventory(&self, objects: usize, evictions: u64) {
        set(&self.inventory_objects, objects as u64);
        set(&self.inventory_evictions, evictions);
    }
}

//! Loading intel lists.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use wardline_intel::{Change, ListEvent, ListStatus, Report};
use wardline_telemetry::{ListKind, ListName, Registration};
use wardline_text::{chain, chain_with_hint};

use super::set;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, EncodeLabelSet)]
struct Labels {
    list: ListName,
    kind: ListKind,
}

/// Maximum number of invalid lines that a log line names.
const MAX_LOGGED_LINES: usize = 10;

/// Events of intel lists.
pub(in crate::app) struct IntelTelemetry {
    loads: Counter,
    refused: Counter,
    /// In the order of [`values`].
    gauges: [Family<Labels, Gauge>; 5],
    shown: Mutex<BTreeSet<Labels>>,
}

impl IntelTelemetry {
    pub fn register(to: &mut Registration) -> Self {
        Self {
            loads: to.counter("intel_loads", "Versions of intel lists put into force"),
            refused: to.counter(
                "intel_refused",
                "Versions of intel lists that were refused, and failed scans of their directory",
            ),
            gauges: [
                to.gauges("intel_entries", "Entries of an intel list in force"),
                to.gauges("intel_bad_lines", "Invalid lines of an intel list"),
                to.gauges("intel_age_seconds", "Age of an intel list's file"),
                to.gauges(
                    "intel_stale",
                    "Whether an intel list is older than its limit (0 or 1)",
                ),
                to.gauges(
                    "intel_broken",
                    "Whether an intel list's file is not the version in force (0 or 1)",
                ),
            ],
            shown: Mutex::default(),
        }
    }

    /// A list changed, which could be an attempt to blind detectors.
    pub fn changed(&self, event: &ListEvent) {
        match event {
            ListEvent::Loaded {
                name,
                kind,
                replaced,
                change,
                report,
            } => {
                self.loads.inc();
                log_load(name, kind, *replaced, change, report);
            }
            ListEvent::Refused {
                name,
                path,
                error,
                older_in_force,
            } => {
                self.refused.inc();
                tracing::error!(list = %name, file = %path.display(), older_in_force, "intel list refused: {}", chain_with_hint(error));
            }
            ListEvent::Removed { name, entries } => {
                tracing::warn!(list = %name, removed = entries, "intel list removed");
            }
            ListEvent::Stale { name, age, limit } => {
                let (age, limit) = (days(*age), days(*limit));
                tracing::warn!(list = %name, "the intel list is stale: its file is {age:.1} days old; the limit is {limit:.1} days (`stale-after`)");
            }
            ListEvent::Unreadable(error) => {
                self.refused.inc();
                tracing::error!("{}", chain(error));
            }
            ListEvent::Readable => {
                tracing::info!("the directory of intel lists is readable again");
            }
        }
    }

    /// The states of all lists. Those that no longer exist are no longer shown.
    pub fn lists(&self, lists: &[ListStatus]) {
        // Two files may have the name of one list, of which one is in force.
        let mut by_name: BTreeMap<Labels, [u64; 5]> = BTreeMap::new();
        for list in lists {
            let labels = Labels {
                list: list.name.as_str().into(),
                kind: list.kind.as_str().into(),
            };
            let merged = by_name.entry(labels).or_default();
            for (merged, value) in merged.iter_mut().zip(values(list)) {
                *merged = value.max(*merged);
            }
        }
        for (labels, values) in &by_name {
            for (family, value) in self.gauges.iter().zip(values) {
                set(&family.get_or_create(labels), *value);
            }
        }
        let current: BTreeSet<Labels> = by_name.into_keys().collect();
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        for removed in shown.difference(&current) {
            for family in &self.gauges {
                family.remove(removed);
            }
        }
        *shown = current;
    }
}

/// The values of a list's gauges, in their order.
fn values(list: &ListStatus) -> [u64; 5] {
    let in_force = list.in_force.as_ref();
    [
        in_force.map_or(0, |list| list.entries.all() as u64),
        in_force.map_or(0, |list| list.bad as u64),
        in_force
            .and_then(|list| list.age_seconds)
            .unwrap_or_default(),
        u64::from(list.is_stale()),
        u64::from(list.failure.is_some()),
    ]
}

fn log_load(name: &str, kind: &str, replaced: bool, change: &Change, report: &Report) {
    tracing::info!(list = %name, %kind, format = report.format.as_str(), replaced, added = change.added, removed = change.removed, skipped = report.skipped, digest = %report.digest, "intel list loaded: {}", change.counts);
    if report.bad > 0 {
        let lines: Vec<u64> = report
            .bad_lines
            .iter()
            .map(|bad| bad.line)
            .take(MAX_LOGGED_LINES)
            .collect();
        let first = report
            .bad_lines
            .first()
            .map_or("", |bad| bad.reason.as_str());
        tracing::warn!(list = %name, count = report.bad, ?lines, "invalid lines of the intel list were skipped; first reason: {first}");
    }
    if report.host_bits > 0 {
        tracing::warn!(list = %name, count = report.host_bits, "networks of the intel list have host bits set, which are ignored");
    }
    if let Some(first) = report.broad.first() {
        tracing::warn!(list = %name, count = report.broad.len(), "entries of the intel list hold a large part of all addresses or domains; first: {first}");
    }
    if change.removed > change.counts.all() {
        tracing::warn!(list = %name, removed = change.removed, left = change.counts.all(), "the intel list lost most of its entries; check whether that is intended");
    }
}

fn days(duration: Duration) -> f64 {
    duration.as_secs_f64() / 86_400.0
}

//! Metrics of the lists.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::gauge::set;
use super::labels::ListName;

/// Where one list stands.
#[derive(Debug, Clone, Copy)]
pub struct ListNumbers<'a> {
    /// Its name.
    pub list: &'a str,
    /// Its kind.
    pub kind: &'a str,
    /// Entries in force.
    pub entries: usize,
    /// Lines that are no entries.
    pub bad: usize,
    /// Age of its file, in seconds.
    pub age: Option<u64>,
    /// Whether that is more than it should be.
    pub stale: bool,
    /// Whether what lies on disk is not in force.
    pub broken: bool,
}

/// The metrics.
#[derive(Default)]
pub(super) struct ListMetrics {
    pub loaded: Counter,
    pub refused: Counter,
    entries: Family<ListName, Gauge>,
    bad: Family<ListName, Gauge>,
    age: Family<ListName, Gauge>,
    stale: Family<ListName, Gauge>,
    broken: Family<ListName, Gauge>,
    shown: Mutex<BTreeSet<(String, String)>>,
}

impl ListMetrics {
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        for (name, help, counter) in [
            (
                "intel_loads",
                "Versions of lists that were put in force",
                &metrics.loaded,
            ),
            (
                "intel_refused",
                "Versions of lists, and looks at their directory, that failed",
                &metrics.refused,
            ),
        ] {
            registry.register(name, help, counter.clone());
        }
        for (name, help, family) in metrics.families() {
            registry.register(name, help, family.clone());
        }
        metrics
    }

    /// In the order of the numbers that [`Self::show`] makes of a list.
    fn families(&self) -> [(&'static str, &'static str, &Family<ListName, Gauge>); 5] {
        [
            (
                "intel_entries",
                "Entries of a list that are in force",
                &self.entries,
            ),
            (
                "intel_bad_lines",
                "Lines of a list that are no entries",
                &self.bad,
            ),
            ("intel_age_seconds", "Age of a list's file", &self.age),
            (
                "intel_stale",
                "Whether a list is older than it should be (0 or 1)",
                &self.stale,
            ),
            (
                "intel_broken",
                "Whether a list's file is not the version in force (0 or 1)",
                &self.broken,
            ),
        ]
    }

    /// Shows where all lists stand, and no longer those that are gone.
    pub fn show<'n>(&self, lists: impl Iterator<Item = ListNumbers<'n>>) {
        // Two files may claim one name; one of them is in force.
        let mut by_name: BTreeMap<(String, String), [u64; 5]> = BTreeMap::new();
        for list in lists {
            let name = (list.list.to_owned(), list.kind.to_owned());
            let numbers = [
                list.entries as u64,
                list.bad as u64,
                list.age.unwrap_or_default(),
                u64::from(list.stale),
                u64::from(list.broken),
            ];
            let before = by_name.entry(name).or_default();
            for (before, number) in before.iter_mut().zip(numbers) {
                *before = number.max(*before);
            }
        }
        for ((list, kind), numbers) in &by_name {
            let label = label(list, kind);
            for ((_, _, family), number) in self.families().into_iter().zip(numbers) {
                set(&family.get_or_create(&label), *number);
            }
        }
        let now: BTreeSet<_> = by_name.into_keys().collect();
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        for (list, kind) in shown.difference(&now) {
            for (_, _, family) in self.families() {
                family.remove(&label(list, kind));
            }
        }
        *shown = now;
    }
}

fn label(list: &str, kind: &str) -> ListName {
    ListName {
        list: list.to_owned(),
        kind: kind.to_owned(),
    }
}

//! The host's watch over itself: what it observes becomes conditions, and these become findings.
//!
//! One module per area. An area keeps what it needs from one observation to the next, and returns
//! the conditions that are present.

mod coverage;
mod delivery;
mod detectors;
mod events;
mod lists;
mod not_judged;
mod senders;
mod sources;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use wardline_detect::WorkerHealth;
use wardline_finding::Finding;
use wardline_health::{Condition, Monitor, Observed};
use wardline_intel::ListStatus;
use wardline_sink::SinkState;
use wardline_source::SourceState;
use wardline_store::ReplacedStore;

use super::observe::Telemetry;
use crate::config::HealthConfig;
use crate::pipeline::{Processed, Totals};
use crate::plugin::FileStatus;

use coverage::Coverage;
use detectors::Detectors;
use events::Events;
use not_judged::Unjudged;
use senders::Senders;
use sources::Sources;

/// How long something that happens once stays a condition, and the window in which occurrences are
/// counted.
const WINDOW: Duration = Duration::from_secs(5 * 60);

/// The state of the host at one moment.
pub(super) struct View<'v> {
    pub ledger: &'v Totals,
    pub workers: &'v [WorkerHealth],
    pub files: &'v [FileStatus],
    pub lists: &'v [ListStatus],
    pub sources: &'v [SourceState],
    pub sinks: &'v [SinkState],
    pub replaced: Option<&'v ReplacedStore>,
}

/// The host's watch over itself.
pub(super) struct Watch {
    is_enabled: bool,
    telemetry: Arc<Telemetry>,
    monitor: Monitor,
    sources: Sources,
    events: Events,
    coverage: Coverage,
    unjudged: Unjudged,
    senders: Senders,
    detectors: Detectors,
}

impl Watch {
    /// Starts to watch these sources. `digests` is what [`Watch::digests`] returned before the host
    /// was restarted.
    pub fn new(
        settings: HealthConfig,
        sources: impl IntoIterator<Item = String>,
        digests: Option<Vec<u8>>,
        telemetry: Arc<Telemetry>,
        now: Timestamp,
    ) -> Self {
        Self {
            is_enabled: settings.enabled,
            telemetry,
            monitor: Monitor::new(settings.repeat),
            sources: Sources::new(sources, settings.silence, now),
            events: Events::default(),
            coverage: Coverage::default(),
            unjudged: Unjudged::default(),
            senders: Senders::default(),
            detectors: Detectors::new(digests),
        }
    }

    /// Events may have been lost before they were read.
    pub fn gap(&mut self, text: &str, now: Timestamp) {
        self.sources.gap(text, now);
    }

    /// A chunk was judged.
    pub fn judged(&mut self, processed: &Processed, now: Timestamp) {
        self.sources.judged(processed);
        self.coverage.add(&processed.coverage);
        self.unjudged.add(&processed.not_judged, now);
    }

    /// Returns the occurrences of findings that are due.
    pub fn look(&mut self, view: &View<'_>, now: Timestamp) -> Vec<Finding> {
        if !self.is_enabled {
            return Vec::new();
        }
        let mut conditions: Vec<Condition> = Vec::new();
        conditions.extend(self.sources.conditions(view.sources, now));
        conditions.extend(self.senders.conditions(view.sources, now));
        conditions.extend(self.events.conditions(view.ledger, now));
        conditions.extend(self.coverage.conditions(now));
        conditions.extend(self.unjudged.conditions(now));
        conditions.extend(self.detectors.conditions(view.files, view.workers, now));
        conditions.extend(lists::conditions(view.lists));
        conditions.extend(delivery::of_sinks(view.sinks));
        conditions.extend(delivery::of_store(view.replaced));
        let observed = self.monitor.observe(conditions, now);
        self.report(&observed);
        let version = env!("CARGO_PKG_VERSION");
        observed
            .raised
            .iter()
            .map(|condition| condition.finding(version, now))
            .collect()
    }

    fn report(&self, observed: &Observed) {
        let telemetry = &self.telemetry.health;
        for condition in &observed.raised {
            telemetry.raised(condition);
        }
        for (kind, _, subject) in &observed.ended {
            telemetry.ended(*kind, subject);
        }
        telemetry.present(&self.monitor.present());
    }

    /// Returns the digests of the detectors in force if they changed since the last call, to be
    /// saved.
    pub fn digests(&mut self) -> Option<Vec<u8>> {
        self.detectors.save()
    }
}

/// Collects the events that a scan did not judge, for findings at its end. Their time is that of
/// the newest of these events, so that scanning the same log gives the same findings.
pub(super) struct ScanWatch(Unjudged);

impl ScanWatch {
    /// Starts before the first event.
    pub fn new() -> Self {
        Self(Unjudged::default())
    }

    /// Events were judged.
    pub fn judged(&mut self, processed: &Processed) {
        self.0.add(&processed.not_judged, Timestamp::UNIX_EPOCH);
    }

    /// Returns the findings.
    pub fn findings(&mut self) -> Vec<Finding> {
        let time = self.0.newest().unwrap_or(Timestamp::UNIX_EPOCH);
        self.0
            .conditions(Timestamp::UNIX_EPOCH)
            .into_iter()
            .map(|condition| condition.finding(env!("CARGO_PKG_VERSION"), time))
            .collect()
    }
}

#[cfg(test)]
mod tests;

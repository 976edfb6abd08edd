//! One version of a detector, ready to judge, and the set of detectors in force together.

use std::sync::Arc;

use parking::Slot;
use wardline_contract::{BreakerLimits, Limits};
use wardline_contract::{Descriptor, Ordering as EventOrdering, SettingValue};
use wardline_route::{Feeds, Router, Subscriptions};

use super::quarantine::Quarantine;
use super::{Instance, Program, StateSource};

mod parking;

/// The value of each setting that a descriptor declares, in the descriptor's order.
pub type SettingValues = Vec<(String, SettingValue)>;

/// One version of a detector: code, settings, and limits. No two versions share an `id`, so that a
/// shard can tell which workers survive a swap.
pub struct Detector {
    /// Unique during the host's lifetime.
    pub id: u64,
    /// The name of its file, without directory and extension.
    pub file: String,
    /// SHA-256 of the file, in hexadecimal.
    pub digest: String,
    /// The detector's description of itself.
    pub descriptor: Arc<Descriptor>,
    /// The subscriptions of its descriptor, ready for routing.
    pub subscriptions: Subscriptions,
    /// The compiled code.
    pub program: Arc<Program>,
    /// The values of its settings.
    pub settings: SettingValues,
    /// Resource limits of each instance.
    pub limits: Arc<Limits>,
    /// Thresholds of its circuit breakers.
    pub breaker: BreakerLimits,
    /// The source of its state.
    pub state: StateSource,
    pub(super) quarantine: Quarantine,
    ready: Slot,
}

/// The parts of a [`Detector`].
#[allow(missing_docs)]
pub struct DetectorParts {
    /// See [`Detector::id`].
    pub id: u64,
    /// See [`Detector::file`].
    pub file: String,
    /// See [`Detector::digest`].
    pub digest: String,
    /// See [`Detector::descriptor`].
    pub descriptor: Arc<Descriptor>,
    /// See [`Detector::subscriptions`].
    pub subscriptions: Subscriptions,
    /// See [`Detector::program`].
    pub program: Arc<Program>,
    /// See [`Detector::settings`].
    pub settings: SettingValues,
    /// See [`Detector::limits`].
    pub limits: Arc<Limits>,
    /// See [`Detector::breaker`].
    pub breaker: BreakerLimits,
    /// See [`Detector::state`].
    pub state: StateSource,
    /// Instances that are already configured, so that no thread waits for one at a swap.
    pub ready: Vec<Instance>,
}

impl Detector {
    /// Creates a version from its parts.
    #[must_use]
    pub fn new(parts: DetectorParts) -> Self {
        Self {
            id: parts.id,
            file: parts.file,
            digest: parts.digest,
            descriptor: parts.descriptor,
            subscriptions: parts.subscriptions,
            program: parts.program,
            settings: parts.settings,
            limits: parts.limits,
            breaker: parts.breaker,
            state: parts.state,
            quarantine: Quarantine::default(),
            ready: Slot::new(parts.ready),
        }
    }

    /// The detector's name, under which findings, metrics, and state are kept.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.descriptor.name
    }

    /// Returns true if one thread judges all events of the cluster.
    #[must_use]
    pub fn is_cluster_ordered(&self) -> bool {
        self.descriptor.ordering == EventOrdering::Cluster
    }

    /// Takes one of the instances that were configured in advance.
    pub(super) fn take_ready(&self) -> Option<Instance> {
        self.ready.take()
    }

    /// Returns true if no thread calls the detector now.
    #[must_use]
    pub fn is_quarantined(&self) -> bool {
        self.quarantine.is_on()
    }
}

/// The detectors in force between two swaps.
#[derive(Clone, Default)]
pub struct Generation {
    /// Increases with each swap, from 1; 0 is the empty generation at startup.
    pub number: u64,
    /// The detectors, sorted by name.
    pub detectors: Vec<Arc<Detector>>,
    /// The index of their subscriptions; it refers to a detector by its index in `detectors`.
    pub router: Arc<Router>,
    /// The level of each detector: those of level 0 receive no signals, and those of each higher
    /// level only signals that detectors of lower levels raise.
    pub levels: Arc<[usize]>,
}

impl Generation {
    /// Creates a generation of detectors that are sorted by name.
    #[must_use]
    pub fn new(number: u64, detectors: Vec<Arc<Detector>>) -> Self {
        let subscriptions = detectors.iter().map(|detector| &detector.subscriptions);
        let router = Arc::new(Router::new(subscriptions));
        let levels = feeds(&detectors).levels().into();
        Self {
            number,
            detectors,
            router,
            levels,
        }
    }

    /// The highest level of a detector; 0 if no detector can receive signals.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.levels.iter().copied().max().unwrap_or_default()
    }
}

/// Which of some detectors receive findings of which.
#[must_use]
pub fn feeds(detectors: &[Arc<Detector>]) -> Feeds {
    Feeds::new(
        detectors
            .iter()
            .map(|detector| (&*detector.descriptor, &detector.subscriptions)),
    )
}

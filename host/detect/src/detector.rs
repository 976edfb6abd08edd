//! One version of a detector, ready to be put to work, and the set of all that
//! work together.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use parking::Slot;
use wardline_contract::{BreakerLimits, Limits};
use wardline_contract::{Descriptor, Ordering as EventOrdering, SettingValue};
use wardline_route::{Router, Subscriptions};

use super::{Instance, Program, StateSource};

mod parking;

/// The value of every setting that a descriptor declares, in its order.
pub type SettingValues = Vec<(String, SettingValue)>;

/// One version of a detector: code, settings and limits. Two versions never share
/// an `id`, so that a shard can tell what to keep at a swap.
pub struct Detector {
    /// Unique while the host runs.
    pub id: u64,
    /// The file that it came from, without directory and extension.
    pub file: String,
    /// SHA-256 of the file, in hexadecimal.
    pub digest: String,
    /// What it says of itself.
    pub descriptor: Arc<Descriptor>,
    /// Its subscriptions.
    pub subscriptions: Subscriptions,
    /// Its code.
    pub program: Arc<Program>,
    /// Its settings.
    pub settings: SettingValues,
    /// What each instance may use.
    pub limits: Arc<Limits>,
    /// When it is left alone.
    pub breaker: BreakerLimits,
    /// Where its state is kept.
    pub state: StateSource,
    timeouts: AtomicU32,
    quarantined: AtomicBool,
    ready: Slot,
}

/// What a [`Detector`] is made of; see there.
#[allow(missing_docs)]
pub struct DetectorParts {
    pub id: u64,
    pub file: String,
    pub digest: String,
    pub descriptor: Arc<Descriptor>,
    pub subscriptions: Subscriptions,
    pub program: Arc<Program>,
    pub settings: SettingValues,
    pub limits: Arc<Limits>,
    pub breaker: BreakerLimits,
    pub state: StateSource,
    /// Instances that are configured already, so that a swap costs the threads
    /// nothing.
    pub ready: Vec<Instance>,
}

impl Detector {
    /// Puts a version together.
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
            timeouts: AtomicU32::new(0),
            quarantined: AtomicBool::new(false),
            ready: Slot::new(parts.ready),
        }
    }

    /// The name in findings and metrics, and of its state.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.descriptor.name
    }

    /// Whether all its events go through one thread.
    #[must_use]
    pub fn is_cluster_ordered(&self) -> bool {
        self.descriptor.ordering == EventOrdering::Cluster
    }

    /// Takes one of the instances that were made ahead.
    pub(super) fn take_ready(&self) -> Option<Instance> {
        self.ready.take()
    }

    /// Counts a call over its time; true once there were too many.
    pub(super) fn count_timeout(&self) -> bool {
        let count = self
            .timeouts
            .fetch_add(1, Ordering::Relaxed)
            .saturating_add(1);
        if count >= self.breaker.timeouts {
            self.quarantined.store(true, Ordering::Relaxed);
        }
        self.is_quarantined()
    }

    /// Whether all its threads leave it alone for good.
    #[must_use]
    pub fn is_quarantined(&self) -> bool {
        self.quarantined.load(Ordering::Relaxed)
    }
}

/// The detectors that work together from some event on.
#[derive(Clone, Default)]
pub struct Generation {
    /// Counts up with each swap, from 1; 0 is the empty beginning.
    pub number: u64,
    /// In the order of their names.
    pub detectors: Vec<Arc<Detector>>,
    /// Their subscriptions; it knows the detectors by their places in the list.
    pub router: Arc<Router>,
}

impl Generation {
    /// Puts detectors together, which are in the order of their names.
    #[must_use]
    pub fn new(number: u64, detectors: Vec<Arc<Detector>>) -> Self {
        let subscriptions = detectors.iter().map(|detector| &detector.subscriptions);
        let router = Arc::new(Router::new(subscriptions));
        Self {
            number,
            detectors,
            router,
        }
    }
}

//! The source of a detector's state.

use std::sync::Arc;

use wardline_contract::StateError;
use wardline_state::{Partition, Quota, Source};
use wardline_store::Store;

/// The source of state partitions: the store, or empty partitions for a scan.
#[derive(Clone)]
pub struct StateSource {
    /// The name of the detector that owns the state.
    pub detector: Arc<str>,
    /// The store; without one, each partition starts empty.
    pub store: Option<Arc<Store>>,
    /// The quota of one partition; a cluster-ordered detector has a single partition.
    pub quota: Quota,
    /// Whether the detector is cluster-ordered, with all state in one partition.
    pub cluster: bool,
}

impl Source for StateSource {
    fn open(&self, number: u8) -> Result<Partition, StateError> {
        match &self.store {
            Some(store) => store
                .partition(&self.detector, number, self.quota)
                .map_err(|error| StateError::Other(error.to_string())),
            None => Ok(Partition::new(self.quota)),
        }
    }

    fn quota(&self) -> Quota {
        self.quota
    }

    fn is_cluster(&self) -> bool {
        self.cluster
    }
}

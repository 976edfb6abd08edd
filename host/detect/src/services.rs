//! What a detector may ask the rest of the host for.

use std::sync::Arc;

use wardline_intel::Intel;
use wardline_inventory::Inventory;

/// What the host's other rooms offer to detectors.
#[derive(Clone)]
pub struct Services {
    /// The cluster's objects.
    pub inventory: Arc<Inventory>,
    /// The operator's lists, as they are in force for the chunk at work.
    pub intel: Arc<Intel>,
}

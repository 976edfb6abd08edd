//! Data of other crates that host calls read.

use std::sync::Arc;

use wardline_intel::Intel;
use wardline_inventory::Inventory;

/// Data of other crates that host calls read.
#[derive(Clone)]
pub struct Services {
    /// The objects of the cluster.
    pub inventory: Arc<Inventory>,
    /// The intel lists in force for the current chunk.
    pub intel: Arc<Intel>,
}

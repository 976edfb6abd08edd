//! The state of detectors.
//!
//! State is kept apart by cluster, and divided by actor into partitions. One thread owns a partition
//! at a time, so that no call waits for a lock. All times are those of events. Nothing here touches
//! the disk: changes are handed to the store, which writes them in one transaction with the
//! checkpoints of the sources.

mod entry;
mod memory;
mod partition;
mod quota;
mod window;

pub use entry::StateEntry;
pub use memory::{Memory, Source};
pub use partition::{Changes, Moment, Partition, Room};
pub use quota::{Quota, Usage};

/// The partition with all state of a detector that is ordered by cluster.
pub const CLUSTER: u8 = u8::MAX;

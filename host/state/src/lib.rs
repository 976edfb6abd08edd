//! What detectors remember.
//!
//! State is kept apart by cluster, and divided by actor into partitions; one thread holds a
//! partition at a time, so that no call waits for a lock. All time is the time of events. Changes
//! are handed to the store, which writes them in one transaction with the checkpoints of the
//! sources: after a crash, state and position in the log agree.

mod entry;
mod partition;
mod quota;
mod window;

pub use entry::Entry;
pub use partition::{Changes, Moment, Partition, Room};
pub use quota::{Quota, Usage};

/// The partition that holds all state of a cluster-ordered detector.
pub const CLUSTER: u8 = u8::MAX;

//! What detectors remember, and the embedded store that keeps it.
//!
//! State is divided by actor into partitions; one thread holds a partition at a time,
//! so that no call waits for a lock. All time is the time of events. What changed is
//! handed to the [`Store`], which writes it in one transaction with the checkpoints of
//! the sources: after a crash, state and position in the log agree.

mod entry;
mod memory;
mod partition;
mod quota;
mod window;

pub use entry::Entry;
pub use memory::{Memory, Source};
pub use partition::{Changes, Moment, Partition, Room};
pub use quota::{Quota, Usage};

/// The partition that holds all state of a cluster-ordered detector.
pub const CLUSTER: u8 = u8::MAX;

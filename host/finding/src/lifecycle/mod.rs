//! Aggregates occurrences: the first one creates a finding, and repeated ones increase its
//! count.
//!
//! The result depends only on the times of events and the order of occurrences, so that it is
//! the same for any number of threads, any size of chunks, and a replay. The caller decides
//! whether a finding is suppressed.

mod entries;
mod event_ids;
mod open;
mod settings;
mod table;
mod track;

pub use settings::{Settings, Updates};
pub use table::{OpenFindings, Usage};

use crate::Finding;

/// A finding to write.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The finding in its present state.
    pub finding: Finding,
    /// Whether the finding was written before.
    pub is_update: bool,
}

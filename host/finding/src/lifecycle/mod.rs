//! What becomes of occurrences: the first is a finding, and those that are the same thing
//! again raise its count.
//!
//! Everything here goes by the times of events and the order of occurrences, so that it
//! comes out the same for any number of threads, any size of chunks, and a replay. Whether
//! a finding is suppressed is asked of whoever calls.

mod entries;
mod event_ids;
mod open;
mod settings;
mod table;
mod track;

pub use settings::{Settings, Updates};
pub use table::{OpenFindings, Usage};

use crate::Finding;

/// A finding that is to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// As it stands now.
    pub finding: Finding,
    /// Whether it was written before.
    pub is_update: bool,
}

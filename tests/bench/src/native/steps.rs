//! The time of the pipeline, step by step.

use crate::timing::{Time, timed};

/// The time of each step, over all chunks.
#[derive(Clone, Copy)]
pub struct Steps {
    /// Decoding the events that are needed.
    pub decode: Time,
    /// Assigning references and actors, dropping duplicates, and updating the inventory.
    pub order: Time,
    /// Matching subscriptions.
    pub route: Time,
    /// Packing, assembling batches, and judging.
    pub judge: Time,
    /// Freeing the memory of the events.
    pub free: Time,
}

impl Steps {
    /// The times before the first chunk.
    pub const NONE: Self = Self {
        decode: Time::NOTHING,
        order: Time::NOTHING,
        route: Time::NOTHING,
        judge: Time::NOTHING,
        free: Time::NOTHING,
    };

    /// The lower times of two runs, step by step.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        Self {
            decode: self.decode.min(other.decode),
            order: self.order.min(other.order),
            route: self.route.min(other.route),
            judge: self.judge.min(other.judge),
            free: self.free.min(other.free),
        }
    }
}

/// Runs a part of a step and adds its time.
pub fn step<T>(total: &mut Time, work: impl FnOnce() -> T) -> T {
    let mut result = None;
    let time = timed(|| result = Some(work()));
    *total = total.plus(time);
    result.expect("the work was done")
}

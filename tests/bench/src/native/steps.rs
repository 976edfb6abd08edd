//! Where the time of the pipeline goes.

use crate::timing::{Time, timed};

/// The time of each step, over all chunks.
#[derive(Clone, Copy)]
pub struct Steps {
    /// Decoding, as far as somebody wants the event.
    pub decode: Time,
    /// Numbering, repeats, actors, and what the inventory learns.
    pub order: Time,
    /// Finding out which detectors want an event.
    pub route: Time,
    /// Packing, putting batches together, judging.
    pub judge: Time,
    /// Giving back the memory of the events.
    pub free: Time,
}

impl Steps {
    /// Before the first chunk.
    pub const NONE: Self = Self {
        decode: Time::NOTHING,
        order: Time::NOTHING,
        route: Time::NOTHING,
        judge: Time::NOTHING,
        free: Time::NOTHING,
    };

    /// The better of two runs, step by step.
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

/// Does a part of a step.
pub fn step<T>(total: &mut Time, work: impl FnOnce() -> T) -> T {
    let mut result = None;
    let time = timed(|| result = Some(work()));
    *total = total.plus(time);
    result.expect("the work was done")
}

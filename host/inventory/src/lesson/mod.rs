//! Observations: what audit events show about cluster objects. These are the rules of the
//! inventory, shared by the host and the SDK's test harness.

mod learn;
mod merge;

pub use learn::{Known, Lesson, lesson, may_concern, may_teach};
pub use merge::merge;

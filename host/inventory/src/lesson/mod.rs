//! What an audit event teaches about the cluster's objects: the rules of the inventory,
//! which the host and the SDK's stand-in for it must have in common.

mod learn;
mod merge;

pub use learn::{Known, Lesson, lesson, may_concern, may_teach};
pub use merge::merge;

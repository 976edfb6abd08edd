//! The component's boundary: bindings, exports, and the panic hook.

mod bindings;
mod exports;
mod panic;

pub(crate) use bindings::imports;
#[cfg(feature = "typed")]
pub use bindings::{audit, runtime};
pub use bindings::{audit_packed, lifecycle, runtime_packed, signals};
pub use exports::{
    Slot, configure, describe, judge_audit_events, judge_audit_packed, judge_runtime_events,
    judge_runtime_packed, judge_signals,
};

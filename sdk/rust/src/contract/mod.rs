//! The types of the contract (`wit/v0.1`) as plain records.
//!
//! Detectors use the builders and views instead. In the sandbox the bindings read
//! and write these very types; natively a host or a test does.

mod descriptor;
mod finding;
mod host;

pub use descriptor::{
    AuditSubscription, Descriptor, FindingType, Ordering, RuntimeSubscription, Setting,
    SettingValue, SignalSubscription,
};
pub use finding::{DetectError, Finding};
pub use host::{Hit, IntelError, LogLevel, Place, RawError, Scope, StateError, Window};
pub use wardline_event::model::*;

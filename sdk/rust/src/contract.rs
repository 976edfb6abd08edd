//! The types of the contract (`wit/v0.1`) as plain records.
//!
//! Detectors use the builders and views instead. In the sandbox the bindings read
//! and write these very types; natively a host or a test does.

pub use wardline_contract::{
    AuditSubscription, Descriptor, DetectError, Finding, FindingType, Hit, IntelError, LogLevel,
    Ordering, RawError, RuntimeSubscription, Scope, Setting, SettingValue, SignalSubscription,
    StateError, StateKey, Window,
};
pub use wardline_event::model::*;

//! The interface `log`.

#[cfg(feature = "component")]
use wasmtime::component::{ComponentType, Lift, Lower};

/// The severity of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(
    feature = "component",
    derive(ComponentType, Lift, Lower),
    component(enum)
)]
#[repr(u8)]
pub enum LogLevel {
    /// Detailed tracing.
    #[cfg_attr(feature = "component", component(name = "trace"))]
    Trace,
    /// Information for debugging the detector.
    #[cfg_attr(feature = "component", component(name = "debug"))]
    Debug,
    /// Information for operators.
    #[cfg_attr(feature = "component", component(name = "info"))]
    Info,
    /// An unexpected condition.
    #[cfg_attr(feature = "component", component(name = "warn"))]
    Warn,
    /// A failure.
    #[cfg_attr(feature = "component", component(name = "error"))]
    Error,
}

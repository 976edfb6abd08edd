//! `log` of the contract.

#[cfg(feature = "component")]
use wasmtime::component::{ComponentType, Lift, Lower};

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(
    feature = "component",
    derive(ComponentType, Lift, Lower),
    component(enum)
)]
#[repr(u8)]
pub enum LogLevel {
    /// The finest.
    #[cfg_attr(feature = "component", component(name = "trace"))]
    Trace,
    /// For who debugs the detector.
    #[cfg_attr(feature = "component", component(name = "debug"))]
    Debug,
    /// For who watches it.
    #[cfg_attr(feature = "component", component(name = "info"))]
    Info,
    /// Something is not as it should be.
    #[cfg_attr(feature = "component", component(name = "warn"))]
    Warn,
    /// Something failed.
    #[cfg_attr(feature = "component", component(name = "error"))]
    Error,
}

//! Log lines for the operator.
//!
//! The host adds the detector's name. It limits the number and the length of lines, so that a
//! detector that writes one for every event loses most of them.
//!
//! ```
//! use wardline_sdk::log;
//!
//! log::warn!("the list {} is empty", "threat");
//! ```

use std::fmt;

use crate::calls;

pub use crate::contract::LogLevel;

pub use crate::__log_debug as debug;
pub use crate::__log_error as error;
pub use crate::__log_info as info;
pub use crate::__log_trace as trace;
pub use crate::__log_warn as warn;

/// Writes one line; the macros of this module are shorter.
pub fn write(level: LogLevel, message: fmt::Arguments<'_>) {
    match message.as_str() {
        Some(text) => calls::log(level, text),
        None => calls::log(level, &message.to_string()),
    }
}

/// Writes a line at level `trace`, formatted like `format!`.
#[doc(hidden)]
#[macro_export]
macro_rules! __log_trace {
    ($($argument:tt)+) => {
        $crate::log::write($crate::log::LogLevel::Trace, ::std::format_args!($($argument)+))
    };
}

/// Writes a line at level `debug`, formatted like `format!`.
#[doc(hidden)]
#[macro_export]
macro_rules! __log_debug {
    ($($argument:tt)+) => {
        $crate::log::write($crate::log::LogLevel::Debug, ::std::format_args!($($argument)+))
    };
}

/// Writes a line at level `info`, formatted like `format!`.
#[doc(hidden)]
#[macro_export]
macro_rules! __log_info {
    ($($argument:tt)+) => {
        $crate::log::write($crate::log::LogLevel::Info, ::std::format_args!($($argument)+))
    };
}

/// Writes a line at level `warn`, formatted like `format!`.
#[doc(hidden)]
#[macro_export]
macro_rules! __log_warn {
    ($($argument:tt)+) => {
        $crate::log::write($crate::log::LogLevel::Warn, ::std::format_args!($($argument)+))
    };
}

/// Writes a line at level `error`, formatted like `format!`.
#[doc(hidden)]
#[macro_export]
macro_rules! __log_error {
    ($($argument:tt)+) => {
        $crate::log::write($crate::log::LogLevel::Error, ::std::format_args!($($argument)+))
    };
}

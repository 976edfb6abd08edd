//! Errors of judging events.

use std::fmt;

use crate::contract;
use crate::view::Referenced;

/// The reason why one event could not be judged.
///
/// The errors of [`crate::state`], [`crate::intel`], and [`crate::raw`], and texts, convert into
/// it with `?`.
///
/// ```
/// # use wardline_sdk::DetectError;
/// fn port(text: &str) -> Result<u16, DetectError> {
///     Ok(text.parse().map_err(|error| format!("port {text:?}: {error}"))?)
/// }
/// assert!(port("http").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetectError {
    reason: String,
}

impl DetectError {
    /// Returns an error with this reason, a sentence for the operator.
    #[must_use]
    pub fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
        }
    }

    /// Names the event that could not be judged.
    #[must_use]
    pub fn for_event(self, event: &impl Referenced) -> BatchError {
        BatchError(contract::DetectError::BadEvent((
            event.reference().number(),
            self.reason,
        )))
    }
}

impl fmt::Display for DetectError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.reason)
    }
}

impl std::error::Error for DetectError {}

impl From<String> for DetectError {
    fn from(reason: String) -> Self {
        Self::new(reason)
    }
}

impl From<&str> for DetectError {
    fn from(reason: &str) -> Self {
        Self::new(reason)
    }
}

macro_rules! from_host_errors {
    ($($error:ident)*) => {$(
        impl From<contract::$error> for DetectError {
            fn from(error: contract::$error) -> Self {
                Self::new(error.to_string())
            }
        }
    )*};
}

from_host_errors!(StateError IntelError RawError);

/// The reason why a batch was not judged: one of its events ([`DetectError::for_event`]), or all of them
/// ([`BatchError::new`]).
#[derive(Debug, Clone, PartialEq)]
pub struct BatchError(contract::DetectError);

impl BatchError {
    /// Returns an error for a batch of which no event could be judged.
    #[must_use]
    pub fn new(reason: impl Into<String>) -> Self {
        Self(contract::DetectError::Other(reason.into()))
    }
}

impl From<BatchError> for contract::DetectError {
    fn from(error: BatchError) -> Self {
        error.0
    }
}

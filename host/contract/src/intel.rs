//! `intel` of the contract.

use std::fmt;

#[cfg(feature = "component")]
use wasmtime::component::{ComponentType, Lift, Lower};

/// Why a list gave no answer.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "component",
    derive(ComponentType, Lift, Lower),
    component(variant)
)]
pub enum IntelError {
    /// No list has this name.
    #[cfg_attr(feature = "component", component(name = "no-such-list"))]
    NoSuchList,
    /// The text is not of the kind that the list holds.
    #[cfg_attr(feature = "component", component(name = "invalid"))]
    Invalid(String),
    /// Something else, which the host names.
    #[cfg_attr(feature = "component", component(name = "other"))]
    Other(String),
}

impl fmt::Display for IntelError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchList => formatter.write_str("intel: there is no list of this name"),
            Self::Invalid(reason) => write!(formatter, "intel: invalid text: {reason}"),
            Self::Other(reason) => write!(formatter, "intel: {reason}"),
        }
    }
}

impl std::error::Error for IntelError {}

/// What a list says of a value.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "component",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct Hit {
    /// The name of the list.
    #[cfg_attr(feature = "component", component(name = "list-name"))]
    pub list_name: String,
    /// The entry that matched, such as the network that an address is in.
    pub entry: String,
}

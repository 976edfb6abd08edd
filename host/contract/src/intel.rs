//! The interface `intel`.

use std::fmt;

#[cfg(feature = "component")]
use wasmtime::component::{ComponentType, Lift, Lower};

/// The reason why an intel list gave no answer.
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
    /// The text is not valid for the content of the list.
    #[cfg_attr(feature = "component", component(name = "invalid"))]
    Invalid(String),
    /// Another reason.
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

/// An entry of an intel list that matches a value.
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

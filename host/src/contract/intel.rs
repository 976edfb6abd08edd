//! `intel` of the contract.

use wasmtime::component::{ComponentType, Lift, Lower};

#[derive(Debug, Clone, PartialEq, ComponentType, Lift, Lower)]
#[component(variant)]
pub enum IntelError {
    /// No list has this name.
    #[component(name = "no-such-list")]
    NoSuchList,
    /// The text is not of the kind that the list holds.
    #[component(name = "invalid")]
    Invalid(String),
    #[component(name = "other")]
    Other(String),
}

/// What a list says of a value.
#[derive(Debug, Clone, PartialEq, ComponentType, Lift, Lower)]
#[component(record)]
pub struct Hit {
    /// The name of the list.
    #[component(name = "list-name")]
    pub list_name: String,
    /// The entry that matched, such as the network that an address is in.
    pub entry: String,
}

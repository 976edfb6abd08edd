//! `state` of the contract.

use std::fmt;

use wardline_event::model::EventRef;
#[cfg(feature = "component")]
use wasmtime::component::{ComponentType, Lift, Lower};

/// How far a value is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "component",
    derive(ComponentType, Lift, Lower),
    component(enum)
)]
#[repr(u8)]
pub enum Scope {
    /// One value for each actor (who made the request, or which container
    /// acts): that of the event.
    #[cfg_attr(feature = "component", component(name = "actor"))]
    Actor,
    /// One value for the whole cluster. Only for detectors whose ordering
    /// is `cluster`.
    #[cfg_attr(feature = "component", component(name = "cluster"))]
    Cluster,
}

/// Where a value is kept, and the event on whose behalf it is used.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "component",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct Place {
    /// The event on whose behalf the value is used.
    pub event: EventRef,
    /// How far it is shared.
    pub scope: Scope,
    /// The name of the value.
    pub key: String,
}

/// Why the host did not keep or give a value.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "component",
    derive(ComponentType, Lift, Lower),
    component(variant)
)]
pub enum StateError {
    /// The event is not one of the batch.
    #[cfg_attr(feature = "component", component(name = "unknown-event"))]
    UnknownEvent,
    /// `cluster` was asked for by a detector whose ordering is `actor`.
    #[cfg_attr(feature = "component", component(name = "not-shared"))]
    NotShared,
    /// The key or the value is larger than the quota of one entry.
    #[cfg_attr(feature = "component", component(name = "too-large"))]
    TooLarge,
    /// Something else, which the host names.
    #[cfg_attr(feature = "component", component(name = "other"))]
    Other(String),
}

impl fmt::Display for StateError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownEvent => formatter.write_str("state: the event is not one of the batch"),
            Self::NotShared => formatter.write_str(
                "state: the scope `cluster` needs a descriptor whose ordering is `cluster`",
            ),
            Self::TooLarge => formatter.write_str("state: the key or the value is too large"),
            Self::Other(reason) => write!(formatter, "state: {reason}"),
        }
    }
}

impl std::error::Error for StateError {}

/// What a window holds after an `observe`.
#[derive(Debug, Clone, Default, PartialEq)]
#[cfg_attr(
    feature = "component",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct Window {
    /// How many observations it holds, this one included. Not more than
    /// its limit.
    pub count: u32,
    /// How many different members.
    pub distinct: u32,
    /// The event of the first observation of each member, oldest first: what a
    /// finding cites.
    pub events: Vec<EventRef>,
    /// The members, in the same order.
    pub members: Vec<String>,
}

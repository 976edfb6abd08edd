//! The interface `state`.

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
    /// One value for each actor: the value of the event's actor.
    #[cfg_attr(feature = "component", component(name = "actor"))]
    Actor,
    /// One value for the whole cluster; only for detectors whose ordering is `cluster`.
    #[cfg_attr(feature = "component", component(name = "cluster"))]
    Cluster,
}

/// The location of a value, and the event on whose behalf it is used.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "component",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct StateKey {
    /// The event on whose behalf the value is used.
    pub event: EventRef,
    /// How far it is shared.
    pub scope: Scope,
    /// The name of the value.
    pub key: String,
}

/// The reason why the host did not store or return a value.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "component",
    derive(ComponentType, Lift, Lower),
    component(variant)
)]
pub enum StateError {
    /// The event is not in the batch.
    #[cfg_attr(feature = "component", component(name = "unknown-event"))]
    UnknownEvent,
    /// A detector whose ordering is `actor` asked for the scope `cluster`.
    #[cfg_attr(feature = "component", component(name = "not-shared"))]
    NotShared,
    /// The key or the value exceeds the quota of one entry.
    #[cfg_attr(feature = "component", component(name = "too-large"))]
    TooLarge,
    /// Another reason.
    #[cfg_attr(feature = "component", component(name = "other"))]
    Other(String),
}

impl fmt::Display for StateError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownEvent => formatter.write_str("state: the event is not in the batch"),
            Self::NotShared => formatter.write_str(
                "state: the scope `cluster` needs a descriptor whose ordering is `cluster`",
            ),
            Self::TooLarge => formatter.write_str("state: the key or the value is too large"),
            Self::Other(reason) => write!(formatter, "state: {reason}"),
        }
    }
}

impl std::error::Error for StateError {}

/// The content of a window after an observation.
#[derive(Debug, Clone, Default, PartialEq)]
#[cfg_attr(
    feature = "component",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct Window {
    /// The number of observations, including this one; at most the window's limit.
    pub count: u32,
    /// The number of distinct members.
    pub distinct: u32,
    /// The event of the first observation of each member, oldest first, for findings to cite.
    pub events: Vec<EventRef>,
    /// The members, in the same order.
    pub members: Vec<String>,
}

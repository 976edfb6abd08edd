//! `state` of the contract.

use wardline_event::model::EventRef;
use wasmtime::component::{ComponentType, Lift, Lower};

/// How far a value is shared.
#[derive(Debug, Clone, PartialEq, Copy, Eq, ComponentType, Lift, Lower)]
#[component(enum)]
#[repr(u8)]
pub enum Scope {
    /// One value for each actor (who made the request, or which container
    /// acts): that of the event.
    #[component(name = "actor")]
    Actor,
    /// One value for the whole cluster. Only for detectors whose ordering
    /// is `cluster`.
    #[component(name = "cluster")]
    Cluster,
}

/// Where a value is kept, and the event on whose behalf it is used.
#[derive(Debug, Clone, PartialEq, ComponentType, Lift, Lower)]
#[component(record)]
pub struct Place {
    pub event: EventRef,
    pub scope: Scope,
    pub key: String,
}

#[derive(Debug, Clone, PartialEq, ComponentType, Lift, Lower)]
#[component(variant)]
pub enum StateError {
    /// The event is not one of the batch.
    #[component(name = "unknown-event")]
    UnknownEvent,
    /// `cluster` was asked for by a detector whose ordering is `actor`.
    #[component(name = "not-shared")]
    NotShared,
    /// The key or the value is larger than the quota of one entry.
    #[component(name = "too-large")]
    TooLarge,
    #[component(name = "other")]
    Other(String),
}

/// What a window holds after an `observe`.
#[derive(Debug, Clone, PartialEq, ComponentType, Lift, Lower)]
#[component(record)]
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

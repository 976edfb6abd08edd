//! What a detector claims.

use wardline_event::model::{Attribute, EventRef, Evidence};
#[cfg(feature = "component")]
use wasmtime::component::{ComponentType, Lift, Lower};

/// What a detector claims about one or more events.
///
/// The host adds the actor, the resource, the time, the identity, the
/// ATT&CK techniques and the remediation (from the descriptor), so that no
/// detector has to repeat them.
#[derive(Debug, Clone, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(
    feature = "component",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct Finding {
    /// One of the types that the descriptor declares.
    #[cfg_attr(feature = "component", component(name = "finding-type"))]
    pub finding_type: String,
    /// From 1.0 to 10.0, if it differs from the type's own severity.
    /// Low is below 4, Medium below 7, High below 9, Critical from 9 on.
    pub severity: Option<f64>,
    /// One line for a person; empty means the type's own title.
    pub title: String,
    /// What happened and why it matters, in a sentence or two; empty means
    /// the type's own description.
    pub description: String,
    /// The events that justify the claim, at least one. The first is the
    /// one whose actor and resource the finding names.
    pub events: Vec<EventRef>,
    /// The fields that made the rule fire, at least one.
    pub evidence: Vec<Evidence>,
    /// What makes two findings of this type the same thing again, such as
    /// the name of a workload; empty means the resource of the first event.
    #[cfg_attr(feature = "component", component(name = "dedup-key"))]
    pub dedup_key: String,
    /// What else a reader may use; keys are the detector's own.
    pub attributes: Vec<Attribute>,
}

/// Why a detector gave no answer for a batch.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(
    feature = "component",
    derive(ComponentType, Lift, Lower),
    component(variant)
)]
pub enum DetectError {
    /// This event could not be judged, for this reason. The host counts it,
    /// and hands over the rest of the batch again without it.
    #[cfg_attr(feature = "component", component(name = "bad-event"))]
    BadEvent((EventRef, String)),
    /// No event of the batch could be judged, for this reason.
    #[cfg_attr(feature = "component", component(name = "other"))]
    Other(String),
}

//! Findings as detectors return them.

use wardline_event::model::{Attribute, EventRef, Evidence};
#[cfg(feature = "component")]
use wasmtime::component::{ComponentType, Lift, Lower};

/// A claim of a detector about one or more events.
///
/// The host adds the actor, the resource, the time, the identity, and, from the descriptor, the
/// ATT&CK techniques and the remediation.
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
    /// From 1.0 to 10.0, if it differs from the type's own severity. Low is below 4, Medium below
    /// 7, High below 9, Critical 9 and above.
    pub severity: Option<f64>,
    /// The title, on one line; if empty, the type's own title.
    pub title: String,
    /// The observation and why it matters, in one or two sentences; if empty, the type's own
    /// description.
    pub description: String,
    /// The events that justify the claim, at least one. The first determines the actor and the
    /// resource of the finding.
    pub events: Vec<EventRef>,
    /// The fields that the rule matched, at least one.
    pub evidence: Vec<Evidence>,
    /// Findings of this type with the same key are aggregated. The key is, for example, the name of
    /// a workload; if empty, the actor and the resource of the first event.
    #[cfg_attr(feature = "component", component(name = "dedup-key"))]
    pub dedup_key: String,
    /// Further data for readers, with keys of the detector's choice.
    pub attributes: Vec<Attribute>,
}

/// The reason why a detector did not judge a batch.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(
    feature = "component",
    derive(ComponentType, Lift, Lower),
    component(variant)
)]
pub enum DetectError {
    /// The event could not be judged, for the given reason. The host counts it, and hands over the
    /// rest of the batch again.
    #[cfg_attr(feature = "component", component(name = "bad-event"))]
    BadEvent((EventRef, String)),
    /// No event of the batch could be judged, for the given reason.
    #[cfg_attr(feature = "component", component(name = "other"))]
    Other(String),
}

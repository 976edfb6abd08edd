use super::{Attribute, EventRef, Evidence};

/// `types.finding`: what a detector claims about one or more events.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Finding {
    /// One of the types that the descriptor declares.
    pub finding_type: String,
    /// From 1.0 to 10.0, if it differs from the type's own.
    pub severity: Option<f64>,
    /// One line for a person; empty means the type's own title.
    pub title: String,
    /// A sentence or two; empty means the type's own description.
    pub description: String,
    /// The events that justify the claim, at least one.
    pub events: Vec<EventRef>,
    /// The fields that made the rule fire, at least one.
    pub evidence: Vec<Evidence>,
    /// What makes two findings of this type the same thing again.
    pub dedup_key: String,
    /// What else a reader may use.
    pub attributes: Vec<Attribute>,
}

/// `types.detect-error`: why a detector gave no answer for a batch.
#[derive(Debug, Clone, PartialEq)]
pub enum DetectError {
    /// This event could not be judged, for this reason.
    BadEvent((EventRef, String)),
    /// No event of the batch could be judged, for this reason.
    Other(String),
}

//! Findings as events.

use serde::Serialize;
use wardline_event::model::{Attribute, EventRef, Evidence, Timestamp};
use wasmtime::component::{ComponentType, Lift, Lower};

#[derive(Debug, Clone, PartialEq, Serialize, ComponentType, Lift, Lower)]
#[component(record)]
pub struct Signal {
    /// The reference of this signal.
    #[component(name = "ref")]
    pub ref_: EventRef,
    /// When the last of its events happened.
    pub time: Timestamp,
    #[component(name = "finding-id")]
    pub finding_id: String,
    #[component(name = "finding-type")]
    pub finding_type: String,
    /// From 1.0 to 10.0.
    pub severity: f64,
    pub title: String,
    pub detector: String,
    /// The user name, or the container, that acted.
    pub actor: String,
    /// Resource, namespace and name of what was acted on; empty where there is none.
    pub resource: String,
    pub namespace: String,
    pub name: String,
    pub techniques: Vec<String>,
    pub evidence: Vec<Evidence>,
    pub attributes: Vec<Attribute>,
}

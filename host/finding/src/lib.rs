//! Turns checked claims into findings.
//!
//! A claim gets an identity, an actor, a resource, and the documentation of its type. All text in a
//! finding has been truncated and escaped.

pub mod catalog;
mod details;
mod enrich;
#[cfg(test)]
pub(crate) mod example;
pub mod export;
mod identity;
pub mod lifecycle;
mod order;
mod record;
mod schema;
mod severity;
mod signal;
pub mod suppress;

pub use details::{
    BindingDetails, ContainerDetails, Details, MountDetails, ObjectName, ReviewDetails,
    VolumeDetails, WorkloadDetails,
};
pub use enrich::finding_of;
pub use identity::identify;
pub use order::compare;
pub use record::{
    Actor, Cloud, ContainerName, DetectorName, EventFamily, EvidenceItem, Finding, Process, Reader,
    Request, Resource, SCHEMA_VERSION, Status, Suppression,
};
pub use schema::SCHEMA;
pub use severity::{Label, Severity};
pub use signal::signal_of;

//! What the host makes of a detector's claims: findings, with all that a reader needs.
//!
//! A claim comes checked from the room `detect`; here it gets its identity, its
//! actor and resource, and what the descriptor says of its type. Never trusts text:
//! what is in a finding was cut and escaped before, or is cut and escaped here.

pub mod catalog;
pub mod claim;
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
pub mod suppress;

pub use claim::Claim;
pub use details::{
    BindingDetails, ContainerDetails, Details, MountDetails, ObjectName, ReviewDetails,
    VolumeDetails, WorkloadDetails,
};
pub use enrich::finding_of;
pub use order::sort;
pub use record::{
    Actor, Cloud, DetectorName, EvidenceItem, Finding, Reader, Request, Resource, SCHEMA_VERSION,
    Status, Suppression,
};
pub use schema::SCHEMA;
pub use severity::{Label, Severity};

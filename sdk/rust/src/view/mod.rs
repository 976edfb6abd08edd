//! Events as a detector sees them.
//!
//! Every record of the contract (`wit/v0.1`) has a view here: a small value that
//! is copied freely, with one method for each field, named like it. What is behind it
//! are the bytes of a packed batch (`wit/PACKED.md`), of which a method reads its
//! field, so that a field which no rule looks at costs nothing. That may change with a
//! later SDK, and no detector's source with it.
//!
//! ```
//! use wardline_sdk::{AuditEvent, Facts};
//!
//! /// The images of the containers that a request wants to run privileged.
//! fn privileged_images<'a>(event: AuditEvent<'a>) -> Vec<&'a str> {
//!     event
//!         .workload()
//!         .into_iter()
//!         .flat_map(|workload| workload.containers())
//!         .filter(|container| container.security().privileged() == Some(true))
//!         .map(|container| container.image())
//!         .collect()
//! }
//! # let _ = privileged_images;
//! ```
//!
//! Text that the source left out is empty.

#[macro_use]
mod table;

mod admission;
mod audit;
mod audit_rules;
mod authorization;
mod configuration;
mod exposure;
mod facts;
mod field;
mod kubelet;
mod list;
mod object;
mod reference;
mod runtime;
mod signal;
#[cfg(any(test, feature = "testing"))]
mod stay;
mod time;
mod user_rules;
mod workload;
mod workload_rules;

pub use admission::{
    AdmissionPolicy, ApiServiceFacts, CustomResourceDefinition, Webhook, WebhookRule,
};
pub use audit::{AuditEvent, ObjectReference, Response, User};
pub use authorization::{
    AccessReview, BindingFacts, CertificateRequest, RoleFacts, RoleRule, ServiceAccountFacts,
    Subject, TokenRequest,
};
pub use configuration::{ConfigMapFacts, LeaseFacts, NodeFacts, PersistentVolume, SecretFacts};
pub use exposure::{
    EndpointsFacts, IngressFacts, IngressRule, NetworkPolicy, ServiceFacts, ServicePort,
};
pub use facts::Facts;
pub use field::AuditField;
pub use kubelet::KubeletCommand;
pub use list::{Attribute, List, View};
pub use object::{ConnectOptions, DeleteOptions, ObjectFacts, Owner};
pub use reference::{EventRef, Referenced};
pub use runtime::{
    ContainerInfo, CredentialChange, DnsMessage, FileTarget, MemoryTarget, NetworkTarget, PodInfo,
    Process, RuntimeEvent,
};
pub use signal::{Evidence, Signal};
pub use time::Timestamp;
pub(crate) use user_rules::control_plane;
pub use wardline_event::model::{ContainerRole, Level, Stage};
pub use workload::{Container, ContainerPort, Mount, SecurityContext, Volume, Workload};

#[cfg(test)]
mod tests;

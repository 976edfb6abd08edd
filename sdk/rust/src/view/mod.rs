//! Views of events and their facts.
//!
//! Every record of the contract (`wit/v0.1`) has a view here: a small `Copy` value with one method
//! for each field, named after it. A method reads its field from the bytes of a packed batch
//! (`wit/PACKED.md`), so that a field which no rule reads costs nothing. A later SDK may store
//! events differently without a change to the source of detectors.
//!
//! ```
//! use wardline_sdk::{AuditEvent, Facts};
//!
//! /// Returns the images of the privileged containers that a request asks for.
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
//! A text that the source omitted is empty.

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
#[cfg(any(test, feature = "testing"))]
mod leak;
mod list;
mod object;
mod reference;
mod runtime;
mod signal;
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

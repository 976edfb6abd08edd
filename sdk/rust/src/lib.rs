//! The SDK for Wardline detectors in Rust.
//!
//! A detector is a type that implements [`Detector`]; [`detector!`] exports it from its crate.
//! The same source runs in the host's sandbox and, natively, in tests.
//!
//! ```
//! use wardline_sdk::prelude::*;
//!
//! const EXEC: &str = "Execution:Kubernetes/ExecInKubeSystemPod";
//!
//! struct ExecInKubeSystem;
//!
//! impl Detector for ExecInKubeSystem {
//!     fn describe() -> Descriptor {
//!         Descriptor::new("exec-in-kube-system", env!("CARGO_PKG_VERSION"))
//!             .description("Reports commands run in pods of kube-system.")
//!             .audit(
//!                 AuditSubscription::new()
//!                     .verbs(["get", "create"])
//!                     .resources(["pods/exec"])
//!                     .namespaces(["kube-system"])
//!                     .outcomes(["success"]),
//!             )
//!             .finding(
//!                 FindingType::new(EXEC, 5.0)
//!                     .title("A command was run in a pod of kube-system")
//!                     .technique("T1609"),
//!             )
//!     }
//!
//!     fn configure(_: &Settings) -> Result<Self, String> {
//!         Ok(Self)
//!     }
//!
//!     fn on_audit_event(
//!         &mut self,
//!         event: AuditEvent<'_>,
//!         findings: &mut Findings,
//!     ) -> Result<(), DetectError> {
//!         findings.raise(
//!             Finding::new(EXEC)
//!                 .on(event)
//!                 .field(&event, AuditField::Namespace)
//!                 .field(&event, AuditField::RequestUri),
//!         );
//!         Ok(())
//!     }
//! }
//!
//! wardline_sdk::detector!(ExecInKubeSystem);
//! ```
//!
//! | Module | Purpose |
//! |---|---|
//! | [`view`] | events and their facts |
//! | [`rules`] | judgments that many rules share: requesters, addresses, commands, severities |
//! | [`state`] | values that a detector keeps between events |
//! | [`inventory`] | pods, service accounts, and bindings, as far as the audit log has shown them |
//! | [`intel`] | the operator's lists of addresses, domains, digests, and names |
//! | [`text`] | fast text search |
//! | [`raw`] | the JSON of an event |
//! | [`clock`], [`mod@log`] | event time, and log lines for the operator |
//! | `testing` | a stand-in for the host, for a detector's own tests (feature `testing`) |
//!
//! A built detector imports those interfaces of the host that its code calls, and always `log`,
//! which reports panics. An operator may refuse any of them.

pub mod clock;
pub mod contract;
pub mod intel;
pub mod inventory;
pub mod log;
pub mod raw;
pub mod rules;
pub mod run;
pub mod state;
pub mod text;
pub mod view;

mod calls;
mod descriptor;
mod detector;
mod error;
mod finding;
mod macros;
mod settings;

#[cfg(target_arch = "wasm32")]
#[doc(hidden)]
pub mod guest;

#[cfg(not(target_arch = "wasm32"))]
pub use calls::native;

#[cfg(all(feature = "testing", not(target_arch = "wasm32")))]
pub mod testing;

pub use descriptor::{
    AuditSubscription, Descriptor, FindingType, RuntimeSubscription, SettingDefault,
    SignalSubscription,
};
pub use detector::Detector;
pub use error::{BatchError, DetectError};
pub use finding::{Complete, Finding, Findings, NeedsEvent, NeedsEvidence};
pub use settings::Settings;
pub use view::{
    AuditEvent, AuditField, EventRef, Facts, List, Referenced, RuntimeEvent, Signal, Timestamp,
    Workload,
};

/// The items that most detectors use.
pub mod prelude {
    pub use crate::{
        AuditEvent, AuditField, AuditSubscription, BatchError, Descriptor, DetectError, Detector,
        EventRef, Facts, Finding, FindingType, Findings, List, Referenced, RuntimeEvent,
        RuntimeSubscription, Settings, Signal, SignalSubscription, Timestamp, Workload,
        rules::severity::SeverityRule,
    };
}

/// Compiles the examples of the guide.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Guide;

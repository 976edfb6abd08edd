//! What a Wardline detector in Rust is written with.
//!
//! A detector is a type that implements [`Detector`], made the detector of its
//! crate by [`detector!`]. The same source runs in the sandbox of the host and,
//! natively, in tests.
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
//!             .description("Finds commands that are run in pods of kube-system.")
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
//! | Module | What it is for |
//! |---|---|
//! | [`view`] | events and their facts |
//! | [`state`] | what a detector remembers |
//! | [`inventory`] | what the log has told about pods, service accounts and bindings |
//! | [`intel`] | the operator's lists of addresses, domains and names |
//! | [`text`] | searching in texts |
//! | [`raw`] | the JSON of an event |
//! | [`clock`], [`mod@log`] | event time, and lines for the operator |
//! | `testing` | a stand-in for the host, for a detector's own tests (feature `testing`) |
//!
//! A built detector imports the interfaces of the host that its code calls, and
//! always `log`, through which a panic is reported; an operator may refuse each.

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

/// What most detectors use.
pub mod prelude {
    pub use crate::{
        AuditEvent, AuditField, AuditSubscription, BatchError, Descriptor, DetectError, Detector,
        EventRef, Facts, Finding, FindingType, Findings, List, Referenced, RuntimeEvent,
        RuntimeSubscription, Settings, Signal, SignalSubscription, Timestamp, Workload,
        rules::severity::SeverityRule,
    };
}

/// The guide's examples are compiled too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Guide;

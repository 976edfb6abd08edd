//! A stand-in for the host, for testing a detector with ordinary `#[test]`s and without
//! WebAssembly.
//!
//! A [`Harness`] treats events as a host does: it passes the subscribed ones to the detector, each
//! request once at its answer (the first stage with a response); it keeps state, expires it by
//! event time, and undoes the writes of a failed batch; it fills the inventory from the events; and
//! it checks findings. Problems that a host would count and report are errors here.
//!
//! ```
//! use std::time::Duration;
//! use wardline_sdk::prelude::*;
//! use wardline_sdk::state;
//! use wardline_sdk::testing::{Harness, Request};
//!
//! const MANY: &str = "Discovery:Kubernetes/SecretEnumeration";
//!
//! struct SecretReads {
//!     window: Duration,
//! }
//!
//! impl Detector for SecretReads {
//!     fn describe() -> Descriptor {
//!         Descriptor::new("secret-reads", "1.0.0")
//!             .description("Reports users who read many secrets.")
//!             .audit(AuditSubscription::new().verbs(["get"]).resources(["secrets"]))
//!             .finding(FindingType::new(MANY, 6.0).title("Many secrets read by one user"))
//!             .setting("window", "Period over which reads are counted.", Duration::from_secs(60))
//!     }
//!
//!     fn configure(settings: &Settings) -> Result<Self, String> {
//!         Ok(Self { window: settings.duration("window")? })
//!     }
//!
//!     fn on_audit_event(
//!         &mut self,
//!         event: AuditEvent<'_>,
//!         findings: &mut Findings,
//!     ) -> Result<(), DetectError> {
//!         let reads = state::actor(event).key("reads").window(self.window, 10);
//!         let seen = reads.observe(event.name())?;
//!         if seen.distinct() == 3 {
//!             findings.raise(
//!                 Finding::new(MANY)
//!                     .on(event)
//!                     .events(seen.events())
//!                     .evidence(event, "objectRef.name", seen.members().join(", ")),
//!             );
//!         }
//!         Ok(())
//!     }
//! }
//!
//! let read = |name, second| {
//!     Request::new("get", "secrets").name(name).at(Duration::from_secs(second))
//! };
//! let mut harness = Harness::<SecretReads>::new().setting("window", Duration::from_secs(10));
//! let early = harness.audit_events([read("a", 0), read("b", 5)])?;
//! assert!(early.is_empty());
//! // `a` has left the window.
//! assert!(harness.audit_event(read("c", 11))?.is_empty());
//! let found = harness.audit_event(read("d", 12))?;
//! assert_eq!(found[0].evidence("objectRef.name"), Some("b, c, d"));
//! assert_eq!(found[0].event_ids.len(), 3);
//! # Ok::<(), wardline_sdk::testing::TestError>(())
//! ```
//!
//! The harness runs the host's own code for subscriptions, the order of events, state, intel lists,
//! the inventory, and the checks of descriptors, settings, and findings, with the default limits of a
//! configuration. The sandbox's limits on memory and time do not apply, and there are no circuit
//! breakers. A panic fails the test, while a host would continue without the event.
//! `wardline plugin test` runs recorded logs through the real sandbox.

mod deliver;
mod error;
mod excuses;
mod finding;
mod harness;
mod hidden;
mod host;
mod intel;
mod inventory;
mod judge;
mod limits;
mod line;
mod record;
mod request;
mod setting;

pub use error::TestError;
pub use excuses::{ExcusedFinding, excused_findings};
pub use finding::RaisedFinding;
pub use harness::Harness;
pub use hidden::{HiddenFinding, hidden_findings};
pub use judge::{judge, judge_lines, severities, summary, types_and_severities};
#[doc(hidden)]
pub use limits::{DEFAULT_LIMITS, HostLimits};
pub use line::AuditLine;
pub use request::Request;

#[cfg(test)]
mod tests;

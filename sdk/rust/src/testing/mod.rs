//! A stand-in for the host, so that a detector is tested by ordinary `#[test]`s, with
//! no WebAssembly.
//!
//! A [`Harness`] does with events what a host does: it hands a detector those that
//! it subscribes to, each request once at its first stage with an answer; it keeps
//! state, expires it by the time of the events and undoes what a failed batch wrote;
//! it learns from the events what the inventory answers; and it checks findings.
//! What a host would count and report is an error here.
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
//!             .description("Finds users who read many secrets.")
//!             .audit(AuditSubscription::new().verbs(["get"]).resources(["secrets"]))
//!             .finding(FindingType::new(MANY, 6.0).title("Many secrets were read"))
//!             .setting("window", "How long reads count together.", Duration::from_secs(60))
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
//! The limits of a sandbox on memory and time are not there, nor the quota on all
//! of a detector's state. A panic fails the test, where a host would go on without
//! the event. `wardline plugin test` runs recorded logs through the real sandbox.

mod deliver;
mod error;
mod finding;
mod further;
mod harness;
mod host;
mod intel;
mod inventory;
mod judge;
mod limits;
mod line;
mod request;
mod sequence;
mod setting;
mod state;
mod subscription;
mod window;

pub use error::TestError;
pub use finding::RaisedFinding;
pub use harness::Harness;
pub use judge::{judge, judge_lines, severities, summary, types_and_severities};
pub use line::AuditLine;
pub use request::Request;

#[cfg(test)]
mod tests;

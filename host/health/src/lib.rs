//! The host's own condition as findings of the family `Health:Wardline/...`: events that it does not
//! get, cannot read, or does not judge, and findings that it cannot deliver.
//!
//! A [`Condition`] says what is wrong now. Its kind has the documentation, as a detector's finding
//! types have theirs. [`Monitor`] decides when a condition is worth another occurrence of its finding.
//! The host observes itself and knows nothing of how these findings are identified, suppressed, and
//! delivered: that is the same for all findings.
//!
//! One finding is about an event: the reuse of an audit id, which detectors cannot see.

mod catalog;
mod condition;
mod growth;
mod kind;
mod monitor;
mod reused;
mod silence;

pub use catalog::{NAME, descriptor};
pub use condition::Condition;
pub use growth::Growth;
pub use kind::Kind;
pub use monitor::{Monitor, Observed};
pub use reused::{REUSED_AUDIT_ID, reused_audit_id};
pub use silence::Silence;

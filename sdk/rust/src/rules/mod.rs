//! Judgments that rules about Kubernetes share: requesters, addresses, changes, commands,
//! tactics, severities.
//!
//! Functions over views, for detectors that should agree with each other and with the default
//! ones. Only [`Installs`] keeps state.

pub mod address;
pub mod agent;
pub mod command;
pub mod image;
pub mod namespace;
pub mod outcome;
pub mod package;
pub mod public;
pub mod resources;
pub mod severity;
pub mod tactic;
pub mod time;
pub mod words;

mod change;
mod install;
mod object;
mod pattern;
mod requester;
mod threshold;
mod trusted_users;

pub use change::Change;
pub use install::Installs;
pub use object::ObjectChange;
pub use pattern::Patterns;
pub use requester::Requester;
pub use threshold::threshold;
pub use trusted_users::TrustedUsers;

//! Judgments that rules about Kubernetes share: requesters, addresses, changes, commands,
//! tactics, severities.
//!
//! Functions over views, for detectors that should agree with each other and with the default
//! ones. Only [`Installs`], [`Made`], and [`Told`] keep state.

pub mod address;
pub mod agent;
pub mod command;
pub mod image;
pub mod named;
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
mod json_patch;
mod made;
mod object;
mod pattern;
mod requester;
mod threshold;
mod told;
mod trusted_users;
mod unseen_owner;

pub use change::Change;
pub use install::Installs;
pub use json_patch::JsonPatch;
pub use made::Made;
pub use object::ObjectChange;
pub use pattern::Patterns;
pub use requester::Requester;
pub use threshold::threshold;
pub use told::Told;
pub use trusted_users::TrustedUsers;
pub use unseen_owner::UnseenOwner;

//! Checks of what a detector returns, and of the settings that it gets.
//!
//! The host and the SDK's native test harness run the same checks, so this crate knows nothing of
//! the sandbox, of files, or of the form in which findings are written.

pub mod claim;
mod cut;
mod descriptor;
mod settings;

pub use claim::Claim;
pub use descriptor::{DescriptorError, ExportedFamilies, check_descriptor};
pub use settings::{Given, SettingsError, resolve_settings};

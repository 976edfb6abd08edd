//! The operator's configuration.
//!
//! Parsing does not depend on the machine; a second step resolves paths and the number of cores.
//! The code that enforces limits has no defaults: the safe values are in `defaults.toml`, which is
//! also the basis of `wardline config print`.

mod error;
mod file;
mod intel;
mod plugin;
mod quantity;
mod reference;
mod resolve;
mod sink;
mod webhook;

pub use error::ConfigError;
pub use file::{LogFormat, Start};
pub use plugin::PluginSettings;
pub use quantity::Size;
pub use reference::reference;
pub use resolve::{Config, FindingsConfig, HealthConfig, SourceConfig, SuppressionConfig};
pub use sink::ARCHIVE;

/// The text of `defaults.toml`.
pub const DEFAULTS: &str = include_str!("defaults.toml");

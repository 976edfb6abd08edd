//! What an operator can set.
//!
//! A file is parsed without looking at the machine; what depends on it (paths, the
//! number of cores) is resolved in a second step. Limits have no defaults in the code
//! that enforces them: the safe values stand here, in `defaults.toml`, which is also
//! what `wardline config print` shows.

mod error;
mod file;
mod intel;
mod plugin;
mod quantity;
mod resolve;
mod settings;
mod webhook;

pub use error::ConfigError;
pub use file::{LogFormat, Start};
pub use plugin::PluginSettings;
pub use quantity::Size;
pub use resolve::{
    Config, FindingsConfig, SinkConfig, SinkKind, SourceConfig, SuppressionConfig, cluster_quota,
};
pub use settings::SettingsError;

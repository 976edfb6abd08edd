//! The composition root, which knows all other modules.
//!
//! Creates the parts of the host, connects them, and defines the order in which they stop. It
//! contains no detection logic.

mod background;
mod blind;
mod compose;
mod daemon;
mod deliver;
mod findings;
mod health;
mod letters;
pub mod observe;
mod outage;
mod privileges;
mod readiness;
mod reload;
mod run;
mod scan;
mod warnings;

use wardline_detect::EngineError;
use wardline_order::SequencerError;
use wardline_store::StoreError;
use wardline_text::Hint;

use crate::config::ConfigError;
use crate::pipeline::PoolError;

pub use compose::{Composition, compose, compose_with, origins, policy};
pub use letters::write_dead_letters;
pub use run::run;
pub use scan::{ScanOptions, ScanProgress, ScanReport, scan};

/// The reason why the host cannot work.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The configuration is invalid.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Logging cannot be set up.
    #[error(transparent)]
    Logging(#[from] wardline_telemetry::LoggingError),
    /// The WebAssembly engine cannot be created.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A worker thread failed.
    #[error(transparent)]
    Pool(#[from] PoolError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The saved numbering of events is unreadable.
    #[error(transparent)]
    Sequencer(#[from] SequencerError),
    /// An intel list cannot be loaded, and the scan would miss it.
    #[error("cannot load the intel list `{name}` from {}", path.display())]
    List {
        /// The list's name.
        name: String,
        /// The list's file.
        path: std::path::PathBuf,
        /// The cause.
        #[source]
        error: wardline_intel::LoadError,
    },
    /// The directory of intel lists cannot be read.
    #[error(transparent)]
    Lists(#[from] wardline_intel::DirectoryError),
    /// A source's checkpoint is unreadable.
    #[error(transparent)]
    Checkpoint(#[from] wardline_source::CheckpointError),
    /// Standard input cannot be read.
    #[error(transparent)]
    Source(#[from] wardline_source::SourceError),
    /// A webhook cannot be started.
    #[error(transparent)]
    Webhook(#[from] wardline_source::WebhookError),
    /// Delivery of findings cannot start.
    #[error(transparent)]
    Delivery(#[from] wardline_sink::DeliveryError),
    /// A directory or file of the host cannot be accessed.
    #[error("cannot access {}", path.display())]
    File {
        /// The path.
        path: std::path::PathBuf,
        /// The operating system's error.
        #[source]
        error: std::io::Error,
    },
    /// A thread or the API's runtime cannot be started.
    #[error("cannot start {what}")]
    Start {
        /// The name of what cannot be started.
        what: &'static str,
        /// The operating system's error.
        #[source]
        error: std::io::Error,
    },
    /// The configuration has no sources.
    #[error("the configuration has no [[source]]")]
    NoSource,
}

impl Hint for AppError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Config(error) => error.hint(),
            Self::Engine(error) => error.hint(),
            Self::Store(error) => error.hint(),
            Self::List { error, .. } => error.hint(),
            Self::Source(error) => error.hint(),
            Self::Webhook(error) => error.hint(),
            Self::NoSource => Some(
                "add one with type = \"file\" and the path of the audit log, or with type = \"webhook\"".into(),
            ),
            _ => None,
        }
    }
}

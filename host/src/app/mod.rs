//! The composition root: the only room that knows all others.
//!
//! Builds the rooms, joins them, and says in which order they stop. Holds no rule of
//! its own.

mod background;
mod compose;
mod daemon;
mod deliver;
mod findings;
pub mod observe;
mod run;
mod scan;

use wardline_detect::EngineError;
use wardline_order::SequencerError;
use wardline_store::StoreError;

use crate::config::ConfigError;
use crate::pipeline::PoolError;

pub use compose::{Composition, compose, compose_with, policy};
pub use run::run;
pub use scan::{ScanOptions, ScanProgress, ScanReport, scan};

/// What keeps the host from working.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Logging.
    #[error(transparent)]
    Logging(#[from] wardline_telemetry::LoggingError),
    /// The WebAssembly engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A thread.
    #[error(transparent)]
    Pool(#[from] PoolError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was saved.
    #[error(transparent)]
    Sequencer(#[from] SequencerError),
    /// A list that a scan would miss.
    #[error("the list `{name}` cannot be used: {}: {error}", path.display())]
    List {
        /// The list.
        name: String,
        /// Its file.
        path: std::path::PathBuf,
        /// What is wrong.
        error: wardline_intel::LoadError,
    },
    /// The directory of lists.
    #[error(transparent)]
    Lists(#[from] wardline_intel::DirectoryError),
    /// A place in a source.
    #[error(transparent)]
    Checkpoint(#[from] wardline_source::CheckpointError),
    /// A webhook.
    #[error(transparent)]
    Webhook(#[from] wardline_source::WebhookError),
    /// A sink.
    #[error(transparent)]
    Sink(#[from] wardline_sink::SinkError),
    /// A directory or file of the host's own.
    #[error("cannot use {}: {error}", path.display())]
    File {
        /// Which.
        path: std::path::PathBuf,
        /// What the operating system says.
        error: std::io::Error,
    },
    /// A thread or the runtime of the API.
    #[error("cannot start {what}: {error}")]
    Start {
        /// What.
        what: &'static str,
        /// What the operating system says.
        error: std::io::Error,
    },
    /// Nothing to read.
    #[error(
        "the configuration names no [[source]], so that there is nothing to read (add one with type = \"file\" and the path of the audit log, or with type = \"webhook\")"
    )]
    NoSource,
}

//! The composition root: the only room that knows all others.
//!
//! Builds the rooms, joins them, and says in which order they stop. Holds no rule of
//! its own.

mod compose;
pub mod observe;
mod scan;

use crate::config::ConfigError;
use crate::detect::EngineError;
use crate::pipeline::PoolError;
use crate::sequence::SequencerError;
use crate::state::StoreError;

pub use compose::{Composition, compose, policy};
pub use scan::{ScanProgress, ScanReport, scan};

/// What keeps the host from working.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Logging.
    #[error(transparent)]
    Logging(#[from] crate::telemetry::LoggingError),
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
    /// A list.
    #[error(transparent)]
    Intel(#[from] crate::intel::LoadError),
    /// The API.
    #[error(transparent)]
    Serve(#[from] crate::api::ServeError),
    /// A directory or file of the host's own.
    #[error("cannot use {}: {error}", path.display())]
    File {
        /// Which.
        path: std::path::PathBuf,
        /// What the operating system says.
        error: std::io::Error,
    },
}

//! Delivers findings to their sinks, and keeps events that were not judged.
//!
//! Each type of sink has a folder: `config.rs` has the part of its configuration that other types do
//! not have, and `mod.rs` a type that implements [`Sink`]. A new type of sink is one more folder,
//! and one more line in `settings.rs`. [`Delivery`] drives every sink by a thread of its own, so that
//! a sink that is slow, fails, or hangs delays neither judging nor another sink.

#![cfg_attr(
    test,
    allow(clippy::disallowed_methods, reason = "tests read their own files")
)]

mod bell;
mod dead_letter;
mod delivery;
mod file;
mod journal;
mod keeper;
mod line;
mod rotating;
mod search;
mod settings;
mod state;
mod stdout;
mod stream;
mod worker;

#[cfg(test)]
mod fixture;

use wardline_finding::Finding;

pub use dead_letter::{DeadLetter, DeadLetters};
pub use delivery::{Delivery, DeliveryError, DeliveryOptions};
pub use file::Config as FileConfig;
pub use settings::{InvalidKey, Kind, SinkSettings, Takes, TypeName};
pub use state::{SinkFailure, SinkState};
pub use stdout::Config as StdoutConfig;

/// A finding on its way to a sink.
#[derive(Debug, Clone, Copy)]
pub struct Outgoing<'f> {
    /// Position in the order of delivery.
    pub number: u64,
    /// The finding.
    pub finding: &'f Finding,
    /// The finding in the sink's format, without a newline.
    pub text: &'f str,
}

/// A destination for findings.
pub trait Sink: Send {
    /// Opens the destination before the first finding, so that a wrong setting is seen early. It is
    /// called again until it succeeds. Returns the number of the last finding that an earlier
    /// process is known to have delivered, or 0. The default does nothing.
    ///
    /// # Errors
    /// As for [`Sink::deliver`].
    fn open(&mut self) -> Result<u64, DeliverError> {
        Ok(0)
    }

    /// Delivers findings in their order, and returns when the destination has them. The call may
    /// block, because each sink has a thread of its own.
    ///
    /// # Errors
    /// Returns [`DeliverError::Temporary`] if the findings should be delivered again later,
    /// [`DeliverError::Refused`] if one finding will never be accepted, and [`DeliverError::Closed`]
    /// if the destination is gone for good.
    fn deliver(&mut self, batch: &[Outgoing<'_>]) -> Result<(), DeliverError>;
}

/// The reason why a batch was not delivered completely.
#[derive(Debug, thiserror::Error)]
pub enum DeliverError {
    /// The destination does not accept findings at present.
    #[error("cannot deliver findings")]
    Temporary {
        /// Number of findings at the beginning of the batch that were delivered.
        taken: usize,
        /// The cause.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The destination refuses the finding after the delivered ones for good.
    #[error("the finding was refused: {reason}")]
    Refused {
        /// Number of findings at the beginning of the batch that were delivered.
        taken: usize,
        /// The reason.
        reason: String,
    },
    /// The reader of standard output is gone, and the host should end.
    #[error("the reader of standard output is gone")]
    Closed,
}

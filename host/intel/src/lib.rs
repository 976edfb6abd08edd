//! Sets of addresses, domains, digests, and names that the operator maintains.
//!
//! A separate thread reads the files, never while events are judged. It produces a new
//! [`Intel`], which the judging thread takes between two chunks. If a file cannot be read, the
//! list in force stays in force, and the status gives the reason.

#![cfg_attr(
    test,
    allow(clippy::disallowed_methods, reason = "tests read their own files")
)]

#[cfg(feature = "loader")]
mod directory;
mod entry;
#[cfg(feature = "loader")]
mod event;
#[cfg(feature = "loader")]
mod format;
#[cfg(feature = "loader")]
mod known;
mod list;
mod lists;
#[cfg(feature = "loader")]
mod load;
#[cfg(feature = "loader")]
mod loader;
#[cfg(feature = "loader")]
mod settings;
#[cfg(feature = "loader")]
mod status;

#[cfg(feature = "loader")]
pub use directory::DirectoryError;
pub use entry::{Content, Counts, Entries, EntriesBuilder, Entry, Found};
#[cfg(feature = "loader")]
pub use event::{ListEvent, Look};
#[cfg(feature = "loader")]
pub use format::{BadLine, Format, FormatError, Reading, detect, read};
pub use list::{Change, List};
pub use lists::Intel;
#[cfg(feature = "loader")]
pub use load::{LoadError, Reader, Report, load};
#[cfg(feature = "loader")]
pub use loader::ListLoader;
#[cfg(feature = "loader")]
pub use settings::{IntelConfig, ListConfig, name_defect};
#[cfg(feature = "loader")]
pub use status::{Board, InForce, ListStatus};

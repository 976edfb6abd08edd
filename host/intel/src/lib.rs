//! Sets of addresses, domains, digests, and names that the operator maintains.
//!
//! A separate thread reads the files, never while events are judged. It produces a new
//! [`Intel`], which the judging thread takes between two chunks. If a file cannot be read, the
//! list in force stays in force, and the status gives the reason.

mod directory;
mod entry;
mod event;
mod format;
mod known;
mod list;
mod lists;
mod load;
mod loader;
mod settings;
mod status;

pub use directory::DirectoryError;
pub use entry::{Content, Counts, Entries, EntriesBuilder, Entry, Found};
pub use event::{ListEvent, Look};
pub use format::{BadLine, Format, FormatError, Reading, detect, read};
pub use list::{Change, List};
pub use lists::Intel;
pub use load::{LoadError, Reader, Report, load};
pub use loader::ListLoader;
pub use settings::{IntelConfig, ListConfig, name_defect};
pub use status::{Board, InForce, ListStatus};

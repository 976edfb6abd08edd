//! Sets of addresses, domains, digests and names that the operator keeps.
//!
//! Files are read by one thread and never while events are judged: what it makes of them is
//! a new [`Intel`], which the judging thread takes between two chunks. A file that cannot be
//! read leaves the list that is in force where it is, and the status says why.

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

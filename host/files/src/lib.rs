//! Files that other programs write while the host runs: when to look at them, and how to read
//! one consistently.

mod read;
mod watch;

pub use read::{Contents, FileError, Stamp, read, read_file};
pub use watch::Watcher;

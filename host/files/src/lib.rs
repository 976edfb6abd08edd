//! Files that others write while the host runs: when to look, and how to read one once.

mod read;
pub mod text;
mod watch;

pub use read::{Contents, FileError, Stamp, read, read_file};
pub use watch::Watcher;

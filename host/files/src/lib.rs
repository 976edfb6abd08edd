//! Files that other programs write while the host runs: when to look at them, how to read one
//! consistently, and how to keep the values in force equal to a directory of them.

mod directory;
mod latest;
mod read;
pub mod reconcile;
mod watch;

pub use directory::{Directory, DirectoryError, Purpose};
pub use latest::Latest;
pub use read::{Contents, FileError, Stamp, read_file};
pub use watch::Watcher;

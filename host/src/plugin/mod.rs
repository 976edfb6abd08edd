//! The plugin directory: watch, read once, verify, compile, admit, swap.
//!
//! The loader is one task and the only one that reads the directory. A file that
//! fails a step leaves the version that is at work where it is, and the status says
//! which step failed. Knows the room `detect` and asks it to compile and to start;
//! never holds an event.

mod check;
mod descriptor;
mod directory;
mod load;
mod loader;
mod policy;
mod status;
mod summary;

pub use check::{Checked, check};
pub use descriptor::DescriptorError;
pub use directory::DirectoryError;
pub use load::{Environment, LoadError, Loaded, Step, load};
pub use loader::{Loader, LoaderEvent};
pub use policy::Policy;
pub use status::{Board, FileState, FileStatus, LimitValue, RaisedType, Running, StepFailure};

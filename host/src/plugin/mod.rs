//! The plugin directory: watch, read once, verify, compile, admit, swap.
//!
//! The loader is a single thread and the only one that reads the directory. A file that fails a
//! step does not replace the version in force, and its status names the step. Compiling and
//! starting are left to `detect`; this module never handles an event.

mod activity;
mod check;
mod circle;
mod directory;
mod event;
mod handler;
mod load;
mod loader;
mod names;
mod pack;
mod policy;
mod status;
mod summary;

pub use check::{Checked, check, check_all};
pub use event::LoaderEvent;
pub use load::{Environment, LoadError, Loaded, Step, load};
pub use loader::Loader;
pub use pack::{BuiltIn, Origin, Origins, Pack};
pub use policy::Policy;
pub use status::{Board, FileState, FileStatus, LimitValue, RaisedType, Running};

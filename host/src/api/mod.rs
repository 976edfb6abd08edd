//! The API of a running host, on a Unix socket.
//!
//! It speaks HTTP with JSON, for the command line and for scrapers. It reads snapshots that
//! other modules write, and changes nothing. Anyone who may open the socket may read: the
//! socket's mode is 0660, and the operator protects its directory.

mod client;
mod model;
mod server;
mod snapshot;

pub use client::{ClientError, get};
pub use model::{
    Health, IntelReport, ListNumbers, PluginList, PluginReport, StatusReport, StoreReport,
};
pub use server::{ApiState, ServeError, serve};
pub use snapshot::{Snapshot, SnapshotCell};

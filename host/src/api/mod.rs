//! What a running host answers, on a Unix socket.
//!
//! HTTP with JSON, for the command line and for scrapers. Reads snapshots that their
//! owners write; changes nothing. Whoever may open the socket may read: its mode is
//! 0660, and the directory that it lies in is the operator's to protect.

mod client;
mod model;
mod server;
mod snapshot;

pub use client::{ClientError, get};
pub use model::{Health, IntelReport, ListNumbers, PluginList, PluginReport, StatusReport};
pub use server::{ApiState, ServeError, serve};
pub use snapshot::{Snapshot, SnapshotCell};

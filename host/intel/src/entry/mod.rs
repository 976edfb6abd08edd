//! The entries of a list: networks, domains, digests, and names.

mod digest;
mod domain;
mod entries;
mod network;

pub use digest::Sha256;
pub use entries::{Content, Counts, Entries, EntriesBuilder, Entry, Found};
#[cfg(feature = "loader")]
pub use network::Range;
pub use network::address;

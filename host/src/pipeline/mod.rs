//! Moves lines through decoding, sequencing and judging, chunk by chunk.
//!
//! A chunk is decoded by all threads, numbered by one, and judged by all threads. While
//! one is judged the next is decoded and the one after that read. Between two chunks, and
//! only there, a new generation of detectors is put to work: every event is judged by the
//! detectors of one generation, once, and it is they that decide whether it is decoded.
//! Nothing here waits for a source or a sink.

mod chunk;
mod decode;
mod flow;
mod ledger;
mod pool;
mod seen;
mod worker;

pub use chunk::{Processed, Rejection};
pub use flow::{CHUNKS_IN_FLIGHT, Pipeline};
pub use ledger::{DetectorCounts, FindingCounts, Ledger};
pub use pool::PoolError;
pub use seen::{SecondLook, Seen};

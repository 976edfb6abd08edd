//! Moves lines through decoding, sequencing and judging, chunk by chunk.
//!
//! A chunk is decoded by all threads, numbered by one, and judged by all threads;
//! the next begins when every thread is done. Between two chunks, and only there, a
//! new generation of detectors is put to work: every event is judged by the
//! detectors of one generation, once. Nothing here waits for a source or a sink.

mod chunk;
mod decode;
mod flow;
mod ledger;
mod pool;
mod worker;

pub use chunk::{Processed, Rejection};
pub use decode::DecodeLimits;
pub use flow::Pipeline;
pub use ledger::{DetectorCounts, Ledger};
pub use pool::PoolError;

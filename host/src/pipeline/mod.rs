//! Moves lines through decoding, sequencing, and judging, chunk by chunk.
//!
//! All threads decode a chunk, one thread numbers its events, and all threads judge it, then the
//! findings of it to which detectors subscribe. While one chunk is judged, the next is decoded, and
//! the one after that is read. A new generation
//! of detectors takes over only between two chunks: every event is filtered and judged by the
//! detectors of one generation, once. Nothing here waits for a source or a sink.

mod chunk;
mod coverage;
mod decode;
mod document_order;
mod flow;
mod pool;
mod read_objects;
mod signals;
mod source_totals;
mod totals;
mod worker;

pub use chunk::{Processed, Rejection};
pub use coverage::{BodyCounts, ObjectCoverage};
pub use flow::{CHUNKS_IN_FLIGHT, Pipeline};
pub use pool::PoolError;
pub use read_objects::{ReadObject, ReadObjectLearner};
pub use source_totals::{SourceCounts, SourceTotals};
pub use totals::{DetectorCounts, FindingCounts, Totals};

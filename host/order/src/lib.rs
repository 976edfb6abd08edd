//! Puts events in order: numbers the events of all families, drops duplicate audit events, and
//! finds the first answer of each request.
//!
//! This runs on one thread, between decoding and judging, so that references, actors, and first
//! answers are the same for any number of threads. It knows events, but neither their sources
//! nor their consumers.

mod audit;
mod clock;
mod dedup;
mod identity;
mod open;
mod reuse;
mod sequencer;

pub use sequencer::{Sequenced, Sequencer, SequencerError};

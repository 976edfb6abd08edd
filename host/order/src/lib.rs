//! Puts decoded events in one order: drops repeats, numbers what is left, and says
//! who acted.
//!
//! Runs on one thread, between decoding and judging, so that references, actors and
//! the first answer of a request are the same for any number of threads. Knows the
//! events, and nothing of where they come from or go.

mod open;
mod seen;
mod sequencer;

pub use sequencer::{Sequenced, Sequencer, SequencerError, unplaced};

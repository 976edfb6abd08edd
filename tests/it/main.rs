//! Tests of the whole program, in one binary: each module is one part of it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first unexpected value"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "the limits on reading protect the host, not its tests"
)]

mod author;
mod catalog;
mod clusters;
mod condition;
mod daemon;
mod detectors;
mod docs;
mod envelopes;
mod evaluation;
mod intel;
mod learning;
mod memories;
mod names;
mod native;
mod order;
mod pack;
mod packed;
mod reload;
mod runtime;
mod scan;
mod senders;
mod sequence;
mod signals;
mod sinks;
mod start;
mod style;
mod support;
mod suppression;
mod taken;
mod walls;
mod webhook;
mod work;

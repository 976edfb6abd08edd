//! Runs detectors in their sandboxes.
//!
//! The only crate that calls wasmtime. A shard is one thread's part of the work. It
//! holds one worker for each detector, and a worker holds the detector's instance, its state, and
//! the circuit breakers that confine the cost of its failures.

#![allow(
    clippy::disallowed_methods,
    reason = "this is the crate that runs guests"
)]

mod breaker;
mod breakers;
mod budget;
mod cache;
mod calls;
mod context;
mod detector;
mod engine;
mod instance;
mod outcome;
mod program;
mod quarantine;
mod services;
mod shard;
mod state_source;
mod tally;
mod worker;

pub use breaker::{Breaker, BreakerState};
pub use detector::{Detector, DetectorParts, Generation, SettingValues, feeds};
pub use engine::{Engine, EngineError};
pub use instance::Instance;
pub use outcome::{Failure, Outcome};
pub use program::{Program, ProgramError};
pub use services::Services;
pub use shard::{Shard, ShardOutput, WorkerHealth};
pub use state_source::StateSource;
pub use tally::{LogLine, Tally};
pub use worker::{DetectorWorker, NotJudged, Skip};

//! Runs detectors in their sandboxes.
//!
//! The only room that knows wasmtime. A shard is one thread's part of the work: it
//! holds one lane for each detector, and a lane holds the warm instance, what the
//! detector remembers, and the breaker that keeps a failing detector from costing
//! more than itself.

mod artifact;
mod breaker;
mod calls;
mod context;
mod detector;
mod engine;
mod instance;
mod lane;
mod memory;
mod outcome;
mod program;
mod services;
mod shard;
mod tally;

pub use artifact::{Artifact, ArtifactError};
pub use breaker::{Breaker, BreakerState};
pub use detector::{Detector, DetectorParts, Generation, SettingValues};
pub use engine::{Engine, EngineError};
pub use instance::Instance;
pub use lane::{Lane, NotJudged, Skip};
pub use memory::StateSource;
pub use outcome::{Failure, Outcome};
pub use program::{Program, ProgramError};
pub use services::Services;
pub use shard::{LaneHealth, Shard, ShardOutput};
pub use tally::{LogLine, Tally};

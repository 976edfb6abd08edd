//! What an author of detectors does without a running host: begin, build, test, check.

mod build;
mod fixture;
mod new;
mod toolchain;

pub use build::{BuildError, Built, build};
pub use fixture::{Expectation, FixtureError, fixtures};
pub use new::{NewError, new};
pub use toolchain::{Toolchain, ToolchainError};

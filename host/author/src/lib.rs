//! Tools for authors of detectors that need no running host: new, build, and test.

mod build;
mod fixture;
mod new;
mod toolchain;

pub use build::{BuildError, Built, build};
pub use fixture::{Expectation, FixtureError, fixtures};
pub use new::{NewError, new};
pub use toolchain::{Toolchain, ToolchainError};

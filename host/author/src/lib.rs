//! Tools for authors of detectors that need no running host: new, build, and test.

mod fixture;
mod new;

pub use fixture::{Expectation, FixtureError, fixtures};
pub use new::{NewError, new};
pub use wardline_toolchain::{BuildError, Built, build, build_all};

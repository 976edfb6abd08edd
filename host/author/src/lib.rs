//! Tools for authors of detectors that need no running host: new, build, and test.

#![allow(
    clippy::disallowed_methods,
    reason = "an author's own files, which nobody else writes meanwhile"
)]

mod fixture;
mod new;
mod sources;

pub use fixture::{Expectation, FixtureError, fixtures};
pub use new::{NewError, new};
pub use sources::{HostCrate, Sources};
pub use wardline_toolchain::{BuildError, Built, build, build_all};

//! Compiles detectors to WebAssembly, for `wardline plugin build` and for the detectors inside the
//! program.

#![allow(
    clippy::disallowed_methods,
    reason = "cargo's output, which is complete"
)]

mod build;
mod toolchain;

pub use build::{BuildError, Built, Compiled, build, build_all, compile};
pub use toolchain::{Toolchain, ToolchainError};

//! Compiles detectors to WebAssembly, for `wardline plugin build` and for the detectors inside the
//! program.

mod build;
mod toolchain;

pub use build::{BuildError, Built, Compiled, build, build_all, compile};
pub use toolchain::{Toolchain, ToolchainError};

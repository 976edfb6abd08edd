//! Host calls, inside the sandbox and outside.

#[cfg(target_arch = "wasm32")]
mod sandboxed;
#[cfg(target_arch = "wasm32")]
pub(crate) use sandboxed::*;

#[cfg(not(target_arch = "wasm32"))]
pub mod native;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use native::calls::*;

//! The default detectors, compiled when this crate is.
//!
//! Owns the detectors' bytes only. Which of them are in force is decided by the host.

/// A detector of the pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Detector {
    /// The name, which is also that of its file `NAME.wasm` if it is exported.
    pub name: &'static str,
    /// The component, compressed with zstd.
    pub component: &'static [u8],
    /// The text of its default settings, `NAME.toml`.
    pub settings: Option<&'static str>,
}

/// All default detectors, sorted by name.
pub static DETECTORS: &[Detector] = include!(concat!(env!("OUT_DIR"), "/pack.rs"));

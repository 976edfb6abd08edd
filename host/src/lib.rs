//! The host of Wardline: feeds audit and runtime events to sandboxed detectors.
//!
//! The rooms stand in the order in which data flows. ARCHITECTURE.md says what each
//! owns.

pub mod api;
pub mod app;
pub mod cli;
pub mod config;
pub mod pipeline;
pub mod plugin;

//! The host of Wardline: feeds audit and runtime events to sandboxed detectors.
//!
//! Joins the crates below `host`. ARCHITECTURE.md lists what each crate and module owns.

pub mod api;
pub mod app;
pub mod cli;
pub mod config;
pub mod pipeline;
pub mod plugin;

//! The host of Wardline: feeds audit and runtime events to sandboxed detectors.
//!
//! The rooms stand in the order in which data flows. ARCHITECTURE.md says what each
//! owns.

pub mod api;
pub mod app;
pub mod audit_policy;
pub mod catalog;
pub mod cli;
pub mod config;
pub mod contract;
pub mod detect;
pub mod export;
pub mod files;
pub mod finding;
pub mod intel;
pub mod inventory;
pub mod lifecycle;
pub mod pipeline;
pub mod plugin;
pub mod route;
pub mod sequence;
pub mod sink;
pub mod source;
pub mod state;
pub mod suppress;
pub mod telemetry;
pub mod text;

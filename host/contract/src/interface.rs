//! The version of the contract, and the interfaces that a host provides.

/// The version of the contract that this host supports (`wit/v0.1`).
pub const CONTRACT_VERSION: &str = "0.1.0";

/// The interfaces that a host can provide; the operator grants each of them.
pub const HOST_INTERFACES: [&str; 6] = ["log", "clock", "state", "intel", "inventory", "raw"];

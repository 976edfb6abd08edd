//! The contract as a whole: its version, and the interfaces of a host.

/// The version of the contract that this host speaks (`wit/v0.1`).
pub const CONTRACT_VERSION: &str = "0.1.0";

/// What a host may offer, each granted by the operator.
pub const HOST_INTERFACES: [&str; 6] = ["log", "clock", "state", "intel", "inventory", "raw"];

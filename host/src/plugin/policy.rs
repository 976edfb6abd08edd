//! The operator's defaults for all detectors.

use wardline_contract::{BreakerLimits, Limits};
use wardline_state::Quota;

/// Grants, limits, and quotas that apply unless a detector's settings file overrides them.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Host interfaces that detectors may import.
    pub grants: Vec<String>,
    /// Resource limits of an instance.
    pub limits: Limits,
    /// Thresholds of the circuit breakers.
    pub breaker: BreakerLimits,
    /// Quota of one state partition.
    pub quota: Quota,
    /// Maximum size of a detector's file, in bytes.
    pub file_limit: u64,
}

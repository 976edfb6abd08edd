//! What the operator's configuration allows to every detector.

use wardline_contract::{BreakerLimits, Limits};
use wardline_state::Quota;

/// What every detector gets unless the settings file beside it says otherwise.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Host interfaces that may be imported.
    pub grants: Vec<String>,
    /// What an instance may use.
    pub limits: Limits,
    /// When a failing detector is left alone.
    pub breaker: BreakerLimits,
    /// What one partition of its state may take.
    pub quota: Quota,
    /// Bytes that a detector's file may have.
    pub file_limit: u64,
}

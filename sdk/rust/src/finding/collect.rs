use super::{Complete, Finding};
use crate::contract;

/// The findings of a batch.
///
/// If the batch ends in an error, the host discards them and passes the rest of the batch again.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Findings(Vec<contract::Finding>);

impl Findings {
    /// Raises a finding; `None` raises nothing (see [`Finding::evidence_if_any`]).
    pub fn raise(&mut self, finding: impl Into<Option<Finding<Complete>>>) {
        self.0
            .extend(finding.into().map(Finding::<Complete>::into_contract));
    }

    /// The number of findings raised in this batch.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether no finding was raised in this batch.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Converts the findings to the contract's type.
    #[must_use]
    pub fn into_contract(self) -> Vec<contract::Finding> {
        self.0
    }
}

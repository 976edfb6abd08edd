use super::{Complete, Finding};
use crate::contract;

/// Where a detector puts the findings of a batch.
///
/// If the batch ends in an error, none of them counts: the host hands over the
/// rest of the batch again.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Findings(Vec<contract::Finding>);

impl Findings {
    /// Raises a finding, or does nothing for none (see
    /// [`Finding::evidence_if_any`]).
    pub fn raise(&mut self, finding: impl Into<Option<Finding<Complete>>>) {
        self.0
            .extend(finding.into().map(Finding::<Complete>::into_contract));
    }

    /// How many were raised in this batch.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none was raised in this batch.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The findings as the contract has them.
    #[must_use]
    pub fn into_contract(self) -> Vec<contract::Finding> {
        self.0
    }
}

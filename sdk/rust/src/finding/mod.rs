//! Findings: what a detector claims.

mod build;
mod collect;

pub use build::{Complete, Finding, NeedsEvent, NeedsEvidence};
pub use collect::Findings;

#[cfg(test)]
mod tests;

//! Findings as a detector builds and raises them.

mod build;
mod collect;

pub use build::{Complete, Finding, NeedsEvent, NeedsEvidence};
pub use collect::Findings;

#[cfg(test)]
mod tests;

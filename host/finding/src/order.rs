//! The order in which findings are emitted.

use std::cmp::Ordering;

use wardline_check::Claim;

/// Compares claims by the event that they are about, then by detector, then by the order in which
/// the detector returned them. The result depends on neither threads nor chunks.
#[must_use]
pub fn compare(one: &Claim, other: &Claim) -> Ordering {
    let about = |claim: &Claim| claim.record.subject().reference();
    about(one)
        .cmp(&about(other))
        .then_with(|| one.descriptor.name.cmp(&other.descriptor.name))
        .then_with(|| one.ordinal.cmp(&other.ordinal))
}

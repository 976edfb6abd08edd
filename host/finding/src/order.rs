//! The order in which findings are emitted.

use wardline_check::Claim;

/// Sorts claims by event, then detector, then the order in which the detector returned them. The
/// result does not depend on the number of threads.
pub fn sort(claims: &mut [Claim]) {
    claims.sort_by(|one, other| {
        one.record
            .reference()
            .cmp(&other.record.reference())
            .then_with(|| one.descriptor.name.cmp(&other.descriptor.name))
            .then_with(|| one.ordinal.cmp(&other.ordinal))
    });
}

//! The order in which findings leave the host.

use crate::Claim;

/// Sorts claims by event, then by detector, then as the detector raised them: the
/// same for any number of threads.
pub fn sort(claims: &mut [Claim]) {
    claims.sort_by(|one, other| {
        one.record
            .reference()
            .cmp(&other.record.reference())
            .then_with(|| one.descriptor.name.cmp(&other.descriptor.name))
            .then_with(|| one.ordinal.cmp(&other.ordinal))
    });
}

//! What the host holds for a guest, over all calls of a chunk.

use crate::{Conduct, Guest, stage};

/// `limits.findings-size` of the guest, in bytes.
const CHUNK_BYTES: usize = 64 << 10;
/// The least size of a finding that it raises, in bytes.
const FINDING_BYTES: usize = 3000;

#[test]
fn findings_of_a_chunk_are_bounded_however_severe_they_are() {
    let seen = stage::run(Guest::Conduct(Conduct::RisingFindings));
    let most = CHUNK_BYTES / FINDING_BYTES + 1;
    assert!(
        (1..=most).contains(&seen.findings.len()),
        "{} findings",
        seen.findings.len()
    );
}

//! The hash buckets that actors are divided into.

/// The number of partitions that actors are divided into.
pub const PARTITIONS: u8 = 64;

/// Returns the partition of an actor: FNV-1a (64 bits, RFC 9923) modulo [`PARTITIONS`]. The
/// result is stored on disk, so the function must never change.
#[must_use]
pub fn partition_of(actor: &str) -> u8 {
    let hash = actor.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    u8::try_from(hash % u64::from(PARTITIONS)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{PARTITIONS, partition_of};

    #[test]
    fn partition_of_an_actor_never_changes() {
        assert_eq!(partition_of(""), 37);
        assert!((0..1000).all(|n| partition_of(&n.to_string()) < PARTITIONS));
    }
}

//! The hash buckets that actors are divided into.

/// The number of partitions that actors are divided into.
pub const PARTITIONS: u8 = 64;

/// Separates the cluster from the actor; no UTF-8 text contains it.
const SEPARATOR: u8 = 0xff;

/// Returns the partition of an actor of a cluster: FNV-1a (64 bits, RFC 9923) modulo
/// [`PARTITIONS`]. A cluster without a name does not contribute to the hash. The result is stored
/// on disk, so the function must never change.
#[must_use]
pub fn partition_of(cluster: &str, actor: &str) -> u8 {
    let separator = (!cluster.is_empty()).then_some(SEPARATOR);
    let bytes = cluster.bytes().chain(separator).chain(actor.bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    u8::try_from(hash % u64::from(PARTITIONS)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{PARTITIONS, partition_of};

    #[test]
    fn partition_of_an_actor_never_changes() {
        assert_eq!(partition_of("", ""), 37);
        assert!((0..1000).all(|n| partition_of("", &n.to_string()) < PARTITIONS));
    }

    #[test]
    fn actors_of_two_clusters_are_divided_independently() {
        let differing = (0..1000)
            .map(|n| n.to_string())
            .filter(|actor| partition_of("east", actor) != partition_of("west", actor))
            .count();
        assert!(differing > 900, "{differing}");
    }
}

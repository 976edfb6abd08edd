//! Which findings are the same thing again.

use sha2::{Digest, Sha256};

use super::Resource;
use crate::detect::Claim;

/// What a claim is about, in 128 bits of SHA-256: the cluster, the type, and what the
/// detector says makes it the same thing, or else who acted on what. Neither the event nor
/// the version of the detector: the next event of the same kind is the same thing again,
/// and a corrected detector that says the same has found nothing new.
pub(super) fn identity(claim: &Claim, cluster: &str, resource: &Resource) -> String {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    };
    add(cluster);
    add(&claim.finding.finding_type);
    if claim.finding.dedup_key.is_empty() {
        // So that no key can be written that is somebody's actor and resource.
        add("actor and resource");
        add(&claim.record.actor);
        add(&resource.api_group);
        add(&resource.resource);
        add(&resource.subresource);
        add(&resource.namespace);
        add(&resource.name);
    } else {
        add("key");
        add(&claim.finding.dedup_key);
    }
    hash.finalize()
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

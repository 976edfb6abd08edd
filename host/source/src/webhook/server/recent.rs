//! The bodies that are in the queue already, so that a repeated one is stored once.

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use siphasher::sip128::{Hasher128, SipHasher13};

/// How many bodies are remembered. An API server sends at most ten batches a second
/// (`--audit-webhook-batch-throttle-qps`), each repeatedly for about 80 s.
const MAX_DIGESTS: usize = 4096;

/// Separates the sender from the body; no UTF-8 text contains it.
const SEPARATOR: u8 = 0xff;

/// The digests of the newest bodies.
pub(super) struct RecentBodies {
    /// A random key, so that no sender can construct two bodies with the same digest.
    key: (u64, u64),
    digests: Mutex<Digests>,
}

#[derive(Default)]
struct Digests {
    known: HashSet<u128>,
    order: VecDeque<u128>,
}

impl RecentBodies {
    pub fn new() -> Self {
        let random = || RandomState::new().hash_one(0);
        Self {
            key: (random(), random()),
            digests: Mutex::default(),
        }
    }

    /// Returns the digest of a body. `sender` names the cluster: equal bodies of two clusters are
    /// different events.
    pub fn digest(&self, sender: &str, body: &[u8]) -> u128 {
        let mut hasher = SipHasher13::new_with_keys(self.key.0, self.key.1);
        hasher.write(sender.as_bytes());
        hasher.write_u8(SEPARATOR);
        hasher.write(body);
        hasher.finish128().as_u128()
    }

    pub fn contains(&self, digest: u128) -> bool {
        self.digests().known.contains(&digest)
    }

    /// Remembers a body that was stored.
    pub fn insert(&self, digest: u128) {
        let mut digests = self.digests();
        if !digests.known.insert(digest) {
            return;
        }
        digests.order.push_back(digest);
        if digests.order.len() > MAX_DIGESTS
            && let Some(oldest) = digests.order.pop_front()
        {
            digests.known.remove(&oldest);
        }
    }

    fn digests(&self) -> MutexGuard<'_, Digests> {
        self.digests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_DIGESTS, RecentBodies};

    #[test]
    fn remembers_the_newest_bodies() {
        let recent = RecentBodies::new();
        let digest = |number: usize| recent.digest("", &number.to_le_bytes());
        for number in 0..2 * MAX_DIGESTS {
            assert!(!recent.contains(digest(number)));
            for _ in 0..2 {
                recent.insert(digest(number));
            }
            assert!(recent.contains(digest(number)));
        }
        assert!(recent.contains(digest(MAX_DIGESTS)) && !recent.contains(digest(MAX_DIGESTS - 1)));
        assert_eq!(recent.digests().known.len(), MAX_DIGESTS);
    }

    #[test]
    fn senders_have_their_own_bodies() {
        let recent = RecentBodies::new();
        recent.insert(recent.digest("east", b"body"));
        assert!(recent.contains(recent.digest("east", b"body")));
        assert!(!recent.contains(recent.digest("west", b"body")));
        assert!(!recent.contains(recent.digest("", b"eastbody")));
    }
}

//! Malformed bodies that were kept, so that one that comes again is kept once.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};

/// As many are remembered. An API server sends a batch five times.
const MOST: usize = 64;

/// A hash of a body.
type Hash = [u8; 32];

/// The newest of them.
#[derive(Default)]
pub(super) struct Malformed(Mutex<VecDeque<Hash>>);

impl Malformed {
    pub fn digest(body: &[u8]) -> Hash {
        Sha256::digest(body).into()
    }

    pub fn knows(&self, digest: &Hash) -> bool {
        self.digests().contains(digest)
    }

    pub fn remember(&self, digest: Hash) {
        let mut digests = self.digests();
        digests.push_back(digest);
        if digests.len() > MOST {
            digests.pop_front();
        }
    }

    fn digests(&self) -> MutexGuard<'_, VecDeque<Hash>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, Malformed};

    #[test]
    fn the_newest_are_known() {
        let malformed = Malformed::default();
        let digest = |number: usize| Malformed::digest(&number.to_le_bytes());
        for number in 0..2 * MOST {
            assert!(!malformed.knows(&digest(number)));
            malformed.remember(digest(number));
            assert!(malformed.knows(&digest(number)));
        }
        assert!(malformed.knows(&digest(MOST)) && !malformed.knows(&digest(MOST - 1)));
    }
}

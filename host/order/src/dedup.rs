//! Detects duplicate events.

use std::collections::HashSet;

use super::SequencerError;
use super::identity::{Key, random_key};

/// The meta key of the hash key for identities.
const KEY: &str = "sequence/seen/key";
/// The number of identities that are saved as one value.
const BLOCK: usize = 1024;
/// The size of an identity, in bytes.
const IDENTITY: usize = size_of::<u128>();
/// The size of a block's number, which precedes its identities, in bytes.
const NUMBER: usize = size_of::<u64>();

/// Remembers the newest events, between one and two times `capacity`, also over restarts.
///
/// A webhook sends a batch again if its answer was lost, and log files overlap at a rotation.
/// Both repeat recent events only, so that old ones may be forgotten.
pub(super) struct Dedup {
    capacity: usize,
    key: Key,
    newer: HashSet<u128>,
    older: HashSet<u128>,
    /// The changes for [`Self::save`]; `None` if nothing is saved.
    unsaved: Option<Unsaved>,
}

/// Identities in blocks that overwrite each other in turn, so that the saved size is bounded.
struct Unsaved {
    /// The number of the block that `identities` begin with.
    block: u64,
    /// The identities seen from that block on.
    identities: Vec<u128>,
    changed: bool,
}

impl Dedup {
    /// Creates an empty set that is never saved.
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity: capacity.max(1),
            key: random_key(),
            newer: HashSet::new(),
            older: HashSet::new(),
            unsaved: None,
        }
    }

    /// Resumes from what [`Self::save`] returned. `load` returns a saved value.
    ///
    /// # Errors
    /// Returns [`SequencerError`] if a value is damaged.
    pub fn restore(
        capacity: usize,
        load: &mut dyn FnMut(&str) -> Option<Vec<u8>>,
    ) -> Result<Self, SequencerError> {
        let damaged = |key: &str, length| SequencerError {
            key: key.to_owned(),
            length,
        };
        let mut dedup = Self::new(capacity);
        let mut newest = (0, Vec::new());
        if let Some(key) = load(KEY) {
            dedup.key = key
                .as_slice()
                .try_into()
                .map_err(|_| damaged(KEY, key.len()))?;
            let mut blocks = Vec::new();
            for slot in 0..dedup.slots() {
                let name = name(slot);
                if let Some(saved) = load(&name) {
                    blocks.push(parse(&saved).ok_or_else(|| damaged(&name, saved.len()))?);
                }
            }
            blocks.sort_unstable();
            for (_, identities) in &blocks {
                for &identity in identities {
                    dedup.remember(identity);
                }
            }
            newest = blocks.pop().unwrap_or_default();
        }
        let (block, identities) = newest;
        dedup.unsaved = Some(Unsaved {
            block,
            identities,
            changed: false,
        });
        Ok(dedup)
    }

    /// The key of the identities.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// Marks an event as seen, and returns whether it is new.
    pub fn insert(&mut self, identity: u128) -> bool {
        let is_new = self.remember(identity);
        if is_new && let Some(unsaved) = &mut self.unsaved {
            unsaved.identities.push(identity);
            unsaved.changed = true;
        }
        is_new
    }

    /// Returns the changes to save for the next start.
    pub fn save(&mut self) -> Vec<(String, Vec<u8>)> {
        let slots = self.slots();
        let Some(unsaved) = &mut self.unsaved else {
            return Vec::new();
        };
        if !std::mem::take(&mut unsaved.changed) {
            return Vec::new();
        }
        let mut values = vec![(KEY.to_owned(), self.key.to_vec())];
        for (block, identities) in (unsaved.block..).zip(unsaved.identities.chunks(BLOCK)) {
            let mut value = Vec::with_capacity(NUMBER + IDENTITY * identities.len());
            value.extend(block.to_le_bytes());
            for identity in identities {
                value.extend(identity.to_le_bytes());
            }
            values.push((name(block % slots), value));
        }
        let full = unsaved.identities.len() / BLOCK;
        unsaved.identities.drain(..full * BLOCK);
        unsaved.block += full as u64;
        values
    }

    fn remember(&mut self, identity: u128) -> bool {
        if self.older.contains(&identity) || !self.newer.insert(identity) {
            return false;
        }
        if self.newer.len() >= self.capacity {
            self.older = std::mem::take(&mut self.newer);
        }
        true
    }

    /// Returns how many blocks hold twice `capacity` identities in addition to the one being
    /// filled.
    fn slots(&self) -> u64 {
        2 * self.capacity.div_ceil(BLOCK) as u64 + 1
    }
}

fn name(slot: u64) -> String {
    format!("sequence/seen/{slot}")
}

/// Parses a block's number and identities.
fn parse(saved: &[u8]) -> Option<(u64, Vec<u128>)> {
    let (number, identities) = saved.split_first_chunk::<NUMBER>()?;
    let (identities, rest) = identities.as_chunks::<IDENTITY>();
    let identities = identities.iter().copied().map(u128::from_le_bytes);
    rest.is_empty()
        .then(|| (u64::from_le_bytes(*number), identities.collect()))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::{BLOCK, Dedup};
    use crate::SequencerError;

    #[test]
    fn forgets_only_what_is_older_than_its_capacity() {
        let mut dedup = Dedup::new(10);
        for number in 0..100_u128 {
            assert!(dedup.insert(number));
            for recent in number - (9.min(number))..=number {
                assert!(!dedup.insert(recent), "{recent} after {number}");
            }
        }
        assert!(dedup.insert(0), "the oldest event is forgotten");
    }

    fn restored(saved: &HashMap<String, Vec<u8>>, capacity: usize) -> Dedup {
        Dedup::restore(capacity, &mut |key| saved.get(key).cloned()).unwrap()
    }

    #[test]
    fn restart_forgets_nothing_and_saved_size_is_bounded() {
        const CAPACITY: usize = 3 * BLOCK;
        let mut saved = HashMap::new();
        let mut last = 0;
        // Blocks that end at a save, in the middle, and several at once; then many starts with
        // few events in between.
        let steps = [1, BLOCK - 1, BLOCK, 7, 3 * BLOCK + 5, BLOCK / 2, 5 * BLOCK];
        for step in steps.into_iter().chain([1; 20]) {
            let mut dedup = restored(&saved, CAPACITY);
            for number in last.max(CAPACITY) - CAPACITY..last {
                assert!(!dedup.insert(number as u128), "{number} of {last}");
            }
            for number in last..last + step {
                assert!(dedup.insert(number as u128), "{number}");
                if number % 300 == 0 {
                    saved.extend(dedup.save());
                }
            }
            saved.extend(dedup.save());
            assert!(dedup.save().is_empty(), "nothing changed");
            last += step;
        }
        let blocks = saved.len() as u64 - 1;
        assert!(blocks <= Dedup::new(CAPACITY).slots(), "{blocks}");
    }

    #[test]
    fn reports_damage() {
        let mut saved: HashMap<_, _> = [("sequence/seen/key".to_owned(), vec![1])].into();
        let damage = |key: &str, length| {
            Some(SequencerError {
                key: key.to_owned(),
                length,
            })
        };
        let load = |saved: &HashMap<String, Vec<u8>>| {
            Dedup::restore(10, &mut |key| saved.get(key).cloned()).err()
        };
        assert_eq!(load(&saved), damage("sequence/seen/key", 1));
        saved.insert("sequence/seen/key".to_owned(), vec![1; 16]);
        saved.insert("sequence/seen/2".to_owned(), vec![1; 9]);
        assert_eq!(load(&saved), damage("sequence/seen/2", 9));
    }
}

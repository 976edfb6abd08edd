//! What a detector remembers, as `wit/v0.1/host.wit` says.
//!
//! The quota of a partition, which pushes out the oldest entries, is not there: it
//! depends on how actors fall on partitions. That of one entry is.

use std::collections::BTreeMap;

use super::limits::ENTRY_BYTES;
use super::sequence::Moment;
use super::window::Observations;
use crate::contract::{EventRef, StateError, Timestamp, Window};

/// Each kind of value has its own names: a counter and a window do not meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Bytes,
    Counter,
    Member,
    Window,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    kind: Kind,
    /// None is the cluster.
    actor: Option<String>,
    name: String,
    member: String,
}

impl Key {
    /// The host writes a byte each for kind and scope, and the lengths of two texts.
    fn size(&self) -> usize {
        let actor = self.actor.as_ref().map_or(0, String::len);
        2 + 2 * size_of::<u32>() + actor + self.name.len() + self.member.len()
    }
}

#[derive(Debug, Clone)]
enum Value {
    Bytes(Vec<u8>),
    Counter(i64),
    Member,
    Window(Observations),
}

impl Value {
    fn size(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Counter(_) => size_of::<i64>(),
            Self::Member => 0,
            Self::Window(window) => window.size(),
        }
    }
}

#[derive(Debug, Clone)]
struct Entry {
    value: Value,
    /// Zero is never.
    expires: Timestamp,
}

/// Where a value is, and the event on whose behalf it is used.
pub(super) struct At<'a> {
    /// None is the cluster.
    pub actor: Option<&'a str>,
    pub name: &'a str,
    pub moment: &'a Moment,
}

impl At<'_> {
    fn key(&self, kind: Kind, member: &str) -> Key {
        Key {
            kind,
            actor: self.actor.map(str::to_owned),
            name: self.name.to_owned(),
            member: member.to_owned(),
        }
    }

    fn expiry(&self, keep: u64) -> Timestamp {
        match keep {
            0 => 0,
            keep => self.moment.time.saturating_add(keep).max(1),
        }
    }
}

/// All values of a detector.
#[derive(Debug, Default)]
pub(super) struct State {
    entries: BTreeMap<Key, Entry>,
    /// What there was before the present batch.
    before: BTreeMap<Key, Entry>,
}

impl State {
    /// Starts a batch.
    pub fn begin(&mut self) {
        self.before.clone_from(&self.entries);
    }

    /// Undoes what the batch wrote.
    pub fn undo(&mut self) {
        self.entries.clone_from(&self.before);
    }

    /// The id of an event that a window holds, or held before the last batch: a
    /// finding may cite what its batch then cleared.
    pub fn cited(&self, reference: EventRef) -> Option<String> {
        self.entries
            .values()
            .chain(self.before.values())
            .find_map(|entry| match &entry.value {
                Value::Window(window) => window.id(reference),
                _ => None,
            })
            .map(str::to_owned)
    }

    pub fn get(&self, at: &At<'_>) -> Option<Vec<u8>> {
        match self.live(&at.key(Kind::Bytes, ""), at)? {
            Entry {
                value: Value::Bytes(bytes),
                ..
            } => Some(bytes.clone()),
            _ => None,
        }
    }

    pub fn set(&mut self, at: &At<'_>, value: &[u8], keep: u64) -> Result<(), StateError> {
        let value = Value::Bytes(value.to_vec());
        self.write(at.key(Kind::Bytes, ""), value, at.expiry(keep))
    }

    pub fn delete(&mut self, at: &At<'_>) {
        self.entries.remove(&at.key(Kind::Bytes, ""));
        self.entries.remove(&at.key(Kind::Counter, ""));
    }

    pub fn increment(&mut self, at: &At<'_>, delta: i64, keep: u64) -> Result<i64, StateError> {
        let key = at.key(Kind::Counter, "");
        let (sum, expires) = match self.live(&key, at) {
            Some(&Entry {
                value: Value::Counter(count),
                expires,
            }) => (count.saturating_add(delta), expires),
            _ => (delta, at.expiry(keep)),
        };
        self.write(key, Value::Counter(sum), expires)?;
        Ok(sum)
    }

    pub fn first_seen(&mut self, at: &At<'_>, member: &str, keep: u64) -> Result<bool, StateError> {
        let key = at.key(Kind::Member, member);
        let first = self.live(&key, at).is_none();
        self.write(key, Value::Member, at.expiry(keep))?;
        Ok(first)
    }

    pub fn observe(
        &mut self,
        at: &At<'_>,
        member: &str,
        length: u64,
        limit: u32,
    ) -> Result<Window, StateError> {
        let key = at.key(Kind::Window, "");
        let mut window = match self.live(&key, at) {
            Some(Entry {
                value: Value::Window(window),
                ..
            }) => window.clone(),
            _ => Observations::default(),
        };
        window.observe(member, length, limit, at.moment);
        while key.size() + window.size() > ENTRY_BYTES && window.shrink() {}
        let answer = window.answer();
        let expires = window.newest().saturating_add(length).saturating_add(1);
        self.write(key, Value::Window(window), expires)?;
        Ok(answer)
    }

    pub fn clear(&mut self, at: &At<'_>) {
        self.entries.remove(&at.key(Kind::Window, ""));
    }

    fn live(&self, key: &Key, at: &At<'_>) -> Option<&Entry> {
        self.entries
            .get(key)
            .filter(|entry| entry.expires == 0 || entry.expires > at.moment.time)
    }

    fn write(&mut self, key: Key, value: Value, expires: Timestamp) -> Result<(), StateError> {
        if key.size() + value.size() > ENTRY_BYTES {
            return Err(StateError::TooLarge);
        }
        self.entries.insert(key, Entry { value, expires });
        Ok(())
    }
}

#[cfg(test)]
mod tests;

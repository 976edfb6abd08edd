//! One partition of a detector's state.

use std::collections::BTreeMap;

use wardline_contract::{StateError, Window};
use wardline_event::model::{Duration, EventRef, Timestamp};

use super::entry::{StateEntry, Value};
use super::window::Observations;
use super::{Quota, Usage};

/// The scope of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room<'a> {
    /// One value for each actor of a cluster.
    Actor {
        /// The name of the cluster; may be empty.
        cluster: &'a str,
        /// The actor.
        actor: &'a str,
    },
    /// One value for the whole cluster with this name, which may be empty.
    Cluster(&'a str),
}

/// The event during which state is used.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// The reference of the event.
    pub event: EventRef,
    /// The id by which findings cite the event.
    pub event_id: &'a str,
    /// The time of the event.
    pub time: Timestamp,
}

/// Changes: the new value of each key, or `None` if it was removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes(pub Vec<(Vec<u8>, Option<Vec<u8>>)>);

impl Changes {
    /// Returns whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// One partition. The calls between [`begin`](Self::begin) and [`commit`](Self::commit) or
/// [`rollback`](Self::rollback) form one unit.
#[derive(Debug, Clone)]
pub struct Partition {
    quota: Quota,
    entries: BTreeMap<Vec<u8>, StateEntry>,
    /// Counters and windows: a detector that forgets one of them misses something.
    counts: Share,
    /// All other entries: a detector that forgets one of them reports something again.
    others: Share,
    writes: u64,
    evictions: u64,
    /// The values before the unit of the keys that it changed. Kept after the unit, so that a finding
    /// may cite events from a window that the unit cleared. A key that the unit added and removed
    /// again is not here: a detector writes as often as it likes, and the quota must bound all of it.
    journal: BTreeMap<Vec<u8>, Option<StateEntry>>,
    evictions_before: u64,
    /// The keys that were changed since the last save, each with whether it was saved before. A key
    /// that was added and removed since is not here, for the same reason.
    dirty: BTreeMap<Vec<u8>, bool>,
}

/// Entries that are evicted in the order in which they were written.
#[derive(Debug, Clone, Default)]
struct Share {
    /// Keys by the time they were written.
    order: BTreeMap<u64, Vec<u8>>,
    /// The size of keys and values, in bytes.
    bytes: usize,
}

/// The kinds of entries. Each has its own keys, so that a counter and a value of the same name
/// do not collide.
const VALUE: u8 = b'v';
const COUNTER: u8 = b'n';
const SEEN: u8 = b's';
const WINDOW: u8 = b'w';

impl Partition {
    /// Creates an empty partition.
    #[must_use]
    pub fn new(quota: Quota) -> Self {
        Self {
            quota,
            entries: BTreeMap::new(),
            counts: Share::default(),
            others: Share::default(),
            writes: 0,
            evictions: 0,
            journal: BTreeMap::new(),
            evictions_before: 0,
            dirty: BTreeMap::new(),
        }
    }

    /// Creates a partition from the entries that were saved.
    pub fn load(quota: Quota, saved: impl Iterator<Item = (Vec<u8>, StateEntry)>) -> Self {
        let mut partition = Self::new(quota);
        for (key, entry) in saved {
            partition.writes = partition.writes.max(entry.written);
            partition.put(key, entry);
        }
        partition
    }

    /// Changes the quota; the next write evicts what exceeds it.
    pub fn set_quota(&mut self, quota: Quota) {
        self.quota = quota;
    }

    /// Begins a unit.
    pub fn begin(&mut self) {
        self.journal.clear();
        self.evictions_before = self.evictions;
    }

    /// Keeps the changes of the unit.
    pub fn commit(&mut self) {
        for (key, before) in &self.journal {
            let changed = self.dirty.get(key);
            let is_saved = changed.copied().unwrap_or(before.is_some());
            if is_saved || self.entries.contains_key(key) {
                self.dirty.insert(key.clone(), is_saved);
            } else {
                self.dirty.remove(key);
            }
        }
    }

    /// Undoes the changes of the unit.
    pub fn rollback(&mut self) {
        for (key, before) in std::mem::take(&mut self.journal) {
            self.take(&key);
            if let Some(entry) = before {
                self.put(key, entry);
            }
        }
        self.evictions = self.evictions_before;
    }

    /// Implements `state.get`.
    ///
    /// # Errors
    /// Returns no error at present.
    pub fn get(
        &mut self,
        room: &Room<'_>,
        key: &str,
        moment: &Moment<'_>,
    ) -> Result<Option<Vec<u8>>, StateError> {
        Ok(match self.live(&place(VALUE, room, key, ""), moment) {
            Some(Value::Bytes(bytes)) => Some(bytes.clone()),
            _ => None,
        })
    }

    /// Implements `state.set`.
    ///
    /// # Errors
    /// Returns [`StateError::TooLarge`] if the entry exceeds the quota for one entry.
    pub fn set(
        &mut self,
        room: &Room<'_>,
        key: &str,
        value: &[u8],
        keep: Duration,
        moment: &Moment<'_>,
    ) -> Result<(), StateError> {
        let expires = expiry(keep, moment);
        self.write(
            place(VALUE, room, key, ""),
            Value::Bytes(value.to_vec()),
            expires,
        )
    }

    /// Implements `state.delete`.
    ///
    /// # Errors
    /// Returns no error at present.
    pub fn delete(
        &mut self,
        room: &Room<'_>,
        key: &str,
        _moment: &Moment<'_>,
    ) -> Result<(), StateError> {
        self.remove(&place(VALUE, room, key, ""));
        self.remove(&place(COUNTER, room, key, ""));
        Ok(())
    }

    /// Implements `state.increment`.
    ///
    /// # Errors
    /// Returns [`StateError::TooLarge`] if the entry exceeds the quota for one entry.
    pub fn increment(
        &mut self,
        room: &Room<'_>,
        key: &str,
        delta: i64,
        keep: Duration,
        moment: &Moment<'_>,
    ) -> Result<i64, StateError> {
        let key = place(COUNTER, room, key, "");
        let (sum, expires) = match self.live(&key, moment) {
            Some(&Value::Counter(count)) => (
                count.saturating_add(delta),
                self.entries.get(&key).map_or(0, |entry| entry.expires),
            ),
            _ => (delta, expiry(keep, moment)),
        };
        self.write(key, Value::Counter(sum), expires)?;
        Ok(sum)
    }

    /// Implements `state.first-seen`.
    ///
    /// # Errors
    /// Returns [`StateError::TooLarge`] if the entry exceeds the quota for one entry.
    pub fn first_seen(
        &mut self,
        room: &Room<'_>,
        key: &str,
        member: &str,
        keep: Duration,
        moment: &Moment<'_>,
    ) -> Result<bool, StateError> {
        let key = place(SEEN, room, key, member);
        let first = self.live(&key, moment).is_none();
        self.write(key, Value::Seen, expiry(keep, moment))?;
        Ok(first)
    }

    /// Implements `state.observe`.
    ///
    /// # Errors
    /// Returns [`StateError::TooLarge`] if a single observation exceeds the quota for one
    /// entry.
    pub fn observe(
        &mut self,
        room: &Room<'_>,
        key: &str,
        member: &str,
        length: Duration,
        limit: u32,
        moment: &Moment<'_>,
    ) -> Result<Window, StateError> {
        let key = place(WINDOW, room, key, "");
        let mut window = match self.live(&key, moment) {
            Some(Value::Window(window)) => window.clone(),
            _ => Observations::default(),
        };
        window.observe(member, length, limit, moment);
        while key.len() + window.size() > self.quota.entry_bytes && window.shrink() {}
        let answer = window.answer();
        let expires = window.newest().saturating_add(length).saturating_add(1);
        self.write(key, Value::Window(window), expires)?;
        Ok(answer)
    }

    /// Implements `state.clear`.
    ///
    /// # Errors
    /// Returns no error at present.
    pub fn clear(
        &mut self,
        room: &Room<'_>,
        key: &str,
        _moment: &Moment<'_>,
    ) -> Result<(), StateError> {
        self.remove(&place(WINDOW, room, key, ""));
        Ok(())
    }

    /// Returns the events in windows, or in windows before the last unit, with their ids and
    /// times.
    pub fn citations(&self) -> impl Iterator<Item = (EventRef, &str, Timestamp)> {
        let before = self.journal.values().filter_map(Option::as_ref);
        self.entries
            .values()
            .chain(before)
            .filter_map(|entry| match &entry.value {
                Value::Window(window) => Some(window.citations()),
                _ => None,
            })
            .flatten()
    }

    /// Returns the changes committed since the last call.
    pub fn take_changes(&mut self) -> Changes {
        let dirty = std::mem::take(&mut self.dirty);
        Changes(
            dirty
                .into_keys()
                .map(|key| {
                    let value = self.entries.get(&key).map(StateEntry::encode);
                    (key, value)
                })
                .collect(),
        )
    }

    /// Returns the present size.
    #[must_use]
    pub fn usage(&self) -> Usage {
        Usage {
            entries: self.entries.len(),
            bytes: self.bytes(),
            evictions: self.evictions,
        }
    }

    fn live(&self, key: &[u8], moment: &Moment<'_>) -> Option<&Value> {
        self.entries
            .get(key)
            .filter(|entry| !entry.is_expired(moment.time))
            .map(|entry| &entry.value)
    }

    fn write(&mut self, key: Vec<u8>, value: Value, expires: Timestamp) -> Result<(), StateError> {
        self.writes += 1;
        let entry = StateEntry {
            value,
            expires,
            written: self.writes,
        };
        if entry.size(&key) > self.quota.entry_bytes {
            return Err(StateError::TooLarge);
        }
        let before = self.take(&key);
        if !self.journal.contains_key(&key) {
            self.journal.insert(key.clone(), before);
        }
        self.put(key.clone(), entry);
        while self.entries.len() > self.quota.entries || self.bytes() > self.quota.bytes {
            let Some(oldest) = self.next_to_evict(&key) else {
                break;
            };
            self.remove(&oldest);
            self.evictions += 1;
        }
        Ok(())
    }

    /// Returns the entry that was written longest ago of those that have more than their half of the
    /// quota, but never the one just written. Else whoever makes a detector remember enough names
    /// would make it forget what it has counted.
    fn next_to_evict(&self, just_written: &[u8]) -> Option<Vec<u8>> {
        let exceeds = |share: &Share| {
            share.order.len() > self.quota.entries / 2 || share.bytes > self.quota.bytes / 2
        };
        let (first, second) = if exceeds(&self.counts) && !exceeds(&self.others) {
            (&self.counts, &self.others)
        } else {
            (&self.others, &self.counts)
        };
        let oldest = |share: &Share| {
            let mut keys = share.order.values();
            keys.find(|key| *key != just_written).cloned()
        };
        oldest(first).or_else(|| oldest(second))
    }

    fn bytes(&self) -> usize {
        self.counts.bytes + self.others.bytes
    }

    fn share(&mut self, key: &[u8]) -> &mut Share {
        match key.first() {
            Some(&(COUNTER | WINDOW)) => &mut self.counts,
            _ => &mut self.others,
        }
    }

    fn remove(&mut self, key: &[u8]) {
        let Some(before) = self.take(key) else {
            return;
        };
        match self.journal.get(key) {
            None => drop(self.journal.insert(key.to_vec(), Some(before))),
            Some(None) => drop(self.journal.remove(key)),
            Some(Some(_)) => {}
        }
    }

    fn put(&mut self, key: Vec<u8>, entry: StateEntry) {
        let share = self.share(&key);
        share.bytes += entry.size(&key);
        share.order.insert(entry.written, key.clone());
        self.entries.insert(key, entry);
    }

    fn take(&mut self, key: &[u8]) -> Option<StateEntry> {
        let entry = self.entries.remove(key)?;
        let share = self.share(key);
        share.bytes -= entry.size(key);
        share.order.remove(&entry.written);
        Some(entry)
    }
}

fn expiry(keep: Duration, moment: &Moment<'_>) -> Timestamp {
    if keep == 0 {
        0
    } else {
        moment.time.saturating_add(keep).max(1)
    }
}

/// Returns the key of an entry: its kind and scope, then cluster, actor, and key, each preceded
/// by its length, then the member, so that no two entries share a key. A cluster without a name
/// is left out, and its scopes are written in lower case.
fn place(kind: u8, room: &Room<'_>, key: &str, member: &str) -> Vec<u8> {
    let (scope, cluster, actor) = match room {
        Room::Actor { cluster, actor } => (b'a', *cluster, *actor),
        Room::Cluster(cluster) => (b'c', *cluster, ""),
    };
    let (scope, cluster) = match cluster {
        "" => (scope, None),
        cluster => (scope.to_ascii_uppercase(), Some(cluster)),
    };
    let mut bytes = vec![kind, scope];
    for text in cluster.into_iter().chain([actor, key]) {
        bytes.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes.extend_from_slice(member.as_bytes());
    bytes
}

#[cfg(test)]
mod tests;

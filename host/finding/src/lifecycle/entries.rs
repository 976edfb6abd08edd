//! The entries of the table, and their changes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::open::Open;

/// Open findings by id and by their newest occurrence.
#[derive(Default)]
pub(super) struct Entries {
    open: HashMap<String, Open>,
    /// Ids by the newest occurrence, oldest first.
    order: BTreeMap<u64, String>,
    /// The ids of changed entries, if changes are tracked.
    changed: Option<BTreeSet<String>>,
    bytes: usize,
}

impl Entries {
    /// Starts to track changes for [`Entries::take_changes`].
    pub fn note_changes(&mut self) {
        self.changed = Some(BTreeSet::new());
    }

    pub fn len(&self) -> usize {
        self.open.len()
    }

    /// Estimates the size in memory, in bytes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    pub fn iter(&self) -> impl Iterator<Item = (&String, &Open)> {
        self.open.iter()
    }

    /// Returns the entry whose newest occurrence is the oldest.
    pub fn oldest(&self) -> Option<(&String, &Open)> {
        let (_, id) = self.order.first_key_value()?;
        self.open.get_key_value(id)
    }

    /// Removes an entry, to change it.
    pub fn remove(&mut self, id: &str) -> Option<Open> {
        let open = self.open.remove(id)?;
        self.order.remove(&open.newest);
        self.bytes -= open.bytes();
        self.note(id);
        Some(open)
    }

    pub fn put(&mut self, id: String, open: Open) {
        self.bytes += open.bytes();
        self.note(&id);
        self.order.insert(open.newest, id.clone());
        self.open.insert(id, open);
    }

    /// Returns the changes since the last call, by id; `None` for an entry that was removed.
    pub fn take_changes(&mut self) -> Vec<(String, Option<Vec<u8>>)> {
        let changed = self.changed.as_mut().map(std::mem::take);
        changed
            .unwrap_or_default()
            .into_iter()
            .map(|id| {
                let saved = self.open.get(&id).map(Open::encode);
                (id, saved)
            })
            .collect()
    }

    fn note(&mut self, id: &str) {
        if let Some(changed) = &mut self.changed {
            changed.insert(id.to_owned());
        }
    }
}

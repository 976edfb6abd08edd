//! The entries of the table, and what changed of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::open::Open;

/// Open findings by id, and by their newest occurrence.
#[derive(Default)]
pub(super) struct Entries {
    open: HashMap<String, Open>,
    /// The ids by their newest occurrence, oldest first.
    order: BTreeMap<u64, String>,
    /// The ids of what changed, if changes are to be kept.
    changed: Option<BTreeSet<String>>,
    bytes: usize,
}

impl Entries {
    /// From now on [`Entries::take_changes`] says what changed.
    pub fn note_changes(&mut self) {
        self.changed = Some(BTreeSet::new());
    }

    pub fn len(&self) -> usize {
        self.open.len()
    }

    /// What they take in memory, about.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    pub fn iter(&self) -> impl Iterator<Item = (&String, &Open)> {
        self.open.iter()
    }

    /// The one that did not happen for the longest time.
    pub fn oldest(&self) -> Option<(&String, &Open)> {
        let (_, id) = self.order.first_key_value()?;
        self.open.get_key_value(id)
    }

    /// Takes an entry out, to change it.
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

    /// What changed since this was last asked, by id; none where there is no entry any more.
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

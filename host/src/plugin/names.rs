//! Which file gave each detector its name, kept over restarts.
//!
//! Two files may have a detector of one name, and only one can be in force. While the host runs it is the
//! one that was there first. Without a memory, the alphabet would decide after a restart, so that a
//! file put beside a detector would replace it then.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use wardline_files::reconcile::Item;
use wardline_store::{Commit, Store};

use super::directory::origin;
use super::pack::Origin;

/// The key in the store.
const KEY: &str = "plugin-names";

/// The files of the detectors in force, by the detectors' names.
#[derive(Default)]
pub(super) struct Names {
    store: Option<Arc<Store>>,
    files: BTreeMap<String, String>,
}

impl Names {
    /// Loads the names. They are forgotten at the end if there is no store, and taken as unknown if
    /// they cannot be read.
    pub fn load(store: Option<Arc<Store>>) -> Self {
        let saved = store
            .as_ref()
            .and_then(|store| store.meta(KEY).ok().flatten());
        Self {
            files: saved
                .and_then(|saved| serde_json::from_slice(&saved).ok())
                .unwrap_or_default(),
            store,
        }
    }

    /// Moves the files that had their detector in force to the front, behind the built-in
    /// detectors, so that they are loaded before others of the same name.
    pub fn order(&self, items: &mut [(String, Item)]) {
        let first: BTreeSet<&String> = self.files.values().collect();
        items.sort_by_key(|(file, item)| match origin(item) {
            Origin::BuiltIn => 0,
            Origin::File if first.contains(file) => 1,
            Origin::File => 2,
        });
    }

    /// Saves the detectors in force, given as name and file. A name whose detector is not in force
    /// stays with its file while that `is_listed`.
    pub fn keep<'n>(
        &mut self,
        in_force: impl Iterator<Item = (&'n str, &'n str)>,
        is_listed: impl Fn(&str) -> bool,
    ) {
        let mut files = self.files.clone();
        files.retain(|_, file| is_listed(file));
        let in_force = in_force.map(|(name, file)| (name.to_owned(), file.to_owned()));
        files.extend(in_force);
        if files == self.files {
            return;
        }
        self.files = files;
        if let Some(store) = &self.store
            && let Ok(saved) = serde_json::to_vec(&self.files)
        {
            let commit = Commit {
                meta: vec![(KEY.to_owned(), saved)],
                ..Commit::default()
            };
            // A store that fails is reported by the commits of the host, and the alphabet decides
            // after the next restart.
            let _ = store.commit(&commit);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use wardline_files::reconcile::{Item, Location};
    use wardline_store::Store;

    use super::Names;

    fn order(names: &Names) -> Vec<String> {
        let inside = |name: &str| {
            (
                name.to_owned(),
                Item::new(Location::Inside(name.to_owned())),
            )
        };
        let built_in = Location::Embedded {
            name: "z".to_owned(),
            read: Box::new(|| Ok(Vec::new())),
        };
        let mut items = vec![
            ("z".to_owned(), Item::new(built_in)),
            inside("a"),
            inside("b"),
            inside("c"),
        ];
        names.order(&mut items);
        items.into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn file_that_was_there_first_is_loaded_first_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(&folder.path().join("store")).unwrap());
        let mut names = Names::load(Some(Arc::clone(&store)));
        assert_eq!(order(&names), ["z", "a", "b", "c"]);
        names.keep([("exec", "c"), ("other", "b")].into_iter(), |_| true);
        let names = Names::load(Some(Arc::clone(&store)));
        assert_eq!(order(&names), ["z", "b", "c", "a"]);
    }

    #[test]
    fn name_stays_with_a_refused_file_and_not_with_a_removed_one() {
        let mut names = Names::load(None);
        names.keep([("exec", "c"), ("other", "b")].into_iter(), |_| true);
        names.keep(std::iter::empty(), |file| file == "c");
        assert_eq!(order(&names), ["z", "c", "a", "b"]);
        names.keep([("exec", "a")].into_iter(), |_| true);
        assert_eq!(order(&names), ["z", "a", "b", "c"]);
    }
}

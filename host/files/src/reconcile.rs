//! Keeps the values in force equal to the files of a directory.
//!
//! Detectors, intel lists, and suppression rules are loaded by the same rules: a file is read when
//! it may have changed, and loaded once for each content. A file that cannot be loaded is refused
//! and reported once, and its last good version stays in force. A directory that cannot be read
//! changes nothing. A [`Handler`] decides which files there are and what becomes of them; the
//! [`Reconciler`] decides when.

mod item;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::SystemTime;

use self::item::{Digests, Stamps};
pub use self::item::{Files, Item, Location, Part, SizeLimits};
use crate::directory::{Directory, DirectoryError, Purpose};
use crate::read::{FileError, Stamp};

/// The items that exist now.
pub struct Listing<K> {
    /// The directory, for items with [`Location::Inside`].
    pub directory: Option<Directory>,
    /// The items, in the order in which they are loaded.
    pub items: Vec<(K, Item)>,
    /// The reason why items may be missing. Nothing is removed while there is one.
    pub failure: Option<DirectoryError>,
}

impl<K> Listing<K> {
    /// Lists a directory. `item` turns a name into an item, or into `None` if the file is of no
    /// concern.
    pub fn of_directory(
        purpose: Purpose,
        path: &Path,
        item: impl FnMut(String) -> Option<(K, Item)>,
    ) -> Self {
        let listed = Directory::open(path).and_then(|directory| {
            let names = directory.names()?;
            Ok((directory, names))
        });
        match listed {
            Ok((directory, names)) => Self {
                directory: Some(directory),
                items: names.into_iter().filter_map(item).collect(),
                failure: None,
            },
            Err(error) => Self {
                directory: None,
                items: Vec::new(),
                failure: Some(DirectoryError {
                    purpose,
                    directory: path.to_owned(),
                    error: error.into(),
                }),
            },
        }
    }
}

/// The moment at which items that are no longer listed are removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// Before the others are loaded, so that they can take over their names.
    First,
    /// After the others are loaded, so that a renamed file stays in force without a gap.
    Last,
}

/// The state of one item.
pub struct Tracked<V, F> {
    /// The stamps for which nothing is left to do; `None` if the item must be read again.
    stamps: Option<Stamps>,
    /// The digests of what was loaded or refused last; `None` if it could not be read.
    digests: Option<Digests>,
    value: Option<V>,
    failure: Option<F>,
    is_listed: bool,
}

impl<V, F> Tracked<V, F> {
    fn new() -> Self {
        Self {
            stamps: None,
            digests: None,
            value: None,
            failure: None,
            is_listed: true,
        }
    }

    /// Returns the value in force.
    pub fn value(&self) -> Option<&V> {
        self.value.as_ref()
    }

    /// Returns the reason why the files on disk are not in force. An earlier version may be.
    pub fn failure(&self) -> Option<&F> {
        self.failure.as_ref()
    }

    /// Returns the SHA-256 of the file on disk in hexadecimal, or `None` if it cannot be read.
    pub fn digest(&self) -> Option<&str> {
        self.digests.as_ref().map(|digests| digests.file.as_str())
    }

    /// Returns false if the item is about to be removed.
    pub fn is_listed(&self) -> bool {
        self.is_listed
    }

    /// Returns whether the files were loaded and asked for nothing to be in force.
    pub fn is_off(&self) -> bool {
        self.value.is_none() && self.failure.is_none()
    }
}

/// The state of all items.
pub type Table<K, V, F> = BTreeMap<K, Tracked<V, F>>;

/// A change that a check found.
pub enum Change<'c, K, V, F> {
    /// A version came into force; the table has it.
    Loaded {
        /// The item.
        key: &'c K,
        /// The version that it replaced.
        before: Option<V>,
    },
    /// The files of an item ask for nothing to be in force.
    TurnedOff {
        /// The item.
        key: &'c K,
    },
    /// The files of an item cannot be loaded. Reported again only for another failure.
    Refused {
        /// The item.
        key: &'c K,
        /// The reason.
        failure: &'c F,
    },
    /// An item no longer exists; it is not in the table any more.
    Removed {
        /// The item.
        key: &'c K,
        /// The version that was in force.
        value: Option<V>,
    },
    /// The directory cannot be read, and everything stays in force. Reported again only for
    /// another failure.
    Unreadable(&'c DirectoryError),
    /// The directory can be read again.
    Readable,
}

/// The part of loading that is specific to one kind of file.
pub trait Handler {
    /// The identity of an item.
    type Key: Ord + Clone;
    /// The value that the files of an item become.
    type Value;
    /// The reason why they do not become one.
    type Failure: Clone + PartialEq;

    /// The moment at which removed items are taken out of force.
    const REMOVAL: Removal = Removal::First;

    /// Lists the items. Called once for each check.
    fn list(&mut self) -> Listing<Self::Key>;

    /// Returns the limits for reading.
    fn limits(&self) -> SizeLimits;

    /// Turns the failure to read a file into a reason.
    fn unreadable(&self, part: Part, error: FileError) -> Self::Failure;

    /// Returns whether an item must be loaded again although its files are unchanged, because the
    /// outcome depends on other items or on the time.
    fn is_due(
        &self,
        _tracked: &Tracked<Self::Value, Self::Failure>,
        _table: &Table<Self::Key, Self::Value, Self::Failure>,
    ) -> bool {
        false
    }

    /// Turns files into a value, or into `None` if they ask for nothing to be in force. The table
    /// has the item, with the version in force until now.
    ///
    /// # Errors
    /// Returns the reason why the files are refused.
    fn load(
        &mut self,
        key: &Self::Key,
        files: Files,
        table: &Table<Self::Key, Self::Value, Self::Failure>,
    ) -> Result<Option<Self::Value>, Self::Failure>;

    /// Takes note that the file of a value was read again and has the same content.
    fn touch(&mut self, _value: &mut Self::Value, _stamp: &Stamp) {}

    /// Reports a change, as soon as it is made.
    fn report(
        &mut self,
        change: Change<'_, Self::Key, Self::Value, Self::Failure>,
        table: &Table<Self::Key, Self::Value, Self::Failure>,
    );
}

/// Compares a directory with what is in force, again and again.
pub struct Reconciler<K, V, F> {
    table: Table<K, V, F>,
    failure: Option<DirectoryError>,
    now: fn() -> SystemTime,
}

impl<K: Ord + Clone, V, F: Clone + PartialEq> Default for Reconciler<K, V, F> {
    fn default() -> Self {
        Self {
            table: Table::new(),
            failure: None,
            now: SystemTime::now,
        }
    }
}

impl<K: Ord + Clone, V, F: Clone + PartialEq> Reconciler<K, V, F> {
    /// Returns the state of all items.
    #[must_use]
    pub fn table(&self) -> &Table<K, V, F> {
        &self.table
    }

    /// Returns all values in force, for changes that do not come from files.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.table
            .values_mut()
            .filter_map(|tracked| tracked.value.as_mut())
    }

    /// Returns the reason why the directory cannot be read.
    #[must_use]
    pub fn failure(&self) -> Option<&DirectoryError> {
        self.failure.as_ref()
    }

    /// Lists the items, reads those that may have changed, and loads those that have.
    pub fn check<H>(&mut self, handler: &mut H)
    where
        H: Handler<Key = K, Value = V, Failure = F>,
    {
        let listing = handler.list();
        if let Some(failure) = &listing.failure {
            if self.failure.as_ref() != Some(failure) {
                self.failure = Some(failure.clone());
                handler.report(Change::Unreadable(failure), &self.table);
            }
        } else {
            if self.failure.take().is_some() {
                handler.report(Change::Readable, &self.table);
            }
            let listed: BTreeSet<&K> = listing.items.iter().map(|(key, _)| key).collect();
            for (key, tracked) in &mut self.table {
                tracked.is_listed = listed.contains(key);
            }
        }
        if H::REMOVAL == Removal::First {
            self.remove_unlisted(handler);
        }
        for (key, item) in &listing.items {
            self.refresh(handler, key, item, listing.directory.as_ref());
        }
        if H::REMOVAL == Removal::Last {
            self.remove_unlisted(handler);
        }
    }

    fn remove_unlisted<H>(&mut self, handler: &mut H)
    where
        H: Handler<Key = K, Value = V, Failure = F>,
    {
        let unlisted: Vec<K> = self
            .table
            .iter()
            .filter(|(_, tracked)| !tracked.is_listed)
            .map(|(key, _)| key.clone())
            .collect();
        for key in &unlisted {
            let value = self.table.remove(key).and_then(|tracked| tracked.value);
            handler.report(Change::Removed { key, value }, &self.table);
        }
    }

    fn refresh<H>(&mut self, handler: &mut H, key: &K, item: &Item, directory: Option<&Directory>)
    where
        H: Handler<Key = K, Value = V, Failure = F>,
    {
        let stamps = item.stamps(directory);
        let tracked = self.table.get(key);
        let is_due = tracked.is_some_and(|tracked| handler.is_due(tracked, &self.table));
        let is_unchanged = tracked.is_some_and(|tracked| {
            tracked.stamps.as_ref() == Some(&stamps) && !stamps.are_young((self.now)())
        });
        if is_unchanged && !is_due {
            return;
        }
        let files = match item.read(directory, handler.limits()) {
            Ok(files) => files,
            // It is being written, or it has gone since the directory was listed.
            Err((part, error))
                if matches!(error, FileError::Changing { .. })
                    || part == Part::File && item.has_vanished(directory) =>
            {
                if let Some(tracked) = self.table.get_mut(key) {
                    tracked.stamps = None;
                }
                return;
            }
            Err((part, error)) => {
                let failure = handler.unreadable(part, error);
                let tracked = self.track(key);
                // Not all causes show in the stamps, so the next check tries again.
                tracked.stamps = None;
                tracked.digests = None;
                self.refuse(handler, key, failure);
                return;
            }
        };
        let was_off = self.table.get(key).is_some_and(Tracked::is_off);
        let tracked = self.track(key);
        tracked.stamps = Some(stamps);
        if tracked.digests.as_ref() == Some(&files.digests) && !is_due {
            if let (Some(value), None) = (&mut tracked.value, &tracked.failure) {
                handler.touch(value, &files.file.stamp);
            }
            return;
        }
        tracked.digests = Some(files.digests.clone());
        match handler.load(key, files, &self.table) {
            Ok(value) => {
                let is_off = value.is_none();
                let tracked = self.track(key);
                tracked.failure = None;
                let before = std::mem::replace(&mut tracked.value, value);
                if !is_off {
                    handler.report(Change::Loaded { key, before }, &self.table);
                } else if !was_off {
                    handler.report(Change::TurnedOff { key }, &self.table);
                }
            }
            Err(failure) => self.refuse(handler, key, failure),
        }
    }

    fn refuse<H>(&mut self, handler: &mut H, key: &K, failure: F)
    where
        H: Handler<Key = K, Value = V, Failure = F>,
    {
        let tracked = self.track(key);
        let is_new = tracked.failure.as_ref() != Some(&failure);
        tracked.failure = Some(failure.clone());
        if is_new {
            let failure = &failure;
            handler.report(Change::Refused { key, failure }, &self.table);
        }
    }

    fn track(&mut self, key: &K) -> &mut Tracked<V, F> {
        self.table.entry(key.clone()).or_insert_with(Tracked::new)
    }
}

#[cfg(test)]
mod tests;

//! The embedded store.
//!
//! redb: pure Rust, one file, ACID with copy-on-write pages, so that a kill at any moment leaves the
//! last committed transaction. fjall (a log-structured tree) writes faster but brings background
//! compaction threads into the sidecar; SQLite needs a C build. The host writes a few kilobytes per
//! second, so that it needs neither.

#![cfg_attr(
    test,
    allow(clippy::disallowed_methods, reason = "tests read their own files")
)]

mod commit;
mod error;
mod file;
mod findings;
mod replace;

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use redb::{ReadableTable, TableDefinition};

use wardline_state::{Partition, Quota, StateEntry};

pub use commit::{Commit, NewFinding, Retention};
pub use error::StoreError;
pub use findings::{FindingFilter, FindingPage, PageCursor, StoredFinding};
pub use replace::ReplacedStore;

use file::StoreFile;

/// The format of the file; a host refuses a newer one. Format 1 had an outbox in place of findings.
const FORMAT: u64 = 2;

type StateKey = (&'static str, u8, &'static [u8]);
const STATE: TableDefinition<'_, StateKey, &[u8]> = TableDefinition::new("state");
const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta");
const CHECKPOINTS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("checkpoints");
const INVENTORY: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("inventory");
const OPEN_FINDINGS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("open-findings");
const FORMAT_KEY: &str = "format";

/// The store, which is a single file.
pub struct Store {
    file: StoreFile,
}

macro_rules! database {
    ($result:expr) => {
        $result.map_err(redb::Error::from)
    };
}

impl Store {
    /// Opens the file, or creates it. The whole file is checked, so that damage shows here and not
    /// in the middle of the work.
    ///
    /// # Errors
    /// Returns [`StoreError::Locked`] if another host uses the file, [`StoreError::Newer`] if a
    /// newer host wrote it, [`StoreError::Damaged`] if its content was changed by something other
    /// than a host, and [`StoreError::Open`] if it cannot be read or written.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let store = Self {
            file: StoreFile::open(path)?,
        };
        store.prepare(path)?;
        Ok(store)
    }

    /// Opens the file again after an error. redb refuses all work after a failed write, because it no
    /// longer knows what is on the disk; opening the file finds the last commit.
    ///
    /// # Errors
    /// As for [`Store::open`]. The store stays closed until a call succeeds.
    pub fn reopen(&self) -> Result<(), StoreError> {
        self.file.reopen()
    }

    /// Returns the size of the file, in bytes, and how many of them hold data.
    ///
    /// # Errors
    /// Returns [`StoreError::Database`] if the file cannot be read.
    pub fn size(&self) -> Result<(u64, u64), StoreError> {
        self.file.size()
    }

    /// Gives the space of removed data back to the file system. Everything else waits meanwhile.
    ///
    /// # Errors
    /// Returns [`StoreError::Database`] if the disk fails; nothing is lost.
    pub fn compact(&self) -> Result<(), StoreError> {
        self.file.compact()
    }

    fn prepare(&self, path: &Path) -> Result<(), StoreError> {
        let transaction = self.file.write()?;
        {
            database!(transaction.open_table(STATE))?;
            database!(transaction.open_table(CHECKPOINTS))?;
            database!(transaction.open_table(INVENTORY))?;
            database!(transaction.open_table(OPEN_FINDINGS))?;
            let mut meta = database!(transaction.open_table(META))?;
            let found = database!(meta.get(FORMAT_KEY))?
                .and_then(|saved| Some(u64::from_le_bytes(saved.value().try_into().ok()?)));
            if let Some(found) = found
                && found > FORMAT
            {
                return Err(StoreError::Newer {
                    path: path.to_owned(),
                    found,
                });
            }
            if found != Some(FORMAT) {
                database!(meta.insert(FORMAT_KEY, FORMAT.to_le_bytes().as_slice()))?;
            }
            drop(meta);
            findings::prepare(&transaction, found == Some(1), now())?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// Writes everything or nothing. On return it is on disk.
    ///
    /// # Errors
    /// Returns [`StoreError::Database`] if the disk fails or is full.
    pub fn commit(&self, commit: &Commit) -> Result<(), StoreError> {
        let transaction = self.file.write()?;
        {
            let mut state = database!(transaction.open_table(STATE))?;
            for (detector, partition, changes) in &commit.changes {
                for (key, value) in &changes.0 {
                    let key = (detector.as_ref(), *partition, key.as_slice());
                    match value {
                        Some(value) => drop(database!(state.insert(key, value.as_slice()))?),
                        None => drop(database!(state.remove(key))?),
                    }
                }
            }
            for (table, puts) in [(CHECKPOINTS, &commit.checkpoints), (META, &commit.meta)] {
                let mut table = database!(transaction.open_table(table))?;
                for (key, value) in puts {
                    database!(table.insert(key.as_str(), value.as_slice()))?;
                }
            }
            for (table, changes) in [
                (INVENTORY, &commit.inventory),
                (OPEN_FINDINGS, &commit.open_findings),
            ] {
                let mut table = database!(transaction.open_table(table))?;
                for (key, value) in changes {
                    match value {
                        Some(value) => {
                            drop(database!(table.insert(key.as_str(), value.as_slice()))?);
                        }
                        None => drop(database!(table.remove(key.as_str()))?),
                    }
                }
            }
        }
        findings::apply(&transaction, commit)?;
        transaction.commit()?;
        Ok(())
    }

    /// Loads a partition of a detector's state. Unreadable entries are left out, because a detector
    /// can work without them.
    ///
    /// # Errors
    /// Returns [`StoreError::Database`] if the file cannot be read.
    pub fn partition(
        &self,
        detector: &str,
        number: u8,
        quota: Quota,
    ) -> Result<Partition, StoreError> {
        let transaction = self.file.read()?;
        let state = database!(transaction.open_table(STATE))?;
        let mut saved = Vec::new();
        for item in database!(state.range((detector, number, [].as_slice())..))? {
            let (key, value) = database!(item)?;
            let (owner, partition, key) = key.value();
            if owner != detector || partition != number {
                break;
            }
            if let Some(entry) = StateEntry::decode(value.value()) {
                saved.push((key.to_vec(), entry));
            }
        }
        Ok(Partition::load(quota, saved.into_iter()))
    }

    /// Returns the checkpoint of a source.
    ///
    /// # Errors
    /// Returns [`StoreError::Database`] if the file cannot be read.
    pub fn checkpoint(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.value(CHECKPOINTS, name)
    }

    /// Returns a value of the host itself.
    ///
    /// # Errors
    /// Returns [`StoreError::Database`] if the file cannot be read.
    pub fn meta(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.value(META, key)
    }

    /// Returns all objects of the inventory.
    ///
    /// # Errors
    /// Returns [`StoreError::Database`] if the file cannot be read.
    pub fn inventory(&self) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        self.all(INVENTORY)
    }

    /// Returns all open findings, by id.
    ///
    /// # Errors
    /// Returns [`StoreError::Database`] if the file cannot be read.
    pub fn open_findings(&self) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        self.all(OPEN_FINDINGS)
    }

    fn all(
        &self,
        table: TableDefinition<'static, &'static str, &'static [u8]>,
    ) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let transaction = self.file.read()?;
        let table = database!(transaction.open_table(table))?;
        let mut all = Vec::new();
        for item in database!(table.iter())? {
            let (key, value) = database!(item)?;
            all.push((key.value().to_owned(), value.value().to_vec()));
        }
        Ok(all)
    }

    fn value(
        &self,
        table: TableDefinition<'static, &'static str, &'static [u8]>,
        key: &str,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let transaction = self.file.read()?;
        let table = database!(transaction.open_table(table))?;
        Ok(database!(table.get(key))?.map(|value| value.value().to_vec()))
    }
}

/// Milliseconds since the Unix epoch, by the host's clock.
fn now() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;

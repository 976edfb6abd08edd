//! The embedded store.
//!
//! redb: pure Rust, one file, ACID with copy-on-write pages, so that a kill at any
//! moment leaves the last committed transaction. fjall (a log-structured tree) writes
//! faster and brings background compaction threads into the sidecar; SQLite needs a C
//! build. What is written here is a few kilobytes a second: neither is needed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};

use wardline_error::Hint;
use wardline_state::{Changes, Entry, Partition, Quota};

/// The format of the file; a host refuses a newer one.
const FORMAT: u64 = 1;

type StateKey = (&'static str, u8, &'static [u8]);
const STATE: TableDefinition<'_, StateKey, &[u8]> = TableDefinition::new("state");
const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta");
const CHECKPOINTS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("checkpoints");
const INVENTORY: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("inventory");
const OPEN_FINDINGS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("open-findings");
const OUTBOX: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("outbox");
const FORMAT_KEY: &str = "format";

/// What fails in the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Two hosts on one directory.
    #[error("{} is in use by another host", .0.display())]
    Locked(PathBuf),
    /// Written by a newer host.
    #[error("{} was written by a newer version of wardline (format {found}; this host knows {FORMAT})", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u64,
    },
    /// It cannot be opened or created.
    #[error("cannot open {}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What failed.
        #[source]
        error: redb::DatabaseError,
    },
    /// Reading or writing failed.
    #[error("the state store failed")]
    Database(#[from] redb::Error),
}

impl Hint for StoreError {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Locked(_) => "give each host its own host.state-directory",
            Self::Newer { .. } => {
                "update the host, or move the file away and lose what detectors remember"
            }
            Self::Open { .. } => {
                "let the host write in an existing directory, or move a damaged file away, which loses what detectors remember"
            }
            Self::Database(_) => return None,
        };
        Some(hint.into())
    }
}

/// What is written in one transaction.
#[derive(Debug, Default)]
pub struct Commit {
    /// State: detector, partition, what changed; applied in order.
    pub changes: Vec<(Arc<str>, u8, Changes)>,
    /// Where sources stand, by name.
    pub checkpoints: Vec<(String, Vec<u8>)>,
    /// What the host itself keeps, by key.
    pub meta: Vec<(String, Vec<u8>)>,
    /// Objects of the inventory; none where one is gone.
    pub inventory: Vec<(String, Option<Vec<u8>>)>,
    /// Findings that may happen again, by id; none where one has ended.
    pub open_findings: Vec<(String, Option<Vec<u8>>)>,
    /// Findings that are to be delivered, by number.
    pub findings: Vec<(u64, Vec<u8>)>,
    /// Findings up to this number have been delivered.
    pub delivered: Option<u64>,
}

impl Commit {
    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
            && self.checkpoints.is_empty()
            && self.meta.is_empty()
            && self.inventory.is_empty()
            && self.open_findings.is_empty()
            && self.findings.is_empty()
            && self.delivered.is_none()
    }
}

/// The store: one file.
pub struct Store {
    database: Database,
}

macro_rules! database {
    ($result:expr) => {
        $result.map_err(redb::Error::from)
    };
}

impl Store {
    /// Opens the file, or creates it.
    ///
    /// # Errors
    /// Where it is in use, of a newer format, damaged, or not to be written.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let database = Database::create(path).map_err(|error| match error {
            redb::DatabaseError::DatabaseAlreadyOpen => StoreError::Locked(path.to_owned()),
            error => StoreError::Open {
                path: path.to_owned(),
                error,
            },
        })?;
        let store = Self { database };
        store.prepare(path)?;
        Ok(store)
    }

    fn prepare(&self, path: &Path) -> Result<(), StoreError> {
        let transaction = database!(self.database.begin_write())?;
        {
            database!(transaction.open_table(STATE))?;
            database!(transaction.open_table(CHECKPOINTS))?;
            database!(transaction.open_table(INVENTORY))?;
            database!(transaction.open_table(OPEN_FINDINGS))?;
            database!(transaction.open_table(OUTBOX))?;
            let mut meta = database!(transaction.open_table(META))?;
            let found = database!(meta.get(FORMAT_KEY))?
                .and_then(|saved| Some(u64::from_le_bytes(saved.value().try_into().ok()?)));
            match found {
                None => {
                    database!(meta.insert(FORMAT_KEY, FORMAT.to_le_bytes().as_slice()))?;
                }
                Some(found) if found > FORMAT => {
                    return Err(StoreError::Newer {
                        path: path.to_owned(),
                        found,
                    });
                }
                Some(_) => {}
            }
        }
        database!(transaction.commit())?;
        Ok(())
    }

    /// Writes all of it, or nothing. On return it is on disk.
    ///
    /// # Errors
    /// Where the disk fails or is full.
    pub fn commit(&self, commit: &Commit) -> Result<(), StoreError> {
        let transaction = database!(self.database.begin_write())?;
        {
            let mut state = database!(transaction.open_table(STATE))?;
            for (detector, partition, changes) in &commit.changes {
                for (key, value) in &changes.0 {
                    let place = (detector.as_ref(), *partition, key.as_slice());
                    match value {
                        Some(value) => drop(database!(state.insert(place, value.as_slice()))?),
                        None => drop(database!(state.remove(place))?),
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
            let mut outbox = database!(transaction.open_table(OUTBOX))?;
            for (number, finding) in &commit.findings {
                database!(outbox.insert(*number, finding.as_slice()))?;
            }
            if let Some(delivered) = commit.delivered {
                database!(outbox.retain_in(..=delivered, |_, _| false))?;
            }
        }
        database!(transaction.commit())?;
        Ok(())
    }

    /// A partition of a detector's state. Entries that cannot be read are left out:
    /// a detector that has forgotten something goes on.
    ///
    /// # Errors
    /// Where the disk fails.
    pub fn partition(
        &self,
        detector: &str,
        number: u8,
        quota: Quota,
    ) -> Result<Partition, StoreError> {
        let transaction = database!(self.database.begin_read())?;
        let state = database!(transaction.open_table(STATE))?;
        let mut saved = Vec::new();
        for item in database!(state.range((detector, number, [].as_slice())..))? {
            let (key, value) = database!(item)?;
            let (owner, partition, key) = key.value();
            if owner != detector || partition != number {
                break;
            }
            if let Some(entry) = Entry::decode(value.value()) {
                saved.push((key.to_vec(), entry));
            }
        }
        Ok(Partition::load(quota, saved.into_iter()))
    }

    /// Where a source stands.
    ///
    /// # Errors
    /// Where the disk fails.
    pub fn checkpoint(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.value(CHECKPOINTS, name)
    }

    /// What the host itself keeps under a key.
    ///
    /// # Errors
    /// Where the disk fails.
    pub fn meta(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.value(META, key)
    }

    /// All objects of the inventory.
    ///
    /// # Errors
    /// Where the disk fails.
    pub fn inventory(&self) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        self.all(INVENTORY)
    }

    /// All findings that may happen again, by id.
    ///
    /// # Errors
    /// Where the disk fails.
    pub fn open_findings(&self) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        self.all(OPEN_FINDINGS)
    }

    /// At most `limit` findings behind a number, in order.
    ///
    /// # Errors
    /// Where the disk fails.
    pub fn outbox(&self, after: u64, limit: usize) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        let transaction = database!(self.database.begin_read())?;
        let table = database!(transaction.open_table(OUTBOX))?;
        let mut all = Vec::new();
        for item in database!(table.range(after.saturating_add(1)..))?.take(limit) {
            let (number, finding) = database!(item)?;
            all.push((number.value(), finding.value().to_vec()));
        }
        Ok(all)
    }

    fn all(
        &self,
        table: TableDefinition<'static, &'static str, &'static [u8]>,
    ) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let transaction = database!(self.database.begin_read())?;
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
        let transaction = database!(self.database.begin_read())?;
        let table = database!(transaction.open_table(table))?;
        Ok(database!(table.get(key))?.map(|value| value.value().to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Commit, Store, StoreError};
    use wardline_state::{Moment, Partition, Quota, Room};

    const QUOTA: Quota = Quota {
        entries: 100,
        bytes: 100_000,
        entry_bytes: 10_000,
    };

    fn changed(partition: &mut Partition, value: &[u8]) -> Commit {
        let moment = Moment {
            event: 1,
            audit_id: "id",
            time: 1,
        };
        partition.begin();
        partition
            .set(&Room::Actor("alice"), "k", value, 0, &moment)
            .unwrap();
        partition.commit();
        Commit {
            changes: vec![(Arc::from("d"), 3, partition.take_changes())],
            checkpoints: vec![("audit".into(), value.to_vec())],
            open_findings: vec![("gone".into(), None), ("open".into(), Some(value.to_vec()))],
            findings: vec![(1, b"one".to_vec()), (2, b"two".to_vec())],
            ..Commit::default()
        }
    }

    fn remembered(store: &Store) -> Option<Vec<u8>> {
        let moment = Moment {
            event: 2,
            audit_id: "id",
            time: 2,
        };
        store
            .partition("d", 3, QUOTA)
            .unwrap()
            .get(&Room::Actor("alice"), "k", &moment)
            .unwrap()
    }

    #[test]
    fn what_was_committed_is_there_after_a_restart() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state.redb");
        let mut partition = Partition::new(QUOTA);
        let store = Store::open(&path).unwrap();
        store.commit(&changed(&mut partition, b"1")).unwrap();
        assert!(matches!(Store::open(&path), Err(StoreError::Locked(_))));
        drop(store);
        let store = Store::open(&path).unwrap();
        assert_eq!(remembered(&store), Some(b"1".to_vec()));
        assert_eq!(store.checkpoint("audit").unwrap(), Some(b"1".to_vec()));
        assert_eq!(
            store.open_findings().unwrap(),
            [("open".to_owned(), b"1".to_vec())]
        );
        assert_eq!(store.outbox(0, 10).unwrap().len(), 2);
        let delivered = Commit {
            open_findings: vec![("open".into(), None)],
            delivered: Some(1),
            ..Commit::default()
        };
        store.commit(&delivered).unwrap();
        assert_eq!(store.open_findings().unwrap(), []);
        assert_eq!(store.outbox(0, 10).unwrap(), [(2, b"two".to_vec())]);
        assert!(store.partition("d", 4, QUOTA).unwrap().usage().entries == 0);
    }

    /// A kill leaves the file as it was after the last transaction: state and
    /// checkpoint agree.
    #[test]
    fn a_copy_of_the_file_taken_while_the_host_runs_is_whole() {
        let directory = tempfile::tempdir().unwrap();
        let (path, copy) = (directory.path().join("a"), directory.path().join("b"));
        let store = Store::open(&path).unwrap();
        let mut partition = Partition::new(QUOTA);
        for round in 0..20_u8 {
            store.commit(&changed(&mut partition, &[round])).unwrap();
            std::fs::copy(&path, &copy).unwrap();
            let after = Store::open(&copy).unwrap();
            assert_eq!(remembered(&after), Some(vec![round]));
            assert_eq!(after.checkpoint("audit").unwrap(), Some(vec![round]));
        }
    }

    #[test]
    fn a_newer_file_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state.redb");
        let store = Store::open(&path).unwrap();
        let newer = Commit {
            meta: vec![(super::FORMAT_KEY.into(), 99_u64.to_le_bytes().to_vec())],
            ..Commit::default()
        };
        store.commit(&newer).unwrap();
        drop(store);
        assert!(matches!(
            Store::open(&path),
            Err(StoreError::Newer { found: 99, .. })
        ));
    }
}

//! The database file: opening it, also after an error, and its size.
//!
//! redb is told to check the whole file when it is opened. Without that it would find a changed byte
//! only when it reads it, and might panic or return wrong data.

use std::io;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use redb::{
    Database, DatabaseError, ReadTransaction, ReadableDatabase, StorageError, WriteTransaction,
};
use wardline_text::Cause;

use super::StoreError;

/// Memory for pages of the file, in bytes. redb's default is 1 GiB, which a backlog of findings would
/// fill.
const CACHE_BYTES: usize = 64 * 1024 * 1024;

macro_rules! database {
    ($result:expr) => {
        $result.map_err(redb::Error::from)
    };
}

/// The database, which is closed for a moment when it is opened again.
pub(crate) struct StoreFile {
    path: PathBuf,
    database: RwLock<Option<Database>>,
}

/// A read transaction, during which the file stays open.
pub(crate) struct Reading<'f> {
    // Dropped before the lock is released.
    transaction: ReadTransaction,
    _open: RwLockReadGuard<'f, Option<Database>>,
}

/// A write transaction, during which the file stays open.
pub(crate) struct Writing<'f> {
    transaction: WriteTransaction,
    _open: RwLockReadGuard<'f, Option<Database>>,
}

impl StoreFile {
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self {
            path: path.to_owned(),
            database: RwLock::new(Some(open(path)?)),
        })
    }

    pub fn reopen(&self) -> Result<(), StoreError> {
        let mut database = self
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        // The lock on the file is released first.
        *database = None;
        *database = Some(open(&self.path)?);
        Ok(())
    }

    pub fn read(&self) -> Result<Reading<'_>, StoreError> {
        let open = self.database.read().unwrap_or_else(PoisonError::into_inner);
        let database = open.as_ref().ok_or(StoreError::Closed)?;
        Ok(Reading {
            transaction: database!(database.begin_read())?,
            _open: open,
        })
    }

    pub fn write(&self) -> Result<Writing<'_>, StoreError> {
        let open = self.database.read().unwrap_or_else(PoisonError::into_inner);
        let database = open.as_ref().ok_or(StoreError::Closed)?;
        Ok(Writing {
            transaction: database!(database.begin_write())?,
            _open: open,
        })
    }

    pub fn size(&self) -> Result<(u64, u64), StoreError> {
        let writing = self.write()?;
        let stats = database!(writing.stats())?;
        let used = stats.stored_bytes().saturating_add(stats.metadata_bytes());
        drop(writing);
        let length = std::fs::metadata(&self.path)
            .map_err(redb::Error::Io)?
            .len();
        Ok((length, used))
    }

    pub fn compact(&self) -> Result<(), StoreError> {
        let mut open = self
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let database = open.as_mut().ok_or(StoreError::Closed)?;
        database!(database.compact())?;
        Ok(())
    }
}

impl Deref for Reading<'_> {
    type Target = ReadTransaction;

    fn deref(&self) -> &ReadTransaction {
        &self.transaction
    }
}

impl Deref for Writing<'_> {
    type Target = WriteTransaction;

    fn deref(&self) -> &WriteTransaction {
        &self.transaction
    }
}

impl Writing<'_> {
    pub fn commit(self) -> Result<(), StoreError> {
        database!(self.transaction.commit())?;
        Ok(())
    }
}

fn open(path: &Path) -> Result<Database, StoreError> {
    let damaged = |error: Cause| StoreError::Damaged {
        path: path.to_owned(),
        error,
    };
    let opened = catch_unwind(AssertUnwindSafe(|| {
        Database::builder()
            .set_cache_size(CACHE_BYTES)
            .set_check_integrity_on_open(true)
            .create(path)
    }));
    match opened {
        Ok(Ok(database)) => Ok(database),
        Ok(Err(DatabaseError::DatabaseAlreadyOpen)) => Err(StoreError::Locked(path.to_owned())),
        Ok(Err(error)) if is_damage(&error) => Err(damaged(Cause::new(error))),
        Ok(Err(error)) => Err(StoreError::Open {
            path: path.to_owned(),
            error,
        }),
        // The panic's message is in the log.
        Err(_) => Err(damaged(Cause::new(io::Error::from(
            io::ErrorKind::InvalidData,
        )))),
    }
}

/// Returns true if the error is about the content of the file and not about the disk.
fn is_damage(error: &DatabaseError) -> bool {
    match error {
        DatabaseError::RepairAborted | DatabaseError::UpgradeRequired(_) => true,
        DatabaseError::Storage(StorageError::Corrupted(_)) => true,
        DatabaseError::Storage(StorageError::Io(error)) => matches!(
            error.kind(),
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof
        ),
        _ => false,
    }
}

//! A note of what a file sink is about to write, so that a kill neither repeats nor loses a batch.
//!
//! The store saves the cursor of a sink only with its next commit. Before a sink writes a batch, it
//! notes in a file of its own where the batch will be and what it is. After a kill, that one batch is
//! looked for: it is in the file or not at all, under whatever name a rotation gave the file. The
//! journal has a fixed size and is overwritten in place, so that it can be written on a full disk.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::line::Digest;

/// Size of one slot, in bytes: less than a sector, which disks write as a whole.
const SLOT: usize = 512;
/// Entries alternate between two slots, so that one is whole if writing the other is cut off.
const SLOTS: u64 = 2;

/// A batch that a sink is about to write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Intent {
    /// The number of the last finding before the batch: it and all earlier ones were delivered.
    pub before: u64,
    /// The number of the last finding in the batch.
    pub last: u64,
    /// The file.
    pub device: u64,
    pub inode: u64,
    /// The file's length before the batch, in bytes.
    pub offset: u64,
    /// The batch's length, in bytes.
    pub length: u64,
    /// The SHA-256 of the batch.
    pub digest: Digest,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    sequence: u64,
    /// `None` if earlier entries must not be used any more.
    intent: Option<Intent>,
}

/// The journal of one sink.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: Option<File>,
    sequence: u64,
    /// The entry of an earlier process.
    found: Option<Intent>,
}

impl Journal {
    /// Reads the journal of an earlier process. `last` is the number of the last committed finding:
    /// an entry beyond it belongs to another store, whose numbers mean something else.
    pub fn open(path: &Path, last: u64) -> Self {
        let mut journal = Self {
            path: path.to_owned(),
            file: None,
            sequence: 0,
            found: None,
        };
        for entry in read(path) {
            if entry.sequence > journal.sequence {
                journal.sequence = entry.sequence;
                journal.found = entry.intent;
            }
        }
        if journal
            .found
            .as_ref()
            .is_some_and(|found| found.last > last)
        {
            journal.found = None;
            if let Err(error) = journal.write(None) {
                tracing::warn!("cannot write {}: {error}", path.display());
            }
        }
        journal
    }

    /// The batch that an earlier process was about to write last.
    pub fn found(&self) -> Option<&Intent> {
        self.found.as_ref()
    }

    /// Notes a batch; on return the entry is on disk.
    ///
    /// # Errors
    /// Returns the operating system's error. The entry before it stays valid.
    pub fn note(&mut self, intent: Intent) -> io::Result<()> {
        self.write(Some(intent))
    }

    fn write(&mut self, intent: Option<Intent>) -> io::Result<()> {
        let sequence = self.sequence + 1;
        let json = serde_json::to_string(&Entry { sequence, intent })?;
        let mut slot = format!("{} {json}", Digest::of(json.as_bytes())).into_bytes();
        slot.resize(SLOT - 1, b' ');
        slot.push(b'\n');
        let file = match self.file.take() {
            Some(file) => file,
            None => create(&self.path)?,
        };
        file.write_all_at(&slot, sequence % SLOTS * SLOT as u64)?;
        file.sync_data()?;
        self.file = Some(file);
        self.sequence = sequence;
        Ok(())
    }
}

/// Creates the file with its full size.
fn create(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
    }
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)?;
    let size = SLOTS * SLOT as u64;
    let length = file.metadata()?.len();
    if length < size {
        let blanks = vec![b' '; usize::try_from(size - length).unwrap_or_default()];
        file.write_all_at(&blanks, length)?;
    }
    Ok(file)
}

/// Returns the whole entries; a journal that is missing or unreadable has none.
fn read(path: &Path) -> Vec<Entry> {
    let mut bytes = Vec::new();
    let opened = File::open(path);
    if let Ok(file) = opened
        && file
            .take(SLOTS * SLOT as u64)
            .read_to_end(&mut bytes)
            .is_err()
    {
        return Vec::new();
    }
    bytes.chunks(SLOT).filter_map(parse).collect()
}

fn parse(slot: &[u8]) -> Option<Entry> {
    let (digest, json) = std::str::from_utf8(slot).ok()?.trim_end().split_once(' ')?;
    let is_whole = Digest::of(json.as_bytes()).to_string() == digest;
    serde_json::from_str(json).ok().filter(|_| is_whole)
}

#[cfg(test)]
mod tests {
    use super::{Intent, Journal, SLOT};
    use crate::line::Digest;

    fn intent(last: u64) -> Intent {
        Intent {
            before: last - 1,
            last,
            device: u64::MAX,
            inode: u64::MAX,
            offset: u64::MAX,
            length: u64::MAX,
            digest: Digest::of(&last.to_le_bytes()),
        }
    }

    #[test]
    fn last_whole_entry_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journals/siem");
        let mut journal = Journal::open(&path, 0);
        assert_eq!(journal.found(), None);
        for last in 1..=5 {
            journal.note(intent(last)).unwrap();
            assert_eq!(Journal::open(&path, 9).found(), Some(&intent(last)));
        }
        // The last entry, the fifth, is cut off at any byte.
        let whole = std::fs::read(&path).unwrap();
        assert_eq!(whole.len(), 2 * SLOT);
        for cut in 0..380 {
            let mut torn = whole.clone();
            torn[SLOT + cut..2 * SLOT].fill(0);
            std::fs::write(&path, &torn).unwrap();
            assert_eq!(Journal::open(&path, 9).found(), Some(&intent(4)), "{cut}");
        }
    }

    #[test]
    fn entry_of_another_store_is_forgotten_for_good() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("siem");
        Journal::open(&path, 0).note(intent(5000)).unwrap();
        assert_eq!(Journal::open(&path, 3).found(), None);
        assert_eq!(Journal::open(&path, 9000).found(), None);
    }
}

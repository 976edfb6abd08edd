//! Findings that are kept for sinks and for readers of the API.
//!
//! A finding has a row under its number, and one entry each in the indexes by id and by event time.
//! Sinks read rows in the order of their numbers, behind their cursors. Rows are removed when they
//! exceed the retention and every sink has acknowledged them.

use redb::{ReadOnlyTable, ReadTransaction, ReadableTable, TableDefinition, WriteTransaction};

use super::commit::{Commit, NewFinding, Retention};
use super::{META, Store, StoreError};

/// Time of the commit in milliseconds, event time in microseconds, id, JSON.
type Row = (i64, i64, &'static str, &'static [u8]);
pub(super) const FINDINGS: TableDefinition<'_, u64, Row> = TableDefinition::new("findings");
const BY_ID: TableDefinition<'_, (&str, u64), ()> = TableDefinition::new("findings-by-id");
const BY_TIME: TableDefinition<'_, (i64, u64), ()> = TableDefinition::new("findings-by-time");
const CURSORS: TableDefinition<'_, &str, u64> = TableDefinition::new("sink-cursors");
/// The findings of format 1, which were removed after delivery.
const OUTBOX: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("outbox");

/// Key of the size of all findings.
const BYTES_KEY: &str = "findings/bytes";
/// Estimated size of a finding's keys and index entries.
const ROW_BYTES: u64 = 128;
/// Maximum number of findings that a commit removes beyond the number that it adds, so that no
/// commit takes long after the limits were lowered.
const PRUNED_AT_ONCE: usize = 2000;

macro_rules! database {
    ($result:expr) => {
        $result.map_err(redb::Error::from)
    };
}

/// A finding in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFinding {
    /// Position in the order of delivery.
    pub number: u64,
    /// The finding's id.
    pub id: String,
    /// Event time of the last occurrence, in microseconds since the Unix epoch.
    pub time: i64,
    /// Time of the commit, in milliseconds since the Unix epoch.
    pub committed: i64,
    /// The finding as JSON.
    pub json: Vec<u8>,
}

/// Selects findings for a reader.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FindingFilter {
    /// Selects the versions of one finding, the newest first.
    pub id: Option<String>,
    /// Earliest event time, in microseconds since the Unix epoch, inclusive.
    pub from: Option<i64>,
    /// Latest event time, inclusive.
    pub to: Option<i64>,
    /// Includes all versions of a repeated finding instead of the newest one.
    pub every_version: bool,
}

/// A position between two pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageCursor {
    /// Event time of the last finding of the page.
    pub time: i64,
    /// Number of the last finding of the page.
    pub number: u64,
}

/// A page of findings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FindingPage {
    /// The findings, latest event time first.
    pub findings: Vec<StoredFinding>,
    /// The position of the next page; `None` on the last one.
    pub next: Option<PageCursor>,
}

impl Store {
    /// Returns findings with larger numbers than `after` in the order of delivery: at most `limit`,
    /// and no further one once they exceed `bytes`.
    ///
    /// # Errors
    /// Returns [`StoreError::Database`] if the file cannot be read.
    pub fn outbox(
        &self,
        after: u64,
        limit: usize,
        bytes: usize,
    ) -> Result<Vec<StoredFinding>, StoreError> {
        let transaction = self.file.read()?;
        let table = database!(transaction.open_table(FINDINGS))?;
        let mut found = Vec::new();
        let mut size = 0;
        for item in database!(table.range(after.saturating_add(1)..))?.take(limit) {
            let (number, row) = database!(item)?;
            let finding = stored(number.value(), row.value());
            size += finding.json.len();
            found.push(finding);
            if size > bytes {
                break;
            }
        }
        Ok(found)
    }

    /// Returns the cursors of all sinks, by name.
    ///
    /// # Errors
    /// Returns [`StoreError::Database`] if the file cannot be read.
    pub fn cursors(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let transaction = self.file.read()?;
        let table = database!(transaction.open_table(CURSORS))?;
        let mut cursors = Vec::new();
        for item in database!(table.iter())? {
            let (name, number) = database!(item)?;
            cursors.push((name.value().to_owned(), number.value()));
        }
        Ok(cursors)
    }

    /// Returns the last number of the findings that have to be removed to satisfy the retention,
    /// whether or not sinks have acknowledged them; `None` if there are none. `now` is in
    /// milliseconds since the Unix epoch.
    ///
    /// # Errors
    /// Returns [`StoreError::Database`] if the file cannot be read.
    pub fn overdue(&self, retention: &Retention, now: i64) -> Result<Option<u64>, StoreError> {
        let transaction = self.file.read()?;
        let table = database!(transaction.open_table(FINDINGS))?;
        let mut size = decode(
            database!(database!(transaction.open_table(META))?.get(BYTES_KEY))?
                .map(|saved| saved.value().to_vec()),
        );
        let expired = retention.expired(now);
        let mut overdue = None;
        for item in database!(table.iter())?.take(PRUNED_AT_ONCE) {
            let (number, row) = database!(item)?;
            let (committed, _, _, json) = row.value();
            if size <= retention.bytes && committed > expired {
                break;
            }
            size = size.saturating_sub(row_bytes(json));
            overdue = Some(number.value());
        }
        Ok(overdue)
    }

    /// Returns a page of findings that match the filter, latest event time first, starting behind
    /// `after` or at the newest.
    ///
    /// # Errors
    /// Returns [`StoreError::Database`] if the file cannot be read.
    pub fn findings(
        &self,
        filter: &FindingFilter,
        after: Option<PageCursor>,
        limit: usize,
    ) -> Result<FindingPage, StoreError> {
        let transaction = self.file.read()?;
        let tables = Tables::open(&transaction)?;
        match &filter.id {
            Some(id) => tables.versions(id, filter, after, limit),
            None => tables.by_time(filter, after, limit),
        }
    }
}

/// The tables of one read transaction.
struct Tables {
    findings: ReadOnlyTable<u64, Row>,
    by_id: ReadOnlyTable<(&'static str, u64), ()>,
    by_time: ReadOnlyTable<(i64, u64), ()>,
}

impl Tables {
    fn open(transaction: &ReadTransaction) -> Result<Self, StoreError> {
        Ok(Self {
            findings: database!(transaction.open_table(FINDINGS))?,
            by_id: database!(transaction.open_table(BY_ID))?,
            by_time: database!(transaction.open_table(BY_TIME))?,
        })
    }

    fn by_time(
        &self,
        filter: &FindingFilter,
        after: Option<PageCursor>,
        limit: usize,
    ) -> Result<FindingPage, StoreError> {
        let first = (filter.from.unwrap_or(i64::MIN), 0);
        let mut last = (filter.to.unwrap_or(i64::MAX), u64::MAX);
        if let Some(after) = after {
            let Some(before) = after.number.checked_sub(1) else {
                return Ok(FindingPage::default());
            };
            last = last.min((after.time, before));
        }
        let mut page = Pager::new(limit);
        if first > last {
            return Ok(page.done());
        }
        for item in database!(self.by_time.range(first..=last))?.rev() {
            let (key, _) = database!(item)?;
            if let Some(finding) = self.get(key.value().1)?
                && (filter.every_version || self.is_newest(&finding)?)
                && !page.add(finding)
            {
                break;
            }
        }
        Ok(page.done())
    }

    /// The versions of one finding are few, and sorted by number.
    fn versions(
        &self,
        id: &str,
        filter: &FindingFilter,
        after: Option<PageCursor>,
        limit: usize,
    ) -> Result<FindingPage, StoreError> {
        let end = after.map_or(u64::MAX, |after| after.number.saturating_sub(1));
        let mut page = Pager::new(limit);
        for item in database!(self.by_id.range((id, 0)..=(id, end)))?.rev() {
            let (key, _) = database!(item)?;
            let Some(finding) = self.get(key.value().1)? else {
                continue;
            };
            let is_in_time = filter.from.is_none_or(|from| finding.time >= from)
                && filter.to.is_none_or(|to| finding.time <= to);
            let is_asked = filter.every_version || self.is_newest(&finding)?;
            if is_in_time && is_asked && !page.add(finding) {
                break;
            }
        }
        Ok(page.done())
    }

    fn get(&self, number: u64) -> Result<Option<StoredFinding>, StoreError> {
        Ok(database!(self.findings.get(number))?.map(|row| stored(number, row.value())))
    }

    fn is_newest(&self, finding: &StoredFinding) -> Result<bool, StoreError> {
        let id = finding.id.as_str();
        let newer = (id, finding.number.saturating_add(1))..=(id, u64::MAX);
        Ok(database!(self.by_id.range(newer))?.next().is_none())
    }
}

struct Pager {
    limit: usize,
    page: FindingPage,
}

impl Pager {
    fn new(limit: usize) -> Self {
        Self {
            limit,
            page: FindingPage::default(),
        }
    }

    /// Adds a finding. Returns false if it belongs to the next page.
    fn add(&mut self, finding: StoredFinding) -> bool {
        if self.page.findings.len() < self.limit {
            self.page.findings.push(finding);
            return true;
        }
        self.page.next = self.page.findings.last().map(|last| PageCursor {
            time: last.time,
            number: last.number,
        });
        false
    }

    fn done(self) -> FindingPage {
        self.page
    }
}

/// Creates the tables. If `migrates`, the outbox of format 1 becomes findings that no sink has
/// acknowledged.
pub(super) fn prepare(
    transaction: &WriteTransaction,
    migrates: bool,
    now: i64,
) -> Result<(), StoreError> {
    database!(transaction.open_table(FINDINGS))?;
    database!(transaction.open_table(BY_ID))?;
    database!(transaction.open_table(BY_TIME))?;
    database!(transaction.open_table(CURSORS))?;
    if !migrates {
        return Ok(());
    }
    let mut findings = Vec::new();
    {
        let outbox = database!(transaction.open_table(OUTBOX))?;
        for item in database!(outbox.iter())? {
            let (number, json) = database!(item)?;
            findings.push(NewFinding {
                number: number.value(),
                // Unknown here; the finding is delivered and expires like others.
                id: String::new(),
                time: now.saturating_mul(1000),
                json: json.value().to_vec(),
            });
        }
    }
    database!(transaction.delete_table(OUTBOX))?;
    let commit = Commit {
        findings,
        now,
        ..Commit::default()
    };
    apply(transaction, &commit)
}

/// Adds findings, moves cursors, and removes findings that exceed the retention.
pub(super) fn apply(transaction: &WriteTransaction, commit: &Commit) -> Result<(), StoreError> {
    let mut cursors = database!(transaction.open_table(CURSORS))?;
    for (name, number) in &commit.cursors {
        match number {
            Some(number) => drop(database!(cursors.insert(name.as_str(), *number))?),
            None => drop(database!(cursors.remove(name.as_str()))?),
        }
    }
    let mut acknowledged = u64::MAX;
    for item in database!(cursors.iter())? {
        acknowledged = acknowledged.min(database!(item)?.1.value());
    }
    let mut rows = database!(transaction.open_table(FINDINGS))?;
    let mut by_id = database!(transaction.open_table(BY_ID))?;
    let mut by_time = database!(transaction.open_table(BY_TIME))?;
    let mut meta = database!(transaction.open_table(META))?;
    let before = decode(database!(meta.get(BYTES_KEY))?.map(|saved| saved.value().to_vec()));
    let mut size = before;
    for finding in &commit.findings {
        let (number, id) = (finding.number, finding.id.as_str());
        let json = finding.json.as_slice();
        // A commit that failed may have been written nevertheless, and is repeated.
        if let Some(old) = database!(rows.insert(number, (commit.now, finding.time, id, json)))? {
            size = size.saturating_sub(row_bytes(old.value().3));
        }
        database!(by_id.insert((id, number), ()))?;
        database!(by_time.insert((finding.time, number), ()))?;
        size += row_bytes(json);
    }
    if let Some(retention) = &commit.retention {
        let expired = retention.expired(commit.now);
        for _ in 0..commit.findings.len() + PRUNED_AT_ONCE {
            let Some(oldest) =
                database!(rows.first())?.map(|(number, row)| stored(number.value(), row.value()))
            else {
                break;
            };
            let is_kept = size <= retention.bytes && oldest.committed > expired;
            if is_kept || oldest.number > acknowledged {
                break;
            }
            database!(by_id.remove((oldest.id.as_str(), oldest.number)))?;
            database!(by_time.remove((oldest.time, oldest.number)))?;
            database!(rows.remove(oldest.number))?;
            size = size.saturating_sub(row_bytes(&oldest.json));
        }
    }
    if size != before {
        database!(meta.insert(BYTES_KEY, size.to_le_bytes().as_slice()))?;
    }
    Ok(())
}

fn row_bytes(json: &[u8]) -> u64 {
    json.len() as u64 + ROW_BYTES
}

fn decode(saved: Option<Vec<u8>>) -> u64 {
    saved
        .and_then(|saved| Some(u64::from_le_bytes(saved.try_into().ok()?)))
        .unwrap_or_default()
}

fn stored(number: u64, (committed, time, id, json): (i64, i64, &str, &[u8])) -> StoredFinding {
    StoredFinding {
        number,
        id: id.to_owned(),
        time,
        committed,
        json: json.to_vec(),
    }
}

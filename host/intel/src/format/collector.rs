//! Collects the entries that readers of formats find.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use wardline_text::shown;

use super::FormatError;
use crate::entry::{Content, Entries, EntriesBuilder, Entry};

/// The maximum number of invalid lines in a report.
const SHOWN_LINES: usize = 100;
/// How much of an invalid line is shown, in bytes.
const SHOWN_BYTES: usize = 120;

/// An invalid line, row, or object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadLine {
    /// The line, from 1; in JSON, the number of the object.
    pub line: u64,
    /// Why it is invalid.
    pub reason: String,
}

/// The result of reading a file.
#[derive(Debug)]
pub struct Reading {
    /// The entries.
    pub entries: Entries,
    /// The number of invalid lines.
    pub bad: usize,
    /// The first invalid lines, at most 100.
    pub bad_lines: Vec<BadLine>,
    /// Valid items that cannot be entries: an email address, a digest of another kind, an
    /// indicator that is revoked or not valid now, a pattern that a list cannot express.
    pub skipped: usize,
    /// Networks with host bits, which were cleared.
    pub host_bits: usize,
    /// Entries that hold a large part of all addresses or domains, at most 100.
    pub broad: Vec<String>,
    /// When an indicator becomes valid or invalid, so that the file must be read again.
    pub changes_at: Option<Timestamp>,
}

/// Collects entries, counts other items, and stops at the limit.
pub struct Collector {
    content: Content,
    limit: usize,
    now: Timestamp,
    entries: EntriesBuilder,
    good: usize,
    bad: usize,
    bad_lines: Vec<BadLine>,
    skipped: usize,
    host_bits: usize,
    broad: Vec<String>,
    changes_at: Option<Timestamp>,
}

impl Collector {
    pub(super) fn new(content: Content, limit: usize, now: Timestamp) -> Self {
        Self {
            content,
            limit,
            now,
            entries: EntriesBuilder::default(),
            good: 0,
            bad: 0,
            bad_lines: Vec::new(),
            skipped: 0,
            host_bits: 0,
            broad: Vec::new(),
            changes_at: None,
        }
    }

    /// Adds a text that must be an entry of the list's content.
    pub(super) fn take(&mut self, line: u64, text: &str) -> Result<(), FormatError> {
        match Entry::parse(text, self.content) {
            Some(entry) => self.insert(entry, text),
            None => {
                self.refuse(line, &format!("`{text}` is not {}", self.wanted()));
                Ok(())
            }
        }
    }

    /// Adds a text whose content the file declares. It is skipped if the list has another
    /// content.
    pub(super) fn take_as(
        &mut self,
        line: u64,
        content: Content,
        text: &str,
    ) -> Result<(), FormatError> {
        if self.content != Content::Auto && self.content != content {
            self.skip();
            return Ok(());
        }
        match Entry::parse(text, content) {
            Some(entry) => self.insert(entry, text),
            None => {
                self.refuse(line, &format!("`{text}` is not {}", name(content)));
                Ok(())
            }
        }
    }

    /// Adds an entry that is parsed already.
    pub(super) fn take_entry(&mut self, content: Content, entry: Entry) -> Result<(), FormatError> {
        if self.content != Content::Auto && self.content != content {
            self.skip();
            return Ok(());
        }
        // Only the text of a broad entry is shown.
        let text = match entry.is_broad() {
            true => format!("{entry:?}"),
            false => String::new(),
        };
        self.insert(entry, &text)
    }

    fn insert(&mut self, entry: Entry, text: &str) -> Result<(), FormatError> {
        self.good += 1;
        if entry.is_broad() && self.broad.len() < SHOWN_LINES {
            self.broad.push(shown(text, SHOWN_BYTES));
        }
        self.host_bits += usize::from(entry.has_host_bits());
        self.entries.insert(entry);
        if self.entries.count() > self.limit {
            return Err(FormatError::TooMany(self.limit));
        }
        Ok(())
    }

    /// Counts an invalid item.
    pub(super) fn refuse(&mut self, line: u64, reason: &str) {
        self.bad += 1;
        if self.bad_lines.len() < SHOWN_LINES {
            self.bad_lines.push(BadLine {
                line,
                reason: shown(reason, SHOWN_BYTES),
            });
        }
    }

    /// Counts a valid item that cannot be an entry.
    pub(super) fn skip(&mut self) {
        self.skipped += 1;
    }

    /// Returns whether an item is valid now, that is, from `from` until before `until`.
    pub(super) fn is_valid(&mut self, from: Option<Timestamp>, until: Option<Timestamp>) -> bool {
        for change in [from, until].into_iter().flatten() {
            if change > self.now {
                self.changes_at = Some(self.changes_at.map_or(change, |first| first.min(change)));
            }
        }
        from.is_none_or(|from| from <= self.now) && until.is_none_or(|until| self.now < until)
    }

    fn wanted(&self) -> &'static str {
        match self.content {
            Content::Auto => "an address, network, domain, or SHA-256",
            content => name(content),
        }
    }

    /// Returns the list, unless most lines are invalid: then the file is something else.
    pub(super) fn finish(self) -> Result<Reading, FormatError> {
        if let Some(first) = self.bad_lines.first()
            && self.bad > self.good + self.skipped
        {
            return Err(FormatError::Mostly {
                bad: self.bad,
                all: self.bad + self.good + self.skipped,
                line: first.line,
                reason: first.reason.clone(),
            });
        }
        Ok(Reading {
            entries: self.entries.build(),
            bad: self.bad,
            bad_lines: self.bad_lines,
            skipped: self.skipped,
            host_bits: self.host_bits,
            broad: self.broad,
            changes_at: self.changes_at,
        })
    }
}

fn name(content: Content) -> &'static str {
    match content {
        Content::Auto => "an entry",
        Content::Addresses => "an address or network",
        Content::Domains => "a domain",
        Content::Hashes => "a SHA-256",
        Content::Names => "a name",
    }
}

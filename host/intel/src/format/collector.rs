//! What readers of formats give their entries to.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use wardline_files::text::shown;

use super::FormatError;
use crate::entry::{Content, Entries, EntriesBuilder, Entry};

/// Bad lines that a report shows.
const SHOWN_LINES: usize = 100;
/// Bytes that are shown of one.
const SHOWN_BYTES: usize = 120;

/// A line, row or object that is no entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadLine {
    /// The line, from 1; of JSON the number of the object.
    pub line: u64,
    /// What is wrong.
    pub reason: String,
}

/// What was read of a file.
#[derive(Debug)]
pub struct Reading {
    /// The entries.
    pub entries: Entries,
    /// How many lines are no entries.
    pub bad: usize,
    /// The first of them, at most 100.
    pub bad_lines: Vec<BadLine>,
    /// What is well written and no entry here: an address of mail, a digest of another
    /// kind, an indicator that is revoked or not valid now, a pattern that asks for more
    /// than a list can say.
    pub skipped: usize,
    /// Networks with bits of the host, which are taken as zero.
    pub host_bits: usize,
    /// When an indicator begins or ceases to be valid, so that the file must be read again.
    pub changes_at: Option<Timestamp>,
}

/// Collects entries, counts what is none, and stops at the limit.
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
            changes_at: None,
        }
    }

    /// Takes a text that is to be an entry of the list's content.
    pub(super) fn take(&mut self, line: u64, text: &str) -> Result<(), FormatError> {
        match Entry::parse(text, self.content) {
            Some(entry) => self.insert(entry),
            None => {
                self.refuse(line, &format!("`{text}` is no {}", self.wanted()));
                Ok(())
            }
        }
    }

    /// Takes a text that the file says to be of a content. It is skipped if the list is
    /// to hold something else.
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
            Some(entry) => self.insert(entry),
            None => {
                self.refuse(line, &format!("`{text}` is no {}", name(content)));
                Ok(())
            }
        }
    }

    /// Takes an entry of a content that is read already.
    pub(super) fn take_entry(&mut self, content: Content, entry: Entry) -> Result<(), FormatError> {
        if self.content != Content::Auto && self.content != content {
            self.skip();
            return Ok(());
        }
        self.insert(entry)
    }

    fn insert(&mut self, entry: Entry) -> Result<(), FormatError> {
        self.good += 1;
        self.host_bits += usize::from(entry.has_host_bits());
        self.entries.insert(entry);
        if self.entries.count() > self.limit {
            return Err(FormatError::TooMany(self.limit));
        }
        Ok(())
    }

    /// Counts what should be an entry and is none.
    pub(super) fn refuse(&mut self, line: u64, reason: &str) {
        self.bad += 1;
        if self.bad_lines.len() < SHOWN_LINES {
            self.bad_lines.push(BadLine {
                line,
                reason: shown(reason, SHOWN_BYTES),
            });
        }
    }

    /// Counts what is well written and no entry here.
    pub(super) fn skip(&mut self) {
        self.skipped += 1;
    }

    /// Whether something is valid now, that is from one moment until before another.
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
            Content::Auto => "address, network, domain or SHA-256",
            content => name(content),
        }
    }

    /// The list, unless most lines are no entries: then the file is something else.
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
            changes_at: self.changes_at,
        })
    }
}

fn name(content: Content) -> &'static str {
    match content {
        Content::Auto => "entry",
        Content::Addresses => "address or network",
        Content::Domains => "domain",
        Content::Hashes => "SHA-256",
        Content::Names => "name",
    }
}

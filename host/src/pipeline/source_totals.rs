//! The contents of each source's lines.

use std::sync::Arc;

/// The contents of some lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SourceCounts {
    /// Lines, or documents over several lines.
    pub lines: u64,
    /// Events, duplicates included.
    pub events: u64,
    /// Parts that could not be decoded.
    pub rejected: u64,
}

/// The counts of each source, in the order in which they were first added.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceTotals(Vec<(Arc<str>, SourceCounts)>);

impl SourceTotals {
    /// Adds counts. There are few sources, and neighboring lines have the same.
    pub fn add(&mut self, source: &Arc<str>, counts: SourceCounts) {
        let known = self
            .0
            .iter_mut()
            .find(|(name, _)| Arc::ptr_eq(name, source) || name == source);
        match known {
            Some((_, sum)) => {
                sum.lines += counts.lines;
                sum.events += counts.events;
                sum.rejected += counts.rejected;
            }
            None => self.0.push((Arc::clone(source), counts)),
        }
    }

    /// Adds the counts of other lines.
    pub fn extend(&mut self, other: &Self) {
        for (source, counts) in &other.0 {
            self.add(source, *counts);
        }
    }

    /// Returns the counts of each source, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, SourceCounts)> {
        self.0
            .iter()
            .map(|(source, counts)| (source.as_ref(), *counts))
    }
}

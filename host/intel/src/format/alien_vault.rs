//! AlienVault's reputation feed:
//! `ADDRESS#RELIABILITY#RISK#ACTIVITY#COUNTRY#CITY#LATITUDE,LONGITUDE#REVISION`.

use super::{Collector, FormatError, lines};
use crate::entry::{Content, Entry};

/// The number of separators in a line.
const SEPARATORS: usize = 7;

pub(super) fn read(bytes: &[u8], collector: &mut Collector) -> Result<(), FormatError> {
    for (number, line) in lines(bytes) {
        // The whole line is a comment.
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let address = line.split('#').next().unwrap_or_default().trim();
        collector.take_as(number, Content::Addresses, address)?;
    }
    Ok(())
}

/// Returns whether a line looks like one of this feed.
pub(super) fn is_row(line: &str) -> bool {
    let first = line.split('#').next().unwrap_or_default();
    line.matches('#').count() >= SEPARATORS && Entry::parse(first, Content::Addresses).is_some()
}

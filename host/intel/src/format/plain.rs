//! Reads one entry per line.

use super::{Collector, FormatError, lines};

/// The beginnings of comments in shells, in zone files and block lists, and in source code.
const COMMENTS: [&str; 3] = ["#", ";", "//"];

pub(super) fn read(bytes: &[u8], collector: &mut Collector) -> Result<(), FormatError> {
    for (number, line) in lines(bytes) {
        let entry = without_comment(&line);
        if !entry.is_empty() {
            collector.take(number, entry)?;
        }
    }
    Ok(())
}

/// Returns a line up to its comment, which begins at the start of the line or after white
/// space.
pub(super) fn without_comment(line: &str) -> &str {
    let end = COMMENTS
        .iter()
        .flat_map(|mark| line.match_indices(mark))
        .map(|(at, _)| at)
        .filter(|at| {
            let before = line.get(..*at).unwrap_or_default();
            before.is_empty() || before.ends_with(char::is_whitespace)
        })
        .min();
    line.get(..end.unwrap_or(line.len()))
        .unwrap_or_default()
        .trim()
}

//! The `exit-addresses` of the Tor project: for each relay `ExitNode`, `Published`,
//! `LastStatus`, and one `ExitAddress ADDRESS DATE TIME` for each address it was seen with.

use super::{Collector, FormatError, lines};
use crate::entry::Content;

/// The first words of other lines; `@type` is the annotation in CollecTor's archives.
const OTHER: [&str; 5] = ["ExitNode", "Published", "LastStatus", "Downloaded", "@type"];

pub(super) fn read(bytes: &[u8], collector: &mut Collector) -> Result<(), FormatError> {
    for (number, line) in lines(bytes) {
        let mut words = line.split_ascii_whitespace();
        match words.next() {
            None => {}
            Some("ExitAddress") => match words.next() {
                Some(address) => collector.take_as(number, Content::Addresses, address)?,
                None => collector.refuse(number, "`ExitAddress` has no address"),
            },
            Some(word) if OTHER.contains(&word) => {}
            Some(word) => collector.refuse(number, &format!("unknown keyword `{word}`")),
        }
    }
    Ok(())
}

/// Returns whether a line looks like one of this format.
pub(super) fn is_row(line: &str) -> bool {
    let word = line.split_ascii_whitespace().next();
    word.is_some_and(|word| word == "ExitAddress" || word == "ExitNode")
}

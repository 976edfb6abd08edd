//! Formats of comma-separated values (RFC 4180).

use csv::{ReaderBuilder, StringRecord, Trim};

use super::{Collector, Format, FormatError};
use crate::entry::{Content, Entry};

/// Types of indicators in exports of Open Threat Exchange, in lower case, as its pages and its
/// API name them.
const OTX_TYPES: [(&str, Content); 10] = [
    ("ipv4", Content::Addresses),
    ("ipv6", Content::Addresses),
    ("cidr", Content::Addresses),
    ("ip", Content::Addresses),
    ("domain", Content::Domains),
    ("domain name", Content::Domains),
    ("hostname", Content::Domains),
    ("filehash-sha256", Content::Hashes),
    ("sha256", Content::Hashes),
    ("sha-256", Content::Hashes),
];

/// The relevant columns of FireEye iSIGHT's export, in lower case.
const FIREEYE_COLUMNS: [(&str, Content); 4] = [
    ("cidr", Content::Addresses),
    ("ip", Content::Addresses),
    ("domain", Content::Domains),
    ("sha256", Content::Hashes),
];

/// Returns the format of a row, which usually names the columns.
pub(super) fn format_of(line: &str) -> Option<Format> {
    let mut row = StringRecord::new();
    let mut reader = reader(line.as_bytes());
    if !reader.read_record(&mut row).is_ok_and(|is_row| is_row) {
        return None;
    }
    let has = |name: &str| row.iter().any(|cell| cell.eq_ignore_ascii_case(name));
    let at = |index: usize| row.get(index).unwrap_or_default().to_ascii_lowercase();
    if FIREEYE_COLUMNS.iter().all(|(name, _)| has(name)) {
        return Some(Format::FireeyeCsv);
    }
    if at(0) == "indicator type" && at(1) == "indicator" || is_otx_row(&row) {
        return Some(Format::OtxCsv);
    }
    let is_proofpoint = ["ip", "domain"].contains(&at(0).as_str()) && at(1) == "category"
        || is_proofpoint_row(&row);
    is_proofpoint.then_some(Format::ProofpointCsv)
}

fn otx_content(name: &str) -> Option<Content> {
    let name = name.to_ascii_lowercase();
    let known = OTX_TYPES.iter().find(|(known, _)| *known == name);
    known.map(|(_, content)| *content)
}

fn is_otx_row(row: &StringRecord) -> bool {
    row.len() >= 2
        && row.get(0).and_then(otx_content).is_some_and(|content| {
            let value = row.get(1).unwrap_or_default();
            Entry::parse(value, content).is_some()
        })
}

/// Returns whether a row has a value, a category, and a numeric score.
fn is_proofpoint_row(row: &StringRecord) -> bool {
    let value = row.get(0).unwrap_or_default();
    row.len() >= 5
        && Entry::parse(value, Content::Auto).is_some()
        && row.get(2).is_some_and(|score| score.parse::<f64>().is_ok())
}

/// Rows may differ in length, since a field may contain a separator that its writer did not
/// quote.
fn reader(bytes: &[u8]) -> csv::Reader<&[u8]> {
    ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .comment(Some(b'#'))
        .from_reader(bytes)
}

/// Calls `row_of` for each row with its line; a row that is not UTF-8 is invalid.
fn each(
    bytes: &[u8],
    collector: &mut Collector,
    row_of: &mut dyn FnMut(&mut Collector, u64, &StringRecord) -> Result<(), FormatError>,
) -> Result<(), FormatError> {
    let mut reader = reader(bytes);
    let mut row = StringRecord::new();
    loop {
        match reader.read_record(&mut row) {
            Ok(true) => {
                let line = row.position().map_or(0, csv::Position::line);
                row_of(collector, line, &row)?;
            }
            Ok(false) => return Ok(()),
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                collector.refuse(line, "the row is not UTF-8");
            }
        }
    }
}

/// Reads `Indicator type,Indicator,Description`.
pub(super) fn read_otx(bytes: &[u8], collector: &mut Collector) -> Result<(), FormatError> {
    each(bytes, collector, &mut |collector, line, row| {
        let kind = row.get(0).unwrap_or_default();
        if kind.eq_ignore_ascii_case("indicator type") {
            return Ok(());
        }
        match (otx_content(kind), row.get(1)) {
            (Some(content), Some(value)) => collector.take_as(line, content, value)?,
            (None, Some(_)) => collector.skip(),
            (_, None) => collector.refuse(line, "the row has no indicator"),
        }
        Ok(())
    })
}

/// Reads `ip|domain, category, score, first_seen, last_seen, ports`, with or without a header
/// row.
pub(super) fn read_proofpoint(bytes: &[u8], collector: &mut Collector) -> Result<(), FormatError> {
    each(bytes, collector, &mut |collector, line, row| {
        let value = row.get(0).unwrap_or_default();
        let is_header = row
            .get(1)
            .is_some_and(|cell| cell.eq_ignore_ascii_case("category"));
        if is_header {
            return Ok(());
        }
        collector.take(line, value)
    })
}

/// Reads a table whose first row names the columns.
pub(super) fn read_fireeye(bytes: &[u8], collector: &mut Collector) -> Result<(), FormatError> {
    let mut columns: Option<Vec<(usize, Content)>> = None;
    each(bytes, collector, &mut |collector, line, row| {
        let Some(columns) = &columns else {
            let found = named(row);
            if found.is_empty() {
                return Err(FormatError::NoColumn("cidr, ip, domain, or sha256"));
            }
            columns = Some(found);
            return Ok(());
        };
        let mut is_entry = false;
        for &(index, content) in columns {
            if let Some(value) = row.get(index).filter(|value| !value.is_empty()) {
                is_entry = true;
                collector.take_as(line, content, value)?;
            }
        }
        if !is_entry {
            collector.skip();
        }
        Ok(())
    })
}

fn named(row: &StringRecord) -> Vec<(usize, Content)> {
    row.iter()
        .enumerate()
        .filter_map(|(index, cell)| {
            let known = FIREEYE_COLUMNS
                .iter()
                .find(|(name, _)| cell.eq_ignore_ascii_case(name));
            known.map(|(_, content)| (index, *content))
        })
        .collect()
}

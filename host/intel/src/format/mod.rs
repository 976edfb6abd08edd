//! The formats of intel lists.
//!
//! Each reader takes the bytes of a file and passes entries to a [`Collector`]. An invalid
//! line, row, or object affects only itself.

mod alien_vault;
mod collector;
mod detect;
mod plain;
mod stix1;
mod stix2;
mod table;
mod tor;

use serde::{Deserialize, Serialize};
use wardline_text::{Cause, Hint};

pub use collector::{BadLine, Collector, Reading};
pub use detect::detect;

use super::entry::Content;

/// The format of a list's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// One entry per line; `#`, `;`, or `//` begins a comment.
    Plain,
    /// The `exit-addresses` of the Tor project
    /// (<https://metrics.torproject.org/collector.html#type-tordnsel>). The project's bulk list
    /// is plain text.
    TorExitAddresses,
    /// STIX 2.0 and 2.1: a JSON bundle with indicators
    /// (<https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html>).
    Stix2,
    /// STIX 1.x: XML with CybOX 2 observables (<https://stixproject.github.io/documentation/>).
    Stix1,
    /// The CSV export of Open Threat Exchange: type, indicator, description.
    OtxCsv,
    /// AlienVault's reputation feed: fields separated by `#`, the address first.
    AlienVault,
    /// The CSV of Proofpoint ET Intelligence: address or domain, category, score, times, ports.
    ProofpointCsv,
    /// The CSV of FireEye iSIGHT: 47 columns, of which `cidr`, `ip`, `domain`, and `sha256` are
    /// used.
    FireeyeCsv,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 8] = [
        Self::Plain,
        Self::TorExitAddresses,
        Self::Stix2,
        Self::Stix1,
        Self::OtxCsv,
        Self::AlienVault,
        Self::ProofpointCsv,
        Self::FireeyeCsv,
    ];

    /// Returns the name used in configurations and reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::TorExitAddresses => "tor-exit-addresses",
            Self::Stix2 => "stix2",
            Self::Stix1 => "stix1",
            Self::OtxCsv => "otx-csv",
            Self::AlienVault => "alien-vault",
            Self::ProofpointCsv => "proofpoint-csv",
            Self::FireeyeCsv => "fireeye-csv",
        }
    }
}

/// A file as a whole is not a list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// The file is compressed.
    #[error("the file is compressed with {0}")]
    Packed(&'static str),
    /// The file contains bytes that no format has.
    #[error("the file is binary")]
    Binary,
    /// The file is a web page.
    #[error("the file is a web page")]
    WebPage,
    /// The JSON is invalid.
    #[error("the JSON is invalid")]
    Json(#[source] Cause),
    /// The JSON is not a STIX 2 bundle.
    #[error("the JSON has no `objects` and is not a STIX 2 bundle")]
    NotABundle,
    /// The XML is invalid.
    #[error("the XML is invalid: line {line}")]
    Xml {
        /// The line, from 1.
        line: u64,
        /// The error of the parser.
        #[source]
        error: Cause,
    },
    /// The XML is not a STIX 1 package.
    #[error("the XML begins with `{0}` and is not a STIX 1 package")]
    NotAPackage(String),
    /// The XML declares entities, which could refer to other files or expand without limit.
    #[error("line {0}: document type declarations are not allowed (entities are not expanded)")]
    DocumentType(u64),
    /// The file is not UTF-8.
    #[error("the file is not UTF-8")]
    NotText,
    /// The CSV lacks the columns that are needed.
    #[error("the table has no column {0}")]
    NoColumn(&'static str),
    /// The list has more entries than allowed.
    #[error("the list has more than {0} entries (intel.entry-limit)")]
    TooMany(usize),
    /// Most lines are invalid.
    #[error("{bad} of {all} lines are invalid; the first is line {line}: {reason}")]
    Mostly {
        /// The number of invalid lines.
        bad: usize,
        /// The number of all lines.
        all: usize,
        /// The first invalid line.
        line: u64,
        /// Why it is invalid.
        reason: String,
    },
    /// The format cannot contain names.
    #[error("a list of names must be plain text, but this one is `{}`", .0.as_str())]
    Names(Format),
}

impl Hint for FormatError {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Packed(_) => "decompress it first",
            Self::Binary => "check that it is not a program or an archive",
            Self::WebPage => "check that the download did not return an error or a login page",
            Self::Json(_) => "check that the file is not truncated",
            Self::NoColumn(_) => "name the columns in the first row",
            _ => return None,
        };
        Some(hint.into())
    }
}

/// Reads a file. `now` decides which indicators are valid.
///
/// # Errors
/// Returns [`FormatError::TooMany`] if there are more than `limit` entries,
/// [`FormatError::Names`] if the format cannot contain names, and another variant if the file
/// as a whole is not a list.
pub fn read(
    bytes: &[u8],
    format: Format,
    content: Content,
    limit: usize,
    now: jiff::Timestamp,
) -> Result<Reading, FormatError> {
    if content == Content::Names && format != Format::Plain {
        return Err(FormatError::Names(format));
    }
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let mut collector = Collector::new(content, limit, now);
    match format {
        Format::Plain => plain::read(bytes, &mut collector),
        Format::TorExitAddresses => tor::read(bytes, &mut collector),
        Format::Stix2 => stix2::read(bytes, &mut collector),
        Format::Stix1 => stix1::read(bytes, &mut collector),
        Format::AlienVault => alien_vault::read(bytes, &mut collector),
        Format::OtxCsv => table::read_otx(bytes, &mut collector),
        Format::ProofpointCsv => table::read_proofpoint(bytes, &mut collector),
        Format::FireeyeCsv => table::read_fireeye(bytes, &mut collector),
    }?;
    collector.finish()
}

/// The byte order mark of UTF-8, which some editors write.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Returns trimmed lines with their numbers, from 1. Bytes that are not UTF-8 become U+FFFD,
/// which no entry contains.
fn lines(bytes: &[u8]) -> impl Iterator<Item = (u64, std::borrow::Cow<'_, str>)> {
    (1..)
        .zip(bytes.split(|&byte| byte == b'\n'))
        .map(|(number, line)| (number, String::from_utf8_lossy(line.trim_ascii())))
}

#[cfg(test)]
mod tests;

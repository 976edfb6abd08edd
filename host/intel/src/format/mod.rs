//! The formats of lists.
//!
//! Each reader takes the bytes of a file and gives entries to a [`Collector`]. A line, row
//! or object that is no entry costs itself only.

mod alien_vault;
mod collector;
mod detect;
mod plain;
mod stix1;
mod stix2;
mod table;
mod tor;

use serde::{Deserialize, Serialize};

pub use collector::{BadLine, Collector, Reading};
pub use detect::detect;

use super::entry::Content;

/// How a list's file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// One entry a line; `#`, `;` or `//` begin a comment.
    Plain,
    /// The Tor project's `exit-addresses`
    /// (<https://metrics.torproject.org/collector.html#type-tordnsel>). Its bulk list
    /// is plain text.
    TorExitAddresses,
    /// STIX 2.0 and 2.1: a bundle of JSON with indicators
    /// (<https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html>).
    Stix2,
    /// STIX 1.x: XML with observables of CybOX 2
    /// (<https://stixproject.github.io/documentation/>).
    Stix1,
    /// CSV as Open Threat Exchange exports it: type, indicator, description.
    OtxCsv,
    /// AlienVault's reputation feed: fields with `#` between them, the address first.
    AlienVault,
    /// CSV of Proofpoint ET Intelligence: address or domain, category, score, times, ports.
    ProofpointCsv,
    /// CSV of FireEye iSIGHT: 47 columns, of which `cidr`, `ip`, `domain` and `sha256` count.
    FireeyeCsv,
}

impl Format {
    /// All of them.
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

    /// The name in configurations and reports.
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

/// Why a file as a whole is no list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// It is packed.
    #[error("it is packed by {0} (unpack it first)")]
    Packed(&'static str),
    /// It holds bytes that no format has.
    #[error("it holds bytes that no text has (is it a program or an archive?)")]
    Binary,
    /// It is a web page.
    #[error("it is a web page and no list (did a download answer with an error or a log-in?)")]
    WebPage,
    /// JSON that cannot be read.
    #[error("it is not JSON that can be read: {0} (is it cut off?)")]
    Json(String),
    /// JSON that is something else.
    #[error("it is JSON without `objects`, so that it is no STIX 2 bundle")]
    NotABundle,
    /// XML that cannot be read.
    #[error("it is not XML that can be read: line {line}: {message}")]
    Xml {
        /// Where, from 1.
        line: u64,
        /// What is wrong.
        message: String,
    },
    /// XML that is something else.
    #[error("its XML begins with `{0}`, and no STIX 1 package does")]
    NotAPackage(String),
    /// Declares entities, which could name other files or grow without end.
    #[error(
        "line {0}: a document type declaration, which no list needs (entities are not expanded)"
    )]
    DocumentType(u64),
    /// Not UTF-8.
    #[error("it is not UTF-8")]
    NotText,
    /// A CSV without the columns that count.
    #[error("it has no column {0} (the first row must name the columns)")]
    NoColumn(&'static str),
    /// More entries than a list may have.
    #[error("it has more than {0} entries (intel.entry-limit)")]
    TooMany(usize),
    /// Most of it is no entry.
    #[error("{bad} of {all} lines are no entries; the first is line {line}: {reason}")]
    Mostly {
        /// How many are none.
        bad: usize,
        /// Of how many.
        all: usize,
        /// The first that is none.
        line: u64,
        /// Why.
        reason: String,
    },
    /// A content that the format cannot hold.
    #[error("a list of names must be plain text, and this one is `{}`", .0.as_str())]
    Names(Format),
}

/// Reads a file. The moment decides which indicators are valid.
///
/// # Errors
/// Where the file as a whole is no list, or has more than `limit` entries.
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

/// UTF-8's, which editors of one operating system write.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Lines with their numbers, from 1, as text and without white space around them. Bytes
/// that are no UTF-8 are shown as U+FFFD, which no entry has.
fn lines(bytes: &[u8]) -> impl Iterator<Item = (u64, std::borrow::Cow<'_, str>)> {
    (1..)
        .zip(bytes.split(|&byte| byte == b'\n'))
        .map(|(number, line)| (number, String::from_utf8_lossy(line.trim_ascii())))
}

#[cfg(test)]
mod tests;

//! How one list is to be read: from the configuration, and from a file beside the list.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::entry::Content;
use super::format::Format;
use super::lists::KIND_PREFIX;

/// Bytes of a list's or a kind's name.
const NAME_BYTES: usize = 128;

/// One list of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListConfig {
    /// How detectors and findings name it.
    pub name: String,
    /// `trusted`, `threat`, `threat-feed`, `tor`, or one of the operator's own.
    pub kind: String,
    /// What it holds.
    pub content: Content,
    /// How the file is written; none: told from its content.
    pub format: Option<Format>,
    /// The file.
    pub path: PathBuf,
    /// How old the file may be before the host says so; none: as the host's other lists.
    pub stale_after: Option<Duration>,
    /// For people.
    pub description: String,
}

/// Where lists are, and what they may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntelConfig {
    /// One folder for each kind, in which each file is a list; none: no such directory.
    pub directory: Option<PathBuf>,
    /// How often files are looked at.
    pub rescan: Duration,
    /// Bytes of a list's file.
    pub file_limit: u64,
    /// Entries of a list.
    pub entry_limit: usize,
    /// How old a file may be before the host says so; zero: never.
    pub stale_after: Duration,
    /// Lists that lie elsewhere.
    pub lists: Vec<ListConfig>,
}

/// `NAME.toml` beside a list `NAME` in the directory of lists.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Beside {
    pub kind: Option<String>,
    pub content: Option<Content>,
    pub format: Option<Format>,
    #[serde(deserialize_with = "duration")]
    pub stale_after: Option<Duration>,
    pub description: String,
}

fn duration<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    humantime::parse_duration(&text).map(Some).map_err(|_| {
        serde::de::Error::custom(format!(
            "`{text}` is not a duration such as \"12h\" or \"30days\""
        ))
    })
}

/// What a name of a list or of a kind must be; none if it is that.
#[must_use]
pub fn name_defect(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        Some("must not be empty")
    } else if name.len() > NAME_BYTES {
        Some("must not be longer than 128 bytes")
    } else if name.starts_with(KIND_PREFIX) {
        Some("must not begin with `kind:`, which means all lists of a kind")
    } else if !wardline_files::text::is_fit(name) {
        Some("must not hold characters that cannot be shown")
    } else {
        None
    }
}

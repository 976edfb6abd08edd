//! The settings of intel lists, from the configuration and from files beside the lists.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::entry::Content;
use super::format::Format;
use super::lists::KIND_PREFIX;

/// The maximum length of a list's or kind's name, in bytes.
const NAME_BYTES: usize = 128;

/// One list of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListConfig {
    /// The name used by detectors and findings.
    pub name: String,
    /// `trusted`, `threat`, `threat-feed`, `tor`, or a kind of the operator's own.
    pub kind: String,
    /// The content of the list.
    pub content: Content,
    /// The format of the file; `None` to detect it.
    pub format: Option<Format>,
    /// The path of the file.
    pub path: PathBuf,
    /// The age from which the list is reported as stale; `None` for the general setting.
    pub stale_after: Option<Duration>,
    /// A description for people.
    pub description: String,
}

/// The locations and limits of intel lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntelConfig {
    /// The directory, with one folder per kind, in which each file is a list; `None` for no
    /// directory.
    pub directory: Option<PathBuf>,
    /// How often files are checked.
    pub rescan: Duration,
    /// The maximum size of a list's file, in bytes.
    pub file_limit: u64,
    /// The maximum number of entries of a list.
    pub entry_limit: usize,
    /// The age from which a list is reported as stale; zero for never.
    pub stale_after: Duration,
    /// Lists outside of the directory.
    pub lists: Vec<ListConfig>,
}

/// The settings file `NAME.toml` of a list `NAME` in the directory.
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

/// Returns why a list or kind cannot have this name, or `None` if it can.
#[must_use]
pub fn name_defect(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        Some("must not be empty")
    } else if name.len() > NAME_BYTES {
        Some("must not be longer than 128 bytes")
    } else if name.starts_with(KIND_PREFIX) {
        Some("must not begin with `kind:`, which means all lists of a kind")
    } else if !wardline_text::is_fit(name) {
        Some("must not contain control or bidirectional characters")
    } else {
        None
    }
}

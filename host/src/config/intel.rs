//! The `[intel]` section.

use std::fmt;
use std::path::Path;

use serde::de::value::MapAccessDeserializer;
use serde::{Deserialize, Deserializer, Serialize, de};

use super::error::ConfigError;
use super::file::{IntelGiven, IntelSection};
use super::quantity::Time;
use crate::intel::{Content, Format, IntelConfig, ListConfig, name_defect};

/// `[[intel.list]]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct IntelList {
    pub name: String,
    pub kind: String,
    pub path: String,
    #[serde(default)]
    pub content: Content,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale_after: Option<Time>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
}

/// Deserializes the section. Derived code would take a list of tables for the section's fields in
/// order, and report a misleading error.
pub(super) fn section<'de, D: Deserializer<'de>>(deserializer: D) -> Result<IntelGiven, D::Error> {
    struct Section;

    impl<'de> de::Visitor<'de> for Section {
        type Value = IntelGiven;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("the section [intel], and lists as [[intel.list]]")
        }

        fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<IntelGiven, A::Error> {
            IntelGiven::deserialize(MapAccessDeserializer::new(map))
        }

        fn visit_seq<A: de::SeqAccess<'de>>(self, _: A) -> Result<IntelGiven, A::Error> {
            Err(de::Error::custom(
                "`intel` is a section, not a list of tables (write [[intel.list]] instead of [[intel]])",
            ))
        }
    }

    deserializer.deserialize_any(Section)
}

/// Resolves the section's paths.
pub(super) fn resolve(section: &IntelSection, base: &Path) -> IntelConfig {
    IntelConfig {
        directory: (!section.directory.is_empty()).then(|| base.join(&section.directory)),
        rescan: section.rescan.0,
        file_limit: section.file_limit.0,
        entry_limit: section.entry_limit,
        stale_after: section.stale_after.0,
        lists: section
            .list
            .iter()
            .map(|list| ListConfig {
                name: list.name.clone(),
                kind: list.kind.clone(),
                content: list.content,
                format: list.format,
                path: base.join(&list.path),
                stale_after: list.stale_after.map(|time| time.0),
                description: list.description.clone(),
            })
            .collect(),
    }
}

/// Returns [`ConfigError::Value`] if a value is invalid.
pub(super) fn check(section: &IntelSection, origin: &str) -> Result<(), ConfigError> {
    let wrong = |key: &str, message: String| Err(ConfigError::value(origin, key, message));
    if section.rescan.0.is_zero() {
        return wrong("intel.rescan", "must be longer than 0s".into());
    }
    if section.entry_limit == 0 || section.entry_limit > MOST_ENTRIES {
        return wrong(
            "intel.entry-limit",
            format!("must be from 1 to {MOST_ENTRIES}"),
        );
    }
    for list in &section.list {
        for (key, name) in [
            ("intel.list.name", &list.name),
            ("intel.list.kind", &list.kind),
        ] {
            if let Some(defect) = name_defect(name) {
                return wrong(key, format!("`{}` {defect}", crate::text::shown(name, 64)));
            }
        }
        if list.content == Content::Names
            && list.format.is_some_and(|format| format != Format::Plain)
        {
            return wrong("intel.list.format", "a list of names must be plain".into());
        }
    }
    Ok(())
}

/// Maximum number of entries in a list, so that 32 bits suffice to number them.
const MOST_ENTRIES: usize = 1_000_000_000;

//! The `[intel]` section.

use std::path::Path;

use wardline_intel::{Content, Format, IntelConfig, ListConfig, name_defect};

use super::error::ConfigError;
use super::file::IntelSection;

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
    if section.entry_limit == 0 || section.entry_limit > MAX_ENTRIES {
        return wrong(
            "intel.entry-limit",
            format!("must be from 1 to {MAX_ENTRIES}"),
        );
    }
    for list in &section.list {
        for (key, name) in [
            ("intel.list.name", &list.name),
            ("intel.list.kind", &list.kind),
        ] {
            if let Some(defect) = name_defect(name) {
                return wrong(
                    key,
                    format!("`{}` {defect}", wardline_text::shown(name, 64)),
                );
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
const MAX_ENTRIES: usize = 1_000_000_000;

//! Rotated files beside the one that is followed.

use std::fs::Metadata;
use std::path::{Path, PathBuf};

use crate::{Operation, SourceError};

/// A rotated file.
#[derive(Debug)]
pub(super) struct Rotated {
    pub path: PathBuf,
    pub metadata: Metadata,
    /// Older files have smaller ones.
    pub order: Order,
}

/// How the names of rotated files are ordered. One program makes all names of a
/// folder, so that the two kinds do not meet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Order {
    /// By number, the highest is the oldest: `audit.log.2` (logrotate).
    Numbered(std::cmp::Reverse<u64>),
    /// By time: `audit-2026-11-25T10-00-00.000.log` (kube-apiserver), `audit.log-20261125`
    /// (logrotate with `dateext`).
    Dated(String),
}

const PACKED: [&str; 2] = [".gz", ".zst"];

/// The rotated files of `path`, oldest first. Of a file that is there plain and packed,
/// as it is while it is being packed, the plain one.
///
/// # Errors
/// Where the folder cannot be read.
pub(super) fn rotated(path: &Path) -> Result<Vec<Rotated>, SourceError> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let fail = |error| SourceError::io(folder, Operation::List, error);
    let Some(own) = path.file_name().and_then(|name| name.to_str()) else {
        return Ok(Vec::new());
    };
    let mut found: Vec<Rotated> = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let Some(order) = order(own, &name) else {
            continue;
        };
        // It may have gone since the folder was read.
        let Ok(metadata) = std::fs::metadata(entry.path()) else {
            continue;
        };
        if metadata.is_file() {
            found.push(Rotated {
                path: entry.path(),
                metadata,
                order,
            });
        }
    }
    let is_packed = |file: &Rotated| {
        let name = file.path.to_string_lossy();
        PACKED.iter().any(|suffix| name.ends_with(suffix))
    };
    found.sort_by(|one, other| (&one.order, is_packed(one)).cmp(&(&other.order, is_packed(other))));
    found.dedup_by(|later, earlier| later.order == earlier.order);
    Ok(found)
}

/// Where a name stands among the rotated files of `own`, or none if it is not one.
fn order(own: &str, name: &str) -> Option<Order> {
    let name = PACKED
        .iter()
        .find_map(|suffix| name.strip_suffix(suffix))
        .unwrap_or(name);
    let begins_with_digit =
        |text: &&str| text.starts_with(|character: char| character.is_ascii_digit());
    if let Some(rest) = name.strip_prefix(own) {
        if let Some(number) = rest.strip_prefix('.').and_then(|rest| rest.parse().ok()) {
            return Some(Order::Numbered(std::cmp::Reverse(number)));
        }
        return rest
            .strip_prefix(['-', '.'])
            .filter(begins_with_digit)
            .map(|date| Order::Dated(date.to_owned()));
    }
    let (stem, extension) = own.rsplit_once('.')?;
    name.strip_prefix(stem)?
        .strip_prefix('-')?
        .strip_suffix(extension)?
        .strip_suffix('.')
        .filter(begins_with_digit)
        .map(|date| Order::Dated(date.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::rotated;

    fn names(files: &[&str]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            std::fs::write(folder.path().join(file), "x").unwrap();
        }
        rotated(&folder.path().join("audit.log"))
            .unwrap()
            .into_iter()
            .map(|file| file.path.file_name().unwrap().to_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn those_of_kube_apiserver_are_ordered_by_time() {
        assert_eq!(
            names(&[
                "audit.log",
                "audit-2026-11-25T11-00-00.000.log",
                "audit-2026-11-25T10-00-00.000.log.gz",
                "audit-2026-11-25T12-00-00.000.log",
                "audit-2026-11-25T12-00-00.000.log.gz",
                "audit-policy.log",
                "other-2026-11-25T11-00-00.000.log",
            ]),
            [
                "audit-2026-11-25T10-00-00.000.log.gz",
                "audit-2026-11-25T11-00-00.000.log",
                "audit-2026-11-25T12-00-00.000.log",
            ]
        );
    }

    #[test]
    fn those_of_logrotate_are_ordered_by_number() {
        assert_eq!(
            names(&[
                "audit.log.1",
                "audit.log.10.gz",
                "audit.log.2.gz",
                "audit.log.bak"
            ]),
            ["audit.log.10.gz", "audit.log.2.gz", "audit.log.1"]
        );
        assert_eq!(
            names(&["audit.log-20261124.gz", "audit.log-20261125"]),
            ["audit.log-20261124.gz", "audit.log-20261125"]
        );
    }
}

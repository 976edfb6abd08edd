//! Rotated files beside the followed one.

use std::fs::Metadata;
use std::path::{Path, PathBuf};

use crate::{Operation, SourceError};

/// A rotated file.
#[derive(Debug)]
pub(super) struct Rotated {
    pub path: PathBuf,
    pub metadata: Metadata,
    /// Smaller for older files.
    pub order: Order,
}

/// The order of rotated files by name. One program names all files of a directory, so that the
/// two kinds do not mix.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Order {
    /// By number, the highest is the oldest: `audit.log.2` (logrotate).
    Numbered(std::cmp::Reverse<u64>),
    /// By time: `audit-2026-11-25T10-00-00.000.log` (kube-apiserver), `audit.log-20261125`
    /// (logrotate with `dateext`).
    Dated(String),
}

const PACKED: [&str; 2] = [".gz", ".zst"];

/// Returns the rotated files of `path`, oldest first. If a file exists both plain and
/// compressed, because it is being compressed, only the plain one is returned.
///
/// # Errors
/// Returns [`SourceError`] if the directory cannot be read.
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
        // The file may have been removed since the directory was read.
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

/// Returns the order of a name among the rotated files of `own`, or `None` if it is not one of
/// them.
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
    fn orders_files_of_kube_apiserver_by_time() {
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
    fn orders_files_of_logrotate_by_number() {
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

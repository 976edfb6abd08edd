//! A damaged store, which must not keep the host from judging.

use std::path::{Path, PathBuf};

use wardline_text::chain;

use super::{Store, StoreError};

/// A damaged store that was put aside. What detectors, the inventory, and open findings remembered is
/// lost, so counts and windows begin anew; sources are read again from where they start without a
/// checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplacedStore {
    /// The damaged file under its new name.
    pub kept_as: PathBuf,
    /// The damage, in words.
    pub reason: String,
}

impl Store {
    /// Opens the file like [`Store::open`]. A damaged file is renamed to `FILE.damaged-SECONDS`, with
    /// the seconds since the Unix epoch, and a new store is begun.
    ///
    /// # Errors
    /// As for [`Store::open`], and [`StoreError::Rename`] if a damaged file cannot be renamed.
    pub fn open_or_replace(path: &Path) -> Result<(Self, Option<ReplacedStore>), StoreError> {
        let error = match Self::open(path) {
            Ok(store) => return Ok((store, None)),
            Err(error) => error,
        };
        let reason = match &error {
            StoreError::Damaged { error, .. } => chain(error).to_string(),
            StoreError::Database(
                cause @ (redb::Error::Corrupted(_) | redb::Error::TableTypeMismatch { .. }),
            ) => cause.to_string(),
            _ => return Err(error),
        };
        let mut kept_as = path.to_owned().into_os_string();
        kept_as.push(format!(".damaged-{}", super::now() / 1000));
        let kept_as = PathBuf::from(kept_as);
        std::fs::rename(path, &kept_as).map_err(|error| StoreError::Rename {
            path: path.to_owned(),
            error,
        })?;
        let store = Self::open(path)?;
        Ok((store, Some(ReplacedStore { kept_as, reason })))
    }
}

#[cfg(test)]
mod tests;

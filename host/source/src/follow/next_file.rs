//! The file that is read next: the one at the path, or a rotated one.

use std::io;

use super::checkpoint::{Checkpoint, Identity, changed, modified};
use super::reading::Reading;
use super::rotation::{Rotated, rotated};
use super::{After, Follow, Start};
use crate::{Operation, SourceError};

impl Follow {
    /// Opens a file to read if none is open, and returns false if there is none yet.
    pub(super) fn have_file(&mut self) -> Result<bool, SourceError> {
        if self.current.is_some() {
            return Ok(true);
        }
        if let Some(from) = self.resume.take() {
            if let Err(error) = self.find(&from) {
                self.resume = Some(from);
                return Err(error);
            }
            if self.current.is_some() {
                return Ok(true);
            }
        }
        // Opened before the directory is listed: whatever was rotated until then is in the list.
        let newest = match Reading::open(&self.path, false) {
            Ok(reading) => Some(reading),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(SourceError::io(&self.path, Operation::Open, error)),
        };
        match self.next_rotated()? {
            // The file at the path may have been rotated meanwhile.
            Some(file)
                if newest
                    .as_ref()
                    .is_none_or(|newest| newest.identity != Identity::of(&file.metadata)) =>
            {
                return self.open_rotated(&file);
            }
            _ => {}
        }
        let Some(mut reading) = newest else {
            return Ok(false);
        };
        self.is_begun = true;
        if std::mem::replace(&mut self.start, Start::Beginning) == Start::End {
            self.inside_line = reading
                .skip_to_end()
                .map_err(|error| SourceError::io(&self.path, Operation::Read, error))?;
        }
        self.current = Some(reading);
        Ok(true)
    }

    /// Opens a rotated file at its beginning, and returns false if it was renamed meanwhile.
    pub(super) fn open_rotated(&mut self, file: &Rotated) -> Result<bool, SourceError> {
        match Reading::open(&file.path, true) {
            Ok(reading) => {
                self.start = Start::Beginning;
                self.is_begun = true;
                self.current = Some(reading);
                self.after = None;
                Ok(true)
            }
            // The next call finds it under its new name.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) if is_damage(&error) => {
                self.gaps
                    .push(format!("{} is damaged: {error}", file.path.display()));
                self.after = Some(After {
                    skipped: Some(Identity::of(&file.metadata)),
                    ..self.after.take().unwrap_or_default()
                });
                Ok(true)
            }
            Err(error) => Err(SourceError::io(&file.path, Operation::Open, error)),
        }
    }

    /// Returns the rotated file that comes next; `None` stands for the file at the path. Nothing is
    /// remembered of the directory, because files are renamed, compressed, and removed at any time.
    pub(super) fn next_rotated(&mut self) -> Result<Option<Rotated>, SourceError> {
        let Some(after) = self.after.clone() else {
            return self.first_rotated();
        };
        let mut files = rotated(&self.path)?;
        let own = files.iter().position(|file| match after.skipped {
            Some(skipped) => Identity::of(&file.metadata) == skipped,
            // A file that cannot be read is another one.
            None => after
                .from
                .as_ref()
                .is_some_and(|from| Reading::is_of(&file.path, from).unwrap_or(false)),
        });
        if let Some(own) = own {
            return Ok((own + 1 < files.len()).then(|| files.swap_remove(own + 1)));
        }
        if after.is_gap {
            self.gaps.push(format!(
                "the file that was read as {} before was removed; later ones may be missing too",
                self.path.display()
            ));
            if let Some(after) = &mut self.after {
                after.is_gap = false;
            }
        }
        let last = after.from.map_or(i128::MIN, |from| from.modified);
        Ok(files
            .into_iter()
            .find(|file| modified(&file.metadata) > last))
    }

    /// Returns the file that was rotated after the host started and before it first saw it.
    fn first_rotated(&mut self) -> Result<Option<Rotated>, SourceError> {
        if self.start == Start::End || self.is_begun {
            return Ok(None);
        }
        // A directory that is missing has no rotated files.
        let files = rotated(&self.path).unwrap_or_default();
        let (old, new): (Vec<Rotated>, Vec<Rotated>) = files
            .into_iter()
            .partition(|file| changed(&file.metadata) < self.opened);
        if !old.is_empty() {
            self.note = Some(format!(
                "{} files beside {} were rotated before the first start and are not read (judge them with `wardline scan`)",
                old.len(),
                self.path.display()
            ));
        }
        Ok(new.into_iter().next())
    }

    /// Finds the file of a checkpoint under its present name.
    fn find(&mut self, from: &Checkpoint) -> Result<(), SourceError> {
        // If there is a checkpoint, no file is begun at its end.
        self.start = Start::Beginning;
        self.is_begun = true;
        match Reading::resume(&self.path, false, from) {
            Ok(Some(reading)) => {
                self.current = Some(reading);
                return Ok(());
            }
            Ok(None) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(SourceError::io(&self.path, Operation::Open, error)),
        }
        if self.resume_rotated(from)? {
            return Ok(());
        }
        let truncated = std::fs::metadata(&self.path)
            .is_ok_and(|metadata| Identity::of(&metadata) == from.identity);
        self.gaps.push(if truncated {
            format!(
                "{} was truncated while it was not followed",
                self.path.display()
            )
        } else {
            format!(
                "the file that was read as {} before is missing",
                self.path.display()
            )
        });
        self.after = Some(After {
            from: Some(from.clone()),
            ..After::default()
        });
        Ok(())
    }

    /// Reads on in the rotated file of a checkpoint, and returns false if there is none.
    pub(super) fn resume_rotated(&mut self, from: &Checkpoint) -> Result<bool, SourceError> {
        for file in rotated(&self.path)? {
            // A damaged or removed file is taken for another one.
            if let Ok(Some(reading)) = Reading::resume(&file.path, true, from) {
                self.current = Some(reading);
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Returns true if a file will not become readable by waiting.
fn is_damage(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof
    )
}

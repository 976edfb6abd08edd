//! Keeps the lists in force the same as their files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use cap_std::fs::Dir;
use jiff::Timestamp;
use wardline_files::{Contents, FileError, Stamp, read, read_file};

use super::directory::{Place, find};
use super::event::{ListEvent, Look};
use super::known::{InUse, Known, Settings};
use super::list::{Change, List};
use super::lists::Intel;
use super::load::{LoadError, Reader, Report, load};
use super::settings::{Beside, IntelConfig, ListConfig, name_defect};
use super::status::{Board, ListStatus};

/// Bytes of a file of settings.
const SETTINGS_BYTES: u64 = 64 * 1024;

/// Where a list comes from.
enum Origin<'o> {
    Configured(&'o ListConfig),
    Directory(&'o Dir, &'o Place),
}

/// The only one that reads the files of lists.
pub struct ListLoader {
    config: IntelConfig,
    board: Board,
    files: BTreeMap<PathBuf, Known>,
    unreadable: bool,
    has_looked: bool,
}

impl ListLoader {
    /// A loader that has not looked yet.
    #[must_use]
    pub fn new(config: IntelConfig) -> Self {
        Self {
            config,
            board: Board::default(),
            files: BTreeMap::new(),
            unreadable: false,
            has_looked: false,
        }
    }

    /// Where the status of all lists can be read.
    #[must_use]
    pub fn board(&self) -> Board {
        self.board.clone()
    }

    /// The directory that should be watched, and whether with the folders in it; none if
    /// there is nothing to watch.
    #[must_use]
    pub fn watched(&self) -> Option<(&Path, bool)> {
        match &self.config.directory {
            Some(directory) => Some((directory, true)),
            None => {
                let first = self.config.lists.first()?;
                Some((first.path.parent().unwrap_or(Path::new(".")), false))
            }
        }
    }

    /// Looks at all files, at this moment. Reading takes place here, so that a call may take
    /// a second for a large list. Whatever changes, changes together.
    pub fn look(&mut self, now: Timestamp) -> Look {
        let mut look = Look::default();
        let config = self.config.clone();
        let listed = match config.directory.as_deref().map(find) {
            None => None,
            Some(Ok(listed)) => {
                if std::mem::take(&mut self.unreadable) {
                    look.events.push(ListEvent::Readable);
                }
                Some(listed)
            }
            Some(Err(error)) => {
                if !std::mem::replace(&mut self.unreadable, true) {
                    look.events.push(ListEvent::Unreadable(error));
                }
                None
            }
        };
        let configured = config.lists.iter();
        let mut origins: Vec<(PathBuf, Origin<'_>)> = configured
            .map(|list| (list.path.clone(), Origin::Configured(list)))
            .collect();
        if let Some((dir, places)) = &listed {
            let found = places
                .iter()
                .filter(|(path, _)| config.lists.iter().all(|list| list.path != **path));
            origins
                .extend(found.map(|(path, place)| (path.clone(), Origin::Directory(dir, place))));
        }
        let mut has_changed = !std::mem::replace(&mut self.has_looked, true);
        if !self.unreadable {
            has_changed |= self.forget_others(&origins, &mut look.events);
        }
        for (path, origin) in &origins {
            if let Some(event) = self.refresh(path, origin, now) {
                has_changed |= matches!(event, ListEvent::Loaded { .. });
                look.events.push(event);
            }
        }
        self.remind(now, &mut look.events);
        if has_changed {
            let in_use = self
                .files
                .values()
                .filter_map(|known| known.in_use.as_ref());
            let lists: Intel = in_use.map(|in_use| Arc::clone(&in_use.list)).collect();
            look.lists = Some(Arc::new(lists));
        }
        self.show(now);
        look
    }

    /// Takes lists out of force whose files are gone.
    fn forget_others(
        &mut self,
        origins: &[(PathBuf, Origin<'_>)],
        events: &mut Vec<ListEvent>,
    ) -> bool {
        let mut has_changed = false;
        self.files.retain(|path, known| {
            // A list that the configuration names is missed when its file is gone.
            if origins.iter().any(|(other, _)| other == path) {
                return true;
            }
            if let Some(in_use) = &known.in_use {
                has_changed = true;
                events.push(ListEvent::Removed {
                    name: known.name.clone(),
                    entries: in_use.report.counts.all(),
                });
            }
            false
        });
        has_changed
    }

    /// Reads a file that may have changed.
    fn refresh(&mut self, path: &Path, origin: &Origin<'_>, now: Timestamp) -> Option<ListEvent> {
        let name = match origin {
            Origin::Configured(list) => list.name.clone(),
            Origin::Directory(_, place) => place.name().to_owned(),
        };
        let stamps = stamps(path, origin);
        let known = self.files.get(path);
        if known.is_some_and(|known| known.is_surely(stamps, now)) {
            return None;
        }
        let result = self.read(path, &name, origin, now);
        let known = self.files.entry(path.to_owned()).or_default();
        known.stamps = stamps;
        known.name.clone_from(&name);
        match result {
            Ok(None) => {
                known.renew();
                None
            }
            Ok(Some((list, report, settings))) => {
                let before = known.in_use.as_ref().map(|in_use| in_use.list.as_ref());
                let event = ListEvent::Loaded {
                    name,
                    kind: list.kind.clone(),
                    replaced: before.is_some(),
                    change: Change::between(before, &list),
                    report: Box::new(report.clone()),
                };
                known.failure = None;
                known.kind.clone_from(&settings.kind);
                known.description.clone_from(&settings.description);
                known.in_use = Some(InUse {
                    list: Arc::new(list),
                    report,
                    settings,
                    since: now,
                    reminded: None,
                });
                Some(event)
            }
            // It will be read at the next look.
            Err(LoadError::File(FileError::Changing { .. })) => {
                known.stamps = (None, None);
                None
            }
            Err(error) => {
                if known.kind.is_empty() {
                    known.kind = match origin {
                        Origin::Configured(list) => list.kind.clone(),
                        Origin::Directory(_, place) => place.folder.clone(),
                    };
                }
                let is_known = known.failure.as_ref() == Some(&error);
                known.failure = Some(error.clone());
                (!is_known).then(|| ListEvent::Refused {
                    name,
                    path: path.to_owned(),
                    error,
                    older_in_force: known.in_use.is_some(),
                })
            }
        }
    }

    /// Reads one list; none if it is the one in force.
    fn read(
        &self,
        path: &Path,
        name: &str,
        origin: &Origin<'_>,
        now: Timestamp,
    ) -> Result<Option<(List, Report, Settings)>, LoadError> {
        let settings = self.settings(origin)?;
        for text in [name, &settings.kind] {
            if let Some(defect) = name_defect(text) {
                let name = text.to_owned();
                return Err(LoadError::Name { name, defect });
            }
        }
        let taken = self.files.iter().find(|(other, known)| {
            known.in_use.is_some() && known.name == name && other.as_path() != path
        });
        if let Some((by, _)) = taken {
            let (name, by) = (name.to_owned(), by.clone());
            return Err(LoadError::Taken { name, by });
        }
        let contents = match origin {
            Origin::Configured(list) => read_file(&list.path, self.config.file_limit),
            Origin::Directory(dir, place) => read(dir, place.path(), self.config.file_limit),
        }?;
        let before = self.files.get(path).and_then(|known| known.in_use.as_ref());
        if let Some(before) = before {
            let is_due = before.report.changes_at.is_some_and(|at| at <= now);
            if before.report.digest == contents.digest && before.settings == settings && !is_due {
                return Ok(None);
            }
            if before.report.counts.all() > 0 && is_blank(&contents) {
                return Err(LoadError::Emptied);
            }
        }
        let (list, report) = load(name, &settings.kind, &settings.reader, &contents, now)?;
        Ok(Some((list, report, settings)))
    }

    /// What the configuration, or the file beside the list, says of it.
    fn settings(&self, origin: &Origin<'_>) -> Result<Settings, LoadError> {
        let settings =
            |kind: &str, content, format, stale_after: Option<Duration>, text: &str| Settings {
                kind: kind.to_owned(),
                reader: Reader {
                    content,
                    format,
                    entry_limit: self.config.entry_limit,
                },
                stale_after: stale_after.unwrap_or(self.config.stale_after),
                description: wardline_text::shown(text, 256),
            };
        match origin {
            Origin::Configured(list) => Ok(settings(
                &list.kind,
                list.content,
                list.format,
                list.stale_after,
                &list.description,
            )),
            Origin::Directory(dir, place) => {
                let beside = beside(dir, place)?;
                let kind = beside.kind.unwrap_or_else(|| place.folder.clone());
                if kind.is_empty() {
                    return Err(LoadError::Misplaced);
                }
                Ok(settings(
                    &kind,
                    beside.content.unwrap_or_default(),
                    beside.format,
                    beside.stale_after,
                    &beside.description,
                ))
            }
        }
    }

    /// Says which lists are older than they should be.
    fn remind(&mut self, now: Timestamp, events: &mut Vec<ListEvent>) {
        for known in self.files.values_mut() {
            if let Some((age, limit)) = known.remind(now) {
                let name = known.name.clone();
                events.push(ListEvent::Stale { name, age, limit });
            }
        }
    }

    fn show(&self, now: Timestamp) {
        let mut lists: Vec<ListStatus> = self
            .files
            .iter()
            .map(|(path, known)| known.status(path, now))
            .collect();
        lists.sort_by(|one, other| (&one.name, &one.path).cmp(&(&other.name, &other.path)));
        self.board.write(lists);
    }
}

fn is_blank(contents: &Contents) -> bool {
    contents.bytes.trim_ascii().is_empty()
}

/// Of a list's file, and of the settings beside it.
fn stamps(path: &Path, origin: &Origin<'_>) -> (Option<Stamp>, Option<Stamp>) {
    match origin {
        Origin::Configured(_) => (Stamp::at(path), None),
        Origin::Directory(dir, place) => {
            let of = |file: String| dir.metadata(file).ok().map(|data| Stamp::of(&data));
            (of(place.path()), of(place.beside()))
        }
    }
}

fn beside(dir: &Dir, place: &Place) -> Result<Beside, LoadError> {
    let file = place.beside();
    if dir.symlink_metadata(&file).is_err() {
        return Ok(Beside::default());
    }
    let contents = read(dir, file.clone(), SETTINGS_BYTES)?;
    let wrong = |message: String| LoadError::Settings {
        file: file.clone(),
        message,
    };
    let text = String::from_utf8(contents.bytes).map_err(|_| wrong("it is not UTF-8".into()))?;
    toml::from_str(&text).map_err(|error: toml::de::Error| {
        let message = error.message().lines().next().unwrap_or_default();
        wrong(message.to_owned())
    })
}

#[cfg(test)]
mod tests;

//! The part of reloading that is specific to intel lists.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use wardline_files::reconcile::{
    self, Files, Handler, Item, Listing, Location, Part, SizeLimits, Table, Tracked,
};
use wardline_files::{FileError, Stamp};

use super::active::{ActiveList, Settings};
use super::directory::{Place, find};
use super::event::ListEvent;
use super::list::Change;
use super::load::{LoadError, Reader, load};
use super::settings::{Beside, IntelConfig, ListConfig, name_defect};

/// The maximum size of a settings file, in bytes.
const SETTINGS_BYTES: u64 = 64 * 1024;

/// The origin of a list.
pub(super) enum Origin {
    Configured(ListConfig),
    Directory(Place),
}

impl Origin {
    /// Returns the lists of the configuration, by path.
    pub fn configured(config: &IntelConfig) -> impl Iterator<Item = (PathBuf, Self)> {
        config
            .lists
            .iter()
            .map(|list| (list.path.clone(), Self::Configured(list.clone())))
    }

    pub fn name(&self) -> &str {
        match self {
            Self::Configured(list) => &list.name,
            Self::Directory(place) => place.name(),
        }
    }

    /// Returns the kind of the list unless its settings file changes it; may be empty.
    pub fn kind(&self) -> &str {
        match self {
            Self::Configured(list) => &list.kind,
            Self::Directory(place) => &place.folder,
        }
    }
}

/// One check of the lists.
pub(super) struct ListHandler<'l> {
    config: &'l IntelConfig,
    /// The origins of the lists that were found last.
    origins: &'l mut BTreeMap<PathBuf, Origin>,
    now: Timestamp,
    pub events: Vec<ListEvent>,
    /// Whether other lists are in force than before.
    pub has_changed: bool,
}

impl<'l> ListHandler<'l> {
    pub fn new(
        config: &'l IntelConfig,
        origins: &'l mut BTreeMap<PathBuf, Origin>,
        now: Timestamp,
    ) -> Self {
        Self {
            config,
            origins,
            now,
            events: Vec::new(),
            has_changed: false,
        }
    }

    fn name(&self, path: &Path) -> String {
        self.origins.get(path).map_or("", Origin::name).to_owned()
    }

    /// Returns the settings of a list from the configuration, or from the file beside the list.
    fn settings(&self, path: &Path, beside: Option<&str>) -> Result<Settings, LoadError> {
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
        match self.origins.get(path) {
            Some(Origin::Configured(list)) => Ok(settings(
                &list.kind,
                list.content,
                list.format,
                list.stale_after,
                &list.description,
            )),
            Some(Origin::Directory(place)) => {
                let beside = parse_beside(place, beside.unwrap_or_default())?;
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
            None => Err(LoadError::Misplaced),
        }
    }
}

impl Handler for ListHandler<'_> {
    type Key = PathBuf;
    type Value = ActiveList;
    type Failure = LoadError;

    fn list(&mut self) -> Listing<PathBuf> {
        let configured = self.config.lists.iter();
        let mut items: Vec<(PathBuf, Item)> = configured
            .map(|list| {
                let item = Item::new(Location::At(list.path.clone()));
                (list.path.clone(), item)
            })
            .collect();
        let (directory, places) = match self.config.directory.as_deref().map(find) {
            None => (None, BTreeMap::new()),
            Some(Ok((directory, places))) => (Some(directory), places),
            Some(Err(failure)) => {
                return Listing {
                    directory: None,
                    items,
                    failure: Some(failure),
                };
            }
        };
        *self.origins = Origin::configured(self.config).collect();
        for (path, place) in places {
            if self.origins.contains_key(&path) {
                continue;
            }
            let item = Item {
                settings: Some(place.beside()),
                ..Item::new(Location::Inside(place.path()))
            };
            items.push((path.clone(), item));
            self.origins.insert(path, Origin::Directory(place));
        }
        Listing {
            directory,
            items,
            failure: None,
        }
    }

    fn limits(&self) -> SizeLimits {
        SizeLimits {
            file: self.config.file_limit,
            settings: SETTINGS_BYTES,
        }
    }

    fn unreadable(&self, _: Part, error: FileError) -> LoadError {
        LoadError::File(error)
    }

    fn is_due(
        &self,
        tracked: &Tracked<ActiveList, LoadError>,
        table: &Table<PathBuf, ActiveList, LoadError>,
    ) -> bool {
        match tracked.failure() {
            Some(LoadError::Taken { name, by }) => table
                .get(by)
                .and_then(Tracked::value)
                .is_none_or(|other| other.list.name != *name),
            Some(_) => false,
            None => tracked
                .value()
                .is_some_and(|active| active.is_outdated(self.now)),
        }
    }

    fn load(
        &mut self,
        path: &PathBuf,
        files: Files,
        table: &Table<PathBuf, ActiveList, LoadError>,
    ) -> Result<Option<ActiveList>, LoadError> {
        let name = self.name(path);
        let settings = self.settings(path, files.settings.as_deref())?;
        for text in [&name, &settings.kind] {
            if let Some(defect) = name_defect(text) {
                let name = text.to_owned();
                return Err(LoadError::Name { name, defect });
            }
        }
        let taken = table.iter().find(|(other, tracked)| {
            *other != path
                && tracked
                    .value()
                    .is_some_and(|active| active.list.name == name)
        });
        if let Some((by, _)) = taken {
            let by = by.clone();
            return Err(LoadError::Taken { name, by });
        }
        let before = table.get(path).and_then(Tracked::value);
        if before.is_some_and(|before| before.report.counts.all() > 0)
            && files.file.bytes.trim_ascii().is_empty()
        {
            return Err(LoadError::Emptied);
        }
        let (list, report) = load(
            &name,
            &settings.kind,
            &settings.reader,
            &files.file,
            self.now,
        )?;
        Ok(Some(ActiveList {
            list: Arc::new(list),
            report,
            settings,
            since: self.now,
            reminded: None,
        }))
    }

    fn touch(&mut self, active: &mut ActiveList, stamp: &Stamp) {
        active.renew(stamp);
    }

    fn report(
        &mut self,
        change: reconcile::Change<'_, PathBuf, ActiveList, LoadError>,
        table: &Table<PathBuf, ActiveList, LoadError>,
    ) {
        let event = match change {
            reconcile::Change::Loaded { key, before } => {
                let Some(active) = table.get(key).and_then(Tracked::value) else {
                    return;
                };
                self.has_changed = true;
                let before = before.as_ref().map(|before| before.list.as_ref());
                ListEvent::Loaded {
                    name: active.list.name.clone(),
                    kind: active.list.kind.clone(),
                    replaced: before.is_some(),
                    change: Change::between(before, &active.list),
                    report: Box::new(active.report.clone()),
                }
            }
            reconcile::Change::Refused { key, failure } => ListEvent::Refused {
                name: self.name(key),
                path: key.clone(),
                error: failure.clone(),
                older_in_force: table.get(key).is_some_and(|list| list.value().is_some()),
            },
            reconcile::Change::Removed {
                value: Some(active),
                ..
            } => {
                self.has_changed = true;
                ListEvent::Removed {
                    name: active.list.name.clone(),
                    entries: active.report.counts.all(),
                }
            }
            // A list cannot be turned off, and one that was never in force is not missed.
            reconcile::Change::Removed { value: None, .. }
            | reconcile::Change::TurnedOff { .. } => return,
            reconcile::Change::Unreadable(failure) => ListEvent::Unreadable(failure.clone()),
            reconcile::Change::Readable => ListEvent::Readable,
        };
        self.events.push(event);
    }
}

fn parse_beside(place: &Place, text: &str) -> Result<Beside, LoadError> {
    toml::from_str(text).map_err(|error: toml::de::Error| LoadError::Settings {
        file: place.beside(),
        message: error
            .message()
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned(),
    })
}

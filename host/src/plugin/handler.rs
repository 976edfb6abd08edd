//! The part of reloading that is specific to detectors.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use wardline_detect::{Detector, Generation};
use wardline_files::FileError;
use wardline_files::reconcile::{
    Change, Files, Handler, Listing, Part, Removal, SizeLimits, Table, Tracked,
};

use super::activity::{Activity, activities};
use super::circle::{self, Circle};
use super::directory::{limits, list, origin};
use super::event::LoaderEvent;
use super::load::{Environment, LoadError, Loaded, Step, load};
use super::names::Names;
use super::pack::{Origin, Origins};
use super::status::{Board, FileState, FileStatus};
use super::summary::running;
use crate::config::PluginSettings;

/// A version in force.
pub(super) struct ActiveVersion {
    loaded: Loaded,
    since: String,
}

impl ActiveVersion {
    fn detector(&self) -> &Arc<Detector> {
        &self.loaded.detector
    }
}

/// The reason why a file is not in force.
#[derive(Clone)]
pub(super) struct Refusal {
    error: LoadError,
    /// The files, with their versions, that are the reason.
    blocked_by: Vec<(String, Option<u64>)>,
}

impl PartialEq for Refusal {
    /// Other versions of the same files are no news.
    fn eq(&self, other: &Self) -> bool {
        self.error == other.error
    }
}

impl From<LoadError> for Refusal {
    fn from(error: LoadError) -> Self {
        Self {
            error,
            blocked_by: Vec::new(),
        }
    }
}

type PluginTable = Table<String, ActiveVersion, Refusal>;
type PluginState = Tracked<ActiveVersion, Refusal>;

/// One check of the plugin directory and the pack. Items are detectors by the name of their file,
/// without `.wasm`.
pub(super) struct PluginHandler<'l> {
    pub origins: &'l mut Origins,
    pub environment: &'l Environment,
    pub board: &'l Board,
    pub found: &'l mut BTreeMap<String, Origin>,
    pub names: &'l Names,
    pub generation: &'l mut u64,
    pub publish: &'l mut dyn FnMut(Generation),
    pub events: Vec<LoaderEvent>,
}

impl Handler for PluginHandler<'_> {
    type Key = String;
    type Value = ActiveVersion;
    type Failure = Refusal;

    const REMOVAL: Removal = Removal::Last;

    fn list(&mut self) -> Listing<String> {
        let mut listing = list(self.origins);
        self.names.order(&mut listing.items);
        // A directory that was there is expected to stay: if it is gone, its detectors are kept.
        self.origins.is_optional &= listing.directory.is_none();
        if listing.failure.is_none() {
            *self.found = listing
                .items
                .iter()
                .map(|(name, item)| (name.clone(), origin(item)))
                .collect();
        }
        listing
    }

    fn limits(&self) -> SizeLimits {
        limits(self.environment.policy.file_limit)
    }

    fn unreadable(&self, part: Part, error: FileError) -> Refusal {
        LoadError::unreadable(part, &error).into()
    }

    fn is_due(&self, tracked: &PluginState, table: &PluginTable) -> bool {
        tracked.failure().is_some_and(|refusal| {
            refusal
                .blocked_by
                .iter()
                .any(|(other, blocking)| version(table, other) != *blocking)
        })
    }

    fn load(
        &mut self,
        file: &String,
        files: Files,
        table: &PluginTable,
    ) -> Result<Option<ActiveVersion>, Refusal> {
        let text = files.settings.unwrap_or_default();
        let settings = PluginSettings::parse(&text, &format!("{file}.toml"))
            .map_err(|error| LoadError::from_error(Step::Settings, &error))?;
        if !settings.enabled {
            return Ok(None);
        }
        self.write_board(table, Some(file));
        let loaded = load(self.environment, file, &files.file, &settings)?;
        self.admit(file, &loaded.detector, table)?;
        Ok(Some(ActiveVersion {
            loaded,
            since: jiff::Timestamp::now().to_string(),
        }))
    }

    fn report(&mut self, change: Change<'_, String, ActiveVersion, Refusal>, table: &PluginTable) {
        let event = match change {
            Change::Loaded { key, before } => {
                self.publish(table);
                let Some(active) = table.get(key).and_then(Tracked::value) else {
                    return;
                };
                let detector = active.detector();
                LoaderEvent::Loaded {
                    file: key.clone(),
                    name: detector.name().to_owned(),
                    version: detector.descriptor.version.clone(),
                    digest: detector.digest.clone(),
                    replaced: before.is_some(),
                    compile_milliseconds: milliseconds(active.loaded.compile_time),
                }
            }
            Change::TurnedOff { key } => {
                self.publish(table);
                LoaderEvent::Disabled { file: key.clone() }
            }
            Change::Refused { key, failure } => LoaderEvent::Refused {
                file: key.clone(),
                error: failure.error.clone(),
                older_at_work: table.get(key).is_some_and(|file| file.value().is_some()),
            },
            Change::Removed { key, value } => {
                if value.is_some() {
                    self.publish(table);
                }
                LoaderEvent::Removed { file: key.clone() }
            }
            Change::Unreadable(failure) => LoaderEvent::Unreadable(failure.clone()),
            Change::Readable => LoaderEvent::Readable,
        };
        self.events.push(event);
    }
}

impl PluginHandler<'_> {
    /// Checks that a detector can be in force together with those of the other files.
    fn admit(
        &self,
        file: &str,
        detector: &Arc<Detector>,
        table: &PluginTable,
    ) -> Result<(), Refusal> {
        let others: BTreeMap<&str, &Arc<Detector>> = table
            .iter()
            .filter(|(other, tracked)| *other != file && tracked.is_listed())
            .filter_map(|(other, tracked)| Some((other.as_str(), tracked.value()?.detector())))
            .collect();
        let refusal = |error, files: Vec<&str>| Refusal {
            error,
            blocked_by: files
                .into_iter()
                .map(|file| (file.to_owned(), version(table, file)))
                .collect(),
        };
        let taken = others
            .iter()
            .find(|(_, other)| other.name() == detector.name());
        if let Some((other, _)) = taken {
            let origin = self.found.get(*other).copied().unwrap_or_default();
            let error = name_taken(detector.name(), other, origin);
            return Err(refusal(error, vec![other]));
        }
        let together = others.values().map(|other| Arc::clone(other)).collect();
        circle::check(detector, together).map_err(|circle| {
            let error = LoadError::new(Step::Admit, &circle, Circle::HINT);
            let members = others
                .iter()
                .filter(|(_, other)| circle.names.iter().any(|name| name == other.name()));
            refusal(error, members.map(|(file, _)| *file).collect())
        })
    }

    /// Publishes the detectors in force. If a file was renamed, the table has its detector twice
    /// for a moment; the one whose file is still listed counts.
    fn publish(&mut self, table: &PluginTable) {
        let mut by_name = BTreeMap::new();
        for tracked in table.values() {
            let Some(detector) = tracked.value().map(ActiveVersion::detector) else {
                continue;
            };
            if tracked.is_listed() {
                by_name.insert(detector.name(), Arc::clone(detector));
            } else {
                by_name
                    .entry(detector.name())
                    .or_insert_with(|| Arc::clone(detector));
            }
        }
        *self.generation += 1;
        let detectors = by_name.into_values().collect();
        (self.publish)(Generation::new(*self.generation, detectors));
        self.write_board(table, None);
    }

    /// Updates the status of all files. `compiling` is the file that is being loaded.
    pub fn write_board(&self, table: &PluginTable, compiling: Option<&str>) {
        let mut activities = activity_by_file(table);
        let statuses = table
            .iter()
            .map(|(file, tracked)| {
                let activity = activities.remove(file).unwrap_or_default();
                let is_compiling = compiling == Some(file.as_str());
                FileStatus {
                    file: file.clone(),
                    origin: self.found.get(file).copied().unwrap_or_default(),
                    state: state(tracked, &activity, is_compiling),
                    note: activity.note,
                    digest_on_disk: tracked.digest().map(str::to_owned),
                    running: tracked
                        .value()
                        .map(|active| running(&active.loaded, &active.since)),
                    failure: tracked.failure().map(|refusal| refusal.error.clone()),
                }
            })
            .collect();
        self.board.write(statuses);
    }
}

/// Returns the name and file of each detector in force.
pub(super) fn names_in_force(table: &PluginTable) -> impl Iterator<Item = (&str, &str)> {
    table.iter().filter_map(|(file, tracked)| {
        let detector = tracked.value()?.detector();
        Some((detector.name(), file.as_str()))
    })
}

/// Returns the activity of each detector in force, by file.
pub(super) fn activity_by_file(table: &PluginTable) -> BTreeMap<String, Activity> {
    let (files, detectors): (Vec<String>, Vec<Arc<Detector>>) = table
        .iter()
        .filter_map(|(file, tracked)| Some((file.clone(), Arc::clone(tracked.value()?.detector()))))
        .unzip();
    files.into_iter().zip(activities(&detectors)).collect()
}

fn state(tracked: &PluginState, activity: &Activity, is_compiling: bool) -> FileState {
    match tracked.value() {
        _ if is_compiling => FileState::Compiling,
        Some(active) if active.detector().is_quarantined() => FileState::Quarantined,
        Some(_) if activity.is_idle => FileState::Idle,
        Some(_) => FileState::Active,
        None if tracked.is_off() => FileState::Disabled,
        None => FileState::Refused,
    }
}

/// Returns the version of a file that is in force and stays so.
fn version(table: &PluginTable, file: &str) -> Option<u64> {
    let tracked = table.get(file).filter(|tracked| tracked.is_listed())?;
    Some(tracked.value()?.detector().id)
}

/// State, metrics, and findings go by the detector's name, so that two cannot have the same.
fn name_taken(name: &str, file: &str, origin: Origin) -> LoadError {
    let (owner, hint) = match origin {
        Origin::File => (
            format!("{file}.wasm"),
            "remove one of the two files; state, metrics and findings go by the detector's name"
                .to_owned(),
        ),
        Origin::BuiltIn => (
            "a built-in detector".to_owned(),
            format!(
                "rename the file to {file}.wasm to replace the built-in detector, or turn that off with `enabled = false` in {file}.toml"
            ),
        ),
    };
    let message = format!("the name `{name}` is taken by {owner}");
    LoadError::new(Step::Admit, message, hint)
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

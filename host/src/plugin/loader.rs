//! Keeps the detectors at work the same as the plugin directory.

use std::collections::BTreeMap;
use std::sync::Arc;

use wardline_detect::{Detector, Generation};
use wardline_files::{Contents, FileError};

use super::activity::{Activity, activities};
use super::circle::{self, Circle};
use super::directory::{Directory, DirectoryError, Entry};
use super::load::{Environment, LoadError, Loaded, Step, load};
use super::pack::{Origin, Origins};
use super::status::{Board, FileState, FileStatus};
use super::summary::running;
use crate::config::PluginSettings;

/// What a look at the directory led to, for logs and metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoaderEvent {
    /// A version was put to work.
    Loaded {
        /// The file.
        file: String,
        /// The detector's name.
        name: String,
        /// Its version.
        version: String,
        /// SHA-256 of the file.
        digest: String,
        /// Whether it replaced another version of the file.
        replaced: bool,
        /// Milliseconds that compiling took.
        compile_milliseconds: u64,
    },
    /// A step failed; an older version of the file, if there is one, stays at work.
    Refused {
        /// The file.
        file: String,
        /// What failed.
        error: LoadError,
        /// Whether an older version is at work.
        older_at_work: bool,
    },
    /// The file is gone, and what came from it is no longer at work.
    Removed {
        /// The file.
        file: String,
    },
    /// The operator has turned it off.
    Disabled {
        /// The file.
        file: String,
    },
    /// Some subscriptions of a detector, or all, cannot match.
    Unreached {
        /// The file.
        file: String,
        /// Whether no event can reach the detector.
        is_idle: bool,
        /// The reason.
        reason: String,
    },
    /// All subscriptions of a detector for which that was not so can match.
    Reached {
        /// The file.
        file: String,
    },
    /// The directory cannot be read; all detectors stay at work.
    Unreadable(DirectoryError),
    /// It can be read again.
    Readable,
}

/// A version at work.
struct AtWork {
    loaded: Loaded,
    since: String,
}

/// What is known of one file.
#[derive(Default)]
struct Known {
    entry: Entry,
    digest: Option<String>,
    settings: Option<String>,
    at_work: Option<AtWork>,
    failure: Option<LoadError>,
    disabled: bool,
    compiling: bool,
    /// It changed while it was read.
    retry: bool,
    /// The files, with their versions, because of whose detectors it was refused.
    blocked_by: Vec<(String, Option<u64>)>,
    activity: Activity,
    /// The activity that was last reported.
    reported: Activity,
}

/// The only one that reads the plugin directory.
pub struct Loader {
    origins: Origins,
    environment: Environment,
    board: Board,
    files: BTreeMap<String, Known>,
    generation: u64,
    unreadable: bool,
}

impl Loader {
    /// A loader that has not looked yet.
    #[must_use]
    pub fn new(origins: Origins, environment: Environment) -> Self {
        Self {
            origins,
            environment,
            board: Board::default(),
            files: BTreeMap::new(),
            generation: 0,
            unreadable: false,
        }
    }

    /// Where the status of all files can be read.
    #[must_use]
    pub fn board(&self) -> Board {
        self.board.clone()
    }

    /// Looks at the directory and hands over a new generation after each file that
    /// changed what is at work. Compiling takes place here, so that a call may take
    /// seconds for a large detector.
    pub fn look(&mut self, publish: &mut dyn FnMut(Generation)) -> Vec<LoaderEvent> {
        let mut events = Vec::new();
        let listed = Directory::open(&self.origins).and_then(|directory| {
            let entries = directory.list()?;
            Ok((directory, entries))
        });
        let (directory, entries) = match listed {
            Ok(listed) => listed,
            Err(error) => {
                if !std::mem::replace(&mut self.unreadable, true) {
                    events.push(LoaderEvent::Unreadable(error));
                }
                return events;
            }
        };
        if std::mem::take(&mut self.unreadable) {
            events.push(LoaderEvent::Readable);
        }
        // A directory that was there is expected to stay: if it is gone, its detectors are kept.
        self.origins.is_optional &= !directory.exists();
        // New files first: a detector that was renamed must not stop in between. Before them the
        // pack, so that a file under another name never takes the name of a built-in detector.
        let (built_in, files): (Vec<_>, Vec<_>) = entries
            .iter()
            .partition(|(_, entry)| entry.origin == Origin::BuiltIn);
        for (name, entry) in built_in.into_iter().chain(files) {
            let known = self.files.get(name);
            if known.is_some_and(|known| entry.is_surely(&known.entry) && !self.may_retry(known)) {
                continue;
            }
            if let Some(event) = self.refresh(&directory, name, *entry, &entries) {
                if matches!(
                    event,
                    LoaderEvent::Loaded { .. } | LoaderEvent::Disabled { .. }
                ) {
                    self.publish(&entries, publish);
                }
                events.push(event);
            }
        }
        let gone: Vec<String> = self
            .files
            .keys()
            .filter(|name| !entries.contains_key(*name))
            .cloned()
            .collect();
        for name in gone {
            if let Some(known) = self.files.remove(&name) {
                if known.at_work.is_some() {
                    self.publish(&entries, publish);
                }
                events.push(LoaderEvent::Removed { file: name });
            }
        }
        self.update_activities();
        events.extend(self.report_activities());
        self.write_board();
        events
    }

    /// Reads a file that is new or may have changed, and loads it if it has.
    fn refresh(
        &mut self,
        directory: &Directory,
        name: &str,
        entry: Entry,
        entries: &BTreeMap<String, Entry>,
    ) -> Option<LoaderEvent> {
        let contents =
            match directory.program(name, entry.origin, self.environment.policy.file_limit) {
                Err(FileError::Changing { .. }) => {
                    self.known(name).retry = true;
                    return None;
                }
                Err(error) => {
                    let known = self.known(name);
                    known.entry = entry;
                    known.digest = None;
                    return self.refuse(name, LoadError::from_error(Step::Read, &error));
                }
                Ok(contents) => contents,
            };
        let settings = match directory.settings(name, entry.origin) {
            Err(FileError::Changing { .. }) => {
                self.known(name).retry = true;
                return None;
            }
            Err(error) => {
                self.known(name).entry = entry;
                return self.refuse(name, LoadError::from_error(Step::Settings, &error));
            }
            Ok(settings) => settings,
        };
        let may_retry = self
            .files
            .get(name)
            .is_some_and(|known| self.may_retry(known));
        let known = self.known(name);
        let same = known.digest.as_deref() == Some(contents.digest.as_str())
            && known.settings == settings
            && known
                .failure
                .as_ref()
                .is_none_or(|failure| failure.step != Step::Read);
        known.entry = entry;
        if same && !may_retry {
            return None;
        }
        known.retry = false;
        known.blocked_by.clear();
        known.digest = Some(contents.digest.clone());
        known.settings.clone_from(&settings);
        let text = settings.unwrap_or_default();
        let parsed = match PluginSettings::parse(&text, &format!("{name}.toml")) {
            Ok(parsed) => parsed,
            Err(error) => {
                let error = LoadError::from_error(Step::Settings, &error);
                return self.refuse(name, error);
            }
        };
        if !parsed.enabled {
            let known = self.known(name);
            known.at_work = None;
            known.failure = None;
            return (!std::mem::replace(&mut known.disabled, true)).then(|| {
                LoaderEvent::Disabled {
                    file: name.to_owned(),
                }
            });
        }
        self.put_to_work(name, &contents, &parsed, entries)
    }

    fn put_to_work(
        &mut self,
        name: &str,
        contents: &Contents,
        settings: &PluginSettings,
        entries: &BTreeMap<String, Entry>,
    ) -> Option<LoaderEvent> {
        self.known(name).compiling = true;
        self.write_board();
        let result = load(&self.environment, name, contents, settings);
        self.known(name).compiling = false;
        let loaded = match result {
            Ok(loaded) => loaded,
            Err(error) => return self.refuse(name, error),
        };
        let detector = Arc::clone(&loaded.detector);
        let taken = self.files.iter().find(|(other, known)| {
            other.as_str() != name
                && entries.contains_key(*other)
                && known
                    .at_work
                    .as_ref()
                    .is_some_and(|at_work| at_work.loaded.detector.name() == detector.name())
        });
        if let Some((other, known)) = taken {
            let other = other.clone();
            let error = name_taken(detector.name(), &other, known.entry.origin);
            self.block(name, &[other]);
            return self.refuse(name, error);
        }
        if let Err(circle) = circle::check(&detector, self.others(name, entries)) {
            let error = LoadError::new(Step::Admit, &circle, Circle::HINT);
            let files: Vec<String> = self
                .files
                .iter()
                .filter(|(file, known)| {
                    file.as_str() != name
                        && known.detector().is_some_and(|one| {
                            circle.names.iter().any(|member| member == one.name())
                        })
                })
                .map(|(file, _)| file.clone())
                .collect();
            self.block(name, &files);
            return self.refuse(name, error);
        }
        let known = self.known(name);
        let event = LoaderEvent::Loaded {
            file: name.to_owned(),
            name: detector.name().to_owned(),
            version: detector.descriptor.version.clone(),
            digest: detector.digest.clone(),
            replaced: known.at_work.is_some(),
            compile_milliseconds: milliseconds(loaded.compile_time),
        };
        known.disabled = false;
        known.failure = None;
        known.at_work = Some(AtWork {
            loaded,
            since: jiff::Timestamp::now().to_string(),
        });
        Some(event)
    }

    /// Remembers a failure; says so once for the same one.
    fn refuse(&mut self, name: &str, error: LoadError) -> Option<LoaderEvent> {
        let known = self.known(name);
        known.retry = false;
        known.disabled = false;
        let news = known.failure.as_ref() != Some(&error);
        known.failure = Some(error.clone());
        let older_at_work = known.at_work.is_some();
        news.then(|| LoaderEvent::Refused {
            file: name.to_owned(),
            error,
            older_at_work,
        })
    }

    /// Whether a file that is the same may fare better now.
    fn may_retry(&self, known: &Known) -> bool {
        known.retry
            || known
                .blocked_by
                .iter()
                .any(|(other, version)| self.version(other) != *version)
    }

    /// Notes the files because of whose present versions a file is refused.
    fn block(&mut self, name: &str, others: &[String]) {
        let others = others
            .iter()
            .map(|other| (other.clone(), self.version(other)))
            .collect();
        self.known(name).blocked_by = others;
    }

    /// The version of a file that is at work.
    fn version(&self, file: &str) -> Option<u64> {
        let detector = self.files.get(file)?.detector()?;
        Some(detector.id)
    }

    /// The detectors of other files that are still there.
    fn others(&self, name: &str, entries: &BTreeMap<String, Entry>) -> Vec<Arc<Detector>> {
        self.files
            .iter()
            .filter(|(file, _)| file.as_str() != name && entries.contains_key(*file))
            .filter_map(|(_, known)| known.detector().cloned())
            .collect()
    }

    /// Determines which detectors events can reach.
    fn update_activities(&mut self) {
        let at_work = self.files.values().filter_map(Known::detector);
        let detectors: Vec<Arc<Detector>> = at_work.cloned().collect();
        let mut activities = activities(&detectors).into_iter();
        for known in self.files.values_mut() {
            known.activity = match known.at_work {
                Some(_) => activities.next().unwrap_or_default(),
                None => Activity::default(),
            };
        }
    }

    /// Reports which detectors events can reach, if that changed.
    fn report_activities(&mut self) -> Vec<LoaderEvent> {
        let mut events = Vec::new();
        for (file, known) in &mut self.files {
            if known.reported == known.activity {
                continue;
            }
            known.reported = known.activity.clone();
            let (file, activity) = (file.clone(), known.activity.clone());
            match activity.note {
                Some(reason) => events.push(LoaderEvent::Unreached {
                    file,
                    is_idle: activity.is_idle,
                    reason,
                }),
                None if known.at_work.is_some() => events.push(LoaderEvent::Reached { file }),
                None => {}
            }
        }
        events
    }

    fn known(&mut self, name: &str) -> &mut Known {
        self.files.entry(name.to_owned()).or_default()
    }

    /// Hands over what is at work now. Of a detector whose file was renamed both
    /// files are known for a moment; the one that is still listed counts.
    fn publish(&mut self, entries: &BTreeMap<String, Entry>, publish: &mut dyn FnMut(Generation)) {
        let mut by_name = BTreeMap::new();
        for (file, known) in &self.files {
            let Some(at_work) = &known.at_work else {
                continue;
            };
            let detector = &at_work.loaded.detector;
            if entries.contains_key(file) {
                by_name.insert(detector.name().to_owned(), Arc::clone(detector));
            } else {
                by_name
                    .entry(detector.name().to_owned())
                    .or_insert_with(|| Arc::clone(detector));
            }
        }
        self.update_activities();
        self.generation += 1;
        publish(Generation::new(
            self.generation,
            by_name.into_values().collect(),
        ));
        self.write_board();
    }

    fn write_board(&self) {
        self.board.write(
            self.files
                .iter()
                .map(|(file, known)| known.status(file))
                .collect(),
        );
    }
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

impl Known {
    fn detector(&self) -> Option<&Arc<Detector>> {
        self.at_work
            .as_ref()
            .map(|at_work| &at_work.loaded.detector)
    }

    fn status(&self, file: &str) -> FileStatus {
        let quarantined = self
            .at_work
            .as_ref()
            .is_some_and(|at_work| at_work.loaded.detector.is_quarantined());
        let state = if self.compiling {
            FileState::Compiling
        } else if self.disabled {
            FileState::Disabled
        } else if quarantined {
            FileState::Quarantined
        } else if self.activity.is_idle {
            FileState::Idle
        } else if self.at_work.is_some() {
            FileState::Active
        } else {
            FileState::Refused
        };
        FileStatus {
            file: file.to_owned(),
            origin: self.entry.origin,
            state,
            note: self.activity.note.clone(),
            digest_on_disk: self.digest.clone(),
            running: self
                .at_work
                .as_ref()
                .map(|at_work| running(&at_work.loaded, &at_work.since)),
            failure: self.failure.clone(),
        }
    }
}

fn milliseconds(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

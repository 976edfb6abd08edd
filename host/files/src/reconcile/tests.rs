use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use wardline_text::chain;

use super::{
    Change, Files, Handler, Item, Listing, Location, Part, Reconciler, Removal, SizeLimits, Table,
    Tracked,
};
use crate::Purpose;
use crate::read::{FileError, Stamp};

/// A text that a file `NAME.txt` put into force.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Text {
    text: String,
    settings: Option<String>,
    /// The name that no other text may have.
    claimed: Option<String>,
}

const TEXTS: Purpose = Purpose {
    directory: "the directory of texts",
    contents: "texts",
};

type State = Tracked<Text, String>;
type Texts = Table<String, Text, String>;

/// Loads texts. `broken…` is refused, `off` asks for nothing, and `claim NAME` takes a name.
struct TextHandler<'d, const LAST: bool> {
    path: &'d Path,
    has_embedded: bool,
    log: Vec<String>,
    touched: usize,
}

fn taken(table: &Texts, key: &str, name: &str) -> bool {
    table.iter().any(|(other, tracked)| {
        other != key
            && tracked.is_listed()
            && tracked
                .value()
                .is_some_and(|text| text.claimed.as_deref() == Some(name))
    })
}

impl<const LAST: bool> Handler for TextHandler<'_, LAST> {
    type Key = String;
    type Value = Text;
    type Failure = String;

    const REMOVAL: Removal = if LAST { Removal::Last } else { Removal::First };

    fn list(&mut self) -> Listing<String> {
        let mut listing = Listing::of_directory(TEXTS, self.path, |name| {
            let stem = name.strip_suffix(".txt")?.to_owned();
            let item = Item {
                settings: Some(format!("{stem}.toml")),
                ..Item::new(Location::Inside(name))
            };
            Some((stem, item))
        });
        // It is inside the program unless there is a file of the same name.
        if self.has_embedded && listing.items.iter().all(|(name, _)| name != "embedded") {
            let item = Item {
                settings: Some("embedded.toml".to_owned()),
                default_settings: Some("default".to_owned()),
                ..Item::new(Location::Embedded {
                    name: "embedded".to_owned(),
                    read: Box::new(|| Ok(b"built in".to_vec())),
                })
            };
            listing.items.push(("embedded".to_owned(), item));
        }
        listing
    }

    fn limits(&self) -> SizeLimits {
        SizeLimits {
            file: 64,
            settings: 32,
        }
    }

    fn unreadable(&self, part: Part, error: FileError) -> String {
        format!("{part:?}: {}", chain(&error))
    }

    fn is_due(&self, tracked: &State, table: &Texts) -> bool {
        tracked
            .failure()
            .and_then(|failure| failure.strip_prefix("taken "))
            .is_some_and(|name| !taken(table, "", name))
    }

    fn load(&mut self, key: &String, files: Files, table: &Texts) -> Result<Option<Text>, String> {
        let text = files
            .file
            .into_text(key)
            .map_err(|error| error.to_string())?;
        if text.starts_with("broken") {
            return Err(text);
        }
        if text == "off" {
            return Ok(None);
        }
        let claimed = text.strip_prefix("claim ").map(str::to_owned);
        if let Some(name) = &claimed
            && taken(table, key, name)
        {
            return Err(format!("taken {name}"));
        }
        Ok(Some(Text {
            text,
            settings: files.settings,
            claimed,
        }))
    }

    fn touch(&mut self, _: &mut Text, _: &Stamp) {
        self.touched += 1;
    }

    fn report(&mut self, change: Change<'_, String, Text, String>, _: &Texts) {
        self.log.push(match change {
            Change::Loaded { key, before: None } => format!("{key} loaded"),
            Change::Loaded { key, .. } => format!("{key} replaced"),
            Change::TurnedOff { key } => format!("{key} off"),
            Change::Refused { key, failure } => format!("{key} refused: {failure}"),
            Change::Removed { key, value } => {
                format!(
                    "{key} removed{}",
                    if value.is_some() { "" } else { ", empty" }
                )
            }
            Change::Unreadable(_) => "unreadable".to_owned(),
            Change::Readable => "readable".to_owned(),
        });
    }
}

/// A directory of texts that is checked repeatedly.
struct Checked {
    _folder: tempfile::TempDir,
    path: PathBuf,
    has_embedded: bool,
    reconciler: Reconciler<String, Text, String>,
    touched: usize,
}

impl Checked {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("texts");
        fs::create_dir(&path).unwrap();
        fs::write(folder.path().join("outside.txt"), "outside").unwrap();
        Self {
            _folder: folder,
            path,
            has_embedded: false,
            reconciler: Reconciler::default(),
            touched: 0,
        }
    }

    fn write(&self, file: &str, text: &str) {
        fs::write(self.path.join(file), text).unwrap();
    }

    fn remove(&self, file: &str) {
        fs::remove_file(self.path.join(file)).unwrap();
    }

    fn rename(&self, from: &str, to: &str) {
        fs::rename(self.path.join(from), self.path.join(to)).unwrap();
    }

    fn check(&mut self) -> Vec<String> {
        self.check_with::<false>()
    }

    fn check_with<const LAST: bool>(&mut self) -> Vec<String> {
        let mut handler = TextHandler::<LAST> {
            path: &self.path,
            has_embedded: self.has_embedded,
            log: Vec::new(),
            touched: 0,
        };
        self.reconciler.check(&mut handler);
        self.touched = handler.touched;
        handler.log
    }

    fn text(&self, key: &str) -> Option<&str> {
        Some(self.reconciler.table().get(key)?.value()?.text.as_str())
    }
}

const NONE: [&str; 0] = [];

#[test]
fn files_are_loaded_replaced_and_removed_once() {
    let mut texts = Checked::new();
    assert_eq!(texts.check(), NONE);
    texts.write("a.txt", "one");
    texts.write("b.txt", "two");
    texts.write(".hidden.txt", "broken");
    assert_eq!(texts.check(), ["a loaded", "b loaded"]);
    assert_eq!(texts.check(), NONE);
    texts.write("a.txt", "three");
    texts.remove("b.txt");
    assert_eq!(texts.check(), ["b removed", "a replaced"]);
    assert_eq!(texts.text("a"), Some("three"));
    assert_eq!(texts.text("b"), None);
}

#[test]
fn half_written_file_is_refused_once_and_keeps_the_old_version() {
    let mut texts = Checked::new();
    texts.write("a.txt", "one");
    texts.check();
    texts.write("a.txt", "broken");
    assert_eq!(texts.check(), ["a refused: broken"]);
    assert_eq!(texts.check(), NONE);
    texts.write("a.txt", "broken again");
    assert_eq!(texts.check(), ["a refused: broken again"]);
    assert_eq!(texts.text("a"), Some("one"));
    texts.write("a.txt", "one");
    assert_eq!(texts.check(), ["a replaced"]);
    assert!(texts.reconciler.table()["a"].failure().is_none());
}

#[test]
fn settings_are_part_of_an_item() {
    let mut texts = Checked::new();
    texts.write("a.txt", "one");
    texts.check();
    texts.write("a.toml", "x = 1");
    assert_eq!(texts.check(), ["a replaced"]);
    fs::write(texts.path.join("a.toml"), b"\xff").unwrap();
    assert_eq!(
        texts.check(),
        ["a refused: Settings: a.toml is not UTF-8 text"]
    );
    // The same settings as before the failure.
    texts.write("a.toml", "x = 1");
    assert_eq!(texts.check(), ["a replaced"]);
    texts.remove("a.toml");
    assert_eq!(texts.check(), ["a replaced"]);
    assert_eq!(texts.check(), NONE);
}

#[test]
fn settings_that_lead_out_are_refused_while_the_host_runs() {
    let mut texts = Checked::new();
    // The file is old, so that only its settings can be the reason to read it again.
    texts.reconciler.now = || SystemTime::now() + Duration::from_secs(3600);
    texts.write("a.txt", "one");
    texts.check();
    symlink("../outside.txt", texts.path.join("a.toml")).unwrap();
    let refused = ["a refused: Settings: a.toml is a link that leads out of its directory"];
    assert_eq!(texts.check(), refused);
    assert_eq!(texts.check(), NONE);
    assert_eq!(texts.text("a"), Some("one"));
    texts.remove("a.toml");
    assert_eq!(texts.check(), ["a replaced"]);
    assert_eq!(texts.check(), NONE);
}

#[test]
fn file_that_cannot_be_read_is_refused_until_it_can() {
    let mut texts = Checked::new();
    texts.write("a.txt", "one");
    texts.check();
    type Put = fn(&Path);
    let broken: [(&str, Put, &str); 4] = [
        (
            "a directory",
            |path| fs::create_dir(path).unwrap(),
            "File: a.txt is not a regular file",
        ),
        (
            "a large file",
            |path| fs::write(path, "x".repeat(65)).unwrap(),
            "File: a.txt has 65 bytes; the limit is 64",
        ),
        (
            "a link to nothing",
            |path| symlink("nowhere", path).unwrap(),
            "File: cannot read a.txt: No such file or directory (os error 2)",
        ),
        (
            "a link that leads out",
            |path| symlink("../outside.txt", path).unwrap(),
            "File: a.txt is a link that leads out of its directory",
        ),
    ];
    for (what, put, failure) in broken {
        texts.rename("a.txt", "a.old");
        let path = texts.path.join("a.txt");
        put(&path);
        assert_eq!(texts.check(), [format!("a refused: {failure}")], "{what}");
        assert_eq!(texts.check(), NONE, "{what}");
        assert_eq!(texts.text("a"), Some("one"), "{what}");
        assert_eq!(texts.reconciler.table()["a"].digest(), None, "{what}");
        fs::remove_file(&path)
            .or_else(|_| fs::remove_dir(&path))
            .unwrap();
        texts.rename("a.old", "a.txt");
        assert_eq!(texts.check(), ["a replaced"], "{what}");
    }
}

/// A mounted `ConfigMap` has links through `..data`, which is swapped.
#[test]
fn swapped_config_map_is_followed() {
    let mut texts = Checked::new();
    for (version, text) in [("..1", "one"), ("..2", "two")] {
        fs::create_dir(texts.path.join(version)).unwrap();
        texts.write(&format!("{version}/a.txt"), text);
    }
    symlink("..1", texts.path.join("..data")).unwrap();
    symlink("..data/a.txt", texts.path.join("a.txt")).unwrap();
    assert_eq!(texts.check(), ["a loaded"]);
    symlink("..2", texts.path.join("..data_tmp")).unwrap();
    texts.rename("..data_tmp", "..data");
    fs::remove_dir_all(texts.path.join("..1")).unwrap();
    assert_eq!(texts.check(), ["a replaced"]);
    assert_eq!(texts.text("a"), Some("two"));
}

#[test]
fn directory_that_vanishes_changes_nothing() {
    let mut texts = Checked::new();
    texts.write("a.txt", "one");
    texts.check();
    let away = texts.path.with_extension("away");
    fs::rename(&texts.path, &away).unwrap();
    assert_eq!(texts.check(), ["unreadable"]);
    assert_eq!(texts.check(), NONE);
    assert_eq!(texts.text("a"), Some("one"));
    assert!(texts.reconciler.failure().is_some());
    fs::rename(&away, &texts.path).unwrap();
    assert_eq!(texts.check(), ["readable"]);

    // Another directory of the same name.
    fs::rename(&texts.path, &away).unwrap();
    fs::create_dir(&texts.path).unwrap();
    texts.write("b.txt", "two");
    assert_eq!(texts.check(), ["a removed", "b loaded"]);
}

#[test]
fn item_without_a_value_is_off() {
    let mut texts = Checked::new();
    texts.write("a.txt", "off");
    assert_eq!(texts.check(), ["a off"]);
    texts.write("a.txt", "one");
    assert_eq!(texts.check(), ["a loaded"]);
    texts.write("a.txt", "off");
    assert_eq!(texts.check(), ["a off"]);
    assert_eq!(texts.check(), NONE);
    texts.write("a.txt", "broken");
    assert_eq!(texts.check(), ["a refused: broken"]);
    texts.write("a.txt", "off");
    assert_eq!(texts.check(), ["a off"]);
    texts.remove("a.txt");
    assert_eq!(texts.check(), ["a removed, empty"]);
}

#[test]
fn renamed_file_takes_over_its_name() {
    let mut texts = Checked::new();
    texts.write("b.txt", "claim x");
    assert_eq!(texts.check(), ["b loaded"]);
    texts.write("a.txt", "claim x");
    assert_eq!(texts.check(), ["a refused: taken x"]);
    assert_eq!(texts.check(), NONE);
    texts.remove("b.txt");
    assert_eq!(texts.check(), ["b removed", "a loaded"]);

    texts.rename("a.txt", "c.txt");
    assert_eq!(
        texts.check_with::<true>(),
        ["c loaded", "a removed"],
        "no gap"
    );
    texts.rename("c.txt", "a.txt");
    assert_eq!(texts.check(), ["c removed", "a loaded"]);
}

#[test]
fn file_replaces_an_embedded_one_of_the_same_name() {
    let mut texts = Checked::new();
    texts.has_embedded = true;
    let settings = |texts: &Checked| {
        let text = texts.reconciler.table()["embedded"].value().unwrap();
        (text.text.clone(), text.settings.clone().unwrap())
    };
    assert_eq!(texts.check(), ["embedded loaded"]);
    assert_eq!(settings(&texts), ("built in".into(), "default".into()));
    assert_eq!(texts.check(), NONE);
    assert_eq!(texts.touched, 0, "it cannot change");
    texts.write("embedded.toml", "x = 1");
    assert_eq!(texts.check(), ["embedded replaced"]);
    texts.write("embedded.txt", "one");
    assert_eq!(texts.check(), ["embedded replaced"]);
    assert_eq!(settings(&texts), ("one".into(), "x = 1".into()));
    texts.remove("embedded.txt");
    texts.remove("embedded.toml");
    assert_eq!(texts.check(), ["embedded replaced"]);
    assert_eq!(settings(&texts), ("built in".into(), "default".into()));
}

#[test]
fn old_file_is_read_only_if_its_stamp_changes() {
    let mut texts = Checked::new();
    texts.write("a.txt", "one");
    texts.check();
    texts.check();
    assert_eq!(texts.touched, 1, "a file that is young is read again");
    texts.reconciler.now = || SystemTime::now() + Duration::from_secs(3600);
    texts.check();
    assert_eq!(texts.touched, 0);
    texts.write("a.txt", "three");
    assert_eq!(texts.check(), ["a replaced"]);
}

#[derive(Debug, Clone)]
enum Step {
    Write(usize, &'static str),
    Settings(usize, &'static str),
    Remove(usize),
    Rename(usize, usize),
    LinkOut(usize),
    LinkTo(usize, usize),
    Folder(usize),
    MoveDirectory,
    NewDirectory,
    Check,
}

const NAMES: [&str; 3] = ["a", "b", "c"];

fn steps(texts: &'static [&'static str]) -> impl Strategy<Value = Vec<Step>> {
    let name = || 0..NAMES.len();
    let text = || prop::sample::select(texts);
    let step = prop_oneof![
        4 => (name(), text()).prop_map(|(name, text)| Step::Write(name, text)),
        2 => (name(), prop::sample::select(&["", "x = 1", "x = 2"][..]))
            .prop_map(|(name, text)| Step::Settings(name, text)),
        2 => name().prop_map(Step::Remove),
        2 => (name(), name()).prop_map(|(from, to)| Step::Rename(from, to)),
        1 => name().prop_map(Step::LinkOut),
        1 => (name(), name()).prop_map(|(name, to)| Step::LinkTo(name, to)),
        1 => name().prop_map(Step::Folder),
        1 => Just(Step::MoveDirectory),
        1 => Just(Step::NewDirectory),
        5 => Just(Step::Check),
    ];
    prop::collection::vec(step, 1..40)
}

/// Does a step; one that is impossible now does nothing.
fn apply(texts: &mut Checked, step: &Step) {
    let path = texts.path.clone();
    let file = |name: usize| path.join(format!("{}.txt", NAMES[name]));
    let clear = |name: usize| {
        let file = file(name);
        let _ = fs::remove_file(&file).or_else(|_| fs::remove_dir(&file));
        file
    };
    let away = path.with_extension("away");
    match *step {
        Step::Write(name, text) => drop(fs::write(clear(name), text)),
        Step::Settings(name, text) => {
            drop(fs::write(path.join(format!("{}.toml", NAMES[name])), text));
        }
        Step::Remove(name) => drop(clear(name)),
        Step::Rename(from, to) => drop(fs::rename(file(from), file(to))),
        Step::LinkOut(name) => drop(symlink("../outside.txt", clear(name))),
        Step::LinkTo(name, to) => {
            drop(symlink(format!("{}.txt", NAMES[to]), clear(name)));
        }
        Step::Folder(name) => drop(fs::create_dir(clear(name))),
        Step::MoveDirectory => {
            let _ = fs::rename(&path, &away).or_else(|_| fs::rename(&away, &path));
        }
        Step::NewDirectory => drop(fs::create_dir(&path)),
        Step::Check => drop(texts.check()),
    }
}

/// The state of each item after a first check by a new host.
fn fresh(path: &Path) -> (Reconciler<String, Text, String>, bool) {
    let mut reconciler = Reconciler::default();
    let mut handler = TextHandler::<false> {
        path,
        has_embedded: false,
        log: Vec::new(),
        touched: 0,
    };
    reconciler.check(&mut handler);
    let is_readable = reconciler.failure().is_none();
    (reconciler, is_readable)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever happened before, the files decide. Only a refused file may have an older version
    /// in force, and a directory that cannot be read keeps everything.
    #[test]
    fn outcome_is_that_of_a_fresh_start(steps in steps(&["one", "two", "broken", "off"])) {
        let mut texts = Checked::new();
        for step in &steps {
            apply(&mut texts, step);
        }
        texts.check();
        prop_assert_eq!(texts.check(), Vec::<String>::new(), "nothing is left to do");
        let (expected, is_readable) = fresh(&texts.path);
        prop_assert_eq!(texts.reconciler.failure(), expected.failure());
        if is_readable {
            let state = |tracked: &State| {
                let value = tracked.value().filter(|_| tracked.failure().is_none());
                (
                    tracked.digest().map(str::to_owned),
                    tracked.failure().cloned(),
                    value.cloned(),
                )
            };
            let states = |table: &Texts| -> BTreeMap<_, _> {
                table.iter().map(|(key, tracked)| (key.clone(), state(tracked))).collect()
            };
            prop_assert_eq!(states(texts.reconciler.table()), states(expected.table()));
        }
    }

    /// A name that files claim belongs to exactly one of them.
    #[test]
    fn claimed_name_is_in_force_once(steps in steps(&["claim x", "claim y", "one"])) {
        let mut texts = Checked::new();
        for step in &steps {
            apply(&mut texts, step);
        }
        // A name that becomes free can free another one.
        for _ in NAMES {
            texts.check();
        }
        texts.check();
        let (expected, is_readable) = fresh(&texts.path);
        let claims = |table: &Texts| {
            let mut claims: Vec<String> = table
                .values()
                .filter_map(|tracked| tracked.value()?.claimed.clone())
                .collect();
            claims.sort();
            claims
        };
        let claimed = claims(texts.reconciler.table());
        let mut once = claimed.clone();
        once.dedup();
        prop_assert_eq!(&claimed, &once);
        // A file that cannot be read keeps its older name, which the others then cannot take.
        let is_settled = texts.reconciler.table().values().all(|tracked| {
            tracked.failure().is_none_or(|failure| failure.starts_with("taken"))
        });
        if is_readable && is_settled {
            prop_assert!(claims(expected.table()).iter().all(|name| claimed.contains(name)));
        }
    }
}

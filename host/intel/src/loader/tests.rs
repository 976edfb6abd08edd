use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use wardline_text::chain_with_hint;

use super::{IntelConfig, ListEvent, ListLoader, Look};
use crate::{Content, Intel, ListConfig};

fn config(directory: &Path) -> IntelConfig {
    IntelConfig {
        directory: Some(directory.to_owned()),
        rescan: Duration::from_millis(500),
        file_limit: 64 << 20,
        entry_limit: 1_000_000,
        stale_after: Duration::from_secs(30 * 86_400),
        lists: Vec::new(),
    }
}

/// A directory of lists, and the loader that looks at it.
struct Lists {
    folder: tempfile::TempDir,
    loader: ListLoader,
    intel: std::sync::Arc<Intel>,
}

impl Lists {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let loader = ListLoader::new(config(folder.path()));
        Self {
            folder,
            loader,
            intel: std::sync::Arc::default(),
        }
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn remove(&self, file: &str) {
        fs::remove_file(self.folder.path().join(file)).unwrap();
    }

    fn look(&mut self) -> Vec<String> {
        self.look_at(Timestamp::now())
    }

    fn look_at(&mut self, now: Timestamp) -> Vec<String> {
        let Look { events, lists } = self.loader.look(now);
        if let Some(lists) = lists {
            self.intel = lists;
        }
        events.iter().map(|event| self.told(event)).collect()
    }

    fn told(&self, event: &ListEvent) -> String {
        match event {
            ListEvent::Loaded {
                name,
                kind,
                change,
                replaced,
                ..
            } => format!(
                "{name} ({kind}) +{} -{} {}{}",
                change.added,
                change.removed,
                change.counts,
                if *replaced { ", replaced" } else { "" }
            ),
            ListEvent::Refused {
                name,
                error,
                older_in_force,
                ..
            } => {
                let folder = self.folder.path().display().to_string();
                format!(
                    "{name} refused: {} ({older_in_force})",
                    chain_with_hint(error).replace(&folder, "DIR")
                )
            }
            ListEvent::Removed { name, entries } => format!("{name} removed, {entries}"),
            ListEvent::Stale { name, .. } => format!("{name} stale"),
            ListEvent::Unreadable(_) => "unreadable".to_owned(),
            ListEvent::Readable => "readable".to_owned(),
        }
    }

    fn holds(&self, list: &str, address: &str) -> bool {
        self.intel
            .address(list, address)
            .is_ok_and(|hit| hit.is_some())
    }
}

#[test]
fn lists_come_change_and_go() {
    let mut lists = Lists::new();
    assert!(lists.look().is_empty());
    lists.write("threat/feed.txt", "192.0.2.1\n192.0.2.2\n");
    assert_eq!(lists.look(), ["feed (threat) +2 -0 2 addresses"]);
    assert!(lists.holds("kind:threat", "192.0.2.1"));
    assert!(lists.look().is_empty());

    lists.write("threat/feed.txt", "192.0.2.2\n192.0.2.3\n198.51.100.0/24\n");
    assert_eq!(lists.look(), ["feed (threat) +2 -1 3 addresses, replaced"]);
    assert!(!lists.holds("feed", "192.0.2.1"));
    assert!(lists.holds("feed", "198.51.100.9"));

    lists.write("trusted/ours.txt", "192.0.2.3\n");
    assert_eq!(lists.look(), ["ours (trusted) +1 -0 1 addresses"]);
    assert!(!lists.holds("feed", "192.0.2.3"));

    lists.remove("trusted/ours.txt");
    assert_eq!(lists.look(), ["ours removed, 1"]);
    assert!(lists.holds("feed", "192.0.2.3"));
}

#[test]
fn a_broken_file_leaves_the_list_and_says_so_once() {
    let mut lists = Lists::new();
    lists.write("threat/feed.txt", "192.0.2.1\n");
    lists.look();
    for (text, reason) in [
        ("", "the list has become empty"),
        ("<html>log in</html>", "the file is a web page"),
        ("no such page\n", "1 of 1 lines are invalid"),
    ] {
        lists.write("threat/feed.txt", text);
        let events = lists.look();
        assert_eq!(events.len(), 1, "{events:?}");
        assert!(
            events[0].contains(reason) && events[0].ends_with("(true)"),
            "{events:?}"
        );
        assert!(lists.look().is_empty(), "it is said once");
        assert!(lists.holds("feed", "192.0.2.1"));
        let status = lists.loader.board().read();
        assert!(status[0].failure.as_ref().unwrap().contains(reason));
        assert_eq!(status[0].in_force.as_ref().unwrap().entries.all(), 1);
    }
    // A file of comments alone was emptied on purpose.
    lists.write("threat/feed.txt", "# nothing today\n");
    assert_eq!(lists.look(), ["feed (threat) +0 -1 nothing, replaced"]);
    assert!(lists.loader.board().read()[0].failure.is_none());
}

#[test]
fn settings_beside_a_list_are_heeded() {
    let mut lists = Lists::new();
    lists.write("threat/people.txt", "mallory\n");
    assert_eq!(lists.look().len(), 1);
    lists.write(
        "threat/people.toml",
        "content = \"names\"\nkind = \"people\"\ndescription = \"left us\"\n",
    );
    assert_eq!(lists.look(), ["people (people) +1 -0 1 names"]);
    assert!(
        lists
            .intel
            .name("kind:people", "mallory")
            .unwrap()
            .is_some()
    );
    assert_eq!(lists.loader.board().read()[0].description, "left us");
    lists.write("threat/people.toml", "contents = \"names\"\n");
    let events = lists.look();
    assert!(
        events[0].contains("threat/people.toml: unknown field `contents`"),
        "{events:?}"
    );
    assert!(
        lists
            .intel
            .name("kind:people", "mallory")
            .unwrap()
            .is_some()
    );
    lists.remove("threat/people.toml");
    assert!(
        lists.look()[0].contains("refused"),
        "names are no addresses"
    );
}

#[test]
fn a_name_belongs_to_the_list_that_has_it() {
    let mut lists = Lists::new();
    lists.write("threat/same.txt", "192.0.2.1\n");
    lists.look();
    lists.write("abuse/same.csv", "192.0.2.2\n");
    lists.write("loose.txt", "192.0.2.3\n");
    lists.write("kind:x/list", "192.0.2.4\n");
    let events = lists.look();
    insta::assert_snapshot!(events.join("\n"));
    assert!(lists.holds("same", "192.0.2.1") && !lists.holds("same", "192.0.2.2"));
    lists.remove("threat/same.txt");
    assert_eq!(
        lists.look(),
        ["same removed, 1", "same (abuse) +1 -0 1 addresses"]
    );
    assert!(lists.holds("kind:abuse", "192.0.2.2"));
}

#[test]
fn a_directory_that_cannot_be_read_changes_nothing() {
    let mut lists = Lists::new();
    lists.write("tor/exits", "192.0.2.1\n");
    lists.look();
    let away = lists.folder.path().with_extension("away");
    fs::rename(lists.folder.path(), &away).unwrap();
    assert_eq!(lists.look(), ["unreadable"]);
    assert!(lists.look().is_empty());
    assert!(lists.holds("kind:tor", "192.0.2.1"));
    fs::rename(&away, lists.folder.path()).unwrap();
    assert_eq!(lists.look(), ["readable"]);
}

#[test]
fn a_stale_list_is_told_once_a_day() {
    let mut lists = Lists::new();
    lists.write("threat/feed.txt", "192.0.2.1\n");
    let file = fs::File::options()
        .write(true)
        .open(lists.folder.path().join("threat/feed.txt"))
        .unwrap();
    let day = Duration::from_secs(86_400);
    let written = SystemTime::now() - 31 * day;
    file.set_modified(written).unwrap();
    let now = Timestamp::now();
    assert_eq!(
        lists.look_at(now),
        ["feed (threat) +1 -0 1 addresses", "feed stale"]
    );
    assert!(lists.look_at(now + Duration::from_secs(60)).is_empty());
    assert_eq!(lists.look_at(now + day), ["feed stale"]);
    assert!(lists.loader.board().read()[0].is_stale());
    lists.write("threat/feed.toml", "stale-after = \"60days\"\n");
    lists.look_at(now + 2 * day);
    assert!(!lists.loader.board().read()[0].is_stale());
    assert!(
        lists.holds("feed", "192.0.2.1"),
        "it is in force all the same"
    );
}

#[test]
fn indicators_begin_and_cease_to_be_valid_while_the_file_stays() {
    let mut lists = Lists::new();
    lists.write(
        "threat/feed.json",
        r#"{"objects": [
            {"type": "indicator", "pattern": "[ipv4-addr:value = '192.0.2.1']", "valid_until": "2099-06-01T00:00:00Z"},
            {"type": "indicator", "pattern": "[ipv4-addr:value = '192.0.2.2']", "valid_from": "2099-06-02T00:00:00Z"}
        ]}"#,
    );
    lists.look_at("2099-05-01T00:00:00Z".parse().unwrap());
    assert!(lists.holds("feed", "192.0.2.1") && !lists.holds("feed", "192.0.2.2"));
    lists.look_at("2099-06-01T00:00:00Z".parse().unwrap());
    assert!(!lists.holds("feed", "192.0.2.1") && !lists.holds("feed", "192.0.2.2"));
    lists.look_at("2099-06-02T00:00:01Z".parse().unwrap());
    assert!(!lists.holds("feed", "192.0.2.1") && lists.holds("feed", "192.0.2.2"));
}

#[test]
fn a_list_of_the_configuration_is_missed_when_its_file_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tor.txt");
    let mut loader = ListLoader::new(IntelConfig {
        directory: None,
        lists: vec![ListConfig {
            name: "exits".into(),
            kind: "tor".into(),
            content: Content::Addresses,
            format: None,
            path: path.clone(),
            stale_after: None,
            description: String::new(),
        }],
        ..config(folder.path())
    });
    let look = loader.look(Timestamp::now());
    assert!(matches!(
        &look.events[..],
        [ListEvent::Refused {
            older_in_force: false,
            ..
        }]
    ));
    fs::write(&path, "192.0.2.1\n").unwrap();
    let look = loader.look(Timestamp::now());
    assert!(matches!(&look.events[..], [ListEvent::Loaded { .. }]));
    fs::remove_file(&path).unwrap();
    let look = loader.look(Timestamp::now());
    assert!(matches!(
        &look.events[..],
        [ListEvent::Refused {
            older_in_force: true,
            ..
        }]
    ));
    assert!(look.lists.is_none());
    assert!(loader.board().read()[0].in_force.is_some());
}

/// As a mounted `ConfigMap` is replaced: files are links through `..data`, which is swapped.
#[test]
fn a_mounted_config_map_is_followed() {
    let mut lists = Lists::new();
    let kind = lists.folder.path().join("threat");
    lists.write("threat/..1/feed.txt", "192.0.2.1\n");
    lists.write("threat/..2/feed.txt", "192.0.2.2\n");
    std::os::unix::fs::symlink("..1", kind.join("..data")).unwrap();
    std::os::unix::fs::symlink("..data/feed.txt", kind.join("feed.txt")).unwrap();
    assert_eq!(lists.look(), ["feed (threat) +1 -0 1 addresses"]);
    std::os::unix::fs::symlink("..2", kind.join("..data_tmp")).unwrap();
    fs::rename(kind.join("..data_tmp"), kind.join("..data")).unwrap();
    assert_eq!(lists.look(), ["feed (threat) +1 -1 1 addresses, replaced"]);
}

#[test]
fn three_hundred_thousand_entries_are_loaded_and_found() {
    let mut lists = Lists::new();
    // Every 13th address, so that those between are on no list.
    let address = |number: u32| std::net::Ipv4Addr::from(0x0a00_0000 + number * 13);
    let text: String = (0..300_000)
        .map(|number| format!("{}\n", address(number)))
        .collect();
    lists.write("threat/large.txt", &text);
    assert_eq!(lists.look(), ["large (threat) +300000 -0 300000 addresses"]);
    for number in (0..300_000).step_by(997) {
        let on = address(number);
        let off = std::net::Ipv4Addr::from(u32::from(on) + 5);
        assert!(lists.holds("kind:threat", &on.to_string()), "{on}");
        assert!(!lists.holds("kind:threat", &off.to_string()), "{off}");
    }
}

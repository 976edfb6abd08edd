//! Intel lists in the real binary: they change while events flow, and a broken file leaves
//! the old list in force.

use std::fs;

use serde_json::Value;

use crate::support::host::{Host, eventually};
use crate::support::{audit_id, data, detector, event, evidence, lines, run, wardline};

/// A host with a directory of lists and a detector that asks lists of the kind `threat`.
struct Listening {
    host: Host,
    events: u64,
}

impl Listening {
    fn start() -> Self {
        let mut host = Host::new();
        host.configure("\n[intel]\ndirectory = \"lists\"\nrescan = \"100ms\"\n");
        for kind in ["threat", "trusted"] {
            fs::create_dir_all(host.path("lists").join(kind)).unwrap();
        }
        host.install(&detector("tests/detectors/listed"), "listed");
        host.start();
        host.wait_for("listed", "active");
        Self { host, events: 0 }
    }

    fn write(&self, file: &str, text: &str) {
        // Renamed into place, as a download should be.
        let (path, part) = (self.host.path("lists").join(file), self.host.path("part"));
        fs::write(&part, text).unwrap();
        fs::rename(part, path).unwrap();
    }

    fn lists(&self) -> Vec<Value> {
        let report: Value =
            serde_json::from_str(&self.host.ask(&["intel", "list", "--json"])).unwrap();
        report["lists"].as_array().unwrap().clone()
    }

    /// Waits until the status of a list satisfies `is_so`.
    fn wait(&self, what: &str, name: &str, is_so: impl Fn(&Value) -> bool) {
        eventually(what, || {
            self.lists()
                .iter()
                .any(|list| list["name"] == name && is_so(list))
        });
    }

    /// Sends an event from 10.0.0.1 and returns the list and entry that a finding names.
    fn judge(&mut self) -> Option<(String, String)> {
        self.events += 1;
        let id = audit_id(self.events);
        self.host.write(&event(self.events, "bob", "get", "pods"));
        eventually("the event is read", || {
            self.host.status()["events"] == self.events
        });
        let findings = fs::read_to_string(self.host.findings()).unwrap_or_default();
        lines(&findings)
            .iter()
            .find(|finding| finding["event_ids"][0] == id.as_str())
            .map(|finding| {
                (
                    evidence(finding, "list").to_owned(),
                    evidence(finding, "entry").to_owned(),
                )
            })
    }
}

fn entries(list: &Value) -> Option<u64> {
    list["in_force"]["entries"]["addresses"].as_u64()
}

fn named(list: &str, entry: &str) -> Option<(String, String)> {
    Some((list.to_owned(), entry.to_owned()))
}

#[test]
fn lists_change_while_events_flow() {
    let mut run = Listening::start();
    assert_eq!(run.judge(), None, "no list yet");

    run.write("threat/feed.txt", "10.0.0.0/24\n");
    run.wait("it is in force", "feed", |list| entries(list) == Some(1));
    assert_eq!(run.judge(), named("feed", "10.0.0.0/24"));

    run.write("threat/feed.txt", "<html>please log in</html>\n");
    run.wait("it is broken", "feed", |list| {
        let failure = list["failure"].as_str();
        failure.is_some_and(|failure| failure.contains("web page"))
    });
    assert_eq!(
        run.judge(),
        named("feed", "10.0.0.0/24"),
        "the old one stays"
    );
    let status = run.host.ask(&["status"]);
    assert!(
        status.contains("1 intel lists in force, 1 broken, 0 stale"),
        "{status}"
    );
    let table = run.host.ask(&["intel", "list"]);
    assert!(
        table.contains("feed") && table.contains("web page"),
        "{table}"
    );
    let metrics = run.host.get("/metrics");
    for line in [
        "wardline_intel_broken{list=\"feed\",kind=\"threat\"} 1",
        "wardline_intel_entries{list=\"feed\",kind=\"threat\"} 1",
    ] {
        assert!(metrics.contains(line), "{metrics}");
    }

    run.write("threat/feed.txt", "192.0.2.1\n10.0.0.1\n");
    run.wait("it is replaced", "feed", |list| {
        entries(list) == Some(2) && list["failure"].is_null()
    });
    assert_eq!(run.judge(), named("feed", "10.0.0.1/32"));

    run.write("trusted/ours.txt", "10.0.0.0/8\n");
    run.wait("it is trusted", "ours", |list| entries(list) == Some(1));
    assert_eq!(run.judge(), None, "trusted wins");

    fs::remove_file(run.host.path("lists/trusted/ours.txt")).unwrap();
    eventually("it is gone", || run.lists().len() == 1);
    assert_eq!(run.judge(), named("feed", "10.0.0.1/32"));

    fs::remove_file(run.host.path("lists/threat/feed.txt")).unwrap();
    eventually("all are gone", || run.lists().is_empty());
    assert_eq!(run.judge(), None, "no list any more");

    assert_eq!(run.host.stop(), Some(0), "{}", run.host.log());
    let log = run.host.log();
    for said in [
        "intel list loaded",
        "intel list refused",
        "intel list removed",
        "\"removed\":1",
        "\"digest\":\"",
    ] {
        assert!(log.contains(said), "{said}: {log}");
    }
}

#[test]
fn lists_are_checked_and_tested_without_a_host() {
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken.json");
    fs::write(&broken, "{\"type\": \"bundle\"").unwrap();
    let ran = run(wardline().args(["intel", "check"]).args([
        data("intel/plain.txt"),
        data("intel/bundle.json"),
        broken,
    ]));
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(
        ran.out
            .contains("plain.txt: plain, 6 addresses, 3 domains, 1 hashes"),
        "{ran:?}"
    );
    assert!(
        ran.out
            .contains("    line 15: `300.1.2.3` is not an address"),
        "{ran:?}"
    );
    assert!(
        ran.out.contains("bundle.json: stix2, 3 addresses"),
        "{ran:?}"
    );
    assert!(
        ran.err.contains("check that the file is not truncated"),
        "{ran:?}"
    );

    for (kind, text) in [("threat", "192.0.2.0/24\n"), ("trusted", "192.0.2.7\n")] {
        fs::create_dir(folder.path().join(kind)).unwrap();
        fs::write(
            folder.path().join(kind).join(format!("{kind}-one.txt")),
            text,
        )
        .unwrap();
    }
    fs::remove_file(folder.path().join("broken.json")).unwrap();
    let ask = |value: &str| {
        run(wardline()
            .args(["intel", "test"])
            .arg(folder.path())
            .arg(value))
    };
    let ran = ask("192.0.2.8");
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (Some(0), "threat-one (threat): 192.0.2.0/24\n")
    );
    let ran = ask("192.0.2.7");
    assert!(
        ran.out
            .contains("trusted-one (trusted): 192.0.2.7/32\nthe value is trusted"),
        "{ran:?}"
    );
    assert_eq!(ask("198.51.100.1").out, "not on any list\n");
}

#[test]
fn scan_fails_if_a_configured_list_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("wardline.toml");
    fs::write(
        &config,
        "[plugins]\ndirectory = \".\"\n[[intel.list]]\nname = \"exits\"\nkind = \"tor\"\npath = \"exits.txt\"\n",
    )
    .unwrap();
    let ran = run(wardline()
        .args(["scan", "--config"])
        .arg(&config)
        .arg(data("attack.ndjson")));
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(
        ran.err.contains("cannot load the intel list `exits`"),
        "{ran:?}"
    );
    fs::write(folder.path().join("exits.txt"), "192.0.2.1\n").unwrap();
    let ran = run(wardline()
        .args(["scan", "--config"])
        .arg(&config)
        .arg(data("attack.ndjson")));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.err.contains("274 events read"), "{ran:?}");
}

//! Findings as events for other detectors, through the real binary.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::host::{Host, eventually};
use crate::support::{Ran, audit_id, detector, event, evidence, lines, run, wardline};

const SEEN: &str = "Test:Kubernetes/Seen";
const MANY: &str = "Test:Kubernetes/Many";
const ECHO: &str = "Test:Kubernetes/Echo";

/// A directory with detectors for tests.
fn plugins(names: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in names {
        let built = detector(&format!("tests/detectors/{name}"));
        fs::copy(built, folder.path().join(name).with_extension("wasm")).unwrap();
    }
    folder
}

/// Scans a log with these detectors; each occurrence is written.
fn scan(plugins: &Path, config: &str, arguments: &[&str], log: &str) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let (file, audit) = (
        folder.path().join("wardline.toml"),
        folder.path().join("log"),
    );
    fs::write(&file, config).unwrap();
    fs::write(&audit, log).unwrap();
    run(wardline()
        .args(["scan", "--no-defaults", "--format", "jsonl", "--stream"])
        .arg("--config")
        .arg(&file)
        .arg("--plugins")
        .arg(plugins)
        .args(arguments)
        .arg("log")
        .current_dir(folder.path()))
}

/// Events of three users, some of whom are busier than others.
fn log(count: u64) -> String {
    (1..=count)
        .map(|number| {
            let user = ["alice", "bob", "carol"][(number * number % 7 % 3) as usize];
            event(number, user, "get", "pods") + "\n"
        })
        .collect()
}

fn of_type<'f>(findings: &'f [Value], finding_type: &str) -> Vec<&'f Value> {
    findings
        .iter()
        .filter(|finding| finding["type"] == finding_type)
        .collect()
}

fn ids(finding: &Value) -> Vec<&str> {
    let ids = finding["event_ids"].as_array().unwrap();
    ids.iter().map(|id| id.as_str().unwrap()).collect()
}

#[test]
fn finding_about_findings_cites_them() {
    let folder = plugins(&["witness", "correlator"]);
    let ran = scan(folder.path(), "", &["--cluster", "lab"], &log(40));
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let findings = lines(&ran.out);
    let seen: BTreeMap<&str, &Value> = of_type(&findings, SEEN)
        .into_iter()
        .map(|finding| (finding["id"].as_str().unwrap(), finding))
        .collect();
    assert_eq!(seen.len(), 40);
    let many = of_type(&findings, MANY);
    assert!(many.len() > 8, "{}", many.len());
    let mut cited = BTreeSet::new();
    for finding in many {
        let ids = ids(finding);
        assert_eq!(ids.len(), 3, "{finding}");
        assert_eq!(finding["event_family"], "signal");
        assert_eq!(finding["detector"]["name"], "correlator");
        // The parts are those of the finding that is cited first, which is the latest.
        let first = seen[ids[0]];
        for part in ["actor", "resource", "request", "cluster", "time", "source"] {
            assert_eq!(finding[part], first[part], "{part}");
        }
        assert_eq!(evidence(finding, "actor"), first["actor"]["username"]);
        assert_eq!(finding["evidence"][0]["event_id"], ids[0]);
        for id in ids {
            assert_eq!(seen[id]["actor"], finding["actor"]);
            assert!(cited.insert(id.to_owned()), "each finding counts once");
        }
    }
    assert!(
        ran.err
            .contains("40 findings passed to other detectors, 0 not judged\n"),
        "{}",
        ran.err
    );
}

/// The detector `echo` sees the findings of `witness` and of `correlator`, which sees those of
/// `witness`.
#[test]
fn order_of_signals_depends_on_neither_threads_nor_chunks() {
    let folder = plugins(&["witness", "correlator", "echo"]);
    let log = log(120);
    let base = scan(folder.path(), "", &["--threads", "1"], &log);
    assert_eq!(base.code, Some(0), "{}", base.err);
    for chunk in [1, 7, 50, 512] {
        for (threads, batch) in [("1", 64), ("4", 3)] {
            let config = format!("[host]\nchunk = {chunk}\nbatch = {batch}\n");
            let other = scan(folder.path(), &config, &["--threads", threads], &log);
            assert_eq!(other.out, base.out, "{chunk} lines, {threads} threads");
        }
    }
    let findings = lines(&base.out);
    let events: BTreeMap<&str, u64> = (1..)
        .zip(of_type(&findings, SEEN))
        .map(|(number, finding)| {
            assert_eq!(ids(finding), [audit_id(number)], "in the order of events");
            (finding["id"].as_str().unwrap(), number)
        })
        .collect();
    let mut heard: Vec<(u64, &str, &str)> = of_type(&findings, ECHO)
        .into_iter()
        .map(|finding| {
            (
                evidence(finding, "number").parse().unwrap(),
                evidence(finding, "type"),
                evidence(finding, "finding"),
            )
        })
        .collect();
    heard.sort_unstable();
    let many = of_type(&findings, MANY).len();
    assert_eq!(heard.len(), 120 + many);
    // A finding of `correlator` comes just before that of `witness` about the same event, by the
    // names of the detectors.
    let mut expected = 0;
    let mut pending = 0;
    for (_, finding_type, id) in heard {
        if finding_type == MANY {
            pending += 1;
            continue;
        }
        expected += 1;
        assert_eq!(events[id], expected);
        assert!(pending <= 1);
        pending = 0;
    }
}

#[test]
fn detectors_without_signals_find_the_same_beside_those_with() {
    let (without, with) = (plugins(&["witness"]), plugins(&["witness", "echo"]));
    let log = log(50);
    let without = lines(&scan(without.path(), "", &[], &log).out);
    let with = lines(&scan(with.path(), "", &[], &log).out);
    assert_eq!(of_type(&with, SEEN), of_type(&without, SEEN));
}

#[test]
fn failure_on_a_signal_costs_only_that_signal() {
    let folder = plugins(&["witness", "correlator"]);
    fs::write(
        folder.path().join("correlator.toml"),
        "[settings]\npanic-on = \"bob\"\n",
    )
    .unwrap();
    let log: String = (1..=12)
        .map(|number| {
            let user = if number == 6 { "bob" } else { "alice" };
            event(number, user, "get", "pods") + "\n"
        })
        .collect();
    let ran = scan(folder.path(), "", &["--dead-letter", "dead.ndjson"], &log);
    assert_eq!(ran.code, Some(3), "{}", ran.err);
    assert!(
        ran.err
            .contains("12 findings passed to other detectors, 1 not judged\n"),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains("\n12 judged, 0 not judged\n"),
        "{}",
        ran.err
    );
    let findings = lines(&ran.out);
    assert_eq!(of_type(&findings, SEEN).len(), 12);
    assert_eq!(of_type(&findings, MANY).len(), 3, "of the 11 others");
}

#[test]
fn circle_of_detectors_is_refused() {
    let folder = plugins(&["witness", "closer", "echo"]);
    let ran = scan(folder.path(), "", &[], &log(5));
    assert_eq!(ran.code, Some(3));
    assert!(
        ran.err.contains(
            "detector echo refused at step admit: closes a circle of detectors that receive each other's findings: echo -> closer -> echo\n"
        ),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains("hint: narrow `finding-types`"),
        "{}",
        ran.err
    );
    // What remains of the circle waits for findings that nobody raises.
    assert!(
        ran.err.contains("detector closer is idle: no source feeds runtime events; no loaded detector raises a matching finding\n"),
        "{}",
        ran.err
    );
    assert_eq!(lines(&ran.out).len(), 5);
}

#[test]
fn newest_file_of_a_circle_is_refused_until_the_circle_is_opened() {
    let mut host = Host::new();
    for name in ["witness", "echo"] {
        host.install(&detector(&format!("tests/detectors/{name}")), name);
    }
    host.start();
    host.wait_for("echo", "active");
    host.install(&detector("tests/detectors/closer"), "closer");
    host.wait_for("closer", "refused");
    let shown = host.ask(&["plugins", "show", "closer"]);
    assert!(shown.contains("closer -> echo -> closer"), "{shown}");
    host.wait_for("echo", "active");
    host.write(&event(1, "bob", "get", "pods"));
    eventually("it is judged and repeated", || {
        host.status()["findings"] == 2
    });
    fs::remove_file(host.plugins().join("echo.wasm")).unwrap();
    host.wait_for("closer", "idle");
    assert_eq!(host.stop(), Some(0), "{}", host.log());
}

#[test]
fn idle_detectors_are_shown_as_idle() {
    let mut host = Host::new();
    for name in ["closer", "echo"] {
        host.install(&detector(&format!("tests/detectors/{name}")), name);
    }
    host.start();
    // Loaded in the order of their names; the second one closes the circle.
    host.wait_for("closer", "idle");
    host.wait_for("echo", "refused");
    let listed = host.ask(&["plugins", "list"]);
    let reason = "no source feeds runtime events; no loaded detector raises a matching finding";
    assert!(listed.contains(&format!("idle: {reason}")), "{listed}");
    let shown = host.ask(&["plugins", "show", "closer"]);
    assert!(shown.contains(&format!("idle: {reason}")), "{shown}");
    assert!(
        host.log().contains(&format!("detector is idle: {reason}")),
        "{}",
        host.log()
    );

    fs::remove_file(host.plugins().join("closer.wasm")).unwrap();
    host.wait_for("echo", "idle");
    let shown = host.ask(&["plugins", "show", "echo"]);
    assert!(
        shown.contains("idle: no loaded detector raises a matching finding"),
        "{shown}"
    );
    host.install(&detector("tests/detectors/witness"), "witness");
    host.wait_for("echo", "active");
    host.wait_for("witness", "active");
    assert_eq!(host.stop(), Some(0), "{}", host.log());
}

#[test]
fn restart_keeps_the_window_of_signals() {
    let mut host = Host::new();
    for name in ["witness", "correlator"] {
        host.install(&detector(&format!("tests/detectors/{name}")), name);
    }
    let judged = |host: &Host, count: u64| {
        eventually("all are judged", || host.status()["findings"] == count);
    };
    host.start();
    for number in 1..=2 {
        host.write(&event(number, "bob", "get", "pods"));
    }
    judged(&host, 2);
    assert_eq!(host.stop(), Some(0), "{}", host.log());
    host.start();
    host.write(&event(3, "bob", "get", "pods"));
    judged(&host, 2);
    assert_eq!(host.stop(), Some(0), "{}", host.log());
    let findings = lines(&fs::read_to_string(host.findings()).unwrap());
    let many = of_type(&findings, MANY);
    assert_eq!(many.len(), 1, "two findings before the restart, one after");
    let mut cited = ids(many[0]);
    cited.sort_unstable();
    let mut seen: Vec<&str> = of_type(&findings, SEEN)
        .iter()
        .map(|finding| finding["id"].as_str().unwrap())
        .collect();
    seen.sort_unstable();
    assert_eq!(cited, seen);
}

/// A suppressed finding happened all the same.
#[test]
fn suppressed_findings_are_signals_too() {
    let folder = plugins(&["witness", "correlator"]);
    let rules = tempfile::tempdir().unwrap();
    fs::write(
        rules.path().join("all.toml"),
        format!(
            "[[rule]]\nname = \"quiet\"\nowner = \"team\"\nreason = \"known\"\nall = [{{ field = \"type\", equals = \"{SEEN}\" }}]\n"
        ),
    )
    .unwrap();
    let directory = rules.path().to_str().unwrap();
    let log: String = (1..=3)
        .map(|number| event(number, "bob", "get", "pods") + "\n")
        .collect();
    let ran = scan(folder.path(), "", &["--suppress", directory], &log);
    let findings = lines(&ran.out);
    assert_eq!(findings.len(), 1, "{}", ran.err);
    assert_eq!(findings[0]["type"], MANY);
}

//! Suppression rules in the real binary: in a running host, in a scan, and in a preview.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use serde_json::Value;

use crate::support::host::{Host, eventually};
use crate::support::{Ran, default_detectors, detector, event, lines, root, run, wardline};

const LOG: &str = "tests/data/attack.ndjson";

fn rule(name: &str, condition: &str) -> String {
    format!(
        "[[rule]]\nname = \"{name}\"\nowner = \"team\"\nreason = \"known\"\nall = [{{ {condition} }}]\n"
    )
}

fn of_user(name: &str, user: &str) -> String {
    rule(
        name,
        &format!("field = \"actor.username\", equals = \"{user}\""),
    )
}

/// The actor, count, status, and rule of each finding.
fn short(path: &Path) -> Vec<String> {
    lines(&fs::read_to_string(path).unwrap_or_default())
        .iter()
        .map(|finding| {
            let text = |pointer: &str| {
                let value = finding.pointer(pointer).and_then(Value::as_str);
                value.unwrap_or_default().to_owned()
            };
            format!(
                "{} {} {} {}",
                text("/actor/username"),
                finding["count"],
                text("/status"),
                text("/suppression/rule")
            )
            .trim_end()
            .to_owned()
        })
        .collect()
}

/// The host's report on its rules.
fn rules(host: &Host) -> Value {
    serde_json::from_str(&host.ask(&["suppress", "list", "--json"])).unwrap()
}

fn wait_for_rules(host: &Host, what: &str, is_so: impl Fn(&Value) -> bool) {
    eventually(what, || is_so(&rules(host)));
}

#[test]
fn rules_are_added_replaced_and_removed_while_events_flow() {
    let mut host = Host::new();
    host.configure(
        "[suppression]\ndirectory = \"rules\"\nrescan = \"100ms\"\n[findings]\nupdate-interval = \"0s\"\n[[sink]]\ntype = \"file\"\npath = \"all.jsonl\"\nsuppressed = true\n",
    );
    let folder = host.path("rules");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("a.toml"), of_user("bob", "bob")).unwrap();
    host.install(&detector("tests/detectors/witness"), "witness");
    host.settings("witness", "[settings]\nby-actor = true\n");
    host.start();
    let archive = host.path("wardline-state/suppressed.jsonl");
    let mut number = 0;
    let mut happens = |host: &Host, user: &str| {
        number += 1;
        host.write(&event(number, user, "get", "pods"));
        eventually("it is judged", || host.status()["findings"] == number);
    };

    happens(&host, "bob");
    happens(&host, "alice");
    happens(&host, "bob");
    eventually("bob is in the archive", || short(&archive).len() == 2);
    assert_eq!(
        short(&archive),
        ["bob 1 suppressed bob", "bob 2 suppressed bob"]
    );
    assert_eq!(short(&host.findings()), ["alice 1 active"]);

    // A broken file leaves the rules in force.
    fs::write(folder.join("a.toml"), "[[rule]]\nname =").unwrap();
    wait_for_rules(&host, "the broken file is said", |report| {
        !report["files"][0]["failure"].is_null() && report["rules"][0]["name"] == "bob"
    });
    happens(&host, "bob");
    eventually("bob is still hidden", || short(&archive).len() == 3);

    fs::write(folder.join("a.toml"), of_user("alice", "alice")).unwrap();
    wait_for_rules(&host, "the new rule is in force", |report| {
        report["files"][0]["failure"].is_null() && report["rules"][0]["name"] == "alice"
    });
    happens(&host, "bob");
    happens(&host, "alice");
    fs::remove_file(folder.join("a.toml")).unwrap();
    wait_for_rules(&host, "no rule is left", |report| {
        report["rules"].as_array().unwrap().is_empty()
    });
    happens(&host, "alice");

    eventually("all is written", || {
        short(&host.path("all.jsonl")).len() == 7
    });
    assert_eq!(host.stop(), Some(0), "{}", host.log());
    assert_eq!(
        short(&host.path("all.jsonl")),
        [
            "bob 1 suppressed bob",
            "alice 1 active",
            "bob 2 suppressed bob",
            "bob 3 suppressed bob",
            "bob 4 active",
            "alice 2 suppressed alice",
            "alice 3 active",
        ]
    );
    assert_eq!(
        short(&host.findings()),
        ["alice 1 active", "bob 4 active", "alice 3 active"]
    );
    let log = host.log();
    for part in [
        "suppression rules loaded",
        "bob (owner: team)",
        "suppression rules refused: a.toml:2:7",
        "suppression rules removed",
    ] {
        assert!(log.contains(part), "{part} in\n{log}");
    }
}

#[test]
fn the_operator_sees_what_is_hidden() {
    let mut host = Host::new();
    host.configure("[suppression]\ndirectory = \"rules\"\n");
    let folder = host.path("rules");
    fs::create_dir(&folder).unwrap();
    let ended = of_user("ended", "carol").replace("owner", "expires = 2020-01-01\nowner");
    fs::write(
        folder.join("a.toml"),
        format!("{}{ended}", of_user("bob", "bob")),
    )
    .unwrap();
    fs::write(folder.join("b.toml"), "[[rule]]\n").unwrap();
    host.install(&detector("tests/detectors/witness"), "witness");
    host.start();
    for (number, user) in [(1, "bob"), (2, "bob"), (3, "carol")] {
        host.write(&event(number, user, "get", "pods"));
    }
    eventually("all are judged", || host.status()["findings"] == 3);
    eventually("the numbers are there", || {
        host.get("/metrics")
            .contains("wardline_suppressed_occurrences{rule=\"bob\"} 2")
    });
    let metrics = host.get("/metrics");
    for line in [
        "wardline_findings_written_total{status=\"suppressed\",kind=\"new\"} 2",
        "wardline_findings_written_total{status=\"active\",kind=\"new\"} 1",
        "wardline_findings_open 3",
        "wardline_findings_evicted 0",
        "wardline_suppression_rules{state=\"active\"} 1",
        "wardline_suppression_rules{state=\"expired\"} 1",
        "wardline_suppression_broken_files 1",
        "wardline_suppression_refused_total 1",
    ] {
        assert!(metrics.contains(line), "{line} in\n{metrics}");
    }
    assert_snapshot!(host.ask(&["suppress", "list"]));
    let status = host.ask(&["status"]);
    assert!(
        status.contains(
            "1 findings from 3 occurrences; 2 more findings suppressed, 2 of the occurrences"
        ),
        "{status}"
    );
    host.stop();
    assert!(
        host.log().contains("a suppression rule has expired"),
        "{}",
        host.log()
    );
}

/// Findings that were committed but not delivered when the host was killed reach the archive
/// once.
#[test]
fn kill_loses_and_repeats_no_suppressed_finding() {
    let mut host = Host::new();
    host.configure("[suppression]\ndirectory = \"rules\"\n");
    fs::create_dir(host.path("rules")).unwrap();
    fs::write(host.path("rules/a.toml"), of_user("bob", "bob")).unwrap();
    host.install(&detector("tests/detectors/witness"), "witness");
    let archive = host.path("wardline-state/suppressed.jsonl");
    let ids = || {
        let text = fs::read_to_string(&archive).unwrap_or_default();
        let mut ids: BTreeMap<String, u64> = BTreeMap::new();
        for line in text.lines() {
            if let Ok(finding) = serde_json::from_str::<Value>(line) {
                let id = finding["event_ids"][0].as_str().unwrap().to_owned();
                *ids.entry(id).or_default() += 1;
            }
        }
        ids
    };
    let mut last = 0;
    for _ in 0..3 {
        host.start();
        for number in last + 1..=last + 100 {
            host.write(&event(number, "bob", "get", "pods"));
        }
        last += 100;
        eventually("some are judged", || !ids().is_empty());
        host.kill();
    }
    host.start();
    eventually("all are there", || ids().len() as u64 == last);
    assert_eq!(host.stop(), Some(0), "{}", host.log());
    assert!(ids().values().all(|count| *count == 1));
    assert_eq!(fs::read_to_string(host.findings()).unwrap_or_default(), "");
}

fn scan(arguments: &[&str]) -> Ran {
    run(wardline()
        .arg("scan")
        .args(["--config", "tests/data/scan.toml"])
        .arg("--plugins")
        .arg(default_detectors())
        .args(arguments)
        .arg(LOG)
        .current_dir(root()))
}

fn ids(text: &str) -> Vec<String> {
    lines(text)
        .iter()
        .map(|finding| finding["id"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_scan_hides_what_the_preview_says_and_shows_it_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rules.toml");
    fs::write(
        &file,
        rule(
            "anonymous",
            "field = \"type\", wildcard = \"*:Kubernetes/SuccessfulAnonymousAccess\"",
        ),
    )
    .unwrap();
    let rules = folder.path().to_str().unwrap();
    let all = scan(&[]);
    let kept = scan(&["--suppress", rules]);
    let shown = scan(&["--suppress", rules, "--show-suppressed"]);
    assert_eq!(ids(&shown.out), ids(&all.out));
    let hidden: Vec<String> = lines(&shown.out)
        .iter()
        .filter(|finding| finding["status"] == "suppressed")
        .map(|finding| {
            assert_eq!(finding["suppression"]["rule"], "anonymous");
            finding["id"].as_str().unwrap().to_owned()
        })
        .collect();
    assert!(!hidden.is_empty());
    assert!(ids(&kept.out).iter().all(|id| !hidden.contains(id)));
    assert_eq!(ids(&kept.out).len() + hidden.len(), ids(&all.out).len());
    let summary = format!("; {} more findings suppressed", hidden.len());
    assert!(kept.err.contains(&summary), "{}", kept.err);
    for threads in ["1", "3"] {
        let again = scan(&["--suppress", rules, "--threads", threads]);
        assert_eq!(again.out, kept.out, "{threads} threads");
    }

    let findings = folder.path().join("findings.jsonl");
    fs::write(&findings, format!("{}garbage\n", all.out)).unwrap();
    let preview = |arguments: &[&str]| {
        run(wardline()
            .args(["suppress", "preview"])
            .arg(&file)
            .arg("--against")
            .arg(&findings)
            .args(arguments))
    };
    let json: Value = serde_json::from_str(&preview(&["--format", "json"]).out).unwrap();
    assert_eq!(json["hidden"], hidden.len());
    assert_eq!(json["malformed"], 1);
    let text = preview(&["--examples", "2"]);
    assert_eq!(text.code, Some(0));
    assert_snapshot!(text.out);
    assert!(text.err.contains("1 lines of"), "{}", text.err);
}

#[test]
fn suppressed_findings_do_not_fail_a_scan() {
    let folder = tempfile::tempdir().unwrap();
    let write = |text: &str| fs::write(folder.path().join("a.toml"), text).unwrap();
    let rules = folder.path().to_str().unwrap();
    assert_eq!(scan(&["--fail-on", "high"]).code, Some(1));
    write(&rule("high", "field = \"severity.score\", at-least = 7"));
    assert_eq!(
        scan(&["--fail-on", "high", "--suppress", rules]).code,
        Some(0)
    );
    write("[[rule]]\n");
    let broken = scan(&["--suppress", rules]);
    assert_eq!(broken.code, Some(3));
    assert!(
        broken.err.contains("suppression rules refused: a.toml:1:1"),
        "{}",
        broken.err
    );
}

#[test]
fn rules_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    let good = folder.path().join("good.toml");
    let bad = folder.path().join("bad.toml");
    fs::write(&good, rule("r", "field = \"count\", less-than = 3")).unwrap();
    fs::write(&bad, rule("r", "field = \"cuont\", less-than = 3")).unwrap();
    let check = |files: &[&Path]| {
        let ran = run(wardline().args(["suppress", "check"]).args(files));
        let text = format!("{}{}", ran.out, ran.err);
        (
            ran.code,
            text.replace(folder.path().to_str().unwrap(), "FOLDER"),
        )
    };
    assert_eq!(check(&[&good]).0, Some(0));
    let (code, text) = check(&[&good, &bad]);
    assert_eq!(code, Some(2));
    assert_snapshot!(text);
}

//! The real binary, `wardline run`: following files, restarts, and what the operator sees.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::host::{Host, eventually};
use crate::support::judged::{assert_each_once, judged, judged_lenient};
use crate::support::{audit_id, detector, event, evidence, lines};

fn write(host: &Host, numbers: std::ops::RangeInclusive<u64>) {
    for number in numbers {
        host.write(&event(number, "bob", "get", "pods"));
    }
}

#[test]
fn events_are_judged_once_across_rotations_and_restarts() {
    let mut host = Host::new();
    host.install(&detector("tests/detectors/witness"), "witness");
    let findings = host.findings();
    let mut last = 0;
    for round in 0..4 {
        host.start();
        write(&host, last + 1..=last + 5);
        if round % 2 == 1 {
            host.rotate(&format!("audit-2026-11-25T10-00-0{round}.000.log"));
        }
        write(&host, last + 6..=last + 10);
        last += 10;
        eventually("all are judged", || {
            judged(&findings).0.len() as u64 == last
        });
        assert_eq!(host.stop(), Some(0), "{}", host.log());
        // Written while no host runs.
        write(&host, last + 1..=last + 3);
        last += 3;
    }
    host.start();
    eventually("all are judged", || {
        judged(&findings).0.len() as u64 == last
    });
    host.stop();
    assert_each_once(&findings, last);
}

#[test]
fn kill_loses_and_repeats_nothing() {
    let mut host = Host::new();
    host.install(&detector("tests/detectors/witness"), "witness");
    let findings = host.findings();
    let mut last = 0;
    for _ in 0..5 {
        host.start();
        write(&host, last + 1..=last + 200);
        last += 200;
        // Killed in the middle of its work.
        eventually("some are judged", || !judged_lenient(&findings).is_empty());
        host.kill();
    }
    host.start();
    eventually("all are judged", || {
        judged_lenient(&findings).len() as u64 == last
    });
    host.stop();
    assert_each_once(&findings, last);
}

/// The counts that were written for the only finding.
fn counts(findings: &Path) -> Vec<u64> {
    let text = fs::read_to_string(findings).unwrap_or_default();
    text.lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .map(|finding| finding["count"].as_u64().unwrap())
        .collect()
}

/// The count of a finding, and the times at which it is written, do not depend on kills.
#[test]
fn kill_does_not_change_the_count_of_a_finding() {
    let mut host = Host::new();
    host.configure("[findings]\nupdate-interval = \"10min\"\n");
    host.install(&detector("tests/detectors/witness"), "witness");
    host.settings("witness", "[settings]\nby-actor = true\n");
    let findings = host.findings();
    let mut last = 0;
    for _ in 0..5 {
        host.start();
        // One per second, by the time of the events.
        write(&host, last + 1..=last + 300);
        last += 300;
        // Killed in the middle of its work.
        eventually("some are judged", || {
            host.status()["findings"].as_u64().unwrap() > 0
        });
        host.kill();
    }
    host.start();
    eventually("the last update is written", || {
        counts(&findings).contains(&1200)
    });
    write(&host, last + 1..=last + 1);
    let id = audit_id(last + 1);
    eventually("the last is judged", || {
        host.status()["findings"].as_u64().unwrap() > 0
            && host
                .get("/metrics")
                .contains("wardline_undelivered_findings 0")
    });
    assert_eq!(host.stop(), Some(0), "{}", host.log());
    assert_eq!(counts(&findings), [1, 600, 1200, 1501]);
    let all = lines(&fs::read_to_string(&findings).unwrap());
    let newest = all.last().unwrap();
    let ids = newest["event_ids"].as_array().unwrap();
    assert_eq!(ids[0], audit_id(1).as_str());
    assert_eq!(ids.last().unwrap(), id.as_str());
    assert_eq!(ids.len(), 100);
    assert_eq!(newest["event_ids_omitted"], 1401);
    assert_eq!(newest["first_seen"], "2026-11-25T00:00:01.000000Z");
    assert_eq!(newest["last_seen"], "2026-11-25T00:25:01.000000Z");
    for finding in &all {
        assert_eq!(finding["id"], newest["id"]);
    }
}

#[test]
fn pending_update_is_written_without_further_events() {
    let mut host = Host::new();
    host.configure("[findings]\nupdate-interval = \"2s\"\n");
    host.install(&detector("tests/detectors/witness"), "witness");
    host.settings("witness", "[settings]\nby-actor = true\n");
    host.start();
    write(&host, 1..=2);
    eventually("the second is written", || {
        counts(&host.findings()) == [1, 2]
    });
    assert_eq!(host.stop(), Some(0), "{}", host.log());
    assert_eq!(counts(&host.findings()), [1, 2]);
}

#[test]
fn changes_in_the_plugin_directory_take_effect() {
    let mut host = Host::new();
    host.start();
    let witness = detector("tests/detectors/witness");
    let label_of = |host: &Host, number: u64| {
        let id = audit_id(number);
        let mut label = None;
        eventually("the event is judged", || {
            let text = fs::read_to_string(host.findings()).unwrap_or_default();
            label = text
                .lines()
                .filter_map(|line| serde_json::from_str::<Value>(line).ok())
                .find(|finding| finding["event_ids"][0] == id.as_str())
                .map(|finding| evidence(&finding, "label").to_owned());
            label.is_some()
        });
        label
    };

    // Nobody judges the event, so that it waits in the log.
    let early = 1;
    host.write(&event(early, "bob", "get", "pods"));
    assert!(host.readiness().1.contains("no detector judges events"));
    host.install(&witness, "witness");
    host.wait_for("witness", "active");
    assert_eq!(label_of(&host, early).as_deref(), Some("none"), "added");
    let mut number = early;
    let mut label_of_next = |host: &Host| {
        number += 1;
        host.write(&event(number, "bob", "get", "pods"));
        label_of(host, number)
    };

    host.settings("witness", "[settings]\nlabel = \"edited\"\n");
    host.wait_until("the settings are in force", |file| {
        file["running"]["settings"][0] == "label = \"edited\""
    });
    assert_eq!(label_of_next(&host).as_deref(), Some("edited"), "edited");

    host.settings("witness", "[settings]\nlable = \"typo\"\n");
    host.wait_until("the typo is refused", |file| {
        file["failure"]["step"] == "settings" || file["failure"]["step"] == "configure"
    });
    assert_eq!(
        label_of_next(&host).as_deref(),
        Some("edited"),
        "the old version runs on"
    );

    host.settings("witness", "enabled = false\n");
    host.wait_for("witness", "disabled");
    eventually("no detector is in force", || {
        host.readiness().1.contains("no detector judges events")
    });

    host.settings("witness", "");
    host.wait_for("witness", "active");
    assert_eq!(
        label_of_next(&host).as_deref(),
        Some("none"),
        "enabled again"
    );

    // Half a file, as during a copy.
    let whole = fs::read(&witness).unwrap();
    fs::write(
        host.plugins().join("witness.wasm"),
        &whole[..whole.len() / 2],
    )
    .unwrap();
    host.wait_until("the half file is refused", |file| {
        !file["failure"].is_null()
    });
    assert_eq!(
        label_of_next(&host).as_deref(),
        Some("none"),
        "the old version runs on"
    );
    fs::write(host.plugins().join("witness.wasm"), &whole).unwrap();
    host.wait_until("the whole file is taken", |file| file["failure"].is_null());

    fs::rename(
        host.plugins().join("witness.wasm"),
        host.plugins().join("renamed.wasm"),
    )
    .unwrap();
    host.wait_for("renamed", "active");
    assert_eq!(label_of_next(&host).as_deref(), Some("none"), "renamed");

    // The directory itself is replaced, as a package manager does.
    let old = host.plugins().with_extension("old");
    fs::rename(host.plugins(), &old).unwrap();
    fs::create_dir(host.plugins()).unwrap();
    host.install(&witness, "witness");
    host.settings("witness", "[settings]\nlabel = \"new directory\"\n");
    host.wait_until("the new directory is in force", |file| {
        file["running"]["settings"][0] == "label = \"new directory\""
    });
    assert_eq!(label_of_next(&host).as_deref(), Some("new directory"));

    fs::remove_file(host.plugins().join("witness.wasm")).unwrap();
    eventually("it is gone", || host.files().is_empty());
    eventually("no detector is in force", || !host.readiness().0);

    assert_eq!(host.stop(), Some(0), "{}", host.log());
    let (seen, counts) = judged(&host.findings());
    assert!(seen.values().all(|count| *count == 1));
    // The state survived all of it.
    assert_eq!(counts, (1..=counts.len() as u64).collect::<Vec<_>>());
}

/// A mounted ConfigMap is a directory of links to `..data/NAME`, and `..data` is a link that
/// is swapped to a new directory (KEP-2 of sig-storage: `pkg/volume/util/atomic_writer.go`).
#[test]
fn swap_of_a_config_map_takes_effect() {
    let mut host = Host::new();
    let plugins = host.plugins();
    let publish = |revision: &str, label: &str| {
        let data = plugins.join(revision);
        fs::create_dir(&data).unwrap();
        fs::copy(
            detector("tests/detectors/witness"),
            data.join("witness.wasm"),
        )
        .unwrap();
        fs::write(
            data.join("witness.toml"),
            format!("[settings]\nlabel = \"{label}\"\n"),
        )
        .unwrap();
        std::os::unix::fs::symlink(revision, plugins.join("..data_tmp")).unwrap();
        fs::rename(plugins.join("..data_tmp"), plugins.join("..data")).unwrap();
    };
    publish("..2026_11_25_10_00_00", "first");
    for name in ["witness.wasm", "witness.toml"] {
        std::os::unix::fs::symlink(format!("..data/{name}"), plugins.join(name)).unwrap();
    }
    host.start();
    let is = |label: &'static str| {
        move |file: &Value| file["running"]["settings"][0] == format!("label = \"{label}\"")
    };
    host.wait_until("the first is in force", is("first"));
    publish("..2026_11_25_11_00_00", "second");
    fs::remove_dir_all(host.plugins().join("..2026_11_25_10_00_00")).unwrap();
    host.wait_until("the second is in force", is("second"));
    write(&host, 1..=3);
    eventually("all are judged", || judged(&host.findings()).0.len() == 3);
    host.stop();
    assert_each_once(&host.findings(), 3);
}

#[test]
fn operator_sees_what_runs() {
    let mut host = Host::new();
    host.install(&detector("tests/detectors/witness"), "witness");
    fs::write(
        host.plugins().join("garbage.wasm"),
        "this is not WebAssembly",
    )
    .unwrap();
    host.start();
    host.wait_for("witness", "active");
    host.wait_for("garbage", "refused");
    write(&host, 1..=3);
    host.write("{\"kind\":\"Event\", broken");
    eventually("all are read", || host.status()["events"] == 3);

    let listed = host.ask(&["plugins", "list"]);
    assert!(
        listed.contains("garbage.wasm") && listed.contains("refused"),
        "{listed}"
    );
    let shown = host.ask(&["plugins", "show", "witness"]);
    for part in [
        "active",
        "Test:Kubernetes/Seen (1.0) ; deduplicated by actor and resource",
        "log, state",
        "memory",
        "64MiB",
        "label",
    ] {
        assert!(shown.contains(part), "{part} in\n{shown}");
    }
    let shown = host.ask(&["plugins", "show", "garbage"]);
    assert!(shown.contains("validate"), "{shown}");

    eventually("the numbers are there", || {
        host.get("/metrics").contains("wardline_events_total 3")
    });
    let metrics = host.get("/metrics");
    for line in [
        "wardline_source_lines_total{source=\"audit\"} 4",
        "wardline_events_rejected_total{reason=\"malformed\"} 1",
        "wardline_detector_events_judged_total{detector=\"witness\"} 3",
        "wardline_detector_findings_total{detector=\"witness\"} 3",
        "wardline_plugins{state=\"active\"} 1",
        "wardline_plugins{state=\"refused\"} 1",
        "wardline_source_gaps_total 0",
        "wardline_undelivered_findings 0",
    ] {
        assert!(metrics.contains(line), "{line} in\n{metrics}");
    }
    assert_eq!(host.stop(), Some(0));
    let log = host.log();
    assert!(log.contains("detector loaded"), "{log}");
    assert!(log.contains("detector refused"), "{log}");
    for line in lines(&log) {
        assert!(line["timestamp"].is_string(), "{line}");
    }
}

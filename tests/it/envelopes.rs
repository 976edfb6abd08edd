//! The real binary, `wardline scan`, on the envelopes of clouds: the findings are those of
//! the plain log.

#[path = "../../host/decode/tests/common/wrap.rs"]
mod wrap;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use wrap::{FORMS, audit_row, gzip, log_entry};

use crate::support::host::{Host, eventually};
use crate::support::judged::judged;
use crate::support::{Ran, data, default_detectors, detector, event, lines, root, run, wardline};

fn events() -> Vec<String> {
    let text = std::fs::read_to_string(data("attack.ndjson")).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn scan(path: &Path) -> Ran {
    let ran = scan_in_part(path);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    ran
}

/// Scans a file of which a part may be rejected.
fn scan_in_part(path: &Path) -> Ran {
    run(wardline()
        .arg("scan")
        .args(["--config", "tests/data/scan.toml"])
        .arg("--plugins")
        .arg(default_detectors())
        .arg(path)
        .current_dir(root()))
}

/// Scans a file with this text.
fn scan_text(text: &[u8]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit");
    std::fs::write(&path, text).unwrap();
    scan(&path)
}

/// The findings, in order, without their ids, which depend on the cluster that an envelope may
/// name. A sequence cites the ids of other findings.
fn found(ran: &Ran) -> Vec<Value> {
    lines(&ran.out)
        .into_iter()
        .map(|mut finding| {
            let finding_type = finding["type"].as_str().unwrap();
            if finding_type.starts_with("AttackSequence:") {
                finding["event_ids"] = json!(finding["event_ids"].as_array().unwrap().len());
            }
            json!([
                finding["type"],
                finding["severity"]["score"],
                finding["actor"]["username"],
                finding["resource"],
                finding["count"],
                finding["event_ids"],
            ])
        })
        .collect()
}

/// Asserts that the findings are the same, and shows the first one that differs.
fn assert_same(found: &[Value], expected: &[Value], name: &str) {
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found, expected, "{name}");
    }
    assert_eq!(found.len(), expected.len(), "{name}");
}

/// The number of findings by type, resource, and actor.
fn kinds(ran: &Ran) -> BTreeMap<String, u64> {
    let mut kinds = BTreeMap::new();
    for finding in lines(&ran.out) {
        let kind = format!(
            "{} on {} by {}",
            finding["type"], finding["resource"], finding["actor"]["username"]
        );
        *kinds.entry(kind).or_default() += 1;
    }
    kinds
}

#[test]
fn every_form_gives_the_same_findings() {
    let plain = found(&scan(&data("attack.ndjson")));
    assert!(plain.len() > 5, "{}", plain.len());
    let events = events();
    for (name, wrap) in FORMS {
        let ran = scan_text(&wrap(&events));
        assert!(ran.err.contains("\n0 rejected\n"), "{name}: {}", ran.err);
        assert_same(&found(&ran), &plain, name);
    }
    for as_text in [true, false] {
        let rows: Vec<Value> = events
            .iter()
            .map(|event| audit_row(event, as_text))
            .collect();
        let ran = scan_text(format!("{:#}", json!(rows)).as_bytes());
        assert_same(&found(&ran), &plain, &ran.err);
    }
}

/// Finding types that depend on whether the command of an exec is known.
const OF_COMMANDS: [&str; 4] = [
    "ExecSensitiveFile",
    "SuspiciousExecCommand",
    "ExecInPod",
    "CompromisedIdentity",
];

#[test]
fn entries_of_gke_give_the_same_findings() {
    // Entries lack the query, which holds the command of an exec.
    let without_commands = |ran: &Ran| {
        let mut kinds = kinds(ran);
        kinds.retain(|kind, _| !OF_COMMANDS.iter().any(|name| kind.contains(name)));
        kinds
    };
    let plain = without_commands(&scan(&data("attack.ndjson")));
    assert!(plain.len() > 5, "{plain:?}");
    let entries: Vec<Value> = events().iter().map(|event| log_entry(event)).collect();
    let mut by_line = String::new();
    for entry in &entries {
        by_line.push_str(&format!("{entry}\n"));
    }
    for text in [by_line, format!("{:#}", json!(entries))] {
        let ran = scan_text(text.as_bytes());
        assert!(ran.err.contains("\n0 rejected\n"), "{}", ran.err);
        assert_eq!(without_commands(&ran), plain);
    }
}

#[test]
fn mixed_and_packed_forms_without_newlines_are_read() {
    let events = events();
    let plain = found(&scan(&data("attack.ndjson")));
    let mut text = Vec::new();
    let mut packed = Vec::new();
    for (number, part) in events.chunks(20).enumerate() {
        // A subscription and a list of Event Hubs, or events, without newlines.
        let (_, wrap) = FORMS[[0, 2, 12][number % 3]];
        let document = wrap(part);
        text.extend(document.trim_ascii());
        packed.extend(gzip(document.trim_ascii()));
    }
    for text in [text, packed.clone(), gzip(&packed)] {
        let ran = scan_text(&text);
        assert!(ran.err.contains("\n0 rejected\n"), "{}", ran.err);
        assert_same(&found(&ran), &plain, &ran.err);
    }
}

/// Firehose writes files of any size as one line, of which nothing may be lost.
#[test]
fn line_beyond_the_limit_is_read_document_by_document() {
    let events = events();
    let plain = found(&scan(&data("attack.ndjson")));
    for form in [0, 1, 2] {
        let (name, wrap) = FORMS[form];
        let mut text = Vec::new();
        for part in events.chunks(7) {
            text.extend(wrap(part).trim_ascii());
        }
        let repeated = text.repeat(5);
        assert!(repeated.len() > 4 << 20, "{}", repeated.len());
        let ran = scan_text(&repeated);
        assert!(ran.err.contains("\n0 rejected\n"), "{name}: {}", ran.err);
        assert_same(&found(&ran), &plain, name);
    }
}

#[test]
fn other_logs_are_counted_and_broken_records_do_not_affect_others() {
    let event = &events()[0];
    let record =
        |category: &str, log: &str| json!({"category": category, "properties": {"log": log}});
    let text = json!({"records": [
        record("guard", "I1122 text"),
        record("kube-audit", event),
        record("kube-audit", "I1122 text"),
        {"recordId": "1", "data": "H4sI!"},
    ]});
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit");
    std::fs::write(&path, text.to_string()).unwrap();
    let ran = scan_in_part(&path);
    assert_eq!(ran.code, Some(3), "{}", ran.err);
    assert!(ran.err.starts_with("1 events read"), "{}", ran.err);
    assert!(
        ran.err
            .contains("\n2 rejected (broken_envelope 1, malformed 1)\n"),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains("\n1 records of other logs skipped\n"),
        "{}",
        ran.err
    );
}

/// Follows a file to which the deliveries of a subscription are written.
#[test]
fn envelopes_are_opened_as_they_are_written() {
    let mut host = Host::new();
    host.install(&detector("tests/detectors/witness"), "witness");
    host.start();
    let mut number = 0;
    let mut one = || {
        number += 1;
        event(number, "bob", "get", "pods")
    };
    for (_, wrap) in FORMS {
        // A followed file holds one document per line.
        let text = String::from_utf8(wrap(&[one()])).unwrap();
        if text.trim_end().contains('\n') {
            let value: Value = serde_json::from_str(&text).unwrap();
            host.write(&value.to_string());
        } else {
            host.write(text.trim_end());
        }
    }
    host.write(&log_entry(&one()).to_string());
    host.write(&audit_row(&one(), true).to_string());
    host.write(&one());
    host.write(&json!({"category": "guard", "properties": {"log": "I1122"}}).to_string());
    host.write("{\"awslogs\":{\"data\":\"?\"}}");
    let all = FORMS.len() as u64 + 3;
    eventually("all are read", || {
        let status = host.status();
        status["events"] == all && status["rejected"]["broken_envelope"] == 1
    });
    assert_eq!(host.status()["skipped"], 1);
    assert_eq!(host.stop(), Some(0), "{}", host.log());
    assert_eq!(judged(&host.findings()).0.len() as u64, all);
}

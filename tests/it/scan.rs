//! The real binary, `wardline scan`, on a recorded log.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use insta::{assert_snapshot, with_settings};
use serde_json::Value;

use crate::support::{Ran, data, default_detectors, event, lines, root, run, wardline};

fn scan(plugins: &Path, arguments: &[&str]) -> Ran {
    run(wardline()
        .arg("scan")
        .args(["--config", "tests/data/scan.toml"])
        .arg("--plugins")
        .arg(plugins)
        .args(arguments)
        .current_dir(root()))
}

const LOG: &str = "tests/data/attack.ndjson";

#[test]
fn the_recorded_attack_is_found() {
    let ran = scan(default_detectors(), &[LOG]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let mut by_type: BTreeMap<String, u64> = BTreeMap::new();
    for finding in lines(&ran.out) {
        let key = format!(
            "{} {}",
            finding["severity"]["label"].as_str().unwrap(),
            finding["type"].as_str().unwrap()
        );
        *by_type.entry(key).or_default() += 1;
    }
    assert_snapshot!(
        by_type
            .iter()
            .map(|(key, count)| format!("{count} {key}\n"))
            .collect::<String>()
    );
}

#[test]
fn a_finding_says_all_that_it_must() {
    let ran = scan(default_detectors(), &[LOG]);
    let findings = lines(&ran.out);
    let finding = findings
        .iter()
        .find(|finding| finding["type"] == "Execution:Kubernetes/ExecInKubeSystemPod")
        .unwrap();
    with_settings!({sort_maps => false}, {
        assert_snapshot!(serde_json::to_string_pretty(finding).unwrap());
    });
    for finding in &findings {
        for field in [
            "id", "type", "title", "detector", "actor", "resource", "severity",
        ] {
            assert_ne!(finding[field], Value::Null, "{field} of {finding}");
        }
        assert!(!finding["event_ids"].as_array().unwrap().is_empty());
        assert!(!finding["evidence"].as_array().unwrap().is_empty());
    }
}

#[test]
fn findings_do_not_depend_on_the_number_of_threads() {
    let one = scan(default_detectors(), &["--threads", "1", LOG]);
    for threads in ["1", "2", "3", "8"] {
        let other = scan(default_detectors(), &["--threads", threads, LOG]);
        assert_eq!(one.out, other.out, "{threads} threads");
    }
}

/// Scans with this configuration.
fn scan_with(config: &str, arguments: &[&str]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wardline.toml");
    let cache = root().join("target/test-cache");
    std::fs::write(
        &file,
        format!("[host]\ncache-directory = {cache:?}\n{config}"),
    )
    .unwrap();
    run(wardline()
        .args(["scan", "--config"])
        .arg(&file)
        .arg("--plugins")
        .arg(default_detectors())
        .args(arguments)
        .current_dir(root()))
}

#[test]
fn findings_do_not_depend_on_the_size_of_chunks() {
    let plain = scan(default_detectors(), &[LOG]);
    for chunk in [1, 7, 100] {
        let config = format!("chunk = {chunk}\n");
        for threads in ["1", "3"] {
            let other = scan_with(&config, &["--threads", threads, LOG]);
            assert_eq!(other.out, plain.out, "{chunk} lines, {threads} threads");
        }
    }
}

#[test]
fn finding_counts_its_occurrences() {
    let mut occurrences: BTreeMap<String, u64> = BTreeMap::new();
    for finding in lines(&scan(default_detectors(), &["--stream", LOG]).out) {
        assert_eq!(finding["count"], 1);
        let id = finding["id"].as_str().unwrap().to_owned();
        *occurrences.entry(id).or_default() += 1;
    }
    let ran = scan(default_detectors(), &[LOG]);
    let counts: BTreeMap<String, u64> = lines(&ran.out)
        .iter()
        .map(|finding| {
            (
                finding["id"].as_str().unwrap().to_owned(),
                finding["count"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(counts, occurrences);
    assert_eq!(counts.len(), lines(&ran.out).len(), "each is written once");
    assert!(counts.values().any(|count| *count > 1));
    let summary = format!(
        "{} findings from {} occurrences\n",
        counts.len(),
        counts.values().sum::<u64>()
    );
    assert!(ran.err.contains(&summary), "{}", ran.err);
}

#[test]
fn scan_beyond_the_limit_of_open_findings_loses_nothing() {
    let whole = lines(&scan(default_detectors(), &[LOG]).out);
    let few = lines(&scan_with("[findings]\nopen-limit = 2\n", &[LOG]).out);
    let sum = |findings: &[Value]| -> BTreeMap<String, u64> {
        let mut sums = BTreeMap::new();
        for finding in findings {
            let id = finding["id"].as_str().unwrap().to_owned();
            *sums.entry(id).or_default() += finding["count"].as_u64().unwrap();
        }
        sums
    };
    assert_eq!(sum(&few), sum(&whole));
}

#[test]
fn findings_of_two_clusters_differ() {
    let of = |name: &str| lines(&scan_with(&format!("cluster = \"{name}\"\n"), &[LOG]).out);
    let (one, again, other) = (of("one"), of("one"), of("other"));
    assert_eq!(one, again);
    for finding in &one {
        assert_eq!(finding["cluster"], "one");
        assert!(other.iter().all(|known| known["id"] != finding["id"]));
    }
}

#[test]
fn packed_files_and_standard_input_give_the_same_findings() {
    let ids = |ran: &Ran| -> Vec<Value> {
        lines(&ran.out)
            .iter()
            .map(|finding| finding["id"].clone())
            .collect()
    };
    let text = std::fs::read(data("attack.ndjson")).unwrap();
    let plain = scan(default_detectors(), &[LOG]);
    let folder = tempfile::tempdir().unwrap();

    let gz = folder.path().join("a.gz");
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&text).unwrap();
    std::fs::write(&gz, encoder.finish().unwrap()).unwrap();
    let zst = folder.path().join("a.zst");
    std::fs::write(&zst, zstd::encode_all(text.as_slice(), 1).unwrap()).unwrap();
    for path in [gz, zst] {
        let packed = scan(default_detectors(), &[path.to_str().unwrap()]);
        assert_eq!(ids(&packed), ids(&plain), "{}", path.display());
    }

    let mut child = wardline()
        .arg("scan")
        .arg("--plugins")
        .arg(default_detectors())
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&text).unwrap();
    let piped: Ran = child.wait_with_output().unwrap().into();
    assert_eq!(ids(&piped), ids(&plain), "{}", piped.err);
}

#[test]
fn lists_and_documents_on_several_lines_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.json");
    let items: Vec<Value> = (1..4)
        .map(|number| serde_json::from_str(&event(number, "bob", "get", "pods")).unwrap())
        .collect();
    let list = serde_json::json!({
        "kind": "EventList", "apiVersion": "audit.k8s.io/v1", "metadata": {}, "items": items,
    });
    let single: Value = serde_json::from_str(&event(4, "bob", "get", "pods")).unwrap();
    let text = format!(
        "{}\n{}\n{}\n",
        serde_json::to_string_pretty(&list).unwrap(),
        serde_json::to_string_pretty(&single).unwrap(),
        event(5, "bob", "get", "pods"),
    );
    std::fs::write(&path, text).unwrap();
    let ran = scan(default_detectors(), &[path.to_str().unwrap()]);
    assert!(ran.err.starts_with("5 events read"), "{}", ran.err);
    assert!(ran.err.contains("\n0 rejected\n"), "{}", ran.err);
}

#[test]
fn what_is_bad_costs_itself_only_and_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.log");
    let dead = folder.path().join("dead.ndjson");
    let good = event(1, "bob", "get", "pods");
    let mut text = format!("{good}\n{{\"kind\":\"Event\",\n").into_bytes();
    text.extend_from_slice(b"not json\n\xff\xfe\n[1,2]\n");
    text.extend_from_slice(format!("{}\n", &good[..good.len() / 2]).as_bytes());
    text.extend_from_slice(
        format!("{{\"a\":{}1{}}}\n", "[".repeat(500), "]".repeat(500)).as_bytes(),
    );
    text.extend_from_slice(
        format!(
            "{{\"kind\":\"Event\",\"x\":\"{}\"}}\n",
            "y".repeat(17 << 20)
        )
        .as_bytes(),
    );
    text.extend_from_slice(event(2, "bob", "get", "pods").as_bytes());
    std::fs::write(&path, text).unwrap();
    let ran = scan(
        default_detectors(),
        &[
            "--dead-letter",
            dead.to_str().unwrap(),
            path.to_str().unwrap(),
        ],
    );
    let summary: Vec<&str> = ran.err.lines().skip(1).take(2).collect();
    assert!(ran.err.starts_with("2 events read"), "{}", ran.err);
    assert_snapshot!(summary.join("\n"));
    let letters: Vec<String> = lines(&std::fs::read_to_string(dead).unwrap())
        .iter()
        .map(|letter| {
            format!(
                "line {}: {}: {}",
                letter["line"],
                letter["reason"].as_str().unwrap(),
                letter["detail"].as_str().unwrap()
            )
        })
        .collect();
    assert_snapshot!(letters.join("\n"));
}

#[test]
fn duplicates_are_dropped_and_counted() {
    let ran = scan(default_detectors(), &[LOG, LOG]);
    let once = scan(default_detectors(), &[LOG]);
    assert_eq!(lines(&ran.out).len(), lines(&once.out).len());
    let number = |text: &str, behind: &str| -> u64 {
        let before = text.split(behind).next().unwrap();
        before.rsplit(' ').next().unwrap().trim().parse().unwrap()
    };
    let first = ran
        .err
        .lines()
        .find(|line| line.contains("events read"))
        .unwrap();
    let read: u64 = first.split(' ').next().unwrap().parse().unwrap();
    let dropped = number(first, " duplicates dropped");
    // The audit ids of events that are not subscribed to are not remembered.
    let wanted = 274 - number(&once.err, " not subscribed to");
    assert_eq!((read, dropped), (2 * 274 - wanted, wanted), "{first}");
}

#[test]
fn the_table_is_for_people() {
    let ran = scan(default_detectors(), &["--format", "table", LOG]);
    assert_snapshot!(ran.out);
}

#[test]
fn exit_codes_are_those_documented() {
    let code = |arguments: &[&str]| scan(default_detectors(), arguments).code;
    assert_eq!(code(&[LOG]), Some(0));
    assert_eq!(code(&["--fail-on", "high", LOG]), Some(1));
    assert_eq!(code(&["--fail-on", "critical", LOG]), Some(0));
    assert_eq!(code(&["does/not/exist"]), Some(3));
    assert_eq!(code(&["--fail-on", "awful", LOG]), Some(2));
}

#[test]
fn rejected_input_is_named_with_its_reasons_and_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.log");
    let good = event(1, "bob", "get", "pods");
    std::fs::write(&path, format!("{good}\n[1\nnot json\nnor this\n")).unwrap();
    let ran = scan(default_detectors(), &[path.to_str().unwrap()]);
    assert_eq!(ran.code, Some(3), "{}", ran.err);
    let warning: Vec<&str> = ran
        .err
        .lines()
        .skip_while(|line| !line.starts_with("warning: "))
        .collect();
    let path = path.display().to_string();
    assert_snapshot!(warning.join("\n").replace(&path, "audit.log"));
}

#[test]
fn any_input_that_is_not_read_makes_a_scan_partial() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.log");
    let good = event(1, "bob", "get", "pods");
    let other = r#"{"log":"started\n","stream":"stderr","time":"2026-03-02T10:00:00Z"}"#;
    let cut = r#"{"log":"\"auditID\":\n","stream":"stdout","time":"2026-03-02T10:00:00Z"}"#;
    for (lines, code) in [
        (vec![good.as_str()], 0),
        (vec![&good, other], 0),
        (vec![&good, cut], 3),
        (vec![&good, other, "text"], 3),
        (vec![other], 3),
        (vec![other, "text"], 3),
        (vec!["text"], 3),
        (vec!["[]"], 3),
        (vec![r#"{"records":[]}"#], 3),
    ] {
        std::fs::write(&path, lines.join("\n")).unwrap();
        let ran = scan(default_detectors(), &[path.to_str().unwrap()]);
        assert_eq!(ran.code, Some(code), "{lines:?}: {}", ran.err);
        assert_eq!(
            ran.err.contains("warning: "),
            code == 3,
            "{lines:?}: {}",
            ran.err
        );
    }
}

#[test]
fn input_that_is_of_other_logs_only_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("logs");
    let other = r#"{"messageType":"DATA_MESSAGE","owner":"1","logGroup":"/aws/eks/a/cluster","logStream":"authenticator-1","subscriptionFilters":[],"logEvents":[{"id":"1","timestamp":1,"message":"time=now level=info msg=started"}]}"#;
    std::fs::write(&path, format!("{other}\n")).unwrap();
    let ran = scan(default_detectors(), &[path.to_str().unwrap()]);
    assert_eq!(ran.code, Some(3), "{}", ran.err);
    assert!(
        ran.err
            .contains("warning: no audit event was found; 1 record belongs to another log\nhint: "),
        "{}",
        ran.err
    );
}

#[test]
fn nothing_is_read_without_a_detector() {
    let empty = tempfile::tempdir().unwrap();
    let ran = scan(empty.path(), &["--no-defaults", LOG]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{}", ran.err);
    assert!(
        ran.err
            .starts_with("error: no detector is active: no usable detector in /"),
        "{}",
        ran.err
    );
}

/// As in `wardline scan audit.log | head -1`.
#[test]
fn closed_standard_output_is_no_error() {
    let commands: [&[&str]; 6] = [
        &["schema"],
        &["config", "print"],
        &["detections", "list", "--config", "tests/data/scan.toml"],
        &["scan", "--config", "tests/data/scan.toml", LOG],
        &[
            "scan",
            "--config",
            "tests/data/scan.toml",
            "--stream",
            "--format",
            "csv",
            LOG,
        ],
        &[
            "scan",
            "--config",
            "tests/data/scan.toml",
            "--format",
            "table",
            LOG,
        ],
    ];
    for arguments in commands {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let child = wardline()
            .args(arguments)
            .current_dir(root())
            .stdout(writer)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let ran: Ran = child.wait_with_output().unwrap().into();
        assert_eq!(ran.code, Some(0), "{arguments:?}: {}", ran.err);
        assert!(!ran.err.contains("error"), "{arguments:?}: {}", ran.err);
    }
}

#[test]
fn errors_say_what_and_where() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("plugins");
    std::fs::create_dir(&empty).unwrap();
    std::fs::write(empty.join("garbage.wasm"), "this is not WebAssembly").unwrap();
    let ran = scan(&empty, &["does/not/exist"]);
    let text = ran
        .err
        .replace(folder.path().to_str().unwrap(), "FOLDER")
        .lines()
        .take_while(|line| !line.contains("events read"))
        .collect::<Vec<_>>()
        .join("\n");
    assert_snapshot!(text);
}

//! What the default detectors say that they find, and the audit policy that they need.

use serde_json::Value;
use wardline_finding::catalog::guardduty;

use crate::support::{Ran, data, default_detectors, root, run, wardline};

fn with_detectors(arguments: &[&str]) -> Ran {
    run(wardline()
        .args(arguments)
        .arg("--plugins")
        .arg(default_detectors()))
}

fn detections() -> Vec<Value> {
    let ran = with_detectors(&["detections", "list", "--format", "json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    serde_json::from_str(&ran.out).unwrap()
}

#[test]
fn every_type_says_what_an_operator_needs() {
    for detection in detections() {
        let name = detection["type"].as_str().unwrap();
        for field in ["title", "description", "remediation", "false_positives"] {
            assert!(
                detection[field]
                    .as_str()
                    .is_some_and(|text| text.len() > 10),
                "{name} has no {field}"
            );
        }
        for field in ["techniques", "tactics", "references", "tuning"] {
            assert!(
                detection[field]
                    .as_array()
                    .is_some_and(|list| !list.is_empty()),
                "{name} has no {field}"
            );
        }
    }
}

/// A finding of one type comes from one detector, so that its key means one thing.
#[test]
fn no_two_detectors_raise_the_same_type() {
    let all = detections();
    let mut names: Vec<&str> = all
        .iter()
        .map(|detection| detection["type"].as_str().unwrap())
        .collect();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn all_of_guardduty_that_stands_for_a_condition_is_there() {
    let all = detections();
    let missing: Vec<String> = guardduty::by_condition()
        .into_iter()
        .filter(|name| !all.iter().any(|detection| detection["type"] == **name))
        .collect();
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn fixed_conditions_that_stand_for_anomalies_are_there() {
    let all = detections();
    for (anomaly, here) in guardduty::ANOMALIES {
        for name in here {
            assert!(
                all.iter().any(|detection| detection["type"] == *name),
                "{name}, for {anomaly}"
            );
        }
    }
}

#[test]
fn the_document_is_what_the_detectors_say() {
    let ran = with_detectors(&["detections", "list", "--format", "markdown"]);
    let kept = std::fs::read_to_string(root().join("DETECTIONS.md")).unwrap();
    assert!(
        ran.out == kept,
        "DETECTIONS.md is not what the descriptors say; `make detections` writes it anew"
    );
}

#[test]
fn a_type_is_shown_by_its_whole_name_or_its_family() {
    let whole = with_detectors(&[
        "detections",
        "show",
        "Execution:Kubernetes/ExecInKubeSystemPod",
    ]);
    assert_eq!(whole.code, Some(0), "{}", whole.err);
    for text in [
        "severity ",
        "T1609",
        "what to do",
        "false positives",
        "same again if",
    ] {
        assert!(whole.out.contains(text), "{text}: {}", whole.out);
    }
    let family = with_detectors(&["detections", "show", "execinkubesystempod"]);
    assert_eq!(family.out, whole.out);
    let unknown = with_detectors(&[
        "detections",
        "show",
        "Execution:Kubernetes/ExecInKubeSystem",
    ]);
    assert_eq!(unknown.code, Some(2));
    assert_eq!(
        unknown.err,
        "error: no detector raises `Execution:Kubernetes/ExecInKubeSystem` (did you mean \
         `Execution:Kubernetes/ExecInKubeSystemPod`?)\n"
    );
}

#[test]
fn without_detectors_there_is_nothing_to_tell() {
    let empty = tempfile::tempdir().unwrap();
    let ran = run(wardline()
        .args(["detections", "list", "--plugins"])
        .arg(empty.path()));
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("holds no usable NAME.wasm"), "{}", ran.err);
}

#[test]
fn the_policy_that_is_printed_blinds_nobody_and_keeps_secrets_out() {
    let printed = with_detectors(&["audit-policy"]);
    assert_eq!(printed.code, Some(0), "{}", printed.err);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.yaml");
    std::fs::write(&file, &printed.out).unwrap();
    let checked = with_detectors(&["audit-policy", "--check", file.to_str().unwrap()]);
    assert!(!checked.out.contains("warning: rule"), "{}", checked.out);
    assert_eq!(checked.code, Some(0), "{}{}", checked.out, checked.err);
}

#[test]
fn a_policy_without_bodies_blinds_those_that_read_them() {
    let file = data("corpus/policy_metadata.yaml");
    let ran = with_detectors(&["audit-policy", "--json", "--check", file.to_str().unwrap()]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    let checked: Value = serde_json::from_str(&ran.out).unwrap();
    let blind = checked["blind"].as_array().unwrap();
    let by_name = |name: &str| blind.iter().find(|one| one["detector"] == name);
    let one = by_name("privileged-workloads").unwrap();
    assert_eq!(
        (&one["recorded"], &one["rule"]),
        (&"Metadata".into(), &1.into())
    );
    // It reads nothing but who asked for what.
    assert_eq!(by_name("malicious-callers"), None);
}

#[test]
fn what_is_no_policy_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.yaml");
    std::fs::write(&file, "apiVersion: v1\nkind: ConfigMap\n").unwrap();
    let ran = with_detectors(&["audit-policy", "--check", file.to_str().unwrap()]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.err.contains("it is of kind `ConfigMap` in `v1`"),
        "{}",
        ran.err
    );
}

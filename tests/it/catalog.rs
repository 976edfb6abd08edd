//! The catalogue of finding types of the default detectors, and the audit policy that they
//! need.

use serde_json::Value;
use wardline_finding::catalog::guardduty;

use crate::support::{DEFAULT, Ran, data, default_detectors, root, run, wardline};

fn with_detectors(arguments: &[&str]) -> Ran {
    run(wardline()
        .args(arguments)
        .arg("--plugins")
        .arg(default_detectors()))
}

pub fn detections() -> Vec<Value> {
    let ran = with_detectors(&["detections", "list", "--format", "json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    serde_json::from_str(&ran.out).unwrap()
}

#[test]
fn every_type_has_the_fields_that_an_operator_needs() {
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
        // A condition of the host has a technique only if an attacker could bring it about.
        let fields: &[&str] = match name.starts_with("Health:") {
            true => &["tuning"],
            false => &["techniques", "tactics", "references", "tuning"],
        };
        for field in fields {
            assert!(
                detection[*field]
                    .as_array()
                    .is_some_and(|list| !list.is_empty()),
                "{name} has no {field}"
            );
        }
    }
}

/// All findings of a type come from one detector, so that its deduplication key has one
/// meaning.
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
fn guardduty_types_with_a_fixed_condition_are_covered() {
    let all = detections();
    let missing: Vec<String> = guardduty::by_condition()
        .into_iter()
        .filter(|name| !all.iter().any(|detection| detection["type"] == **name))
        .collect();
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn substitutes_for_anomaly_types_exist() {
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

/// Compares a generated document with the one that is kept.
fn assert_is_kept(document: &str, generated: &str) {
    let kept = std::fs::read_to_string(root().join(document)).unwrap_or_default();
    assert!(
        generated == kept,
        "{document} differs from its source; run `make docs`"
    );
}

#[test]
fn index_of_detections_agrees_with_the_descriptors() {
    let ran = with_detectors(&["detections", "list", "--format", "markdown"]);
    assert_is_kept("DETECTIONS.md", &ran.out);
}

#[test]
fn page_of_each_detector_agrees_with_its_descriptor() {
    for name in DEFAULT {
        let ran = with_detectors(&["detections", "page", name]);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        assert_is_kept(&format!("plugins/{name}/README.md"), &ran.out);
    }
}

#[test]
fn configuration_reference_agrees_with_the_defaults() {
    let ran = run(wardline().args(["config", "reference"]));
    assert_is_kept("docs/configuration.md", &ran.out);
}

#[test]
fn type_is_shown_by_its_full_name_or_its_family() {
    let whole = with_detectors(&[
        "detections",
        "show",
        "Execution:Kubernetes/ExecInKubeSystemPod",
    ]);
    assert_eq!(whole.code, Some(0), "{}", whole.err);
    for text in [
        "severity ",
        "T1609",
        "remediation",
        "false positives",
        "deduplicated by",
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
        "error: no detector reports the type `Execution:Kubernetes/ExecInKubeSystem` (did you mean \
         `Execution:Kubernetes/ExecInKubeSystemPod`?)\n"
    );
}

#[test]
fn empty_directory_is_an_error() {
    let empty = tempfile::tempdir().unwrap();
    let ran = run(wardline()
        .args(["detections", "list", "--no-defaults", "--plugins"])
        .arg(empty.path()));
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("no usable detector in /"), "{}", ran.err);
}

#[test]
fn printed_policy_suffices_for_every_detector() {
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
fn policy_without_bodies_blinds_detectors_that_read_them() {
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
    // This detector needs no bodies.
    assert_eq!(by_name("malicious-callers"), None);
}

#[test]
fn file_that_is_not_a_policy_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.yaml");
    std::fs::write(&file, "apiVersion: v1\nkind: ConfigMap\n").unwrap();
    let ran = with_detectors(&["audit-policy", "--check", file.to_str().unwrap()]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.err.contains("the kind is `ConfigMap` in `v1`"),
        "{}",
        ran.err
    );
}

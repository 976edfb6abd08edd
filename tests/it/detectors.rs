//! The built-in detectors against their own fixtures, in the sandbox.

use std::path::PathBuf;

use wardline_artifact::Artifact;

use crate::support::{DEFAULT, default_detectors, root, run, wardline};

/// The file of a built-in detector.
fn built_in(name: &str) -> PathBuf {
    default_detectors().join(name).with_extension("wasm")
}

#[test]
fn every_default_detector_is_built_in() {
    let mut names: Vec<String> = std::fs::read_dir(default_detectors())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".wasm").map(str::to_owned))
        .collect();
    names.sort();
    assert_eq!(names, DEFAULT);
}

#[test]
fn every_detector_passes_its_fixtures() {
    for name in DEFAULT {
        let directory = root().join("plugins").join(name);
        let ran = run(wardline()
            .args(["plugin", "test"])
            .arg(&directory)
            .arg("--wasm")
            .arg(built_in(name)));
        assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    }
}

#[test]
fn every_detector_has_fixtures_of_both_kinds() {
    // `object-activity` is silent until its settings select events, and `attack-sequence` without
    // the findings of other detectors (`sequence.rs`).
    for name in DEFAULT
        .into_iter()
        .filter(|name| !matches!(*name, "object-activity" | "attack-sequence"))
    {
        let tests = root().join("plugins").join(name).join("tests");
        let (mut positive, mut negative) = (0, 0);
        for entry in std::fs::read_dir(tests).unwrap() {
            let path = entry.unwrap().path();
            if path.to_string_lossy().ends_with(".findings.jsonl") {
                match std::fs::metadata(path).unwrap().len() {
                    0 => negative += 1,
                    _ => positive += 1,
                }
            }
        }
        assert!(
            positive > 0 && negative > 0,
            "{name}: {positive} positive, {negative} negative"
        );
    }
}

#[test]
fn every_detector_passes_every_step_of_loading() {
    for name in DEFAULT {
        let ran = run(wardline().args(["plugin", "check"]).arg(built_in(name)));
        assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
        assert!(ran.out.contains(" is valid; "), "{}", ran.out);
    }
}

/// A detector is granted every interface that it imports, so it should import no more than it
/// uses.
#[test]
fn detectors_import_only_what_they_use() {
    let imports: Vec<String> = DEFAULT
        .iter()
        .map(|name| {
            let bytes = std::fs::read(built_in(name)).unwrap();
            let artifact = Artifact::validate(bytes).unwrap();
            format!("{name}: {}", artifact.manifest().join(", "))
        })
        .collect();
    assert_eq!(
        imports,
        [
            "anonymous-access: log",
            "attack-sequence: log, state",
            "control-plane-integrity: log, state, raw",
            "credential-issuance: log, state, inventory",
            "credential-misuse: log, state, raw",
            "defense-evasion: log, state, inventory, raw",
            "discovery: log, state",
            "impact: log, state, inventory, raw",
            "malicious-callers: log, state, intel",
            "network-exposure: log, state, inventory, raw",
            "object-activity: log",
            "pod-exec: log, state, inventory, raw",
            "privileged-workloads: log, state, inventory, raw",
            "rbac-escalation: log, state, inventory, raw",
            "secret-access: log, state, raw",
            "suspicious-workloads: log, state, inventory, raw",
        ]
    );
}

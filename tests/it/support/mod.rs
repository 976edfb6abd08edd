//! Helpers for the tests of the whole program.

pub mod authority;
pub mod host;
pub mod judged;
pub mod log;
pub mod pipeline;
pub mod sender;
pub mod transport;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::Value;

/// The project's directory.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A file below `tests/data`.
pub fn data(name: &str) -> PathBuf {
    root().join("tests/data").join(name)
}

/// The default detectors, by name.
pub const DEFAULT: [&str; 16] = [
    "anonymous-access",
    "attack-sequence",
    "control-plane-integrity",
    "credential-issuance",
    "credential-misuse",
    "defense-evasion",
    "discovery",
    "impact",
    "malicious-callers",
    "network-exposure",
    "object-activity",
    "pod-exec",
    "privileged-workloads",
    "rbac-escalation",
    "secret-access",
    "suspicious-workloads",
];

/// A detector, built for the sandbox. `directory` is relative to the project's.
pub fn detector(directory: &str) -> PathBuf {
    let output = root().join("target/test-detectors");
    wardline_author::build(&root().join(directory), Some(&output))
        .unwrap_or_else(|error| panic!("{directory}: {error}"))
        .file
}

/// A directory with the built-in detectors and nothing else.
pub fn default_detectors() -> &'static Path {
    static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
    DIRECTORY.get_or_init(|| {
        let directory = root().join("target/test-plugins");
        // Detectors of earlier versions of the program may be left.
        let _ = std::fs::remove_dir_all(&directory);
        let ran = run(wardline().args(["plugins", "export"]).arg(&directory));
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        directory
    })
}

/// Removes detectors that are no longer default from a directory.
pub fn keep_only_default(directory: &Path) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if !DEFAULT.contains(&name.as_str()) {
            std::fs::remove_file(path).unwrap();
        }
    }
}

/// The program.
pub fn wardline() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wardline"));
    command.env_remove("RUST_LOG").env("COLUMNS", "120");
    command
}

/// The exit code and output of a command.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Runs a command to its end.
pub fn run(command: &mut Command) -> Ran {
    command.output().unwrap().into()
}

/// The lines of a text as JSON.
pub fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

/// An audit event, as the API server writes it. Its id and time derive from `number`.
pub fn event(number: u64, user: &str, verb: &str, resource: &str) -> String {
    let second = number % 60;
    let minute = number / 60 % 60;
    let hour = number / 3600 % 24;
    let time = format!("2026-11-25T{hour:02}:{minute:02}:{second:02}.000000Z");
    serde_json::json!({
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": "Metadata",
        "auditID": format!("00000000-0000-4000-8000-{number:012}"),
        "stage": "ResponseComplete",
        "requestURI": format!("/api/v1/namespaces/shop/{resource}/one"),
        "verb": verb,
        "user": {"username": user, "groups": ["system:authenticated"]},
        "sourceIPs": ["10.0.0.1"],
        "userAgent": "kubectl/v1.36.2",
        "objectRef": {"resource": resource, "namespace": "shop", "name": "one", "apiVersion": "v1"},
        "responseStatus": {"metadata": {}, "code": 200},
        "requestReceivedTimestamp": time,
        "stageTimestamp": time,
        "annotations": {"authorization.k8s.io/decision": "allow"},
    })
    .to_string()
}

/// The id of [`event`].
pub fn audit_id(number: u64) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

/// The value of a field in a finding's evidence.
pub fn evidence<'a>(finding: &'a Value, field: &str) -> &'a str {
    finding["evidence"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["field"] == field)
        .unwrap_or_else(|| panic!("no {field} in {finding}"))["value"]
        .as_str()
        .unwrap()
}

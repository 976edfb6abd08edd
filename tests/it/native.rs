//! Detectors find the same natively, in the SDK's test harness, as in the sandbox.

use std::path::Path;

use anonymous_access::AnonymousAccess;
use pod_exec::PodExec;
use secret_access::SecretAccess;
use wardline::config::Config;
use wardline_finding::Finding;
use wardline_sdk::Detector;
use wardline_sdk::testing::{AuditLine, DEFAULT_LIMITS, Harness, RaisedFinding, TestError};
use witness::Witness;

use crate::support::log::{lines, recorded};
use crate::support::transport::{config, load};
use crate::support::{detector, root};

/// The parts that both forms of a finding have.
#[derive(Debug, PartialEq)]
struct Shown {
    finding_type: String,
    severity: (f64, String),
    texts: [String; 2],
    event_ids: Vec<String>,
    evidence: Vec<(String, String)>,
    attributes: Vec<(String, String)>,
}

impl From<&RaisedFinding> for Shown {
    fn from(finding: &RaisedFinding) -> Self {
        Self {
            finding_type: finding.finding_type.clone(),
            severity: (finding.severity, finding.severity_label().to_owned()),
            texts: [finding.title.clone(), finding.description.clone()],
            event_ids: finding.event_ids.clone(),
            evidence: finding.evidence.clone(),
            attributes: finding.attributes.clone(),
        }
    }
}

impl From<&Finding> for Shown {
    fn from(finding: &Finding) -> Self {
        let evidence = finding.evidence.iter();
        let attributes = finding.attributes.iter();
        Self {
            finding_type: finding.finding_type.clone(),
            severity: (finding.severity.score, finding.severity.label.to_string()),
            texts: [finding.title.clone(), finding.description.clone()],
            event_ids: finding.event_ids.clone(),
            evidence: evidence
                .map(|item| (item.field.clone(), item.value.clone()))
                .collect(),
            attributes: attributes
                .map(|item| (item.key.clone(), item.value.clone()))
                .collect(),
        }
    }
}

/// The findings of a built detector in the sandbox.
fn sandboxed(file: &Path, log: &[u8]) -> Vec<Shown> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(file, folder.path().join(file.file_name().unwrap())).unwrap();
    let cache = root().join("target/test-cache");
    let (mut composition, generation) = load(&config(), folder.path(), Some(&cache));
    assert_eq!(generation.detectors.len(), 1);
    composition.pipeline.swap(&generation).unwrap();
    let processed = composition.pipeline.process(lines(log)).unwrap();
    assert!(processed.not_judged.is_empty());
    assert!(processed.rejected.is_empty());
    processed.findings.iter().map(Shown::from).collect()
}

/// The findings of a detector in the harness. A log may repeat events, which both hosts drop.
fn native<D: Detector>(log: &[u8]) -> Vec<Shown> {
    let mut harness = Harness::<D>::new();
    match harness.audit_lines(std::str::from_utf8(log).unwrap()) {
        Ok(_) | Err(TestError::Duplicate(_)) => {}
        Err(error) => panic!("{error}"),
    }
    harness.findings().iter().map(Shown::from).collect()
}

fn assert_same<D: Detector>(directory: &str, log: &[u8]) -> Vec<Shown> {
    let findings = native::<D>(log);
    assert!(!findings.is_empty(), "{directory} finds nothing");
    assert_eq!(
        findings,
        sandboxed(&detector(directory), log),
        "{directory}"
    );
    findings
}

#[test]
fn recorded_events_give_the_same_findings() {
    let log = recorded();
    assert_same::<AnonymousAccess>("plugins/anonymous-access", &log);
    assert_same::<PodExec>("plugins/pod-exec", &log);
    assert_same::<SecretAccess>("plugins/secret-access", &log);
    let findings = assert_same::<Witness>("tests/detectors/witness", &log);
    assert!(findings.len() > 100, "{}", findings.len());
}

/// A log with these stages of one request, each with its response's code.
fn stages(codes: &[(&str, u16)]) -> Vec<u8> {
    codes
        .iter()
        .map(|&(stage, code)| {
            let line = AuditLine::new("get", "/api/v1/namespaces/shop/pods/web")
                .answer(code, "")
                .to_string();
            let mut event: serde_json::Value = serde_json::from_str(&line).unwrap();
            event["stage"] = stage.into();
            event["auditID"] = "one".into();
            format!("{event}\n")
        })
        .collect::<String>()
        .into_bytes()
}

#[test]
fn request_with_401_ends_with_its_first_stage() {
    let open = stages(&[("ResponseStarted", 101), ("ResponseComplete", 101)]);
    let findings = assert_same::<Witness>("tests/detectors/witness", &open);
    assert_eq!(findings.len(), 1, "the request was answered once");
    let refused = stages(&[("ResponseStarted", 401), ("ResponseComplete", 401)]);
    let findings = assert_same::<Witness>("tests/detectors/witness", &refused);
    assert_eq!(findings.len(), 2, "a 401 leaves no open request");
}

#[test]
fn harness_has_the_default_limits() {
    let config = Config::defaults().unwrap();
    let own = DEFAULT_LIMITS;
    assert_eq!(own.batch, config.batch);
    assert_eq!(own.host_calls, config.limits.host_calls);
    assert_eq!(own.findings, config.limits.findings);
    assert_eq!(own.finding_bytes, config.limits.finding_bytes);
    assert_eq!(own.log_lines, config.limits.log_lines);
    assert_eq!(own.log_line_bytes, config.limits.log_line_bytes);
    assert_eq!(own.raw_bytes, config.limits.raw_bytes);
    assert_eq!(own.quota, config.quota);
    assert_eq!(own.objects, config.inventory_objects);
    assert_eq!(own.decode.line_bytes, config.line_limit);
    assert_eq!(own.decode.document_bytes, config.document_limit);
    assert_eq!(own.decode.depth, config.depth);
}

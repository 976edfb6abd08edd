//! Clusters share nothing: what is found in one does not depend on the events of another.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use proptest::prelude::*;
use serde_json::Value;
use wardline_finding::Finding;
use wardline_source::RawLine;

use crate::support::log::lines;
use crate::support::pipeline::judge;
use crate::support::{self, data, event, run, wardline};

const CLUSTERS: [&str; 2] = ["east", "west"];

/// The recorded attack as events of a cluster.
fn recorded(cluster: &str) -> Vec<RawLine> {
    let log = std::fs::read(data("attack.ndjson")).unwrap();
    let mut lines = lines(&log);
    for line in &mut lines {
        line.cluster = Arc::from(cluster);
    }
    lines
}

/// The findings of each cluster, if it is judged alone.
fn alone() -> &'static BTreeMap<String, Vec<Finding>> {
    static ALONE: OnceLock<BTreeMap<String, Vec<Finding>>> = OnceLock::new();
    ALONE.get_or_init(|| {
        CLUSTERS
            .iter()
            .map(|&cluster| (cluster.to_owned(), judge(&recorded(cluster), 64, 1)))
            .collect()
    })
}

/// Merges two logs: at each step `is_first` says from which the next line is.
fn interleave(logs: [Vec<RawLine>; 2], is_first: &[bool]) -> Vec<RawLine> {
    let [mut one, mut other] = logs.map(|log| log.into_iter().peekable());
    let mut choices = is_first.iter().cycle();
    let mut merged = Vec::new();
    while one.peek().is_some() || other.peek().is_some() {
        let first = *choices.next().unwrap();
        let next = match first {
            true => one.next().or_else(|| other.next()),
            false => other.next().or_else(|| one.next()),
        };
        merged.extend(next);
    }
    merged
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    /// The same audit ids, users, and objects occur in both clusters.
    #[test]
    fn interleaved_clusters_are_judged_like_each_alone(
        is_first in prop::collection::vec(any::<bool>(), 1..600),
        chunk in 1_usize..200,
        threads in 1_usize..4,
    ) {
        let logs = CLUSTERS.map(recorded);
        let mut found: BTreeMap<String, Vec<Finding>> = BTreeMap::new();
        for finding in judge(&interleave(logs, &is_first), chunk, threads) {
            found.entry(finding.cluster.clone()).or_default().push(finding);
        }
        for cluster in CLUSTERS {
            prop_assert!(alone()[cluster].len() > 20);
            prop_assert_eq!(&found[cluster], &alone()[cluster]);
        }
    }
}

/// The clusters of the findings of a scan.
fn scanned(config: &str, arguments: &[&str], log: &Path) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wardline.toml");
    std::fs::write(&file, config).unwrap();
    let plugins = folder.path().join("plugins");
    std::fs::create_dir(&plugins).unwrap();
    let witness = support::detector("tests/detectors/witness");
    std::fs::copy(witness, plugins.join("witness.wasm")).unwrap();
    let ran = run(wardline()
        .args(["scan", "--no-defaults", "--format", "jsonl", "--config"])
        .arg(&file)
        .arg("--plugins")
        .arg(&plugins)
        .args(arguments)
        .arg(log));
    support::lines(&ran.out)
        .iter()
        .map(|finding| finding["cluster"].clone())
        .collect()
}

#[test]
fn scan_takes_the_cluster_from_the_envelope_then_the_argument_then_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("audit.log");
    let wrapped = serde_json::json!({
        "messageType": "DATA_MESSAGE",
        "logGroup": "/aws/eks/shop/cluster",
        "logStream": "kube-apiserver-audit-1",
        "logEvents": [{"message": event(1, "bob", "get", "pods")}],
    });
    let text = format!("{wrapped}\n{}\n", event(1, "bob", "get", "pods"));
    std::fs::write(&log, text).unwrap();
    let config = "[host]\ncluster = \"configured\"\n";
    assert_eq!(scanned(config, &[], &log), ["shop", "configured"]);
    let named = ["--cluster", "named"];
    assert_eq!(scanned(config, &named, &log), ["shop", "named"]);
    assert_eq!(scanned("", &[], &log), ["shop", ""]);
}

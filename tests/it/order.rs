//! The order of arguments changes nothing: files are judged in the order of the times of their events.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::OnceLock;

use proptest::prelude::*;
use wardline_decode::line_time;
use wardline_finding::Finding;
use wardline_source::{ByTime, Limits, RawLine};

use crate::support::data;
use crate::support::log::lines;
use crate::support::pipeline::judge;

const LIMITS: Limits = Limits {
    line: 16 << 20,
    document: 16 << 20,
};

/// The recorded attack in the order of time, by time.
fn recorded() -> BTreeMap<u64, Vec<RawLine>> {
    let log = std::fs::read(data("attack.ndjson")).unwrap();
    let mut times: BTreeMap<u64, Vec<RawLine>> = BTreeMap::new();
    for line in lines(&log) {
        let time = line_time(&line.bytes).unwrap();
        times.entry(time).or_default().push(line);
    }
    times
}

/// Lines as one document.
fn list(lines: &[u8]) -> Vec<u8> {
    let items: Vec<&[u8]> = lines.trim_ascii().split(|&byte| byte == b'\n').collect();
    let head = br#"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":["#;
    [head.as_slice(), &items.join(&b','), b"]}\n"].concat()
}

/// The id, title, severity, and events of a finding.
type Told = (String, String, f64, Vec<String>);

/// Returns the findings without the names of files.
fn told(findings: &[Finding]) -> Vec<Told> {
    let told = |finding: &Finding| {
        (
            finding.id.clone(),
            finding.title.clone(),
            finding.severity.score,
            finding.event_ids.clone(),
        )
    };
    findings.iter().map(told).collect()
}

/// The findings of the log as one file.
fn whole() -> &'static [Told] {
    static WHOLE: OnceLock<Vec<Told>> = OnceLock::new();
    WHOLE.get_or_init(|| {
        let lines: Vec<RawLine> = recorded().into_values().flatten().collect();
        told(&judge(&lines, 64, 1))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    /// The parts are as of several API servers, or as of a log that was rotated; each is a file of lines, or
    /// a document.
    #[test]
    fn any_division_of_a_log_in_any_order_gives_the_same_findings(
        parts in prop::collection::vec(0_usize..4, 1..100),
        is_rotated in any::<bool>(),
        is_document in any::<bool>(),
        order in Just(vec![0, 1, 2, 3]).prop_shuffle(),
        chunk in 1_usize..200,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut texts = vec![Vec::new(); 4];
        let times = recorded();
        let count = times.len();
        for (place, lines) in times.into_values().enumerate() {
            let part = match is_rotated {
                true => place * 4 / count,
                false => parts[place % parts.len()],
            };
            for line in lines {
                texts[part].extend_from_slice(&line.bytes);
                texts[part].push(b'\n');
            }
        }
        let files: Vec<PathBuf> = order
            .into_iter()
            .map(|part: usize| {
                let file = folder.path().join(format!("audit-{part}.log"));
                let text = match is_document {
                    true => list(&texts[part]),
                    false => texts[part].clone(),
                };
                std::fs::write(&file, text).unwrap();
                file
            })
            .collect();
        let mut source = ByTime::open(&files, LIMITS, "");
        let mut lines = Vec::new();
        while let Some(chunk) = source.next(chunk, 1 << 24) {
            lines.extend(chunk.lines);
        }
        prop_assert!(source.take_unread().is_empty());
        prop_assert!(whole().len() > 20);
        // The events of documents are put in order within a chunk.
        let chunk = if is_document { chunk.max(4) } else { chunk };
        let told = told(&judge(&lines, chunk, 2));
        for (one, other) in told.iter().zip(whole()) {
            prop_assert_eq!(one, other);
        }
        prop_assert_eq!(told.len(), whole().len());
    }
}

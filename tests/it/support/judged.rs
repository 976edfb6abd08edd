//! The events that the detector `witness` judged.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{audit_id, evidence, lines};

/// The number of times that each event was judged, and the counts that `witness` kept for its
/// actor.
pub fn judged(findings: &Path) -> (BTreeMap<String, u64>, Vec<u64>) {
    let text = fs::read_to_string(findings).unwrap_or_default();
    let mut seen = BTreeMap::new();
    let mut counts = Vec::new();
    for finding in lines(&text) {
        // Findings of the host about itself are about no event.
        let Some(id) = finding["event_ids"][0].as_str() else {
            continue;
        };
        let id = id.to_owned();
        *seen.entry(id).or_default() += 1;
        counts.push(evidence(&finding, "count").parse().unwrap());
    }
    (seen, counts)
}

/// Like the first part of [`judged`], for a file whose last line may be incomplete.
pub fn judged_lenient(findings: &Path) -> BTreeMap<String, u64> {
    let text = fs::read_to_string(findings).unwrap_or_default();
    let mut seen = BTreeMap::new();
    for line in text.lines() {
        if let Ok(finding) = serde_json::from_str::<Value>(line)
            && let Some(id) = finding["event_ids"][0].as_str()
        {
            *seen.entry(id.to_owned()).or_default() += 1;
        }
    }
    seen
}

/// Asserts that exactly the events 1 to `last`, all of one actor, were judged once each.
pub fn assert_each_once(findings: &Path, last: u64) {
    let (seen, mut counts) = judged(findings);
    for number in 1..=last {
        assert_eq!(seen.get(&audit_id(number)), Some(&1), "event {number}");
    }
    assert_eq!(seen.len() as u64, last);
    counts.sort_unstable();
    assert_eq!(
        counts,
        (1..=last).collect::<Vec<_>>(),
        "the counts in the state"
    );
}

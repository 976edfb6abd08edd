//! The judging of groups, and the logs that they come from.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::group::{Group, shape};
use crate::Detector;
use crate::testing::{AuditLine, Harness, RaisedFinding, TestError};

/// The highest severity of each finding type.
pub(super) type Severities = BTreeMap<String, f64>;

/// A harness in which each group has a cluster of its own, and so memories of its own.
pub(super) struct Bench<D, F> {
    host: F,
    harness: Option<Harness<D>>,
    groups: usize,
}

/// The number of groups that one harness judges, so that its memories do not fill up.
const MAX_GROUPS: usize = 500;

impl<D: Detector, F: Fn() -> Harness<D>> Bench<D, F> {
    pub(super) fn new(host: F) -> Self {
        Self {
            host,
            harness: None,
            groups: 0,
        }
    }

    pub(super) fn judge(&mut self, group: Group) -> Result<Vec<RaisedFinding>, TestError> {
        if self.groups.is_multiple_of(MAX_GROUPS) {
            self.harness = None;
        }
        self.groups += 1;
        let harness = self.harness.get_or_insert_with(&self.host);
        harness.set_cluster(&format!("cluster-{}", self.groups));
        harness.feed_audit(group.0)
    }

    pub(super) fn highest(&mut self, group: Group) -> Result<Severities, TestError> {
        let mut highest = Severities::new();
        for finding in self.judge(group)? {
            let known = highest
                .entry(finding.finding_type)
                .or_insert(finding.severity);
            *known = known.max(finding.severity);
        }
        Ok(highest)
    }
}

/// Returns the requests of each finding, and each single request.
pub(super) fn groups<D: Detector, F: Fn() -> Harness<D>>(
    logs: Vec<String>,
    bench: &mut Bench<D, F>,
) -> Result<Vec<Group>, TestError> {
    let mut groups: Vec<Group> = Vec::new();
    let mut shapes = BTreeSet::new();
    for text in logs {
        let events = Harness::<D>::decode(&text)?;
        let raised = bench.judge(Group(events.clone()))?;
        let cited = raised.iter().map(|finding| {
            let is_cited = |id: &String| finding.event_ids.contains(id);
            let events = events.iter().filter(|(event, _)| is_cited(&event.audit_id));
            Group(events.cloned().collect())
        });
        groups.extend(cited.filter(|group| !group.0.is_empty()));
        for event in events {
            // Logs repeat requests that differ in names only.
            if shapes.insert(shape(&event.0)) {
                groups.push(Group(vec![event]));
            }
        }
    }
    Ok(groups)
}

/// Returns the texts of the logs, and of each additional line.
pub(in crate::testing) fn logs(
    directory: &Path,
    more: &[AuditLine],
) -> Result<Vec<String>, TestError> {
    let unreadable = |error: std::io::Error| {
        TestError::Fixture(format!("cannot read `{}`: {error}", directory.display()))
    };
    let mut paths: Vec<_> = std::fs::read_dir(directory)
        .map_err(unreadable)?
        .map(|entry| entry.map(|entry| entry.path()).map_err(unreadable))
        .collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|end| end == "ndjson"));
    paths.sort();
    paths
        .into_iter()
        .map(|path| std::fs::read_to_string(path).map_err(unreadable))
        .chain(more.iter().map(|line| Ok(line.to_string())))
        .collect()
}

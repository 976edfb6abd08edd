//! Whether the log has the objects that detectors judge.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use wardline_health::{Condition, Growth, Kind};

use crate::pipeline::{BodyCounts, ObjectCoverage};

/// The window in which changes are counted.
const WINDOW: Duration = Duration::from_secs(60 * 60);
/// The number of changes below which their share means nothing.
const SOME: u64 = 20;
/// The share of changes without objects from which a cluster counts as blind, in percent.
const MOST: u64 = 90;
/// Maximum number of clusters that are told apart.
const MAX_CLUSTERS: usize = 256;

/// The changes of one cluster.
struct Changes {
    total: BodyCounts,
    with: Growth,
    without: Growth,
}

/// All clusters.
#[derive(Default)]
pub(super) struct Coverage {
    clusters: BTreeMap<String, Changes>,
}

impl Coverage {
    pub fn add(&mut self, coverage: &ObjectCoverage) {
        for (cluster, counts) in coverage.by_cluster() {
            if self.clusters.len() >= MAX_CLUSTERS && !self.clusters.contains_key(cluster) {
                continue;
            }
            let changes = self
                .clusters
                .entry(cluster.to_owned())
                .or_insert_with(|| Changes {
                    total: BodyCounts::default(),
                    with: Growth::over(WINDOW),
                    without: Growth::over(WINDOW),
                });
            changes.total += counts;
        }
    }

    pub fn conditions(&mut self, now: Timestamp) -> Vec<Condition> {
        let mut conditions = Vec::new();
        for (cluster, changes) in &mut self.clusters {
            let with = changes.with.note(changes.total.with, now);
            let without = changes.without.note(changes.total.without, now);
            let all = with + without;
            if all >= SOME && without.saturating_mul(100) >= MOST * all {
                conditions.push(
                    Condition::new(
                        Kind::BodiesMissing,
                        "",
                        format!("{without} of {all} changes were logged without their objects."),
                    )
                    .of_cluster(cluster)
                    .with("changes", all)
                    .with("without objects", without),
                );
            }
        }
        conditions
    }
}

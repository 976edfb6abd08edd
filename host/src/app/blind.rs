//! The detectors that a log keeps from seeing objects.

use std::collections::{BTreeMap, BTreeSet};

use wardline_contract::Descriptor;
use wardline_policy::{Level, Need, needs};

use crate::pipeline::ObjectCoverage;

/// The objects that detectors judge.
#[derive(Default)]
pub(super) struct ObjectNeeds(Vec<Need>);

impl ObjectNeeds {
    /// Takes the needs of detectors for objects of requests or responses.
    pub fn of<'d>(descriptors: impl IntoIterator<Item = &'d Descriptor>) -> Self {
        let mut needs = needs(descriptors);
        needs.retain(|need| need.level >= Level::Request);
        Self(needs)
    }

    /// Returns the resources of which a log has changes, but no objects, by each detector that judges
    /// these objects.
    pub fn unmet(&self, coverage: &ObjectCoverage) -> BTreeMap<String, Vec<String>> {
        let mut blind: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (group, resource) in coverage.without_objects() {
            let wants = |need: &&Need| {
                let any = |wanted: &[String], text: &str| {
                    wanted.is_empty() || wanted.iter().any(|one| one == text || one == "*")
                };
                any(&need.api_groups, group) && any(&need.resources, resource)
            };
            for need in self.0.iter().filter(wants) {
                let resources = blind.entry(need.detector.clone()).or_default();
                resources.insert(resource.to_owned());
            }
        }
        blind
            .into_iter()
            .map(|(detector, resources)| (detector, resources.into_iter().collect()))
            .collect()
    }
}

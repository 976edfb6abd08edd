//! Whether changes are logged with their objects.

use std::collections::BTreeMap;
use std::ops::AddAssign;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use wardline_event::Record;

/// The resources whose objects detectors judge (`group/resource`).
const RESOURCES: [(&str, &str); 16] = [
    ("", "pods"),
    ("", "replicationcontrollers"),
    ("", "podtemplates"),
    ("", "services"),
    ("apps", "deployments"),
    ("apps", "daemonsets"),
    ("apps", "statefulsets"),
    ("apps", "replicasets"),
    ("batch", "jobs"),
    ("batch", "cronjobs"),
    ("rbac.authorization.k8s.io", "roles"),
    ("rbac.authorization.k8s.io", "clusterroles"),
    ("rbac.authorization.k8s.io", "rolebindings"),
    ("rbac.authorization.k8s.io", "clusterrolebindings"),
    (
        "admissionregistration.k8s.io",
        "mutatingwebhookconfigurations",
    ),
    (
        "admissionregistration.k8s.io",
        "validatingwebhookconfigurations",
    ),
];

/// Changes by whether their objects were logged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BodyCounts {
    /// Changes with the object in the request or the response.
    pub with: u64,
    /// Changes without either.
    pub without: u64,
}

impl AddAssign for BodyCounts {
    fn add_assign(&mut self, other: Self) {
        self.with += other.with;
        self.without += other.without;
    }
}

/// The successful changes of objects that detectors judge, by cluster and resource.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObjectCoverage(BTreeMap<(Arc<str>, usize), BodyCounts>);

impl ObjectCoverage {
    /// Counts an event if it is such a change.
    pub(super) fn note(&mut self, record: &Record) {
        let Some(event) = record.as_audit() else {
            return;
        };
        if !matches!(event.verb.as_str(), "create" | "update" | "patch") {
            return;
        }
        let Some(object) = &event.object else {
            return;
        };
        let is_done = event
            .response
            .as_ref()
            .is_some_and(|response| (200..300).contains(&response.code));
        if !is_done || !object.subresource.is_empty() {
            return;
        }
        let resource = RESOURCES.iter().position(|(group, resource)| {
            *resource == object.resource && *group == object.api_group
        });
        let Some(resource) = resource else {
            return;
        };
        let counts = self
            .0
            .entry((Arc::clone(&record.cluster), resource))
            .or_default();
        if event.requested.is_some() || event.resulting.is_some() {
            counts.with += 1;
        } else {
            counts.without += 1;
        }
    }

    /// Adds the changes of another part of the log.
    pub fn add(&mut self, other: &Self) {
        for (key, counts) in &other.0 {
            *self.0.entry(key.clone()).or_default() += *counts;
        }
    }

    /// Returns the changes of each cluster, for all resources.
    pub fn by_cluster(&self) -> impl Iterator<Item = (&str, BodyCounts)> {
        self.0
            .iter()
            .map(|((cluster, _), counts)| (cluster.as_ref(), *counts))
    }

    /// Returns the resources of which changes were logged, but none with its object, as API group
    /// and resource.
    #[must_use]
    pub fn without_objects(&self) -> Vec<(&'static str, &'static str)> {
        let mut all: BTreeMap<usize, BodyCounts> = BTreeMap::new();
        for ((_, resource), counts) in &self.0 {
            *all.entry(*resource).or_default() += *counts;
        }
        all.into_iter()
            .filter(|(_, counts)| counts.with == 0)
            .filter_map(|(resource, _)| RESOURCES.get(resource).copied())
            .collect()
    }
}

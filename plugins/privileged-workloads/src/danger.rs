//! What is dangerous in a pod, and where it stands.

use std::collections::HashMap;

use wardline_sdk::prelude::*;
use wardline_sdk::view::{Container, ContainerRole};

/// One thing that makes a pod dangerous.
#[derive(Debug, Clone, PartialEq)]
pub struct Danger<'a> {
    /// The image of the container; of what a whole pod has, that of its first one.
    pub image: &'a str,
    /// Where it stands in the event.
    pub field: String,
    pub value: String,
    pub severity: f64,
}

/// Containers with the place where each stands below the pod spec.
pub fn placed<'a>(workload: Workload<'a>) -> impl Iterator<Item = (String, Container<'a>)> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    workload.containers().map(move |container| {
        let list = match container.role() {
            ContainerRole::Main => "containers",
            ContainerRole::Init => "initContainers",
            ContainerRole::Ephemeral => "ephemeralContainers",
        };
        let count = counts.entry(list).or_default();
        let place = format!("{list}[{count}]");
        *count += 1;
        (place, container)
    })
}

/// The image that stands for a whole pod.
pub fn first_image(workload: Workload<'_>) -> &str {
    workload
        .containers()
        .next()
        .map_or("", |container| container.image())
}

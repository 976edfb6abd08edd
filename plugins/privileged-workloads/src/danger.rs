//! A dangerous part of a pod, and its position in the event.

use std::collections::BTreeMap;

use wardline_sdk::prelude::*;
use wardline_sdk::view::{Container, ContainerRole};

/// A field that makes a pod dangerous.
#[derive(Debug, Clone, PartialEq)]
pub struct Danger<'a> {
    /// The image of the container, or of the pod's first container if the field is the pod's.
    pub image: &'a str,
    /// The path of the field in the event.
    pub field: String,
    pub value: String,
    pub severity: f64,
}

impl Danger<'_> {
    /// Returns the name of the field, such as `hostPID`: what is dangerous, wherever it stands.
    pub fn name(&self) -> &str {
        self.field.rsplit('.').next().unwrap_or_default()
    }

    /// Whether the field is one of the pod, which all of its containers share.
    pub fn is_of_pod(&self) -> bool {
        !self.field.contains("ontainers[") && !self.field.contains(".volumes[")
    }

    /// Whether it is a mount of the whole file system of the node.
    pub fn is_whole_node(&self) -> bool {
        self.value.starts_with("/ in ")
    }
}

/// Returns containers with the path of each below the pod spec, such as `initContainers[0]`.
pub fn placed<'a>(workload: Workload<'a>) -> impl Iterator<Item = (String, Container<'a>)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    workload.containers().map(move |container| {
        let list = match container.role() {
            ContainerRole::Main => "containers",
            ContainerRole::Init => "initContainers",
            ContainerRole::Ephemeral => "ephemeralContainers",
        };
        let count = counts.entry(list).or_default();
        let path = format!("{list}[{count}]");
        *count += 1;
        (path, container)
    })
}

/// Returns the image that represents a whole pod.
pub fn first_image(workload: Workload<'_>) -> &str {
    workload
        .containers()
        .next()
        .map_or("", |container| container.image())
}

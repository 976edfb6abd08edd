//! Containers with their path in the event.

use wardline_sdk::prelude::*;
use wardline_sdk::view::{Container, ContainerRole};

/// A container with its path in the event, such as `requestObject.spec.containers[0]`.
#[derive(Clone)]
pub struct PlacedContainer<'a> {
    pub container: Container<'a>,
    pub path: String,
}

/// Returns the containers of a workload whose pod spec is at this path.
pub fn placed<'a>(workload: Workload<'a>, spec_path: &str) -> Vec<PlacedContainer<'a>> {
    let mut counts = [0_usize; 3];
    workload
        .containers()
        .map(|container| {
            let (list, count) = match (container.role(), &mut counts) {
                (ContainerRole::Main, [count, ..]) => ("containers", count),
                (ContainerRole::Init, [_, count, _]) => ("initContainers", count),
                (ContainerRole::Ephemeral, [.., count]) => ("ephemeralContainers", count),
            };
            let path = format!("{spec_path}.{list}[{count}]");
            *count += 1;
            PlacedContainer { container, path }
        })
        .collect()
}

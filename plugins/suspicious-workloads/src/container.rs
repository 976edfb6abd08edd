//! Containers, and what is new of them.

use wardline_sdk::prelude::*;
use wardline_sdk::view::{Container, ContainerRole};

/// A container with the place where it stands in the event:
/// `requestObject.spec.containers[0]`.
#[derive(Clone)]
pub struct Placed<'a> {
    pub container: Container<'a>,
    pub place: String,
}

/// The containers of a workload whose pod spec stands at a place.
pub fn placed<'a>(workload: Workload<'a>, place: &str) -> Vec<Placed<'a>> {
    let mut counts = [0_usize; 3];
    workload
        .containers()
        .map(|container| {
            let (list, count) = match (container.role(), &mut counts) {
                (ContainerRole::Main, [count, ..]) => ("containers", count),
                (ContainerRole::Init, [_, count, _]) => ("initContainers", count),
                (ContainerRole::Ephemeral, [.., count]) => ("ephemeralContainers", count),
            };
            let place = format!("{place}.{list}[{count}]");
            *count += 1;
            Placed { container, place }
        })
        .collect()
}

/// The container of this name, if there is one.
pub fn named<'a>(workload: Workload<'a>, name: &str) -> Option<Container<'a>> {
    workload
        .containers()
        .find(|container| container.name() == name)
}

//! Audit policies of kube-apiserver (`audit.k8s.io/v1` `Policy`): the smallest that a set
//! of detectors needs, and what another lacks
//! (<https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/#audit-policy>).
//!
//! Works from descriptors alone; no event comes by here.

mod build;
mod check;
mod evaluate;
mod model;
mod need;
mod render;
mod resources;
#[cfg(test)]
mod tests;

pub use build::smallest;
pub use check::{Blindness, Check, Exposure, check};
pub use evaluate::{Decision, Request, Target};
pub use model::{GroupResources, Level, Policy, PolicyError, Rule};
pub use need::{Need, needs};
pub use render::render;

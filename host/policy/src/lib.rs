//! Audit policies of kube-apiserver (`audit.k8s.io/v1` `Policy`,
//! <https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/#audit-policy>): the smallest
//! one that a set of detectors needs, and what another one lacks.
//!
//! This module works from descriptors alone and sees no events.

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

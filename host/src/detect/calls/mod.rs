//! The host calls of detectors: one file for each interface of `wit/v0.1/host.wit`.

mod clock;
mod intel;
mod inventory;
mod log;
mod raw;
mod state;

use std::sync::Arc;

use wasmtime::component::{Linker, LinkerInstance};

use super::artifact::CONTRACT_VERSION;
use super::context::Context;
use crate::intel::Intel;
use crate::inventory::Inventory;

/// Data of other modules that host calls read.
#[derive(Clone)]
pub struct Services {
    /// The objects of the cluster.
    pub inventory: Arc<Inventory>,
    /// The intel lists in force for the current chunk.
    pub intel: Arc<Intel>,
}

/// Links the granted interfaces and no others.
pub(super) fn link(linker: &mut Linker<Context>, grants: &[String]) -> wasmtime::Result<()> {
    type Link = fn(&mut LinkerInstance<'_, Context>) -> wasmtime::Result<()>;
    let interfaces: [(&str, Link); 6] = [
        ("log", log::link),
        ("clock", clock::link),
        ("state", state::link),
        ("intel", intel::link),
        ("inventory", inventory::link),
        ("raw", raw::link),
    ];
    for (name, link) in interfaces {
        if grants.iter().any(|grant| grant == name) {
            let name = format!("wardline:detector/{name}@{CONTRACT_VERSION}");
            link(&mut linker.instance(&name)?)?;
        }
    }
    Ok(())
}

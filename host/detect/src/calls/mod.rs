//! The host calls of detectors: one file for each interface of `wit/v0.1/host.wit`.

mod clock;
mod intel;
mod inventory;
mod log;
mod raw;
mod state;

use wardline_contract::CONTRACT_VERSION;
use wasmtime::component::{Linker, LinkerInstance};

use super::context::Context;

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

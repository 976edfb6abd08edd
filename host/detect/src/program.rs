//! A detector's code, compiled once for all its instances.

use std::time::{Duration, Instant};

use wardline_artifact::Artifact;
use wardline_check::ExportedFamilies;
use wardline_contract::CONTRACT_VERSION;
use wardline_text::{Cause, Hint};
use wasmtime::component::{Component, ComponentExportIndex, InstancePre, Linker};

use super::calls;
use super::context::Context;
use super::engine::Engine;

/// The reason why a validated component cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ProgramError {
    /// The compiler rejected it.
    #[error("cannot compile")]
    Compile(#[source] Cause),
    /// The types of its imports or exports do not match the contract.
    #[error("cannot link")]
    Link(#[source] Cause),
}

impl Hint for ProgramError {
    fn hint(&self) -> Option<String> {
        Some("rebuild the detector with an SDK for this version of the contract".into())
    }
}

/// The exported functions of a component.
#[derive(Debug, Clone)]
pub(super) struct Exports {
    pub describe: ComponentExportIndex,
    pub configure: ComponentExportIndex,
    pub audit: Option<ComponentExportIndex>,
    /// Preferred to `audit`.
    pub audit_packed: Option<ComponentExportIndex>,
    pub runtime: Option<ComponentExportIndex>,
    pub runtime_packed: Option<ComponentExportIndex>,
    pub signals: Option<ComponentExportIndex>,
}

/// Compiled and linked code.
pub struct Program {
    pub(super) pre: InstancePre<Context>,
    pub(super) exports: Exports,
    compile_time: Duration,
}

impl Program {
    /// Compiles a component and links it to the granted interfaces. The artifact must have passed
    /// [`Artifact::check`] with the same grants.
    ///
    /// # Errors
    /// Returns [`ProgramError::Compile`] if it does not compile, and [`ProgramError::Link`] if its
    /// imports or exports do not match the contract.
    pub fn compile(
        engine: &Engine,
        artifact: &Artifact,
        grants: &[String],
    ) -> Result<Self, ProgramError> {
        let started = Instant::now();
        let component = engine
            .compile(artifact.component())
            .map_err(|error| ProgramError::Compile(Cause::new(error)))?;
        let link = |error: wasmtime::Error| ProgramError::Link(Cause::new(error));
        let mut linker = Linker::new(engine.wasmtime());
        calls::link(&mut linker, grants).map_err(link)?;
        let pre = linker.instantiate_pre(&component).map_err(link)?;
        let exports = Exports {
            describe: required(&component, "lifecycle", "describe")?,
            configure: required(&component, "lifecycle", "configure")?,
            audit: optional(&component, "audit", "on-audit-events"),
            audit_packed: optional(&component, "audit-packed", "on-audit-packed"),
            runtime: optional(&component, "runtime", "on-runtime-events"),
            runtime_packed: optional(&component, "runtime-packed", "on-runtime-packed"),
            signals: optional(&component, "signals", "on-signals"),
        };
        Ok(Self {
            pre,
            exports,
            compile_time: started.elapsed(),
        })
    }

    /// Time spent on compiling and linking; short if the compiled code was cached.
    #[must_use]
    pub fn compile_time(&self) -> Duration {
        self.compile_time
    }

    /// Returns the event families for which it exports a function.
    #[must_use]
    pub fn families(&self) -> ExportedFamilies {
        ExportedFamilies {
            audit: self.exports.audit.is_some() || self.exports.audit_packed.is_some(),
            runtime: self.exports.runtime.is_some() || self.exports.runtime_packed.is_some(),
            signals: self.exports.signals.is_some(),
        }
    }

    /// Returns true if it reads audit events in place.
    #[must_use]
    pub fn reads_packed(&self) -> bool {
        self.exports.audit_packed.is_some()
    }

    /// Returns the same code, called through the interfaces that take records, or `None` if it
    /// exports only the packed interface for a family. For comparing the two; a host never uses it.
    #[must_use]
    pub fn typed(&self) -> Option<Self> {
        let mut exports = self.exports.clone();
        for (packed, typed) in [
            (&mut exports.audit_packed, &exports.audit),
            (&mut exports.runtime_packed, &exports.runtime),
        ] {
            if packed.take().is_some() && typed.is_none() {
                return None;
            }
        }
        Some(Self {
            pre: self.pre.clone(),
            exports,
            compile_time: self.compile_time,
        })
    }
}

fn optional(
    component: &Component,
    interface: &str,
    function: &str,
) -> Option<ComponentExportIndex> {
    let name = format!("wardline:detector/{interface}@{CONTRACT_VERSION}");
    let instance = component.get_export_index(None, &name)?;
    component.get_export_index(Some(&instance), function)
}

fn required(
    component: &Component,
    interface: &str,
    function: &str,
) -> Result<ComponentExportIndex, ProgramError> {
    optional(component, interface, function).ok_or_else(|| {
        ProgramError::Link(Cause::new(format!(
            "does not export `{function}` of `wardline:detector/{interface}@{CONTRACT_VERSION}`"
        )))
    })
}

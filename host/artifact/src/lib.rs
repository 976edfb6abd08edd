//! A detector's file as a component with known imports and exports, before any of it is compiled.

use std::error::Error;

use wardline_contract::{CONTRACT_VERSION, HOST_INTERFACES};
use wardline_text::{Cause, Hint};
use wasmparser::{Encoding, Parser, Payload, Validator, WasmFeatures};
use wit_component::ComponentEncoder;

/// Interfaces that hold only types and therefore need no grant.
const TYPE_INTERFACES: [&str; 6] = [
    "types",
    "audit-types",
    "object-types",
    "runtime-types",
    "signal-types",
    "lifecycle",
];

/// The interfaces for event families; a detector exports at least one of them.
const FAMILIES: [&str; 5] = [
    "audit",
    "audit-packed",
    "runtime",
    "runtime-packed",
    "signals",
];

/// The first four bytes of every WebAssembly file (WebAssembly specification, 5.5.16).
const MAGIC: &[u8] = b"\0asm";

/// The reason why a file is not a detector.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ArtifactError {
    /// The file is not WebAssembly, or it is truncated.
    #[error("not a valid WebAssembly file")]
    Invalid(#[source] Cause),
    /// The file is a core module without a usable component type.
    #[error("cannot convert the core module to a component")]
    Componentize(#[source] Cause),
    /// The file was built for another version of the contract.
    #[error(
        "built for version {found} of the contract wardline:detector; this host supports {CONTRACT_VERSION}"
    )]
    Version {
        /// The version that the file was built for.
        found: String,
    },
    /// The file imports an interface that no host provides.
    #[error("imports `{import}`, which this host does not provide")]
    UnknownImport {
        /// The name of the import.
        import: String,
    },
    /// The file imports an interface that the operator has not granted.
    #[error("imports `{import}`, which is not granted")]
    NotGranted {
        /// The interface's short name.
        import: String,
    },
    /// The file lacks an export that every detector needs.
    #[error("does not export `{export}`")]
    MissingExport {
        /// The name of the export.
        export: String,
    },
}

impl Hint for ArtifactError {
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Invalid(_) => "copy the file under another name and rename it when it is complete; a file that is still being copied is read again when it changes".into(),
            Self::Componentize(_) => "build it with `wardline plugin build`, or with a binding generator that embeds the component type (wit-bindgen)".into(),
            Self::Version { .. } => "rebuild the detector with an SDK for this version of the contract".into(),
            Self::UnknownImport { import } if import.starts_with("wasi:") => "build it for wasm32-unknown-unknown without WASI (as `wardline plugin build` does), and use the interfaces of wardline:detector instead".into(),
            Self::UnknownImport { .. } => "import only interfaces of wardline:detector: log, clock, state, intel, inventory, and raw".into(),
            Self::NotGranted { import } => format!("add \"{import}\" to `grants` in the detector's .toml file or to `plugins.grants` in the configuration"),
            Self::MissingExport { .. } => "export `lifecycle` and at least one of `audit-packed`, `audit`, `runtime-packed`, `runtime`, and `signals` (wit/v0.1/world.wit)".into(),
        })
    }
}

/// A validated component.
#[derive(Debug, Clone)]
pub struct Artifact {
    component: Vec<u8>,
    imports: Vec<String>,
    exports: Vec<String>,
}

impl Artifact {
    /// Validates the bytes of a file: a component, or a core module with an embedded component
    /// type, which is converted to a component.
    ///
    /// # Errors
    /// Returns [`ArtifactError::Invalid`] if the bytes are not valid WebAssembly, and
    /// [`ArtifactError::Componentize`] if a core module cannot be converted.
    pub fn validate(bytes: Vec<u8>) -> Result<Self, ArtifactError> {
        let component = match encoding(&bytes)? {
            Encoding::Component => bytes,
            Encoding::Module => componentize(&bytes)?,
        };
        Validator::new_with_features(features())
            .validate_all(&component)
            .map_err(invalid)?;
        let (imports, exports) = names(&component)?;
        Ok(Self {
            component,
            imports,
            exports,
        })
    }

    /// Checks the imports against the grants, and that the exports every detector needs are
    /// present.
    ///
    /// # Errors
    /// Returns [`ArtifactError::Version`], [`ArtifactError::UnknownImport`],
    /// [`ArtifactError::NotGranted`], or [`ArtifactError::MissingExport`] for the first name that
    /// fails.
    pub fn check(&self, grants: &[String]) -> Result<(), ArtifactError> {
        for import in &self.imports {
            let interface = contract_interface(import)?;
            match interface {
                Some(name) if TYPE_INTERFACES.contains(&name) => {}
                Some(name) if HOST_INTERFACES.contains(&name) => {
                    if !grants.iter().any(|grant| grant == name) {
                        return Err(ArtifactError::NotGranted {
                            import: name.to_owned(),
                        });
                    }
                }
                _ => {
                    return Err(ArtifactError::UnknownImport {
                        import: import.clone(),
                    });
                }
            }
        }
        let mut lifecycle = false;
        let mut family = false;
        for export in &self.exports {
            match contract_interface(export)? {
                Some("lifecycle") => lifecycle = true,
                Some(name) if FAMILIES.contains(&name) => family = true,
                _ => {}
            }
        }
        if !lifecycle {
            return Err(missing("lifecycle"));
        }
        if !family {
            return Err(missing("audit"));
        }
        Ok(())
    }

    /// The host interfaces that it imports, by short name.
    #[must_use]
    pub fn manifest(&self) -> Vec<String> {
        self.imports
            .iter()
            .filter_map(|import| contract_interface(import).ok().flatten())
            .filter(|name| HOST_INTERFACES.contains(name))
            .map(str::to_owned)
            .collect()
    }

    /// The names of all imports, as the component spells them.
    #[must_use]
    pub fn imports(&self) -> &[String] {
        &self.imports
    }

    /// The names of all exports, as the component spells them.
    #[must_use]
    pub fn exports(&self) -> &[String] {
        &self.exports
    }

    /// The component's bytes.
    #[must_use]
    pub fn component(&self) -> &[u8] {
        &self.component
    }
}

fn missing(name: &str) -> ArtifactError {
    ArtifactError::MissingExport {
        export: format!("wardline:detector/{name}@{CONTRACT_VERSION}"),
    }
}

/// The features that the engine accepts: WebAssembly 2.0, and components without async.
fn features() -> WasmFeatures {
    WasmFeatures::WASM2 | WasmFeatures::COMPONENT_MODEL | WasmFeatures::EXTENDED_CONST
}

fn encoding(bytes: &[u8]) -> Result<Encoding, ArtifactError> {
    if !bytes.starts_with(MAGIC) {
        let what = if bytes.is_empty() {
            "the file is empty"
        } else {
            "it does not begin with the four bytes `\\0asm`"
        };
        return Err(invalid(what));
    }
    match Parser::new(0).parse_all(bytes).next() {
        Some(Ok(Payload::Version { encoding, .. })) => Ok(encoding),
        Some(Err(error)) => Err(invalid(error)),
        _ => Err(invalid("it has no header")),
    }
}

fn invalid(error: impl Into<Box<dyn Error + Send + Sync>>) -> ArtifactError {
    ArtifactError::Invalid(Cause::new(error))
}

fn componentize(module: &[u8]) -> Result<Vec<u8>, ArtifactError> {
    Validator::new_with_features(features())
        .validate_all(module)
        .map_err(invalid)?;
    let encode = || {
        ComponentEncoder::default()
            .module(module)
            .and_then(|encoder| encoder.validate(true).encode())
    };
    // The encoder expects the output of compilers. A module that is crafted to crash it must not
    // end the loader's thread.
    match std::panic::catch_unwind(encode) {
        // The encoder's errors have several lines.
        Ok(result) => result.map_err(|error| {
            ArtifactError::Componentize(Cause::new(one_line(&format!("{error:#}"))))
        }),
        Err(_) => Err(ArtifactError::Componentize(Cause::new(
            "its component type is unreadable",
        ))),
    }
}

fn names(component: &[u8]) -> Result<(Vec<String>, Vec<String>), ArtifactError> {
    let (mut imports, mut exports, mut depth) = (Vec::new(), Vec::new(), 0_usize);
    for payload in Parser::new(0).parse_all(component) {
        match payload.map_err(invalid)? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(reader) if depth == 0 => {
                for import in reader {
                    imports.push(import.map_err(invalid)?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(reader) if depth == 0 => {
                for export in reader {
                    exports.push(export.map_err(invalid)?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok((imports, exports))
}

/// Returns the short name of an interface of the contract, or `None` for any other name.
fn contract_interface(name: &str) -> Result<Option<&str>, ArtifactError> {
    let Some(rest) = name.strip_prefix("wardline:detector/") else {
        return Ok(None);
    };
    let (interface, version) = rest.split_once('@').unwrap_or((rest, ""));
    // Before 1.0, a new minor version is an incompatible contract (semver.org, item 4).
    let series = |text: &str| {
        text.split('.')
            .take(2)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    if series(version) == series(CONTRACT_VERSION) {
        Ok(Some(interface))
    } else {
        Err(ArtifactError::Version {
            found: if version.is_empty() {
                "(none)".into()
            } else {
                version.to_owned()
            },
        })
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Artifact;

    const DETECTOR: &[u8] = include_bytes!("../../../tests/abi/v0.1/exec-in-kube-system.wasm");

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn damaged_file_is_refused_or_valid(
            changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
            end in any::<Option<prop::sample::Index>>(),
        ) {
            let mut bytes = DETECTOR.to_vec();
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            if let Some(end) = end {
                bytes.truncate(end.index(bytes.len()));
            }
            match Artifact::validate(bytes) {
                Ok(artifact) => {
                    let _ = artifact.check(&artifact.manifest());
                }
                Err(error) => prop_assert!(!error.to_string().is_empty()),
            }
        }
    }
}

//! The sources that `wardline plugin new` copies, as they were when this crate was built: the SDK, the
//! contract, and the crates that these need.
//!
//! Only the program depends on this crate, so that an edit in the SDK compiles nothing of the host.

use include_dir::{Dir, include_dir};
use wardline_author::{HostCrate, Sources};

static SDK: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../sdk/rust");
static CONTRACT: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../wit");

macro_rules! host_crates {
    ($($name:tt: $sources:tt,)*) => {
        [$(HostCrate {
            name: $name,
            manifest: include_str!(concat!("../../", $name, "/Cargo.toml")),
            sources: {
                static SOURCES: Dir<'_> = include_dir!($sources);
                &SOURCES
            },
        }),*]
    };
}

/// All that a new detector needs. A host crate is among it even if only an unused feature of another
/// needs it, because Cargo reads its manifest.
pub static SOURCES: Sources = Sources {
    sdk: &SDK,
    contract: &CONTRACT,
    crates: &host_crates! {
        "check": "$CARGO_MANIFEST_DIR/../check/src",
        "contract": "$CARGO_MANIFEST_DIR/../contract/src",
        "decode": "$CARGO_MANIFEST_DIR/../decode/src",
        "event": "$CARGO_MANIFEST_DIR/../event/src",
        "files": "$CARGO_MANIFEST_DIR/../files/src",
        "intel": "$CARGO_MANIFEST_DIR/../intel/src",
        "inventory": "$CARGO_MANIFEST_DIR/../inventory/src",
        "order": "$CARGO_MANIFEST_DIR/../order/src",
        "route": "$CARGO_MANIFEST_DIR/../route/src",
        "state": "$CARGO_MANIFEST_DIR/../state/src",
        "text": "$CARGO_MANIFEST_DIR/../text/src",
    },
    workspace: include_str!("../../../Cargo.toml"),
};

#[cfg(test)]
#[allow(
    clippy::disallowed_methods,
    reason = "the test's own files, which nobody else writes meanwhile"
)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use wardline_author::{NewError, new};

    use super::SOURCES;

    fn text(directory: &Path, file: &str) -> String {
        std::fs::read_to_string(directory.join(file)).unwrap_or_else(|error| {
            unreachable!("{file}: {error}");
        })
    }

    #[test]
    fn new_detector_has_its_name_and_all_dependencies() {
        let parent = tempfile::tempdir().unwrap();
        let directory = new("my-detector", parent.path(), &SOURCES).unwrap();
        for file in [
            "Cargo.toml",
            "README.md",
            ".gitignore",
            "src/lib.rs",
            "src/tests.rs",
            "tests/deleted.ndjson",
            "tests/deleted.findings.jsonl",
            "tests/harmless.ndjson",
            "tests/harmless.findings.jsonl",
        ] {
            assert!(!text(&directory, file).contains("{{"), "{file}");
        }
        assert!(text(&directory, "Cargo.toml").contains("name = \"my-detector\""));
        assert!(text(&directory, "src/lib.rs").contains("pub struct MyDetector {"));
        let own = directory.join(".wardline");
        text(&own, "sdk/rust/src/testing/mod.rs");
        for one in SOURCES.crates {
            text(&own, &format!("host/{}/src/lib.rs", one.name));
        }
        let workspace: toml::Table = text(&own, "Cargo.toml").parse().unwrap();
        assert_eq!(
            workspace["workspace"]["members"].as_array().unwrap().len(),
            SOURCES.crates.len() + 1
        );
        text(&own, "wit/v0.1/world.wit");
        assert!(!own.join("sdk/rust/template").exists());
        assert!(matches!(
            new("my-detector", parent.path(), &SOURCES),
            Err(NewError::Exists(_))
        ));
    }

    /// Returns the names of the project's own crates in a manifest's dependencies.
    fn own_dependencies(manifest: &str) -> Vec<String> {
        let manifest: toml::Table = manifest.parse().unwrap();
        manifest["dependencies"]
            .as_table()
            .unwrap()
            .keys()
            .filter_map(|name| name.strip_prefix("wardline-"))
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn copies_every_crate_that_a_copied_crate_names() {
        let sdk = include_str!("../../../sdk/rust/Cargo.toml");
        let manifests = SOURCES.crates.iter().map(|one| one.manifest).chain([sdk]);
        let named: BTreeSet<String> = manifests.flat_map(own_dependencies).collect();
        let copied: BTreeSet<String> = SOURCES
            .crates
            .iter()
            .map(|one| one.name.to_owned())
            .collect();
        assert_eq!(copied, named);
    }

    #[test]
    fn refuses_names_that_are_invalid_for_a_crate_or_a_file() {
        let parent = tempfile::tempdir().unwrap();
        for bad in [
            "",
            "A",
            "1a",
            "a-",
            "a_b",
            "a/b",
            "..",
            "test",
            "wardline-sdk",
            "wardline-route",
        ] {
            assert!(new(bad, parent.path(), &SOURCES).is_err(), "{bad}");
        }
    }
}

//! Creates a new detector from the template.

use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};
use wardline_text::Hint;

/// The SDK and the contract as they were when the host was built, so that a new detector compiles
/// without a registry that has the SDK.
static SDK: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../sdk/rust");
static CONTRACT: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../wit");

/// A host crate that the SDK depends on.
struct HostCrate {
    name: &'static str,
    manifest: &'static str,
    sources: Dir<'static>,
}

macro_rules! host_crates {
    ($($name:tt: $sources:tt,)*) => {
        [$(HostCrate {
            name: $name,
            manifest: include_str!(concat!("../../", $name, "/Cargo.toml")),
            sources: include_dir!($sources),
        }),*]
    };
}

/// The host crates that the SDK and its test harness depend on. A crate is copied even if only an
/// unused feature of another needs it, because Cargo reads its manifest.
static CRATES: [HostCrate; 11] = host_crates! {
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
};

/// The workspace manifest from which these crates inherit versions and lints.
const WORKSPACE: &str = include_str!("../../../Cargo.toml");

/// The directory for the SDK in a new detector.
const FOLDER: &str = ".wardline";

/// Names of crates that every detector can see, in addition to [`CRATES`].
const TAKEN: [&str; 5] = ["wardline-sdk", "std", "core", "alloc", "test"];

/// The reason why a detector cannot be created.
#[derive(Debug, thiserror::Error)]
pub enum NewError {
    /// The name is not valid for a crate, a file, and a DNS label.
    #[error("`{0}` is not a valid name for a detector")]
    Name(String),
    /// The name is the same as that of a dependency.
    #[error("`{0}` is the name of a crate that detectors depend on")]
    Taken(String),
    /// The directory exists.
    #[error("{} already exists", .0.display())]
    Exists(PathBuf),
    /// The host was built without a template.
    #[error("this build of wardline contains no template for a detector")]
    NoTemplate,
    /// A file cannot be written.
    #[error("cannot write {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        #[source]
        error: std::io::Error,
    },
}

impl Hint for NewError {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Name(_) => {
                "use 1 to 63 lower-case letters, digits, and hyphens, beginning with a letter"
            }
            Self::Taken(_) => "choose another name",
            _ => return None,
        };
        Some(hint.into())
    }
}

/// Creates a detector in a new directory `name` below `parent`, and returns the directory. The new
/// detector compiles, and its tests pass.
///
/// # Errors
/// Returns [`NewError::Name`] or [`NewError::Taken`] if the name is unusable, [`NewError::Exists`]
/// if the directory exists, [`NewError::NoTemplate`] if the host contains no template, and
/// [`NewError::File`] if a file cannot be written.
pub fn new(name: &str, parent: &Path) -> Result<PathBuf, NewError> {
    let good = (1..=63).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !good {
        return Err(NewError::Name(name.to_owned()));
    }
    let is_host_crate = |rest| CRATES.iter().any(|one| one.name == rest);
    if TAKEN.contains(&name) || name.strip_prefix("wardline-").is_some_and(is_host_crate) {
        return Err(NewError::Taken(name.to_owned()));
    }
    let directory = parent.join(name);
    if directory.exists() {
        return Err(NewError::Exists(directory));
    }
    let template = SDK.get_dir("template").ok_or(NewError::NoTemplate)?;
    write_template(template, template.path(), &directory, name)?;
    let own = directory.join(FOLDER);
    write_tree(&SDK, &own.join("sdk/rust"), &["template"])?;
    write(&own.join("Cargo.toml"), workspace()?.as_bytes())?;
    for one in &CRATES {
        let folder = own.join("host").join(one.name);
        write(&folder.join("Cargo.toml"), one.manifest.as_bytes())?;
        write_tree(&one.sources, &folder.join("src"), &[])?;
    }
    write_tree(&CONTRACT, &own.join("wit"), &[])?;
    Ok(directory)
}

/// Returns the manifest of the copies' workspace: this project's, without the crates that are not
/// copied.
fn workspace() -> Result<String, NewError> {
    let mut manifest: toml::Table = WORKSPACE.parse().map_err(|_| NewError::NoTemplate)?;
    manifest.retain(|key, _| key == "workspace");
    let paths: Vec<String> = CRATES
        .iter()
        .map(|one| format!("host/{}", one.name))
        .chain(["sdk/rust".to_owned()])
        .collect();
    if let Some(toml::Value::Table(workspace)) = manifest.get_mut("workspace") {
        workspace.remove("exclude");
        if let Some(toml::Value::Table(dependencies)) = workspace.get_mut("dependencies") {
            dependencies.retain(|_, dependency| {
                let path = dependency.get("path").and_then(toml::Value::as_str);
                path.is_none_or(|path| paths.iter().any(|copied| copied == path))
            });
        }
        workspace.insert("members".to_owned(), paths.into());
    }
    Ok(manifest.to_string())
}

/// Writes the template's files. Their names end in `.in`, so that tools do not take them for parts
/// of the SDK. `{{name}}` and `{{type}}` are replaced with the detector's name.
fn write_template(
    folder: &Dir<'_>,
    base: &Path,
    directory: &Path,
    name: &str,
) -> Result<(), NewError> {
    let type_name = type_name(name);
    for file in folder.files() {
        let path = file.path().strip_prefix(base).unwrap_or(file.path());
        let text = file
            .contents_utf8()
            .unwrap_or_default()
            .replace("{{name}}", name)
            .replace("{{type}}", &type_name);
        let path = directory.join(path);
        write(&path.with_extension(""), text.as_bytes())?;
    }
    for inner in folder.dirs() {
        write_template(inner, base, directory, name)?;
    }
    Ok(())
}

/// Returns a type name such as `SecretReadsDetector` for `secret-reads`, which cannot collide with
/// the SDK's prelude.
fn type_name(name: &str) -> String {
    let pascal: String = name
        .split('-')
        .flat_map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_ascii_uppercase())
                .into_iter()
                .chain(letters)
        })
        .collect();
    match pascal.strip_suffix("Detector") {
        Some(rest) if !rest.is_empty() => pascal,
        _ => pascal + "Detector",
    }
}

fn write_tree(folder: &Dir<'_>, to: &Path, without: &[&str]) -> Result<(), NewError> {
    for file in folder.files() {
        write(&to.join(file.path()), file.contents())?;
    }
    for inner in folder.dirs() {
        let first = inner.path().iter().next();
        if !without.iter().any(|name| first == Some(name.as_ref())) {
            write_tree(inner, to, without)?;
        }
    }
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), NewError> {
    let fail = |error| NewError::File {
        path: path.to_owned(),
        error,
    };
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(fail)?;
    }
    std::fs::write(path, bytes).map_err(fail)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::{CRATES, NewError, new, type_name};

    fn text(directory: &Path, file: &str) -> String {
        std::fs::read_to_string(directory.join(file)).unwrap_or_else(|error| {
            unreachable!("{file}: {error}");
        })
    }

    #[test]
    fn new_detector_has_its_name_and_all_dependencies() {
        let parent = tempfile::tempdir().unwrap();
        let directory = new("my-detector", parent.path()).unwrap();
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
        for one in &CRATES {
            text(&own, &format!("host/{}/src/lib.rs", one.name));
        }
        let workspace: toml::Table = text(&own, "Cargo.toml").parse().unwrap();
        assert_eq!(
            workspace["workspace"]["members"].as_array().unwrap().len(),
            CRATES.len() + 1
        );
        text(&own, "wit/v0.1/world.wit");
        assert!(!own.join("sdk/rust/template").exists());
        assert!(matches!(
            new("my-detector", parent.path()),
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
        let manifests = CRATES.iter().map(|one| one.manifest).chain([sdk]);
        let named: BTreeSet<String> = manifests.flat_map(own_dependencies).collect();
        let copied: BTreeSet<String> = CRATES.iter().map(|one| one.name.to_owned()).collect();
        assert_eq!(copied, named);
    }

    #[test]
    fn type_is_named_after_the_detector() {
        assert_eq!(type_name("secret-reads"), "SecretReadsDetector");
        assert_eq!(type_name("my-detector"), "MyDetector");
        assert_eq!(type_name("detector"), "DetectorDetector");
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
            assert!(new(bad, parent.path()).is_err(), "{bad}");
        }
    }
}

//! Creates a new detector from the template.

use std::path::{Path, PathBuf};

use include_dir::Dir;
use wardline_text::Hint;

use crate::sources::Sources;

/// The directory for the SDK in a new detector.
const FOLDER: &str = ".wardline";

/// Names of crates that every detector can see, in addition to those of [`Sources`].
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

/// Creates a detector in a new directory `name` below `parent`, with a copy of `sources`, and returns
/// the directory. The new detector compiles, and its tests pass.
///
/// # Errors
/// Returns [`NewError::Name`] or [`NewError::Taken`] if the name is unusable, [`NewError::Exists`]
/// if the directory exists, [`NewError::NoTemplate`] if the host contains no template, and
/// [`NewError::File`] if a file cannot be written.
pub fn new(name: &str, parent: &Path, sources: &Sources) -> Result<PathBuf, NewError> {
    let good = (1..=63).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !good {
        return Err(NewError::Name(name.to_owned()));
    }
    let is_host_crate = |rest| sources.crates.iter().any(|one| one.name == rest);
    if TAKEN.contains(&name) || name.strip_prefix("wardline-").is_some_and(is_host_crate) {
        return Err(NewError::Taken(name.to_owned()));
    }
    let directory = parent.join(name);
    if directory.exists() {
        return Err(NewError::Exists(directory));
    }
    let template = sources
        .sdk
        .get_dir("template")
        .ok_or(NewError::NoTemplate)?;
    write_template(template, template.path(), &directory, name)?;
    let own = directory.join(FOLDER);
    write_tree(sources.sdk, &own.join("sdk/rust"), &["template"])?;
    write(&own.join("Cargo.toml"), workspace(sources)?.as_bytes())?;
    for one in sources.crates {
        let folder = own.join("host").join(one.name);
        write(&folder.join("Cargo.toml"), one.manifest.as_bytes())?;
        write_tree(one.sources, &folder.join("src"), &[])?;
    }
    write_tree(sources.contract, &own.join("wit"), &[])?;
    Ok(directory)
}

/// Returns the manifest of the copies' workspace: this project's, without the crates that are not
/// copied.
fn workspace(sources: &Sources) -> Result<String, NewError> {
    let mut manifest: toml::Table = sources
        .workspace
        .parse()
        .map_err(|_| NewError::NoTemplate)?;
    manifest.retain(|key, _| key == "workspace");
    let paths: Vec<String> = sources
        .crates
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
    use super::type_name;

    #[test]
    fn type_is_named_after_the_detector() {
        assert_eq!(type_name("secret-reads"), "SecretReadsDetector");
        assert_eq!(type_name("my-detector"), "MyDetector");
        assert_eq!(type_name("detector"), "DetectorDetector");
    }
}

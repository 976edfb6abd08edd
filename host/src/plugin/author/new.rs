//! Begins a detector.

use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

/// What a new detector is built with, as it was when the host was built: a detector
/// that is begun today compiles tomorrow, without a registry that has the SDK.
static SDK: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../sdk/rust");
static EVENT: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/event");
static CONTRACT: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../wit");

/// Where the SDK goes in a new detector.
const FOLDER: &str = ".wardline";

/// A detector cannot be begun.
#[derive(Debug, thiserror::Error)]
pub enum NewError {
    /// Not a name that a crate, a file and a DNS label can have.
    #[error(
        "`{0}` cannot be the name of a detector (use 1 to 63 lower-case letters, digits and hyphens, a letter first)"
    )]
    Name(String),
    /// Something is there already.
    #[error("{} exists already", .0.display())]
    Exists(PathBuf),
    /// The host was built without one.
    #[error("this version of wardline has no template for a new detector yet")]
    NoTemplate,
    /// A file cannot be written.
    #[error("cannot write {}: {error}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the operating system says.
        error: std::io::Error,
    },
}

/// Writes a detector named `name` into a directory of that name below `parent`, and
/// gives that directory. It compiles, and its tests pass.
///
/// # Errors
/// Where the name is no name, or the directory exists or cannot be written.
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
    let directory = parent.join(name);
    if directory.exists() {
        return Err(NewError::Exists(directory));
    }
    let template = SDK.get_dir("template").ok_or(NewError::NoTemplate)?;
    write_template(template, template.path(), &directory, name)?;
    let own = directory.join(FOLDER);
    write_tree(&SDK, &own.join("sdk/rust"), &["template"])?;
    write_tree(&EVENT, &own.join("host/event"), &["tests"])?;
    write_tree(&CONTRACT, &own.join("wit"), &[])?;
    Ok(directory)
}

/// Names of files in the template end in `.in`, so that no tool takes them for parts
/// of the SDK; `{{name}}` and `{{type}}` stand for the detector's name.
fn write_template(
    folder: &Dir<'_>,
    base: &Path,
    directory: &Path,
    name: &str,
) -> Result<(), NewError> {
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
    for file in folder.files() {
        let path = file.path().strip_prefix(base).unwrap_or(file.path());
        let text = file
            .contents_utf8()
            .unwrap_or_default()
            .replace("{{name}}", name)
            .replace("{{type}}", &pascal);
        let path = directory.join(path);
        write(&path.with_extension(""), text.as_bytes())?;
    }
    for inner in folder.dirs() {
        write_template(inner, base, directory, name)?;
    }
    Ok(())
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

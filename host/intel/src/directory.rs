//! Finds the files in the directory of intel lists.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use wardline_text::Cause;

/// The maximum number of files in one directory.
const FILES: usize = 10_000;

/// Extensions that are not part of a list's name.
const EXTENSIONS: [&str; 12] = [
    "txt", "list", "lst", "csv", "json", "xml", "stix", "data", "netset", "ipset", "zone", "feed",
];
/// Extensions of temporary files and of files that are not lists.
const NO_LISTS: [&str; 7] = ["tmp", "part", "partial", "new", "bak", "md", "toml"];

/// The directory cannot be listed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot read the directory of intel lists {}, keeping the lists in force", directory.display())]
pub struct DirectoryError {
    /// The directory.
    pub directory: PathBuf,
    /// The operating system's message.
    #[source]
    pub error: Cause,
}

/// A file in a folder of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The folder; empty for a file outside of any folder.
    pub folder: String,
    /// The name of the file.
    pub file: String,
}

impl Place {
    /// Returns the list's name, which is the file's name without the extensions of its format.
    pub fn name(&self) -> &str {
        let mut name = self.file.as_str();
        while let Some((stem, extension)) = name.rsplit_once('.')
            && EXTENSIONS.contains(&extension.to_ascii_lowercase().as_str())
            && !stem.is_empty()
        {
            name = stem;
        }
        name
    }

    /// Returns the path relative to the directory.
    pub fn path(&self) -> String {
        Path::new(&self.folder)
            .join(&self.file)
            .display()
            .to_string()
    }

    /// Returns the path of the list's settings file.
    pub fn beside(&self) -> String {
        let file = format!("{}.toml", self.name());
        Path::new(&self.folder).join(file).display().to_string()
    }
}

/// Opens the directory again, since it may have been replaced, and finds all files that may be
/// lists, by their paths. Names that begin with a dot are ignored: a mounted ConfigMap keeps
/// its versions under such names.
pub(super) fn find(path: &Path) -> Result<(Dir, BTreeMap<PathBuf, Place>), DirectoryError> {
    let fail = |error: std::io::Error| DirectoryError {
        directory: path.to_owned(),
        error: error.into(),
    };
    let dir = Dir::open_ambient_dir(path, ambient_authority()).map_err(fail)?;
    let mut places = BTreeMap::new();
    let mut add = |folder: &str, file: String| {
        let place = Place {
            folder: folder.to_owned(),
            file,
        };
        places.insert(path.join(place.path()), place);
    };
    for name in names(&dir).map_err(fail)? {
        let is_folder = dir.metadata(&name).is_ok_and(|data| data.is_dir());
        if !is_folder {
            if may_be_list(&name) {
                add("", name);
            }
            continue;
        }
        let folder = dir.open_dir(&name).map_err(fail)?;
        for file in names(&folder).map_err(fail)? {
            if may_be_list(&file) && folder.metadata(&file).is_ok_and(|data| !data.is_dir()) {
                add(&name, file);
            }
        }
    }
    Ok((dir, places))
}

/// Lists the names in a directory, except for those that begin with a dot.
fn names(dir: &Dir) -> std::io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in dir.entries()? {
        if names.len() >= FILES {
            let text = format!("there are more than {FILES} files in one directory");
            return Err(std::io::Error::other(text));
        }
        if let Some(name) = entry?.file_name().to_str()
            && !name.starts_with('.')
        {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

fn may_be_list(file: &str) -> bool {
    let extension = file.rsplit_once('.').map(|(_, extension)| extension);
    !file.ends_with('~') && !extension.is_some_and(|extension| NO_LISTS.contains(&extension))
}

#[cfg(test)]
mod tests {
    use wardline_text::chain;

    use super::{Place, find};

    #[test]
    fn name_of_a_list_is_its_file_name_without_format_extensions() {
        for (file, name) in [
            ("drop.txt", "drop"),
            ("feed.stix.JSON", "feed"),
            ("exit-addresses", "exit-addresses"),
            ("firehol_level1.netset", "firehol_level1"),
            ("v1.2", "v1.2"),
            (".txt", ".txt"),
        ] {
            let place = Place {
                folder: "threat".into(),
                file: file.into(),
            };
            assert_eq!(place.name(), name);
            assert_eq!(place.beside(), format!("threat/{name}.toml"));
        }
    }

    #[test]
    fn finds_lists_in_folders_and_ignores_other_files() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        for folder in ["threat", "tor/inner", ".hidden"] {
            std::fs::create_dir_all(root.join(folder)).unwrap();
        }
        for file in [
            "threat/a.txt",
            "threat/a.toml",
            "threat/b.txt.tmp",
            "threat/.c.txt.swp",
            "threat/d.txt~",
            "tor/exits",
            "tor/inner/e.txt",
            ".hidden/f.txt",
            "loose.txt",
            "README.md",
        ] {
            std::fs::write(root.join(file), "192.0.2.1\n").unwrap();
        }
        let (_, places) = find(root).unwrap();
        let found: Vec<String> = places.values().map(Place::path).collect();
        assert_eq!(found, ["loose.txt", "threat/a.txt", "tor/exits"]);
        let error = chain(&find(&root.join("none")).unwrap_err()).to_string();
        assert!(
            error.contains("cannot read the directory of intel lists"),
            "{error}"
        );
    }
}

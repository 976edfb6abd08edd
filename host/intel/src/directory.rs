//! Finds the files in the directory of intel lists.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use wardline_files::{Directory, DirectoryError, Purpose};

const LISTS: Purpose = Purpose {
    directory: "the directory of intel lists",
    contents: "lists",
};

/// Extensions that are not part of a list's name.
const EXTENSIONS: [&str; 12] = [
    "txt", "list", "lst", "csv", "json", "xml", "stix", "data", "netset", "ipset", "zone", "feed",
];
/// Extensions of temporary files and of files that are not lists.
const NO_LISTS: [&str; 7] = ["tmp", "part", "partial", "new", "bak", "md", "toml"];

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

/// Opens the directory, and finds all files that may be lists, by their paths.
pub(super) fn find(path: &Path) -> Result<(Directory, BTreeMap<PathBuf, Place>), DirectoryError> {
    let fail = |error: std::io::Error| DirectoryError {
        purpose: LISTS,
        directory: path.to_owned(),
        error: error.into(),
    };
    let directory = Directory::open(path).map_err(fail)?;
    let mut places = BTreeMap::new();
    let mut add = |folder: &str, file: String| {
        let place = Place {
            folder: folder.to_owned(),
            file,
        };
        places.insert(path.join(place.path()), place);
    };
    for name in directory.names().map_err(fail)? {
        if !directory.is_folder(&name) {
            if may_be_list(&name) {
                add("", name);
            }
            continue;
        }
        let folder = directory.open_folder(&name).map_err(fail)?;
        for file in folder.names().map_err(fail)? {
            if may_be_list(&file) && !folder.is_folder(&file) {
                add(&name, file);
            }
        }
    }
    Ok((directory, places))
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

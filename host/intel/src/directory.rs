//! What lies in the directory of lists.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;

/// Files of one directory.
const FILES: usize = 10_000;

/// What follows a list's name and tells nothing of it.
const EXTENSIONS: [&str; 12] = [
    "txt", "list", "lst", "csv", "json", "xml", "stix", "data", "netset", "ipset", "zone", "feed",
];
/// What files are called that are being written, or are no lists.
const NO_LISTS: [&str; 7] = ["tmp", "part", "partial", "new", "bak", "md", "toml"];

/// The directory cannot be listed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot read the directory of lists {}: {error} (lists in force stay in force)", directory.display())]
pub struct DirectoryError {
    /// Which directory.
    pub directory: PathBuf,
    /// What the operating system says.
    pub error: String,
}

/// A file in a folder of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The folder; empty for files that lie in none.
    pub folder: String,
    /// The file.
    pub file: String,
}

impl Place {
    /// The list's name: the file's without what tells its format.
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

    /// Below the directory.
    pub fn path(&self) -> String {
        Path::new(&self.folder)
            .join(&self.file)
            .display()
            .to_string()
    }

    /// The file of settings beside it.
    pub fn beside(&self) -> String {
        let file = format!("{}.toml", self.name());
        Path::new(&self.folder).join(file).display().to_string()
    }
}

/// Opens the directory anew, since it may have been replaced, and finds all files that may
/// be lists, by their paths in it. Names that begin with a dot are none: a mounted ConfigMap
/// keeps its versions under such names.
pub(super) fn find(path: &Path) -> Result<(Dir, BTreeMap<PathBuf, Place>), DirectoryError> {
    let fail = |error: std::io::Error| DirectoryError {
        directory: path.to_owned(),
        error: error.to_string(),
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

/// Names in a directory, but for those that begin with a dot.
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
    use super::{Place, find};

    #[test]
    fn a_list_is_named_as_its_file_without_its_format() {
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
    fn folders_are_kinds_and_some_files_are_no_lists() {
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
        let error = find(&root.join("none")).unwrap_err().to_string();
        assert!(
            error.contains("cannot read the directory of lists"),
            "{error}"
        );
    }
}

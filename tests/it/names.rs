//! One name stands for one type.

use std::path::Path;

use crate::support::root;

/// Names that say nothing without their module.
const NAMES: [&str; 5] = ["Place", "Entry", "Unit", "Open", "Known"];

/// Collects the public types of a folder with one of the names.
fn collect(path: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            for line in text.lines() {
                if let Some(name) = public_type(line)
                    && NAMES.contains(&name)
                {
                    found.push((name.to_owned(), path.display().to_string()));
                }
            }
        }
    }
}

/// Returns the name of the public type that a line declares.
fn public_type(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix("pub ")?;
    let (keyword, rest) = rest.split_once(' ')?;
    if !["struct", "enum", "trait", "type", "union"].contains(&keyword) {
        return None;
    }
    rest.split(|character: char| !character.is_alphanumeric() && character != '_')
        .next()
}

#[test]
fn vague_name_stands_for_at_most_one_public_type() {
    let mut found = Vec::new();
    collect(&root().join("host"), &mut found);
    for name in NAMES {
        let files: Vec<&str> = found
            .iter()
            .filter(|(found, _)| found == name)
            .map(|(_, file)| file.as_str())
            .collect();
        assert!(files.len() <= 1, "{name}: {files:?}");
    }
}

#[test]
fn public_types_are_recognized() {
    assert_eq!(public_type("pub struct Place<'a> {"), Some("Place"));
    assert_eq!(public_type("    pub enum Entry {"), Some("Entry"));
    assert_eq!(public_type("pub type Open = u64;"), Some("Open"));
    assert_eq!(public_type("pub(super) struct Known {"), None);
    assert_eq!(public_type("pub fn place() {"), None);
}

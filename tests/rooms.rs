//! The modules of the host use only the modules that ARCHITECTURE.md allows them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test should stop where something is not as it must be"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The modules that each module may use; none if it may use all.
fn written() -> BTreeMap<String, Option<BTreeSet<String>>> {
    let text = include_str!("../ARCHITECTURE.md");
    let mut rooms = BTreeMap::new();
    for line in text.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, room, _, knows, _] = cells.as_slice() else {
            panic!("{line}");
        };
        let known = (!knows.starts_with("all")).then(|| names(knows));
        rooms.insert(room.split('`').nth(1).unwrap().to_owned(), known);
    }
    rooms
}

/// Returns the texts between backticks.
fn names(text: &str) -> BTreeSet<String> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// Collects the modules that the code of a folder names.
fn used(path: &Path, found: &mut BTreeSet<String>) {
    if path.is_dir() {
        for entry in std::fs::read_dir(path).unwrap() {
            used(&entry.unwrap().path(), found);
        }
        return;
    }
    let is_code = path.extension().is_some_and(|extension| extension == "rs");
    let is_test = path.file_stem().is_some_and(|stem| stem == "tests");
    if !is_code || is_test {
        return;
    }
    let text = std::fs::read_to_string(path).unwrap();
    // Tests are at the end of a file.
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    for after in code.split("crate::").skip(1) {
        let name: String = after
            .chars()
            .take_while(|character| character.is_ascii_lowercase() || *character == '_')
            .collect();
        found.insert(name);
    }
}

#[test]
fn modules_use_only_what_the_architecture_allows() {
    let rooms = written();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut checked = 0;
    for entry in std::fs::read_dir(source).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if !path.is_dir() {
            continue;
        }
        let Some(allowed) = rooms.get(&name) else {
            panic!("ARCHITECTURE.md does not name the module {name}");
        };
        checked += 1;
        let Some(allowed) = allowed else { continue };
        let mut found = BTreeSet::new();
        used(&path, &mut found);
        for room in found {
            assert!(
                room == name || room == "text" || room.is_empty() || allowed.contains(&room),
                "the module {name} uses {room}, which ARCHITECTURE.md does not allow"
            );
        }
    }
    assert!(checked > 10);
}

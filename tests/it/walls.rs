//! Crates and modules of the host depend on what ARCHITECTURE.md says: on no more, and on no
//! less.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use toml::Table;

use crate::support::root;

/// A row of the table.
struct Row {
    /// `host/NAME` or `sdk/rust` for a crate, `NAME` for a module of `host/src`.
    name: String,
    /// Names of crates and modules; none if it may depend on all.
    depends_on: Option<BTreeSet<String>>,
}

/// The table, in its order.
fn rows() -> Vec<Row> {
    let text = include_str!("../../ARCHITECTURE.md");
    text.lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let [_, name, _, depends_on, _] = cells.as_slice() else {
                panic!("{line}");
            };
            Row {
                name: name.split('`').nth(1).unwrap().to_owned(),
                depends_on: (!depends_on.starts_with("all")).then(|| names(depends_on)),
            }
        })
        .collect()
}

/// What stands between backticks.
fn names(text: &str) -> BTreeSet<String> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// The manifests of the project's own crates, by directory.
fn manifests() -> BTreeMap<String, Table> {
    let root = root();
    let workspace = manifest(&root.join("Cargo.toml"));
    let members = workspace["workspace"]["members"].as_array().unwrap();
    let mut directories: Vec<PathBuf> = Vec::new();
    for member in members {
        let member = member.as_str().unwrap();
        match member.strip_suffix("/*") {
            Some(folder) => directories.extend(
                std::fs::read_dir(root.join(folder))
                    .unwrap()
                    .map(|entry| Path::new(folder).join(entry.unwrap().file_name()))
                    .filter(|directory| root.join(directory).join("Cargo.toml").is_file()),
            ),
            None => directories.push(member.into()),
        }
    }
    directories
        .into_iter()
        .map(|directory| {
            let manifest = manifest(&root.join(&directory).join("Cargo.toml"));
            (directory.to_str().unwrap().to_owned(), manifest)
        })
        .collect()
}

fn manifest(path: &Path) -> Table {
    std::fs::read_to_string(path).unwrap().parse().unwrap()
}

/// The project's own crates that a crate or its build script depends on, without those that only
/// its tests need.
fn dependencies(manifest: &Table) -> BTreeSet<String> {
    ["dependencies", "build-dependencies"]
        .iter()
        .filter_map(|section| manifest.get(*section)?.as_table())
        .flat_map(Table::keys)
        .filter_map(|name| name.strip_prefix("wardline-"))
        .map(str::to_owned)
        .collect()
}

/// The crates and modules that the code of a module names.
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
    // Tests stand at the end of a file.
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    for before in ["crate::", "wardline_"] {
        for after in code.split(before).skip(1) {
            let name: String = after
                .chars()
                .take_while(|character| character.is_ascii_lowercase())
                .collect();
            if after[name.len()..].starts_with("::") {
                found.insert(name);
            }
        }
    }
}

#[test]
fn crates_depend_on_what_is_written() {
    let manifests = manifests();
    let rows: BTreeMap<String, Option<BTreeSet<String>>> = rows()
        .into_iter()
        .filter(|row| row.name.contains('/'))
        .map(|row| (row.name, row.depends_on))
        .collect();
    let own: BTreeSet<&String> = manifests
        .keys()
        .filter(|name| name.starts_with("host/") || *name == "sdk/rust")
        .collect();
    assert_eq!(own, rows.keys().collect(), "rows of ARCHITECTURE.md");
    for (name, allowed) in &rows {
        let allowed = allowed.as_ref().unwrap();
        assert_eq!(
            &dependencies(&manifests[name]),
            allowed,
            "{name}/Cargo.toml, and what ARCHITECTURE.md allows"
        );
    }
}

#[test]
fn modules_depend_on_what_is_written() {
    let rows: BTreeMap<String, Option<BTreeSet<String>>> = rows()
        .into_iter()
        .filter(|row| !row.name.contains('/'))
        .map(|row| (row.name, row.depends_on))
        .collect();
    let source = root().join("host/src");
    let modules: BTreeSet<String> = std::fs::read_dir(&source)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    assert_eq!(
        modules,
        rows.keys().cloned().collect(),
        "rows of ARCHITECTURE.md"
    );
    for (name, allowed) in rows {
        let Some(allowed) = allowed else { continue };
        let mut found = BTreeSet::new();
        used(&source.join(&name), &mut found);
        found.remove(&name);
        assert_eq!(
            found, allowed,
            "the module {name}, and what ARCHITECTURE.md allows"
        );
    }
}

/// Cargo refuses circles of crates; the order of the rows excludes circles of modules too.
#[test]
fn rows_depend_on_rows_above_them() {
    let mut above = BTreeSet::new();
    for row in rows() {
        if row.name == "host/program" {
            // All modules of the host together.
            above.insert("host".to_owned());
        }
        let unknown: Vec<_> = row.depends_on.iter().flatten().collect();
        for name in unknown {
            assert!(above.contains(name), "{} depends on {name}", row.name);
        }
        let short = row.name.rsplit('/').next().unwrap().to_owned();
        assert!(above.insert(short), "{} is there twice", row.name);
    }
}

/// Otherwise, a change in a detector or in the SDK would compile the host anew.
#[test]
fn only_the_program_depends_on_the_pack_and_the_template() {
    for (name, manifest) in manifests() {
        let dependencies = dependencies(&manifest);
        let depends = dependencies.contains("pack") || dependencies.contains("template");
        // The program for measurements takes the detectors from the pack too.
        let may = ["host/program", "tests/bench"].contains(&name.as_str());
        assert!(!depends || may, "{name}");
    }
}

/// Authors of detectors compile the harness: it runs the host's code, but neither its engine nor its
/// database, executor, or file watcher.
#[test]
fn test_harness_is_light() {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--package", "wardline-sdk"])
        .args(["--features", "testing", "--edges", "normal"])
        .args(["--prefix", "none", "--format", "{lib}"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let packages: BTreeSet<&str> = text.lines().collect();
    assert!(packages.contains("wardline_route"), "{text}");
    for heavy in ["wasmtime", "redb", "tokio", "notify", "cap_std", "regex"] {
        assert!(!packages.contains(heavy), "{heavy}");
    }
}

/// Types of the contract derive its traits, behind a feature that only `detect` turns on.
#[test]
fn only_detect_depends_on_wasmtime() {
    for (name, manifest) in manifests() {
        let sections = ["dependencies", "dev-dependencies", "build-dependencies"];
        let wasmtime = sections
            .iter()
            .filter_map(|section| manifest.get(*section)?.get("wasmtime"))
            .next();
        let optional = |dependency: &toml::Value| {
            dependency.get("optional").and_then(toml::Value::as_bool) == Some(true)
        };
        match name.as_str() {
            "host/detect" => assert!(wasmtime.is_some()),
            "host/contract" | "host/event" => {
                assert!(wasmtime.is_some_and(optional), "{name}");
                for (feature, turns_on) in manifest["features"].as_table().unwrap() {
                    let turns_on = turns_on.as_array().unwrap();
                    let has_wasmtime = turns_on
                        .iter()
                        .any(|name| name.as_str() == Some("dep:wasmtime"));
                    assert_eq!(has_wasmtime, feature == "component", "{name}: {feature}");
                }
            }
            _ => assert!(wasmtime.is_none(), "{name}"),
        }
    }
}

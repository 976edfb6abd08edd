//! The memories of the default detectors that silence findings.
//!
//! `Told` remembers what was told with its severity, so that no finding hides a worse one. A set of
//! members that were seen knows no severities: a detector may use one only where nothing is silenced
//! by it, for the reason that is named here.

use crate::support::root;

/// Files with sets of members, and why no finding is hidden by them.
const ALLOWED: [(&str, &str); 2] = [
    (
        "attack-sequence/src/lib.rs",
        "which sequences were told, by their types and their severity",
    ),
    (
        "secret-access/src/enumeration.rs",
        "which secrets a program has read before, so that they do not count in the sum of others",
    ),
];

#[test]
fn detectors_silence_only_what_they_have_told() {
    let mut folders = vec![root().join("plugins")];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let code = std::fs::read_to_string(&path).unwrap();
                if code.contains(".first_seen(") {
                    let file = path.strip_prefix(root().join("plugins")).unwrap();
                    found.push(file.to_str().unwrap().to_owned());
                }
            }
        }
    }
    found.sort();
    let allowed: Vec<&str> = ALLOWED.iter().map(|(file, _)| *file).collect();
    assert_eq!(
        found, allowed,
        "use `Told`, or say why nothing is silenced by a set of members"
    );
}

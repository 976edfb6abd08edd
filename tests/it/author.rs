//! A new detector outside this project, from `plugin new` to its first finding.

use crate::support::{Ran, event, lines, root, run, wardline};

#[test]
fn new_detector_is_built_tested_checked_and_finds() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("namespace-watch");
    // Dependencies are compiled once for all runs.
    let target = root().join("target");
    let plugin = |arguments: &[&str]| -> Ran {
        run(wardline()
            .arg("plugin")
            .args(arguments)
            .env("CARGO_TARGET_DIR", &target)
            .current_dir(if directory.exists() {
                &directory
            } else {
                folder.path()
            }))
    };
    let good = |ran: Ran| {
        assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
        ran.out
    };

    let out = good(plugin(&["new", "namespace-watch", "--lang", "rust"]));
    assert!(out.contains("wardline plugin build"), "{out}");
    let again = run(wardline()
        .args(["plugin", "new", "namespace-watch"])
        .current_dir(folder.path()));
    assert_eq!(again.code, Some(2));
    assert!(again.err.contains("already exists"), "{}", again.err);

    let plugins = folder.path().join("plugins");
    good(plugin(&["build", "--output", plugins.to_str().unwrap()]));
    let file = plugins.join("namespace-watch.wasm");
    let out = good(plugin(&["test", "--wasm", file.to_str().unwrap()]));
    assert!(out.contains("0 failed"), "{out}");
    let out = good(plugin(&["check", file.to_str().unwrap()]));
    assert!(out.contains("namespace-watch 0.1.0 is valid"), "{out}");

    let log = folder.path().join("audit.log");
    let deleted = event(1, "mallory", "delete", "namespaces");
    std::fs::write(&log, format!("{deleted}\n")).unwrap();
    let ran = run(wardline()
        .args(["scan", "--no-defaults", "--plugins"])
        .arg(&plugins)
        .arg(&log));
    let findings = lines(&ran.out);
    assert_eq!(findings.len(), 1, "{}", ran.err);
    assert_eq!(findings[0]["detector"]["name"], "namespace-watch");

    // A rule that no longer matches its fixture fails the test.
    let expected = directory.join("tests");
    let fixture = std::fs::read_dir(&expected)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| {
            path.to_string_lossy().ends_with(".findings.jsonl")
                && std::fs::metadata(path).unwrap().len() > 0
        })
        .unwrap();
    std::fs::write(&fixture, "").unwrap();
    let ran = plugin(&["test", "--wasm", file.to_str().unwrap()]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("FAILED"), "{}", ran.out);
}

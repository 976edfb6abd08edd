//! The detectors inside the program.

use std::fs;

use serde_json::Value;

use crate::support::host::{Host, eventually};
use crate::support::{DEFAULT, data, default_detectors, detector, root, run, wardline};

/// Compiled detectors are shared by the tests.
fn config(plugins: &str) -> String {
    let cache = root().join("target/test-cache");
    format!(
        "[host]\ncache-directory = {cache:?}\n\
         [plugins]\n{plugins}\nrescan = \"100ms\"\n\
         [[source]]\ntype = \"file\"\nname = \"audit\"\npath = \"audit.log\"\n\
         [[sink]]\ntype = \"file\"\npath = \"findings.jsonl\"\n"
    )
}

fn origins(host: &Host) -> Vec<(String, String, String)> {
    let text = |file: &Value, key: &str| file[key].as_str().unwrap().to_owned();
    host.files()
        .iter()
        .map(|file| {
            (
                text(file, "file"),
                text(file, "origin"),
                text(file, "state"),
            )
        })
        .collect()
}

#[test]
fn scan_needs_no_other_file() {
    let folder = tempfile::tempdir().unwrap();
    let alone = run(wardline()
        .arg("scan")
        .arg(data("attack.ndjson"))
        .current_dir(folder.path()));
    assert_eq!(alone.code, Some(0), "{}", alone.err);
    let exported = run(wardline()
        .args(["scan", "--config", "tests/data/scan.toml", "--no-defaults"])
        .arg("--plugins")
        .arg(default_detectors())
        .arg(data("attack.ndjson"))
        .current_dir(root()));
    assert_eq!(exported.code, Some(0), "{}", exported.err);
    assert_eq!(alone.out, exported.out);
    assert!(alone.out.lines().count() > 20);
}

#[test]
fn built_in_detectors_run_without_a_plugin_directory() {
    let mut host = Host::with(&config(""));
    fs::remove_dir(host.plugins()).unwrap();
    host.start();
    let expected: Vec<_> = DEFAULT
        .iter()
        .map(|name| {
            let is_off = root().join(format!("plugins/{name}/{name}.toml")).exists();
            let state = if is_off { "disabled" } else { "active" };
            (name.to_string(), "built-in".to_owned(), state.to_owned())
        })
        .collect();
    assert_eq!(origins(&host), expected);
    let table = host.ask(&["plugins", "list"]);
    assert!(
        table.contains("built in  active") && table.contains("built in  disabled"),
        "{table}"
    );

    // The directory is watched from the moment at which it exists.
    fs::create_dir(host.plugins()).unwrap();
    host.settings("pod-exec", "enabled = false\n");
    host.wait_for("pod-exec", "disabled");
    host.settings("pod-exec", "");
    host.wait_for("pod-exec", "active");
    assert_eq!(host.stop(), Some(0), "{}", host.log());
}

#[test]
fn file_replaces_the_built_in_detector_of_its_name_until_it_is_removed() {
    let witness = detector("tests/detectors/witness");
    let mut host = Host::with(&config("directory = \"plugins\""));
    host.start();
    let is = |name: &str, origin: &str, running: &str| {
        let files = host.files();
        let file = files.iter().find(|file| file["file"] == name).unwrap();
        file["origin"] == origin && file["running"]["name"] == running
    };
    assert!(is("pod-exec", "built-in", "pod-exec"));

    host.install(&witness, "pod-exec");
    eventually("the file replaces the detector", || {
        is("pod-exec", "file", "witness")
    });
    fs::remove_file(host.plugins().join("pod-exec.wasm")).unwrap();
    eventually("the built-in detector is back", || {
        is("pod-exec", "built-in", "pod-exec")
    });

    // Under another name, a file cannot take the name of a built-in detector.
    host.install(&default_detectors().join("pod-exec.wasm"), "a");
    host.wait_for("a", "refused");
    let shown = host.ask(&["plugins", "show", "a"]);
    assert!(
        shown.contains("the name `pod-exec` is taken by a built-in detector")
            && shown.contains("rename the file to pod-exec.wasm"),
        "{shown}"
    );
    assert!(is("pod-exec", "built-in", "pod-exec"));
    assert_eq!(host.stop(), Some(0), "{}", host.log());
}

#[test]
fn defaults_can_be_left_out() {
    let mut host = Host::with(&config("defaults = false\ndirectory = \"plugins\""));
    host.start();
    assert_eq!(origins(&host), []);
    assert_eq!(host.stop(), Some(0), "{}", host.log());

    let ran = run(wardline()
        .args(["scan", "--no-defaults"])
        .arg(data("attack.ndjson")));
    assert_eq!(ran.code, Some(2), "{}", ran.out);
    assert!(
        ran.err.contains("the built-in detectors are left out") && ran.err.contains("--plugins"),
        "{}",
        ran.err
    );
}

#[test]
fn export_keeps_settings_that_are_there() {
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("object-activity.toml");
    fs::write(&settings, "enabled = true\n").unwrap();
    let ran = run(wardline().args(["plugins", "export"]).arg(folder.path()));
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_eq!(fs::read_to_string(&settings).unwrap(), "enabled = true\n");
    assert!(!folder.path().join("pod-exec.wasm.part").exists());
}

//! The first commands that a newcomer runs.

use std::collections::BTreeSet;
use std::fs;
use std::process::Stdio;

use crate::support::{detector, event, lines, root, run, wardline};

#[test]
fn init_writes_a_configuration_that_passes_its_check() {
    for source in ["file", "webhook", "stdin"] {
        let folder = tempfile::tempdir().unwrap();
        let command =
            |arguments: &[&str]| run(wardline().args(arguments).current_dir(folder.path()));
        let ran = command(&["init", "--source", source]);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        assert!(ran.out.starts_with("wrote wardline.toml"), "{}", ran.out);
        let checked = command(&["config", "check"]);
        assert_eq!(checked.code, Some(0), "{}", checked.err);
        assert!(
            checked
                .out
                .contains("(sources: 1, sinks: 1, detectors from the built-in detectors"),
            "{}",
            checked.out
        );
    }
}

#[test]
fn init_replaces_a_file_only_if_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.toml");
    fs::write(&file, "# mine\n").unwrap();
    let ran = run(wardline().arg("init").arg(&file));
    assert_eq!(ran.code, Some(2), "{}", ran.out);
    assert!(
        ran.err
            .contains("already exists (specify `--force` to replace it)"),
        "{}",
        ran.err
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), "# mine\n");
    let ran = run(wardline().args(["init", "--force"]).arg(&file));
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(fs::read_to_string(&file).unwrap().contains("[[source]]"));
}

#[test]
fn host_ends_with_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let witness = detector("tests/detectors/witness");
    fs::create_dir(folder.path().join("plugins")).unwrap();
    fs::copy(witness, folder.path().join("plugins/witness.wasm")).unwrap();
    fs::write(
        folder.path().join("wardline.toml"),
        "[plugins]\ndefaults = false\n[[source]]\ntype = \"stdin\"\n\
         [[sink]]\ntype = \"file\"\npath = \"findings.jsonl\"\n",
    )
    .unwrap();
    let log = folder.path().join("audit.log");
    let events: Vec<String> = (1..=1000)
        .map(|number| event(number, "bob", "get", "secrets"))
        .collect();
    // Without a line feed at the end.
    fs::write(&log, events.join("\n")).unwrap();
    let ran = run(wardline()
        .arg("run")
        .current_dir(folder.path())
        .stdin(fs::File::open(&log).unwrap()));
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let text = fs::read_to_string(folder.path().join("findings.jsonl")).unwrap();
    let ids: BTreeSet<String> = lines(&text)
        .iter()
        .map(|finding| finding["event_ids"][0].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), 1000, "{}", ran.err);
}

#[test]
fn only_one_source_reads_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wardline.toml");
    let source = |name: &str| format!("[[source]]\ntype = \"stdin\"\nname = \"{name}\"\n");
    fs::write(&file, source("a") + &source("b")).unwrap();
    let ran = run(wardline().args(["config", "check", "--config"]).arg(&file));
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.err
            .contains("standard input can be read by one source only"),
        "{}",
        ran.err
    );
}

#[test]
fn every_shell_has_completions() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = run(wardline().args(["completions", shell]));
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        assert!(ran.out.contains("audit-policy"), "{shell}");
    }
}

#[test]
fn bash_accepts_its_completions() {
    let script = run(wardline().args(["completions", "bash"])).out;
    let ran = run(std::process::Command::new("bash")
        .args(["-n", "-c", &script])
        .stdin(Stdio::null()));
    assert_eq!(ran.code, Some(0), "{}", ran.err);
}

#[test]
fn manual_page_has_every_command() {
    let page = run(wardline().arg("man")).out;
    for text in [
        ".TH wardline 1",
        ".SH \"WARDLINE SCAN\"",
        ".SH \"WARDLINE PLUGINS LIST\"",
        "\\-\\-fail\\-on",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    let folder = tempfile::tempdir().unwrap();
    let ran = run(wardline().args(["man", "--output"]).arg(folder.path()));
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    for name in ["wardline.1", "wardline-scan.1", "wardline-plugins-list.1"] {
        assert!(folder.path().join(name).is_file(), "{name}");
    }
}

#[test]
fn detections_need_no_directory() {
    let folder = tempfile::tempdir().unwrap();
    let ran = run(wardline()
        .args(["audit-policy", "--check"])
        .arg(root().join("examples/audit-policy.yaml"))
        .current_dir(folder.path()));
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
}

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use wardline_text::chain_with_hint;

use super::RuleDirectory;
use crate::suppress::RuleEvent;
use crate::{Finding, example};

fn rule(name: &str, namespace: &str) -> String {
    format!(
        "[[rule]]\nname = \"{name}\"\nowner = \"team\"\nreason = \"known\"\nexpires = 2027-01-01\nall = [{{ field = \"resource.namespace\", equals = \"{namespace}\" }}]\n"
    )
}

fn now() -> Timestamp {
    "2026-11-25T10:00:00Z".parse().unwrap()
}

fn in_namespace(namespace: &str) -> Finding {
    let mut finding = example::occurrence();
    namespace.clone_into(&mut finding.resource.namespace);
    finding
}

/// The name of the rule that suppresses what happens in a namespace.
fn suppressing(directory: &RuleDirectory, namespace: &str) -> Option<String> {
    directory
        .rules()
        .read()
        .suppression(&in_namespace(namespace))
        .map(|suppression| suppression.rule)
}

fn short(events: &[RuleEvent]) -> Vec<String> {
    events
        .iter()
        .map(|event| match event {
            RuleEvent::Loaded { file, rules, .. } => format!("loaded {file} {}", rules.len()),
            RuleEvent::Refused {
                file,
                older_in_force,
                ..
            } => format!("refused {file} {older_in_force}"),
            RuleEvent::Removed { file, rules } => format!("removed {file} {}", rules.len()),
            RuleEvent::Expired { rule, owner } => format!("expired {rule} {owner}"),
            RuleEvent::Unreadable(_) => "unreadable".into(),
            RuleEvent::Readable => "readable".into(),
        })
        .collect()
}

fn write(folder: &Path, file: &str, text: &str) {
    fs::write(folder.join(file), text).unwrap();
}

#[test]
fn files_come_change_and_go() {
    let folder = tempfile::tempdir().unwrap();
    let mut directory = RuleDirectory::new(folder.path());
    let nothing: [&str; 0] = [];
    assert_eq!(short(&directory.look(now())), nothing);
    assert_eq!(suppressing(&directory, "shop"), None);

    write(folder.path(), "a.toml", &rule("shop", "shop"));
    write(folder.path(), ".hidden.toml", "garbage");
    write(folder.path(), "notes.txt", "garbage");
    assert_eq!(short(&directory.look(now())), ["loaded a.toml 1"]);
    assert_eq!(suppressing(&directory, "shop").as_deref(), Some("shop"));
    assert_eq!(short(&directory.look(now())), nothing, "nothing is new");

    // Half a file: what was in force stays.
    write(folder.path(), "a.toml", &rule("shop", "bank")[..40]);
    assert_eq!(short(&directory.look(now())), ["refused a.toml 1"]);
    assert_eq!(suppressing(&directory, "shop").as_deref(), Some("shop"));
    assert_eq!(short(&directory.look(now())), nothing, "said once");
    let failure = directory.rules().read().files[0].failure.clone().unwrap();
    assert!(failure.starts_with("a.toml:"), "{failure}");

    write(folder.path(), "a.toml", &rule("shop", "bank"));
    assert_eq!(short(&directory.look(now())), ["loaded a.toml 1"]);
    assert_eq!(suppressing(&directory, "shop"), None);
    assert_eq!(suppressing(&directory, "bank").as_deref(), Some("shop"));
    assert_eq!(directory.rules().read().files[0].failure, None);

    fs::remove_file(folder.path().join("a.toml")).unwrap();
    assert_eq!(short(&directory.look(now())), ["removed a.toml 1"]);
    assert_eq!(suppressing(&directory, "bank"), None);
}

#[test]
fn a_file_that_goes_back_to_what_it_was_is_good_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut directory = RuleDirectory::new(folder.path());
    write(folder.path(), "a.toml", &rule("a", "shop"));
    directory.look(now());
    write(folder.path(), "a.toml", "broken");
    directory.look(now());
    write(folder.path(), "a.toml", &rule("a", "shop"));
    assert_eq!(short(&directory.look(now())), ["loaded a.toml 1"]);
    assert_eq!(directory.rules().read().files[0].failure, None);
}

#[test]
fn a_file_that_cannot_be_read_for_a_while_is_good_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut directory = RuleDirectory::new(folder.path());
    write(folder.path(), "a.toml", &rule("a", "shop"));
    directory.look(now());
    let file = folder.path().join("a.toml");
    fs::rename(&file, folder.path().join("elsewhere")).unwrap();
    std::os::unix::fs::symlink("nowhere", &file).unwrap();
    assert_eq!(short(&directory.look(now())), ["refused a.toml 1"]);
    assert_eq!(directory.look(now()), [], "said once");
    assert_eq!(suppressing(&directory, "shop").as_deref(), Some("a"));
    fs::rename(folder.path().join("elsewhere"), &file).unwrap();
    assert_eq!(short(&directory.look(now())), ["loaded a.toml 1"]);
}

#[test]
fn the_first_rule_by_file_and_place_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut directory = RuleDirectory::new(folder.path());
    write(folder.path(), "b.toml", &rule("third", "shop"));
    write(
        folder.path(),
        "a.toml",
        &format!("{}{}", rule("first", "shop"), rule("second", "shop")),
    );
    directory.look(now());
    assert_eq!(suppressing(&directory, "shop").as_deref(), Some("first"));
}

#[test]
fn a_name_belongs_to_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut directory = RuleDirectory::new(folder.path());
    write(folder.path(), "a.toml", &rule("name", "shop"));
    write(folder.path(), "b.toml", &rule("name", "bank"));
    assert_eq!(
        short(&directory.look(now())),
        ["loaded a.toml 1", "refused b.toml 0"]
    );
    assert_eq!(suppressing(&directory, "bank"), None);
    assert_eq!(directory.look(now()), [], "said once");
    fs::remove_file(folder.path().join("a.toml")).unwrap();
    assert_eq!(
        short(&directory.look(now())),
        ["removed a.toml 1", "loaded b.toml 1"]
    );
    assert_eq!(suppressing(&directory, "bank").as_deref(), Some("name"));
}

#[test]
fn a_directory_that_is_gone_leaves_its_rules() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rules");
    let mut directory = RuleDirectory::new(&path);
    assert_eq!(short(&directory.look(now())), ["unreadable"]);
    fs::create_dir(&path).unwrap();
    write(&path, "a.toml", &rule("a", "shop"));
    assert_eq!(
        short(&directory.look(now())),
        ["readable", "loaded a.toml 1"]
    );
    fs::rename(&path, folder.path().join("old")).unwrap();
    assert_eq!(short(&directory.look(now())), ["unreadable"]);
    assert_eq!(directory.look(now()), [], "said once");
    assert_eq!(suppressing(&directory, "shop").as_deref(), Some("a"));
    assert!(directory.rules().read().failure.is_some());
}

#[test]
fn the_end_of_a_rule_is_said_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut directory = RuleDirectory::new(folder.path());
    write(folder.path(), "a.toml", &rule("a", "shop"));
    directory.look(now());
    let later: Timestamp = "2027-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(short(&directory.look(later)), ["expired a team"]);
    assert_eq!(directory.look(later), []);
    // Events from before are suppressed all the same.
    assert_eq!(suppressing(&directory, "shop").as_deref(), Some("a"));
}

#[test]
fn files_that_are_none_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut directory = RuleDirectory::new(folder.path());
    fs::create_dir(folder.path().join("directory.toml")).unwrap();
    write(folder.path(), "large.toml", &"#".repeat(300_000));
    fs::write(folder.path().join("latin.toml"), b"# \xe4").unwrap();
    std::os::unix::fs::symlink("nowhere", folder.path().join("link.toml")).unwrap();
    let other = tempfile::tempdir().unwrap();
    write(other.path(), "rules.toml", &rule("a", "shop"));
    std::os::unix::fs::symlink(
        other.path().join("rules.toml"),
        folder.path().join("outside.toml"),
    )
    .unwrap();
    let errors: Vec<String> = directory
        .look(now())
        .into_iter()
        .map(|event| match event {
            RuleEvent::Refused { error, .. } => chain_with_hint(&error),
            other => panic!("{other:?}"),
        })
        .collect();
    insta::assert_snapshot!(errors.join("\n"));
}

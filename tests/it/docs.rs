//! The documents are true: links resolve, examples parse, and console examples run.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::support::{root, run, wardline};

/// A fenced block of a document.
struct Block {
    file: PathBuf,
    /// The line of its fence, counted from 1.
    line: usize,
    language: String,
    text: String,
}

impl Block {
    fn at(&self) -> String {
        format!("{}:{}", self.file.display(), self.line)
    }
}

/// All Markdown files of the project, relative to its root.
fn documents() -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if !name.starts_with('.') && name != "target" && name != "node_modules" {
                    walk(&path, found);
                }
            } else if name.ends_with(".md") {
                found.push(path.strip_prefix(root()).unwrap().to_owned());
            }
        }
    }
    let mut found = Vec::new();
    walk(&root(), &mut found);
    found.sort();
    assert!(found.len() > 20, "{found:?}");
    found
}

fn read(document: &Path) -> String {
    std::fs::read_to_string(root().join(document)).unwrap()
}

fn blocks() -> Vec<Block> {
    let mut blocks = Vec::new();
    for file in documents() {
        let mut open: Option<Block> = None;
        for (index, line) in read(&file).lines().enumerate() {
            let fence = line.trim_start().strip_prefix("```");
            match (&mut open, fence) {
                (None, Some(language)) => {
                    open = Some(Block {
                        file: file.clone(),
                        line: index + 1,
                        language: language.trim().to_owned(),
                        text: String::new(),
                    });
                }
                (Some(_), Some(_)) => blocks.extend(open.take()),
                (Some(block), None) => {
                    block.text.push_str(line);
                    block.text.push('\n');
                }
                (None, None) => {}
            }
        }
        assert!(open.is_none(), "{}: a fence is not closed", file.display());
    }
    blocks
}

/// A document without its fenced blocks and code spans.
fn prose(text: &str) -> String {
    let mut is_code = false;
    let mut prose = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        } else if !is_code {
            for (index, part) in line.split('`').enumerate() {
                if index % 2 == 0 {
                    prose.push_str(part);
                } else {
                    prose.push('x');
                }
            }
            prose.push('\n');
        }
    }
    prose
}

/// The anchors that GitHub makes of a document's headings.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    let mut is_code = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        }
        let Some(heading) = line.strip_prefix('#').filter(|_| !is_code) else {
            continue;
        };
        let heading = heading.trim_start_matches('#').trim();
        let anchor: String = heading
            .to_lowercase()
            .chars()
            .filter_map(|character| match character {
                ' ' => Some('-'),
                '-' | '_' => Some(character),
                _ => character.is_alphanumeric().then_some(character),
            })
            .collect();
        anchors.insert(anchor);
    }
    anchors
}

#[test]
fn relative_links_resolve() {
    let mut checked = 0;
    let mut broken = Vec::new();
    for document in documents() {
        let text = read(&document);
        for after in prose(&text).split("](").skip(1) {
            let target = after.split([')', ' ']).next().unwrap();
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            checked += 1;
            let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
            let file = if path.is_empty() {
                root().join(&document)
            } else {
                root().join(&document).parent().unwrap().join(path)
            };
            if !file.exists() {
                broken.push(format!("{}: {target}", document.display()));
            } else if !anchor.is_empty()
                && file.extension().is_some_and(|extension| extension == "md")
                && !anchors(&std::fs::read_to_string(&file).unwrap()).contains(anchor)
            {
                broken.push(format!(
                    "{}: {target} (no such heading)",
                    document.display()
                ));
            }
        }
    }
    assert_eq!(broken, Vec::<String>::new());
    assert!(checked > 100, "only {checked} links were found");
}

/// Runs a check of the program on a text, and fails if the program does.
fn check(block: &Block, name: &str, arguments: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    std::fs::write(&file, &block.text).unwrap();
    // Files that an example names, so that only its own mistakes count.
    for named in ["tls.crt", "tls.key"] {
        std::fs::write(folder.path().join(named), "").unwrap();
    }
    std::fs::write(
        folder.path().join("tokens"),
        "0123456789abcdef0123456789abcdef\n",
    )
    .unwrap();
    let ran = run(wardline()
        .current_dir(folder.path())
        .args(arguments)
        .arg(&file));
    assert_eq!(ran.code, Some(0), "{}: {}{}", block.at(), ran.out, ran.err);
}

#[test]
fn toml_blocks_parse_and_pass_their_check() {
    let mut checked = 0;
    for block in blocks() {
        if block.language != "toml" {
            continue;
        }
        checked += 1;
        let table: toml::Table =
            toml::from_str(&block.text).unwrap_or_else(|error| panic!("{}: {error}", block.at()));
        let is_configuration = ["source", "sink", "host", "plugins", "intel", "suppression"]
            .iter()
            .any(|key| table.contains_key(*key));
        if is_configuration {
            check(&block, "wardline.toml", &["config", "check", "--config"]);
        } else if table.contains_key("rule") {
            check(&block, "rule.toml", &["suppress", "check"]);
        }
    }
    assert!(checked > 5, "only {checked} blocks were found");
}

#[test]
fn yaml_blocks_parse_and_policies_blind_no_detector() {
    let mut policies = 0;
    for block in blocks() {
        if block.language != "yaml" {
            continue;
        }
        let value: serde_json::Value = serde_saphyr::from_str(&block.text)
            .unwrap_or_else(|error| panic!("{}: {error}", block.at()));
        if value["kind"] == "Policy" {
            policies += 1;
            check(&block, "policy.yaml", &["audit-policy", "--check"]);
        }
    }
    assert!(policies > 0);
}

#[test]
fn json_blocks_parse() {
    for block in blocks() {
        if block.language == "json" {
            let parsed = serde_json::from_str::<serde_json::Value>(&block.text);
            assert!(parsed.is_ok(), "{}: {parsed:?}", block.at());
        }
    }
}

/// Examples run one after another in one directory that has the project's `tests` and `examples`.
#[test]
fn console_examples_run() {
    let mut ran = 0;
    let program = PathBuf::from(wardline().get_program());
    let path = format!(
        "{}:{}",
        program.parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    for document in documents() {
        let folder = tempfile::tempdir().unwrap();
        for shared in ["tests", "examples"] {
            std::os::unix::fs::symlink(root().join(shared), folder.path().join(shared)).unwrap();
        }
        for block in blocks().iter().filter(|block| block.file == document) {
            if block.language != "console" {
                continue;
            }
            for command in block
                .text
                .lines()
                .filter_map(|line| line.strip_prefix("$ "))
            {
                ran += 1;
                let done = run(std::process::Command::new("bash")
                    .args(["-o", "pipefail", "-c", command])
                    .current_dir(folder.path())
                    .env("PATH", &path)
                    .env("COLUMNS", "120"));
                assert_eq!(
                    done.code,
                    Some(0),
                    "{}: {command}\n{}{}",
                    block.at(),
                    done.out,
                    done.err
                );
            }
        }
    }
    assert!(ran > 5, "only {ran} commands were found");
}

fn example(name: &str) -> PathBuf {
    root().join("examples").join(name)
}

#[test]
fn examples_pass_their_checks() {
    let config = run(wardline()
        .args(["config", "check", "--config"])
        .arg(example("wardline.toml")));
    assert_eq!(config.code, Some(0), "{}", config.err);
    let policy = run(wardline()
        .args(["audit-policy", "--check"])
        .arg(example("audit-policy.yaml")));
    assert_eq!(policy.code, Some(0), "{}{}", policy.out, policy.err);
    let mut rules = 0;
    for entry in std::fs::read_dir(example("suppression")).unwrap() {
        let rule = run(wardline()
            .args(["suppress", "check"])
            .arg(entry.unwrap().path()));
        assert_eq!(rule.code, Some(0), "{}{}", rule.out, rule.err);
        assert!(!rule.out.contains("warning"), "{}", rule.out);
        rules += 1;
    }
    assert!(rules > 0);
}

/// systemd itself is not there in a container; what can be held is that the unit starts a command
/// that exists, and names no key twice.
#[test]
fn the_systemd_unit_starts_the_host() {
    let unit = std::fs::read_to_string(example("wardline.service")).unwrap();
    assert!(unit.contains("ExecStart=/usr/local/bin/wardline run --config "));
    let keys: Vec<&str> = unit
        .lines()
        .filter_map(|line| line.split_once('=').map(|(key, _)| key))
        .filter(|key| !key.starts_with('#'))
        .collect();
    let distinct: BTreeSet<&&str> = keys.iter().collect();
    assert_eq!(keys.len(), distinct.len(), "{keys:?}");
}

#[test]
fn every_example_is_listed() {
    let index = read(Path::new("examples/README.md"));
    for entry in std::fs::read_dir(example("")).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        assert!(name == "README.md" || index.contains(&name), "{name}");
    }
}

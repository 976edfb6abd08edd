//! The mechanical part of STYLE.md: titles of finding types, error texts, and comments.

use std::path::{Path, PathBuf};

use crate::catalog::detections;
use crate::support::root;

/// Maximum length of a title, in characters.
const MAX_TITLE: usize = 70;

/// Words that do not begin a title, since the subject of a sentence is a noun.
const TITLE_OPENERS: [&str; 9] = [
    "What", "Who", "Where", "Of", "Somebody", "Someone", "Nobody", "Less", "More",
];

/// Words that do not begin an error text or a sentence of a comment.
const OPENERS: [&str; 4] = ["What", "Who", "Where", "Of"];

/// A place in a source file, for messages.
fn position(file: &Path, line: usize) -> String {
    let file = file.strip_prefix(root()).unwrap().display();
    format!("{file}:{}", line + 1)
}

/// The Rust files below some folders of the project, without built ones.
fn sources(folders: &[&str]) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = folders.iter().map(|name| root().join(name)).collect();
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("target") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn first_word(text: &str) -> &str {
    text.split(|letter: char| !letter.is_alphanumeric())
        .next()
        .unwrap_or_default()
}

/// Whether a text has "is no" in place of "is not a".
fn negates_a_noun(text: &str) -> bool {
    text.match_indices("is no ").any(|(start, found)| {
        let before = &text[..start];
        let after = &text[start + found.len()..];
        let is_word = before.is_empty() || before.ends_with(' ');
        is_word && !before.to_ascii_lowercase().ends_with("there ") && first_word(after) != "longer"
    })
}

/// The faults of a finding type's title.
fn title_faults(title: &str) -> Vec<&'static str> {
    let first = first_word(title);
    [
        (title.chars().count() > MAX_TITLE, "is too long"),
        (title.ends_with('.'), "ends with a period"),
        (title.contains('`'), "has backticks"),
        (title.contains('!'), "has an exclamation mark"),
        (
            TITLE_OPENERS.contains(&first),
            "does not begin with a noun phrase",
        ),
        (
            first.chars().next().is_none_or(char::is_lowercase),
            "begins in lower case",
        ),
    ]
    .into_iter()
    .filter_map(|(is_fault, fault)| is_fault.then_some(fault))
    .collect()
}

/// The faults of an error text.
fn error_faults(text: &str) -> Vec<&'static str> {
    let first = first_word(text);
    // A name keeps its case, as in `Kubernetes`, `TLS`.
    let is_sentence = text.starts_with(char::is_uppercase)
        && first.chars().skip(1).all(char::is_lowercase)
        && !["Cargo", "Kubernetes", "Rust", "Wardline", "WebAssembly"].contains(&first);
    [
        (is_sentence, "begins in upper case"),
        (
            text.trim_end().ends_with('.') && !text.ends_with(".."),
            "ends with a period",
        ),
        (negates_a_noun(text), "says \"is no\" for \"is not a\""),
        (
            OPENERS
                .iter()
                .any(|opener| first.eq_ignore_ascii_case(opener)),
            "begins with a free relative",
        ),
    ]
    .into_iter()
    .filter_map(|(is_fault, fault)| is_fault.then_some(fault))
    .collect()
}

/// The faults of a comment's line, without its slashes.
fn comment_faults(text: &str) -> Vec<&'static str> {
    [
        (
            text.split_once(' ')
                .is_some_and(|(first, _)| OPENERS.contains(&first)),
            "begins with a free relative",
        ),
        (negates_a_noun(text), "says \"is no\" for \"is not a\""),
    ]
    .into_iter()
    .filter_map(|(is_fault, fault)| is_fault.then_some(fault))
    .collect()
}

/// The texts of `#[error("…")]` in a source, each with its line.
fn error_texts(source: &str) -> Vec<(usize, String)> {
    source
        .match_indices("#[error(")
        .filter_map(|(start, attribute)| {
            let line = source[..start].matches('\n').count();
            let rest = source[start + attribute.len()..]
                .trim_start()
                .strip_prefix('"')?;
            Some((line, literal(rest)))
        })
        .collect()
}

/// A string literal from behind its opening quote: escaped quotes are unescaped, and continued lines
/// joined.
fn literal(rest: &str) -> String {
    let mut text = String::new();
    let mut letters = rest.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => break,
            '\\' => match letters.next() {
                Some('\n') => while letters.next_if(|blank| blank.is_whitespace()).is_some() {},
                Some(escaped) => text.push(escaped),
                None => break,
            },
            letter => text.push(letter),
        }
    }
    text
}

#[test]
fn titles_of_finding_types_are_noun_phrases_or_past_passives() {
    let faults: Vec<String> = detections()
        .iter()
        .flat_map(|detection| {
            let name = detection["type"].as_str().unwrap();
            let title = detection["title"].as_str().unwrap();
            title_faults(title)
                .into_iter()
                .map(move |fault| format!("{name}: \"{title}\" {fault}"))
        })
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The severity that a rule such as `5.0 if a person did it` sets; none for a cap or a range.
fn severity(rule: &str) -> Option<f64> {
    let (number, _) = rule.split_once(" if ")?;
    number.parse().ok()
}

#[test]
fn severity_rules_have_the_highest_first() {
    for detection in detections() {
        let name = detection["type"].as_str().unwrap();
        let rules = detection["severity_rules"].as_array().unwrap();
        let severities: Vec<f64> = rules
            .iter()
            .filter_map(|rule| severity(rule.as_str().unwrap()))
            .collect();
        assert!(
            severities.is_sorted_by(|higher, lower| higher >= lower),
            "{name}: {severities:?}"
        );
    }
}

#[test]
fn error_texts_are_clauses_in_lower_case() {
    let mut faults = Vec::new();
    let mut count = 0;
    for file in sources(&["host", "sdk"]) {
        let source = std::fs::read_to_string(&file).unwrap();
        for (line, text) in error_texts(&source) {
            count += 1;
            for fault in error_faults(&text) {
                faults.push(format!("{}: \"{text}\" {fault}", position(&file, line)));
            }
        }
    }
    assert!(count > 100, "only {count} error texts were found");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn comments_have_nouns_as_subjects() {
    let mut faults = Vec::new();
    for file in sources(&["host", "sdk", "plugins"]) {
        let source = std::fs::read_to_string(&file).unwrap();
        for (number, line) in source.lines().enumerate() {
            let Some(comment) = line.trim_start().strip_prefix("//") else {
                continue;
            };
            let comment = comment.trim_start_matches(['/', '!']).trim();
            for fault in comment_faults(comment) {
                faults.push(format!("{}: {fault}: {comment}", position(&file, number)));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn faults_are_recognized() {
    assert!(title_faults("A shell was opened in a pod").is_empty());
    for title in [
        "Who of AWS IAM is who in the cluster was changed",
        "A shell was opened.",
        "The API `pods/exec` was used",
        "secrets were read",
        "A title that goes on and on and on until nobody reads it to its very end",
    ] {
        assert_eq!(title_faults(title).len(), 1, "{title}");
    }
    for text in [
        "cannot read {file}",
        "`{name}` is not a list",
        "there is no list `{name}`",
        "TLS is off",
    ] {
        assert!(error_faults(text).is_empty(), "{text}");
    }
    for text in [
        "Cannot read",
        "it failed.",
        "`{name}` is no list",
        "what failed",
    ] {
        assert_eq!(error_faults(text).len(), 1, "{text}");
    }
    for comment in [
        "Whether it is open.",
        "Offers a list.",
        "It is no longer open.",
    ] {
        assert!(comment_faults(comment).is_empty(), "{comment}");
    }
    for comment in [
        "What failed.",
        "Of these, the first.",
        "A text that is no name.",
    ] {
        assert_eq!(comment_faults(comment).len(), 1, "{comment}");
    }
}

#[test]
fn error_texts_are_found_over_several_lines() {
    let source = "#[error(\"one\")]\n#[error(\n    \"two \\\"{0}\\\" \\\n     lines\"\n)]\n#[error(transparent)]";
    let texts = error_texts(source);
    assert_eq!(
        texts,
        [(0, "one".to_owned()), (1, "two \"{0}\" lines".to_owned())]
    );
}

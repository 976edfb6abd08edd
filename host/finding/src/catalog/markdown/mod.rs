//! The catalog as Markdown: an index of all types, and a page for each detector.

mod index;
mod page;

pub use index::index;
pub use page::page;

/// The name of the host's own findings in place of a detector's.
const HOST: &str = "host";

/// Returns the path of a detector's page, from the top of the project.
fn path_of_page(detector: &str) -> String {
    if detector == HOST {
        "docs/host-findings.md".to_owned()
    } else {
        format!("plugins/{detector}/README.md")
    }
}

/// Returns GitHub's anchor of a heading that is the name of a finding type: lower case, and only
/// letters, digits, hyphens, and underscores.
fn anchor(finding_type: &str) -> String {
    finding_type
        .to_lowercase()
        .chars()
        .filter(|character| character.is_alphanumeric() || matches!(character, '-' | '_'))
        .collect()
}

/// Escapes text so that Markdown and HTML show it as it is, on one line.
fn cell(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '|' => safe.push_str("\\|"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '*' => safe.push_str("\\*"),
            '[' => safe.push_str("\\["),
            '\n' => safe.push(' '),
            other => safe.push(other),
        }
    }
    safe
}

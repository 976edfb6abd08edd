//! The catalogue as a document, `DETECTIONS.md`.

use std::collections::BTreeMap;

use super::attack::{Tactic, technique_url};
use super::guardduty;
use super::{Catalog, Detection};

/// The document of a catalogue, in GitHub's Markdown.
#[must_use]
pub fn markdown(catalog: &Catalog) -> String {
    let detections = catalog.detections();
    let mut text = format!(
        "# Detections\n\n\
         Made from the detectors' own descriptors by `make detections`; `wardline detections show TYPE`\n\
         prints the same of any plugin directory. {} types of {} detectors.\n",
        detections.len(),
        by_detector(detections).len()
    );
    matrix(&mut text, detections);
    guardduty_table(&mut text, catalog);
    tactic_table(&mut text);
    for (detector, detections) in by_detector(detections) {
        text.push_str(&format!("\n## {detector}\n"));
        for detection in &detections {
            section(&mut text, detection);
        }
        settings(&mut text, &detections);
    }
    text
}

fn by_detector(detections: &[Detection]) -> BTreeMap<&str, Vec<&Detection>> {
    let mut groups: BTreeMap<&str, Vec<&Detection>> = BTreeMap::new();
    for detection in detections {
        groups
            .entry(&detection.detector)
            .or_default()
            .push(detection);
    }
    groups
}

/// For each tactic its techniques, and what finds them.
fn matrix(text: &mut String, detections: &[Detection]) {
    text.push_str(
        "\n## ATT&CK\n\n\
         [ATT&CK for Enterprise](https://attack.mitre.org/matrices/enterprise/), by the tactic that a \
         type is named for.\n\n| Tactic | Technique | Types |\n|---|---|---|\n",
    );
    for tactic in Tactic::ALL {
        let mut techniques: BTreeMap<&str, Vec<&Detection>> = BTreeMap::new();
        for detection in detections {
            if detection.tactics.contains(&tactic.id) {
                for technique in &detection.techniques {
                    techniques.entry(technique).or_default().push(detection);
                }
            }
        }
        for (technique, found) in techniques {
            let types: Vec<String> = found
                .iter()
                .map(|detection| link(&detection.finding_type))
                .collect();
            text.push_str(&format!(
                "| {} {} | [{}]({}) | {} |\n",
                tactic.id,
                tactic.name,
                cell(technique),
                technique_url(technique),
                types.join("<br>")
            ));
        }
    }
}

/// What of Amazon GuardDuty's types is there.
fn guardduty_table(text: &mut String, catalog: &Catalog) {
    let is_there = |name: &str| !catalog.find(name).is_empty();
    let (there, missing): (Vec<String>, Vec<String>) = guardduty::by_condition()
        .into_iter()
        .partition(|name| is_there(name));
    text.push_str(&format!(
        "\n## Amazon GuardDuty's EKS audit log types\n\n\
         Of the {} types that stand for a condition (25 active, 2 retired) {} are raised under their \
         own names{}.\n\n\
         Eight more compare with a learned past. A model of the past is still to come; what is found \
         by a fixed condition meanwhile:\n\n| GuardDuty | Here |\n|---|---|\n",
        there.len() + missing.len(),
        there.len(),
        if missing.is_empty() {
            String::new()
        } else {
            format!("; missing: {}", missing.join(", "))
        }
    ));
    for (anomaly, counterparts) in guardduty::ANOMALIES {
        let types: Vec<String> = counterparts
            .iter()
            .filter(|name| is_there(name))
            .map(|name| link(name))
            .collect();
        text.push_str(&format!("| `{anomaly}` | {} |\n", types.join("<br>")));
    }
}

/// What detectors take for which tactic, as the table in the SDK's documentation has it.
fn tactic_table(text: &mut String) {
    const RULES: &str = include_str!("../../../../sdk/rust/src/rules/tactic.rs");
    text.push_str(
        "\n### Which call means which tactic\n\n\
         GuardDuty names the tactic of a call in the types of its four families and does not say which \
         call means which. Here the first line that fits counts.\n\n",
    );
    for line in RULES.lines().filter_map(|line| line.strip_prefix("//! |")) {
        text.push_str(&format!("|{line}\n"));
    }
}

fn section(text: &mut String, detection: &Detection) {
    text.push_str(&format!(
        "\n### {}\n\n{}. {}\n\n",
        cell(&detection.finding_type),
        cell(detection.title.trim_end_matches('.')),
        cell(&detection.description)
    ));
    let mut row = |name: &str, value: String| {
        if !value.is_empty() {
            text.push_str(&format!("- **{name}:** {value}\n"));
        }
    };
    let mut severity = format!(
        "{} {:.1}",
        detection.severity.label, detection.severity.score
    );
    for rule in &detection.severity_rules {
        severity.push_str(&format!("; {}", cell(rule)));
    }
    row("Severity", severity);
    row(
        "ATT&CK",
        detection
            .tactics
            .iter()
            .map(|id| (*id).to_owned())
            .chain(
                detection
                    .techniques
                    .iter()
                    .map(|id| format!("[{}]({})", cell(id), technique_url(id))),
            )
            .collect::<Vec<_>>()
            .join(", "),
    );
    row("The same again", cell(&detection.aggregation_key));
    row("What to do", cell(&detection.remediation));
    row("False positives", cell(&detection.false_positives));
    row("Tuning", cell(&detection.tuning.join(" ")));
    row(
        "References",
        detection
            .references
            .iter()
            .map(|reference| cell(reference))
            .collect::<Vec<_>>()
            .join(", "),
    );
}

/// All types of a detector have its settings.
fn settings(text: &mut String, detections: &[&Detection]) {
    let Some(settings) = detections
        .first()
        .map(|detection| &detection.settings)
        .filter(|settings| !settings.is_empty())
    else {
        return;
    };
    text.push_str("\n| Setting | Meaning |\n|---|---|\n");
    for setting in settings {
        text.push_str(&format!(
            "| `{}` | {} |\n",
            cell(&setting.name),
            cell(&setting.description)
        ));
    }
}

fn link(finding_type: &str) -> String {
    // GitHub's anchors: lower case, and nothing but letters, digits, hyphens and underscores.
    let anchor: String = finding_type
        .to_lowercase()
        .chars()
        .filter(|character| character.is_alphanumeric() || matches!(character, '-' | '_'))
        .collect();
    format!("[{}](#{anchor})", cell(finding_type))
}

/// Text that means nothing to Markdown or HTML but itself.
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

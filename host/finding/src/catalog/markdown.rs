//! The catalog as a Markdown document, `DETECTIONS.md`.

use std::collections::BTreeMap;

use super::attack::{Tactic, technique_url};
use super::guardduty;
use super::{Catalog, Detection};

/// Renders a catalog as GitHub-flavored Markdown.
#[must_use]
pub fn markdown(catalog: &Catalog) -> String {
    let detections = catalog.detections();
    let mut text = format!(
        "# Detections\n\n\
         Generated from the detectors' descriptors by `make detections`. `wardline detections show TYPE`\n\
         prints the same for any plugin directory. {} finding types in {} detectors.\n",
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

/// Adds the techniques of each tactic, with the types that detect them.
fn matrix(text: &mut String, detections: &[Detection]) {
    text.push_str(
        "\n## ATT&CK\n\n\
         [ATT&CK for Enterprise](https://attack.mitre.org/matrices/enterprise/), by the tactic of a \
         finding type.\n\n| Tactic | Technique | Types |\n|---|---|---|\n",
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

/// Adds the comparison with Amazon GuardDuty's types.
fn guardduty_table(text: &mut String, catalog: &Catalog) {
    let is_there = |name: &str| !catalog.find(name).is_empty();
    let (there, missing): (Vec<String>, Vec<String>) = guardduty::by_condition()
        .into_iter()
        .partition(|name| is_there(name));
    text.push_str(&format!(
        "\n## Amazon GuardDuty's types for EKS audit logs\n\n\
         GuardDuty has {} types with a fixed condition (25 active, 2 retired). Wardline reports {} of them \
         under the same name{}.\n\n\
         Eight more types compare with a learned baseline, which Wardline does not have. The types in the \
         right column report the same activity by a fixed condition.\n\n| GuardDuty | Wardline |\n|---|---|\n",
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

/// Adds the classification of calls by tactic, from the table in the SDK's documentation.
fn tactic_table(text: &mut String) {
    const RULES: &str = include_str!("../../../../sdk/rust/src/rules/tactic.rs");
    text.push_str(
        "\n### Tactics of calls\n\n\
         GuardDuty's four families name the tactic of a call in the type, but do not document which calls \
         belong to which tactic. Wardline uses the first matching row.\n\n",
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
    row("Deduplicated by", cell(&detection.aggregation_key));
    row("Remediation", cell(&detection.remediation));
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

/// Adds the settings, which are the same for all types of a detector.
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

/// Escapes text for a Markdown table cell.
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

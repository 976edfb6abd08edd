//! The page of one detector.

use super::super::attack::{Tactic, technique_url};
use super::super::{Catalog, Detection};
use super::{anchor, cell, path_of_page};

/// Renders the page of a detector as GitHub-flavored Markdown. Empty if the catalog has no
/// detector of this name.
#[must_use]
pub fn page(catalog: &Catalog, detector: &str) -> String {
    let detections: Vec<&Detection> = catalog
        .detections()
        .iter()
        .filter(|detection| detection.detector == detector)
        .collect();
    let Some(first) = detections.first() else {
        return String::new();
    };
    let mut text = format!("# {detector}\n\n");
    let description = catalog.description(detector);
    if !description.is_empty() {
        text.push_str(&format!("{}\n\n", cell(description)));
    }
    text.push_str(&format!(
        "Version {}. Generated from the detector's descriptor by `make docs`; all types are in\n\
         [DETECTIONS.md]({}DETECTIONS.md).\n\n| Type | Severity |\n|---|---|\n",
        first.version,
        "../".repeat(path_of_page(detector).matches('/').count())
    ));
    for detection in &detections {
        text.push_str(&format!(
            "| [{}](#{}) | {} {:.1} |\n",
            cell(&detection.finding_type),
            anchor(&detection.finding_type),
            detection.severity.label,
            detection.severity.score
        ));
    }
    settings(&mut text, first);
    for detection in &detections {
        section(&mut text, detection);
    }
    text
}

/// Adds the settings, which apply to all types of a detector.
fn settings(text: &mut String, detection: &Detection) {
    if detection.settings.is_empty() {
        return;
    }
    text.push_str("\n## Settings\n\n| Setting | Meaning |\n|---|---|\n");
    for setting in &detection.settings {
        text.push_str(&format!(
            "| `{}` | {} |\n",
            cell(&setting.name),
            cell(&setting.description)
        ));
    }
}

fn section(text: &mut String, detection: &Detection) {
    text.push_str(&format!(
        "\n## {}\n\n**{}.** {}\n\n",
        cell(&detection.finding_type),
        cell(detection.title.trim_end_matches('.')),
        cell(&detection.description)
    ));
    text.push_str(&format!(
        "**Severity:** {} {:.1}\n",
        detection.severity.label, detection.severity.score
    ));
    if !detection.severity_rules.is_empty() {
        text.push('\n');
    }
    for rule in &detection.severity_rules {
        text.push_str(&format!("- {}\n", cell(rule)));
    }
    let tactics = detection.tactics.iter().map(|id| {
        let name = Tactic::ALL.iter().find(|tactic| tactic.id == *id);
        name.map_or_else(
            || (*id).to_owned(),
            |tactic| format!("{} ({id})", tactic.name),
        )
    });
    let techniques = detection
        .techniques
        .iter()
        .map(|id| format!("[{}]({})", cell(id), technique_url(id)));
    let attack: Vec<String> = tactics.chain(techniques).collect();
    paragraph(text, "ATT&CK", &attack.join(", "));
    paragraph(text, "Deduplicated by", &cell(&detection.aggregation_key));
    paragraph(text, "Remediation", &cell(&detection.remediation));
    paragraph(text, "False positives", &cell(&detection.false_positives));
    paragraph(text, "Tuning", &cell(&detection.tuning.join(" ")));
    let references: Vec<String> = detection.references.iter().map(|it| cell(it)).collect();
    paragraph(text, "References", &references.join(", "));
}

fn paragraph(text: &mut String, name: &str, value: &str) {
    if !value.is_empty() {
        text.push_str(&format!("\n**{name}:** {value}\n"));
    }
}

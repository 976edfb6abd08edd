//! The index of all finding types, `DETECTIONS.md`.

use std::collections::{BTreeMap, BTreeSet};

use super::super::attack::{Tactic, technique_url};
use super::super::{Catalog, Detection, guardduty};
use super::{anchor, cell, path_of_page};

/// Renders the index of a catalog as GitHub-flavored Markdown. It links to the page of each
/// detector.
#[must_use]
pub fn index(catalog: &Catalog) -> String {
    let detections = catalog.detections();
    let detectors: BTreeSet<&str> = detections
        .iter()
        .map(|detection| detection.detector.as_str())
        .collect();
    let mut text = format!(
        "# Detections\n\n\
         Generated from the detectors' descriptors by `make docs`. {} finding types in {} detectors;\n\
         each links to its severity rules, false positives, tuning, and remediation, which\n\
         `wardline detections show TYPE` prints as well.\n\n\
         - [Finding types](#finding-types)\n\
         - [Amazon GuardDuty](#amazon-guardduty)\n\
         - [MITRE ATT&CK](#mitre-attck)\n",
        detections.len(),
        detectors.len()
    );
    types(&mut text, detections);
    guardduty_table(&mut text, catalog);
    matrix(&mut text, detections);
    text
}

fn types(text: &mut String, detections: &[Detection]) {
    text.push_str(
        "\n## Finding types\n\n| Type | Title | Severity | Detector |\n|---|---|---|---|\n",
    );
    for detection in detections {
        text.push_str(&format!(
            "| {} | {} | {} {:.1} | [{detector}]({page}) |\n",
            link(detection),
            cell(&detection.title),
            detection.severity.label,
            detection.severity.score,
            detector = detection.detector,
            page = path_of_page(&detection.detector),
        ));
    }
}

/// Adds the coverage of Amazon GuardDuty's types.
fn guardduty_table(text: &mut String, catalog: &Catalog) {
    let is_known = |name: &str| !catalog.find(name).is_empty();
    let (known, missing): (Vec<String>, Vec<String>) = guardduty::by_condition()
        .into_iter()
        .partition(|name| is_known(name));
    text.push_str(&format!(
        "\n## Amazon GuardDuty\n\n\
         GuardDuty's EKS audit log types include {} that stand for a fixed condition (25 active, 2 \
         retired). {} of them are reported under their own names{}. GuardDuty names the tactic in four \
         families and does not publish which API call has which tactic; the table that Wardline uses is in \
         [tactic.rs](sdk/rust/src/rules/tactic.rs).\n\n\
         Eight more types compare with a learned baseline, which Wardline does not have yet. These types \
         cover part of them by a fixed condition:\n\n| GuardDuty | Wardline |\n|---|---|\n",
        known.len() + missing.len(),
        known.len(),
        if missing.is_empty() {
            String::new()
        } else {
            format!("; missing: {}", missing.join(", "))
        }
    ));
    for (anomaly, counterparts) in guardduty::ANOMALIES {
        let types: Vec<String> = counterparts
            .iter()
            .flat_map(|name| catalog.find(name))
            .map(link)
            .collect();
        text.push_str(&format!("| `{anomaly}` | {} |\n", types.join("<br>")));
    }
}

/// Adds the techniques of each tactic, with the types that detect them.
fn matrix(text: &mut String, detections: &[Detection]) {
    text.push_str(
        "\n## MITRE ATT&CK\n\n\
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
            let types: Vec<String> = found.into_iter().map(link).collect();
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

fn link(detection: &Detection) -> String {
    format!(
        "[{}]({}#{})",
        cell(&detection.finding_type),
        path_of_page(&detection.detector),
        anchor(&detection.finding_type)
    )
}

//! A finding type with its documentation.

use std::collections::BTreeMap;

use serde::Serialize;
use wardline_contract::{Descriptor, FindingType};
use wardline_event::model::Attribute;
use wardline_text::shown;

use super::attack::{self, Tactic};
use crate::Severity;

/// Maximum length of one text, in bytes.
const TEXT_BYTES: usize = 8192;

/// A finding type with its documentation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Detection {
    /// `Purpose:Resource/Family`, optionally followed by `.Mechanism` and `!Artifact`.
    #[serde(rename = "type")]
    pub finding_type: String,
    /// The detector that reports it.
    pub detector: String,
    /// The detector's version.
    pub version: String,
    /// The severity if no severity rule applies.
    pub severity: Severity,
    /// Conditions under which the severity differs.
    pub severity_rules: Vec<String>,
    /// A one-line title.
    pub title: String,
    /// A description of the observation, and the reason why it matters.
    pub description: String,
    /// ATT&CK tactic ids, as declared or else derived from the type's purpose.
    pub tactics: Vec<&'static str>,
    /// ATT&CK technique ids.
    pub techniques: Vec<String>,
    /// The fields that identify repeated occurrences.
    pub aggregation_key: String,
    /// Steps to respond to a finding.
    pub remediation: String,
    /// Legitimate activity that raises it, and how to recognize that.
    pub false_positives: String,
    /// Ways to make the detection less or more sensitive.
    pub tuning: Vec<String>,
    /// The detector's settings, which apply to all its types.
    pub settings: Vec<SettingSummary>,
    /// Sources of the detection rule.
    pub references: Vec<String>,
}

/// A setting of a detector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SettingSummary {
    /// The name in the detector's `NAME.toml`.
    pub name: String,
    /// The meaning of the setting.
    pub description: String,
}

/// The fields that identify repeated occurrences if a type declares none.
const DEFAULT_KEY: &str = "actor and resource";

impl Detection {
    fn of(descriptor: &Descriptor, known: &FindingType) -> Self {
        let text = |text: &str| shown(text, TEXT_BYTES);
        let attributes = |key: &str| -> Vec<String> {
            known
                .attributes
                .iter()
                .filter(|attribute| attribute.key == key)
                .map(|attribute| text(&attribute.value))
                .collect()
        };
        Self {
            finding_type: text(&known.name),
            detector: text(&descriptor.name),
            version: text(&descriptor.version),
            severity: Severity::new(known.severity),
            severity_rules: attributes("severity-rule"),
            title: text(&known.title),
            description: text(&known.description),
            tactics: tactics(&known.name, &known.attributes),
            techniques: known.techniques.iter().map(|id| text(id)).collect(),
            aggregation_key: attributes("aggregation-key")
                .into_iter()
                .next()
                .unwrap_or_else(|| DEFAULT_KEY.to_owned()),
            remediation: text(&known.remediation),
            false_positives: text(&known.false_positives),
            tuning: attributes("tuning"),
            settings: descriptor
                .settings
                .iter()
                .map(|setting| SettingSummary {
                    name: text(&setting.name),
                    description: text(&setting.description),
                })
                .collect(),
            references: known.references.iter().map(|it| text(it)).collect(),
        }
    }
}

/// Returns the declared tactics, or else the tactic of the type's purpose.
fn tactics(name: &str, attributes: &[Attribute]) -> Vec<&'static str> {
    let said: Vec<&'static str> = attributes
        .iter()
        .filter(|attribute| attribute.key == "tactic")
        .filter_map(|attribute| Tactic::of_id(&attribute.value))
        .map(|tactic| tactic.id)
        .collect();
    if said.is_empty() {
        let purpose = name.split(':').next().unwrap_or_default();
        return attack::Tactic::of_purpose(purpose)
            .map(|tactic| tactic.id)
            .into_iter()
            .collect();
    }
    said
}

/// All finding types of a set of detectors.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Catalog {
    detections: Vec<Detection>,
    /// The descriptions of detectors, by name.
    descriptions: BTreeMap<String, String>,
}

impl Catalog {
    /// Creates a catalog, sorted by type and detector.
    pub fn of<'d>(descriptors: impl IntoIterator<Item = &'d Descriptor>) -> Self {
        let mut detections = Vec::new();
        let mut descriptions = BTreeMap::new();
        for descriptor in descriptors {
            let types = descriptor.finding_types.iter();
            detections.extend(types.map(|known| Detection::of(descriptor, known)));
            descriptions.insert(
                shown(&descriptor.name, TEXT_BYTES),
                shown(&descriptor.description, TEXT_BYTES),
            );
        }
        detections.sort_by(|one, other| {
            (&one.finding_type, &one.detector).cmp(&(&other.finding_type, &other.detector))
        });
        Self {
            detections,
            descriptions,
        }
    }

    /// Returns what a detector says that it finds; empty if there is no such detector.
    #[must_use]
    pub fn description(&self, detector: &str) -> &str {
        self.descriptions
            .get(detector)
            .map(String::as_str)
            .unwrap_or_default()
    }

    /// All finding types, in order.
    #[must_use]
    pub fn detections(&self) -> &[Detection] {
        &self.detections
    }

    /// Finds a type by name, ignoring case; the part before the slash may be omitted.
    #[must_use]
    pub fn find(&self, name: &str) -> Vec<&Detection> {
        let exact: Vec<&Detection> = self
            .detections
            .iter()
            .filter(|detection| detection.finding_type.eq_ignore_ascii_case(name))
            .collect();
        if !exact.is_empty() {
            return exact;
        }
        self.detections
            .iter()
            .filter(|detection| {
                detection
                    .finding_type
                    .split_once('/')
                    .is_some_and(|(_, family)| family.eq_ignore_ascii_case(name))
            })
            .collect()
    }

    /// Returns the type with the most similar name, if any is similar enough.
    #[must_use]
    pub fn nearest(&self, name: &str) -> Option<&str> {
        self.detections
            .iter()
            .map(|detection| {
                let likeness = strsim::jaro_winkler(&detection.finding_type, name);
                (likeness, detection.finding_type.as_str())
            })
            .filter(|(likeness, _)| *likeness > 0.8)
            .max_by(|one, other| one.0.total_cmp(&other.0))
            .map(|(_, name)| name)
    }
}

//! One kind of finding, with all that its detector says of it.

use serde::Serialize;
use wardline_contract::{Descriptor, FindingType};
use wardline_event::model::Attribute;
use wardline_files::text::shown;

use super::attack::{self, Tactic};
use crate::Severity;

/// Bytes of one text that is repeated.
const TEXT_BYTES: usize = 8192;

/// One kind of finding.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Detection {
    /// `Purpose:Resource/Family`, with `.Mechanism` and `!Artifact` where there are any.
    #[serde(rename = "type")]
    pub finding_type: String,
    /// Who raises it.
    pub detector: String,
    /// The detector's version.
    pub version: String,
    /// What it has where no rule says otherwise.
    pub severity: Severity,
    /// When the severity is another.
    pub severity_rules: Vec<String>,
    /// One line.
    pub title: String,
    /// What happened and why it matters.
    pub description: String,
    /// ATT&CK tactic ids: what the detector says, or else that of the type's purpose.
    pub tactics: Vec<&'static str>,
    /// ATT&CK technique ids.
    pub techniques: Vec<String>,
    /// What makes two findings the same thing again.
    pub aggregation_key: String,
    /// What to do about it.
    pub remediation: String,
    /// What else raises it, and how to tell.
    pub false_positives: String,
    /// How to make it quieter or sharper.
    pub tuning: Vec<String>,
    /// Settings of the detector, for all its types.
    pub settings: Vec<SettingSummary>,
    /// Where the rule comes from.
    pub references: Vec<String>,
}

/// A setting of a detector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SettingSummary {
    /// Its name in the detector's `NAME.toml`.
    pub name: String,
    /// What it means.
    pub description: String,
}

/// What makes two findings the same thing again where the type does not say.
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

/// What the detector says, or else the tactic that the type's purpose is named for.
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

/// All that a set of detectors can find.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Catalog {
    detections: Vec<Detection>,
}

impl Catalog {
    /// Of these detectors, by type and detector.
    pub fn of<'d>(descriptors: impl IntoIterator<Item = &'d Descriptor>) -> Self {
        let mut detections: Vec<Detection> = descriptors
            .into_iter()
            .flat_map(|descriptor| {
                descriptor
                    .finding_types
                    .iter()
                    .map(|known| Detection::of(descriptor, known))
            })
            .collect();
        detections.sort_by(|one, other| {
            (&one.finding_type, &one.detector).cmp(&(&other.finding_type, &other.detector))
        });
        Self { detections }
    }

    /// All of them, in order.
    #[must_use]
    pub fn detections(&self) -> &[Detection] {
        &self.detections
    }

    /// Those of a type; in any case, and with or without what stands before the slash.
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

    /// The type whose name is most like this, if one is.
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

use wardline_check::Claim;

/// A finding that the host accepts, as an operator sees it: the parts that the finding leaves out
/// come from its type.
#[derive(Debug, Clone, PartialEq)]
pub struct RaisedFinding {
    /// One of the declared types.
    pub finding_type: String,
    /// From 1.0 to 10.0.
    pub severity: f64,
    /// One line.
    pub title: String,
    /// One or two sentences.
    pub description: String,
    /// The events that justify the finding, in the order in which it cites them: the `auditID` of
    /// audit events, the finding's id of signals, and `runtime-N` for the runtime event with the
    /// reference N.
    pub event_ids: Vec<String>,
    /// Fields and their values.
    pub evidence: Vec<(String, String)>,
    /// Empty if the resource of the first event identifies repeated occurrences.
    pub dedup_key: String,
    /// Keys and values.
    pub attributes: Vec<(String, String)>,
}

impl RaisedFinding {
    /// Returns the value of a field of the evidence: the first, if the field occurs repeatedly.
    #[must_use]
    pub fn evidence(&self, field: &str) -> Option<&str> {
        value(&self.evidence, field)
    }

    /// Returns the value of an attribute.
    #[must_use]
    pub fn attribute(&self, key: &str) -> Option<&str> {
        value(&self.attributes, key)
    }

    /// Returns `Low`, `Medium`, `High`, or `Critical` (`wit/v0.1/types.wit`, `finding`).
    #[must_use]
    pub fn severity_label(&self) -> &'static str {
        match self.severity {
            score if score < 4.0 => "Low",
            score if score < 7.0 => "Medium",
            score if score < 9.0 => "High",
            _ => "Critical",
        }
    }
}

fn value<'a>(pairs: &'a [(String, String)], key: &str) -> Option<&'a str> {
    pairs
        .iter()
        .find(|(known, _)| known == key)
        .map(|(_, value)| value.as_str())
}

impl From<Claim> for RaisedFinding {
    fn from(claim: Claim) -> Self {
        let declared = claim.declared().cloned().unwrap_or_default();
        let finding = claim.finding;
        let or = |text: String, declared: String| match text.is_empty() {
            true => declared,
            false => text,
        };
        Self {
            finding_type: finding.finding_type,
            severity: claim.severity,
            title: or(finding.title, declared.title),
            description: or(finding.description, declared.description),
            event_ids: claim
                .events
                .iter()
                .map(|(_, cited)| cited.id.as_ref().to_owned())
                .collect(),
            evidence: finding
                .evidence
                .into_iter()
                .map(|evidence| (evidence.field, evidence.value))
                .collect(),
            dedup_key: finding.dedup_key,
            attributes: finding
                .attributes
                .into_iter()
                .map(|attribute| (attribute.key, attribute.value))
                .collect(),
        }
    }
}

//! A condition, and its finding.

use jiff::Timestamp;
use wardline_event::model::Attribute;
use wardline_finding::{
    Actor, DetectorName, EventFamily, EvidenceItem, Finding, Reader, Resource, SCHEMA_VERSION,
    Severity, Status, identify,
};
use wardline_text::shown;

use crate::catalog::NAME;
use crate::kind::Kind;

/// Maximum length of a text in a finding, in bytes.
const TEXT_BYTES: usize = 4096;

/// Something that is wrong now.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// The kind.
    pub kind: Kind,
    /// The cluster that is concerned; empty if the host as a whole is.
    pub cluster: String,
    /// Tells the conditions of one kind and cluster apart, such as the name of the source. Repeated
    /// occurrences with the same subject are one finding.
    pub subject: String,
    /// The severity, at least that of the kind.
    pub severity: f64,
    /// The observation, in one sentence, which precedes the description of the kind.
    pub observed: String,
    /// Names and values that justify it.
    pub evidence: Vec<(&'static str, String)>,
    /// The actor that caused it, if one is known.
    pub actor: Option<String>,
    /// The source that is concerned, if one is.
    pub source: Option<String>,
}

impl Condition {
    /// Creates a condition with the severity of its kind.
    #[must_use]
    pub fn new(kind: Kind, subject: &str, observed: String) -> Self {
        Self {
            kind,
            cluster: String::new(),
            subject: subject.to_owned(),
            severity: kind.severity(),
            observed,
            evidence: Vec::new(),
            actor: None,
            source: None,
        }
    }

    /// Returns the condition with a cluster.
    #[must_use]
    pub fn of_cluster(mut self, cluster: &str) -> Self {
        cluster.clone_into(&mut self.cluster);
        self
    }

    /// Returns the condition with a source.
    #[must_use]
    pub fn of_source(mut self, source: &str) -> Self {
        self.source = Some(source.to_owned());
        self
    }

    /// Returns the condition with another value that justifies it.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.evidence.push((name, value.to_string()));
        self
    }

    /// Returns the condition with at least this severity.
    #[must_use]
    pub fn at_least(mut self, severity: f64) -> Self {
        self.severity = self.severity.max(severity);
        self
    }

    /// Returns one occurrence of the condition's finding, at the host's time. `version` is that of
    /// the host.
    #[must_use]
    pub fn finding(&self, version: &str, now: Timestamp) -> Finding {
        let texts = self.kind.texts();
        let text = |text: &str| shown(text, TEXT_BYTES);
        let cluster = text(&self.cluster);
        let time = format!("{now:.6}");
        Finding {
            schema_version: SCHEMA_VERSION.to_owned(),
            id: identify(&cluster, texts.name, &text(&self.subject)),
            finding_type: texts.name.to_owned(),
            severity: Severity::new(self.severity),
            title: texts.title.to_owned(),
            description: format!("{} {}", text(&self.observed), texts.description),
            cluster,
            cloud: None,
            status: Status::Active,
            suppression: None,
            count: 1,
            first_seen: time.clone(),
            last_seen: time.clone(),
            time,
            detector: DetectorName {
                name: NAME.to_owned(),
                version: version.to_owned(),
            },
            actor: Actor {
                username: self.actor.as_deref().map(text).unwrap_or_default(),
                ..Actor::default()
            },
            resource: Resource::default(),
            object: None,
            request: None,
            process: None,
            container: None,
            node: None,
            event_family: EventFamily::Host,
            event_ids: Vec::new(),
            event_ids_omitted: 0,
            evidence: self
                .evidence
                .iter()
                .map(|(name, value)| EvidenceItem {
                    event_id: String::new(),
                    field: (*name).to_owned(),
                    value: text(value),
                })
                .collect(),
            techniques: texts.techniques.iter().map(|&id| id.to_owned()).collect(),
            remediation: texts.remediation.to_owned(),
            false_positives: texts.false_positives.to_owned(),
            references: Vec::new(),
            attributes: vec![Attribute {
                key: "subject".to_owned(),
                value: text(&self.subject),
            }],
            source: Reader {
                name: self.source.as_deref().map(text).unwrap_or_default(),
                line: 0,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::Condition;
    use crate::kind::Kind;

    #[test]
    fn finding_names_the_condition() {
        let condition = Condition::new(
            Kind::NotJudged,
            "rbac-escalation/mallory",
            "rbac-escalation did not judge 12 events of mallory.".to_owned(),
        )
        .of_cluster("production")
        .with("events", 12)
        .at_least(5.0);
        let finding = condition.finding("1.2.3", Timestamp::UNIX_EPOCH);
        insta::assert_json_snapshot!(finding);
    }

    #[test]
    fn conditions_of_different_subjects_and_clusters_are_different_findings() {
        let of = |kind, subject: &str, cluster: &str| {
            Condition::new(kind, subject, String::new())
                .of_cluster(cluster)
                .finding("1.0.0", Timestamp::UNIX_EPOCH)
                .id
        };
        let ids = [
            of(Kind::SourceSilent, "audit", "a"),
            of(Kind::SourceSilent, "audit", "b"),
            of(Kind::SourceSilent, "other", "a"),
            of(Kind::SourceSilent, "", "a"),
            of(Kind::SinkFailing, "audit", "a"),
        ];
        let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len());
    }
}

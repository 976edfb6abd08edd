//! The finding types of this crate, in the form in which detectors declare theirs.

use wardline_contract::{Descriptor, FindingType};
use wardline_event::model::Attribute;

use crate::kind::Kind;
use crate::reused;

/// The name that findings of this crate have in place of a detector's. No detector may have it.
pub const NAME: &str = "host";

/// Returns a descriptor for the catalog of finding types. `version` is that of the host.
#[must_use]
pub fn descriptor(version: &str) -> Descriptor {
    Descriptor {
        name: NAME.to_owned(),
        version: version.to_owned(),
        description: "Findings of the host itself: what it cannot see, judge, or deliver (`[health]` turns them off), and what only it can see of the log.".to_owned(),
        finding_types: Kind::ALL
            .into_iter()
            .map(finding_type)
            .chain([reused::finding_type()])
            .collect(),
        ..Descriptor::default()
    }
}

fn finding_type(kind: Kind) -> FindingType {
    let texts = kind.texts();
    let attribute = |key: &str, value: &str| Attribute {
        key: key.to_owned(),
        value: value.to_owned(),
    };
    let key = match texts.key {
        "nothing else" => "cluster".to_owned(),
        key => format!("cluster, {key}"),
    };
    FindingType {
        name: texts.name.to_owned(),
        severity: texts.severity,
        title: texts.title.to_owned(),
        description: texts.description.to_owned(),
        techniques: texts.techniques.iter().map(|&id| id.to_owned()).collect(),
        remediation: texts.remediation.to_owned(),
        false_positives: texts.false_positives.to_owned(),
        references: Vec::new(),
        attributes: texts
            .rules
            .iter()
            .map(|rule| attribute("severity-rule", rule))
            .chain([
                attribute("tuning", texts.tuning),
                attribute("aggregation-key", &key),
            ])
            .collect(),
    }
}

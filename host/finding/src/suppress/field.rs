//! The fields of a finding that conditions can name.

use serde_json::Value;

use super::error::RuleError;
use super::tree::Node;

/// The type of a field's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
}

use Kind::{Number, Text};

/// All fields of a finding, as written (`finding::Finding`). `[]` stands for the elements of a
/// list; booleans count as the text `true` or `false`. `status` and `suppression` are excluded,
/// because rules determine them.
pub(super) const FIELDS: [(&str, Kind); 94] = [
    ("schema_version", Text),
    ("id", Text),
    ("type", Text),
    ("severity.label", Text),
    ("severity.score", Number),
    ("title", Text),
    ("description", Text),
    ("cluster", Text),
    ("cloud.provider", Text),
    ("cloud.account", Text),
    ("cloud.region", Text),
    ("count", Number),
    ("first_seen", Text),
    ("last_seen", Text),
    ("time", Text),
    ("detector.name", Text),
    ("detector.version", Text),
    ("actor.username", Text),
    ("actor.uid", Text),
    ("actor.groups[]", Text),
    ("actor.impersonated", Text),
    ("actor.source_ips[]", Text),
    ("actor.peer_ip", Text),
    ("actor.user_agent", Text),
    ("actor.extra[].key", Text),
    ("actor.extra[].value", Text),
    ("resource.api_group", Text),
    ("resource.resource", Text),
    ("resource.subresource", Text),
    ("resource.namespace", Text),
    ("resource.name", Text),
    ("object.workload.kind", Text),
    ("object.workload.name", Text),
    ("object.workload.uid", Text),
    ("object.workload.namespace", Text),
    ("object.workload.host_network", Text),
    ("object.workload.host_pid", Text),
    ("object.workload.host_ipc", Text),
    ("object.workload.service_account", Text),
    ("object.workload.containers[].name", Text),
    ("object.workload.containers[].image", Text),
    ("object.workload.containers[].privileged", Text),
    (
        "object.workload.containers[].allow_privilege_escalation",
        Text,
    ),
    ("object.workload.containers[].mounts[].name", Text),
    ("object.workload.containers[].mounts[].path", Text),
    ("object.workload.volumes[].name", Text),
    ("object.workload.volumes[].host_path", Text),
    ("object.binding.kind", Text),
    ("object.binding.name", Text),
    ("object.binding.uid", Text),
    ("object.binding.namespace", Text),
    ("object.binding.role_kind", Text),
    ("object.binding.role_name", Text),
    ("object.binding.subjects[]", Text),
    ("object.role.kind", Text),
    ("object.role.name", Text),
    ("object.role.uid", Text),
    ("object.role.namespace", Text),
    ("object.access_review.verb", Text),
    ("object.access_review.resource", Text),
    ("object.access_review.namespace", Text),
    ("object.access_review.allowed", Text),
    ("request.verb", Text),
    ("request.uri", Text),
    ("request.response_code", Number),
    ("process.pid", Number),
    ("process.parent_pid", Number),
    ("process.name", Text),
    ("process.executable", Text),
    ("process.executable_sha256", Text),
    ("process.arguments[]", Text),
    ("process.working_directory", Text),
    ("process.uid", Number),
    ("process.start_time", Text),
    ("container.id", Text),
    ("container.name", Text),
    ("container.image", Text),
    ("container.image_digest", Text),
    ("container.privileged", Text),
    ("node", Text),
    ("event_family", Text),
    ("event_ids[]", Text),
    ("event_ids_omitted", Number),
    ("evidence[].event_id", Text),
    ("evidence[].field", Text),
    ("evidence[].value", Text),
    ("techniques[]", Text),
    ("remediation", Text),
    ("false_positives", Text),
    ("references[]", Text),
    ("attributes[].key", Text),
    ("attributes[].value", Text),
    ("source.name", Text),
    ("source.line", Number),
];

/// A step of a path to a field.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// The member with this name.
    Member(String),
    /// All elements of a list.
    Elements,
    /// The elements of a list in which the member has this value.
    Where(String, String),
}

/// A field that a condition names, such as `actor.source_ips[]` or `attributes[key=image].value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub name: String,
    pub kind: Kind,
    steps: Vec<Step>,
}

impl Field {
    pub fn parse(node: Node<'_>) -> Result<Self, RuleError> {
        let name = node.string("field")?;
        let Some(steps) = steps(name) else {
            return Err(node.wrong(format!(
                "`{name}` is not the path of a field (write, for example, `actor.username`, `actor.groups[]`, or `attributes[key=image].value`)"
            )));
        };
        let names: Vec<&str> = FIELDS.iter().map(|(name, _)| *name).collect();
        let mut plain = String::new();
        for step in &steps {
            match step {
                Step::Member(member) => {
                    if !plain.is_empty() {
                        plain.push('.');
                    }
                    plain.push_str(member);
                }
                Step::Elements => plain.push_str("[]"),
                Step::Where(key, _) => {
                    plain.push_str("[]");
                    let members: Vec<&str> = names
                        .iter()
                        .filter_map(|name| name.strip_prefix(&plain)?.strip_prefix('.'))
                        .collect();
                    if !members.contains(&key.as_str()) {
                        let message = format!(
                            "the elements of `{plain}` have no member `{key}` ({})",
                            wardline_text::nearest(key, &members)
                        );
                        return Err(node.wrong(message));
                    }
                }
            }
        }
        FIELDS
            .iter()
            .find(|(known, _)| *known == plain)
            .map(|(_, kind)| Self {
                name: name.to_owned(),
                kind: *kind,
                steps,
            })
            .ok_or_else(|| node.wrong(unknown(&plain, &names)))
    }

    /// Returns the field's values in a finding: non-empty texts, numbers, and booleans.
    pub fn values<'v>(&self, finding: &'v Value) -> Vec<&'v Value> {
        let mut found = vec![finding];
        for step in &self.steps {
            found = found
                .into_iter()
                .flat_map(|value| step.take(value))
                .collect();
        }
        found.retain(|value| match value {
            Value::String(text) => !text.is_empty(),
            Value::Number(_) | Value::Bool(_) => true,
            _ => false,
        });
        found
    }
}

impl Step {
    fn take<'v>(&self, value: &'v Value) -> Vec<&'v Value> {
        let elements = || value.as_array().into_iter().flatten();
        match self {
            Self::Member(name) => value.get(name).into_iter().collect(),
            Self::Elements => elements().collect(),
            Self::Where(key, wanted) => elements()
                .filter(|element| element.get(key).and_then(Value::as_str) == Some(wanted))
                .collect(),
        }
    }
}

fn unknown(name: &str, names: &[&str]) -> String {
    format!(
        "a finding has no field `{name}` ({})",
        wardline_text::nearest(name, names)
    )
}

/// Parses a path into steps; returns `None` if it is invalid.
fn steps(path: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (member, behind) = rest.split_at(end);
        if member.is_empty() {
            return None;
        }
        steps.push(Step::Member(member.to_owned()));
        rest = behind;
        if let Some(inside) = rest.strip_prefix('[') {
            let (filter, behind) = inside.split_once(']')?;
            steps.push(match filter.split_once('=') {
                None if filter.is_empty() => Step::Elements,
                None => return None,
                Some((key, value)) => Step::Where(key.to_owned(), value.to_owned()),
            });
            rest = behind;
        }
        match rest.strip_prefix('.') {
            Some("") => return None,
            Some(behind) => rest = behind,
            None if rest.is_empty() => {}
            None => return None,
        }
    }
    (!steps.is_empty()).then_some(steps)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::FIELDS;
    use crate::{Finding, example};

    fn paths(value: &Value, path: &str, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    let dot = if path.is_empty() { "" } else { "." };
                    paths(member, &format!("{path}{dot}{name}"), found);
                }
            }
            Value::Array(elements) => {
                for element in elements {
                    paths(element, &format!("{path}[]"), found);
                }
            }
            Value::Number(_) => drop(found.insert(format!("{path}: number"))),
            _ => drop(found.insert(format!("{path}: text"))),
        }
    }

    /// Fails if a finding gains a field that rules do not know.
    #[test]
    fn fields_match_those_of_a_finding() {
        let mut found = BTreeSet::new();
        let with = |object| Finding {
            object: Some(object),
            ..example::full()
        };
        let findings = example::objects().map(with);
        for finding in findings.into_iter().chain([example::runtime()]) {
            paths(&serde_json::to_value(finding).unwrap(), "", &mut found);
        }
        found.retain(|path| !path.starts_with("status") && !path.starts_with("suppression"));
        let known: BTreeSet<String> = FIELDS
            .iter()
            .map(|(name, kind)| format!("{name}: {}", format!("{kind:?}").to_lowercase()))
            .collect();
        assert_eq!(known, found);
    }
}

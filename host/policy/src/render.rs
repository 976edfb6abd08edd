//! Writes a policy as a file for kube-apiserver.

use super::{GroupResources, Policy};

/// Returns the policy in YAML. Each line of `comment` becomes a comment at the top.
#[must_use]
pub fn render(policy: &Policy, comment: &str) -> String {
    let mut text = String::new();
    for line in comment.lines() {
        text.push_str(format!("# {line}").trim_end());
        text.push('\n');
    }
    text.push_str("apiVersion: audit.k8s.io/v1\nkind: Policy\n");
    if !policy.omit_stages.is_empty() {
        text.push_str(&format!("omitStages: {}\n", list(&policy.omit_stages)));
    }
    if policy.omit_managed_fields {
        text.push_str("omitManagedFields: true\n");
    }
    text.push_str("rules:\n");
    for rule in &policy.rules {
        text.push_str(&format!("- level: {}\n", rule.level.as_str()));
        for (key, values) in [
            ("users", &rule.users),
            ("userGroups", &rule.user_groups),
            ("verbs", &rule.verbs),
            ("namespaces", &rule.namespaces),
            ("nonResourceURLs", &rule.non_resource_urls),
            ("omitStages", &rule.omit_stages),
        ] {
            if !values.is_empty() {
                text.push_str(&format!("  {key}: {}\n", list(values)));
            }
        }
        if !rule.resources.is_empty() {
            text.push_str("  resources:\n");
            for resources in &rule.resources {
                group(&mut text, resources);
            }
        }
    }
    text
}

fn group(text: &mut String, resources: &GroupResources) {
    text.push_str(&format!("  - group: {}\n", quoted(&resources.group)));
    for (key, values) in [
        ("resources", &resources.resources),
        ("resourceNames", &resources.resource_names),
    ] {
        if !values.is_empty() {
            text.push_str(&format!("    {key}: {}\n", list(values)));
        }
    }
}

fn list(values: &[String]) -> String {
    let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
    format!("[{}]", values.join(", "))
}

/// Returns the text as a JSON string, which is also valid YAML, or plain if that is certainly a
/// string.
fn quoted(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '/'))
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
            .contains(&text.to_ascii_lowercase().as_str());
    if is_plain {
        return text.to_owned();
    }
    serde_json::Value::from(text).to_string()
}

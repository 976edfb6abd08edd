//! Namespaces whose names resemble those of Kubernetes
//! (<https://attack.mitre.org/techniques/T1036/005/>).

use wardline_sdk::prelude::*;
use wardline_sdk::rules::ObjectChange;
use wardline_sdk::rules::severity::MEDIUM;

use crate::report::{TUNING, report};

pub const LOOKALIKE: &str = "DefenseEvasion:Kubernetes/NamespaceMasquerade";

/// The namespaces of every cluster, except `default`, which resembles too many words.
const PROTECTED: [&str; 3] = ["kube-system", "kube-public", "kube-node-lease"];

/// Letters that look like others in common fonts.
const HOMOGLYPHS: [(&str, &str); 6] = [
    ("rn", "m"),
    ("vv", "w"),
    ("0", "o"),
    ("1", "l"),
    ("5", "s"),
    ("i", "l"),
];

/// Judges a new namespace by its name.
pub fn judge(change: &ObjectChange<'_>) -> Option<Finding> {
    let event = change.event;
    if !change.is_new || !change.requester.is_foreign() {
        return None;
    }
    let own = looks_like(event.name())?;
    let title = format!(
        "Namespace {}, which resembles {own}, was created by {}",
        event.name(),
        event.user().username()
    );
    let severity = change.severity(MEDIUM);
    Some(report(change, LOOKALIKE, severity, title).attribute("looks-like", own))
}

/// Returns the Kubernetes namespace that a name can be mistaken for.
fn looks_like(name: &str) -> Option<&'static str> {
    PROTECTED
        .into_iter()
        .find(|own| name != *own && (plain(name) == plain(own) || is_one_off(name, own)))
}

/// Returns a name without hyphens, with letters that look alike made equal.
fn plain(name: &str) -> String {
    let name = name.replace('-', "");
    HOMOGLYPHS
        .into_iter()
        .fold(name, |name, (from, to)| name.replace(from, to))
}

/// Whether two names differ by one letter that is inserted, removed, replaced, or swapped with its
/// neighbor.
fn is_one_off(name: &str, own: &str) -> bool {
    let (name, own) = (name.as_bytes(), own.as_bytes());
    let same = name.iter().zip(own).take_while(|(a, b)| a == b).count();
    let name = name.get(same..).unwrap_or_default();
    let own = own.get(same..).unwrap_or_default();
    let after = |text: &'_ [u8], count: usize| text.get(count..).unwrap_or_default().to_vec();
    match name.len().checked_sub(own.len()) {
        Some(1) => after(name, 1) == own,
        Some(0) => {
            after(name, 1) == after(own, 1)
                || (name.first() == own.get(1)
                    && name.get(1) == own.first()
                    && after(name, 2) == after(own, 2))
        }
        Some(_) => false,
        None => name == after(own, 1),
    }
}

pub fn types() -> [FindingType; 1] {
    [FindingType::new(LOOKALIKE, MEDIUM)
        .title("A namespace with a name like a Kubernetes namespace was created")
        .description(
            "The name of the namespace can be mistaken for one that holds components of the cluster. \
             Workloads in it are easily overlooked in lists, and may pass rules that match name prefixes.",
        )
        .technique("T1036.005")
        .severity_rules([ObjectChange::PACKAGED])
        .remediation("Ask the author for the purpose. Inspect the objects in the namespace, and delete it.")
        .false_positives("Mistyped commands of administrators, which leave an empty namespace.")
        .tuning(TUNING)
        .aggregated_by("actor and namespace")
        .reference("https://attack.mitre.org/techniques/T1036/005/")]
}

#[cfg(test)]
mod tests {
    use super::looks_like;

    #[test]
    fn near_misses_of_protected_names_are_found() {
        for (name, expected) in [
            ("kube-systern", Some("kube-system")),
            ("kube-systen", Some("kube-system")),
            ("kube-sytsem", Some("kube-system")),
            ("kube-systems", Some("kube-system")),
            ("kubesystem", Some("kube-system")),
            ("kube-syste", Some("kube-system")),
            ("kube-pub1ic", Some("kube-public")),
            ("kube-system", None),
            ("kube-public", None),
            ("kube-flannel", None),
            ("kube-monitoring", None),
            ("cert-manager", None),
            ("system", None),
            ("", None),
        ] {
            assert_eq!(looks_like(name), expected, "{name}");
        }
    }
}

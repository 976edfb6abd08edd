//! Namespaces whose names look like those of Kubernetes
//! (<https://attack.mitre.org/techniques/T1036/005/>).

use wardline_sdk::prelude::*;
use wardline_sdk::rules::ObjectChange;

use crate::report::{ROUTINE, TUNING, report};

pub const LOOKALIKE: &str = "DefenseEvasion:Kubernetes/NamespaceMasquerade";

/// The namespaces that every cluster has, but `default`, which many a word is near to.
const OWN: [&str; 3] = ["kube-system", "kube-public", "kube-node-lease"];

/// Letters that look like others in common fonts, with what they look like.
const LOOKS: [(&str, &str); 6] = [
    ("rn", "m"),
    ("vv", "w"),
    ("0", "o"),
    ("1", "l"),
    ("5", "s"),
    ("i", "l"),
];

/// The finding of a namespace that is made with such a name.
pub fn judge(change: &ObjectChange<'_>) -> Option<Finding> {
    let event = change.event;
    if !change.is_new || !change.requester.is_foreign() {
        return None;
    }
    let own = looks_like(event.name())?;
    let title = format!(
        "{} made the namespace {}, which looks like {own}",
        event.user().username(),
        event.name()
    );
    let severity = change.severity(5.0);
    Some(report(change, LOOKALIKE, severity, title).attribute("looks-like", own))
}

/// The namespace that a name can be taken for.
fn looks_like(name: &str) -> Option<&'static str> {
    OWN.into_iter()
        .find(|own| name != *own && (plain(name) == plain(own) || is_one_off(name, own)))
}

/// A name as it is seen: without hyphens, and with letters that look alike made the same.
fn plain(name: &str) -> String {
    let name = name.replace('-', "");
    LOOKS
        .into_iter()
        .fold(name, |name, (from, to)| name.replace(from, to))
}

/// Whether two names differ by one letter that is more, less, other, or has changed its place
/// with its neighbour.
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
    [FindingType::new(LOOKALIKE, 5.0)
        .title("A namespace looks like one of Kubernetes")
        .description(
            "The name of the namespace can be taken for that of one which holds the cluster's own parts. \
             What runs there is overlooked by who reads lists, and by rules for names that begin alike.",
        )
        .technique("T1036.005")
        .severity_rule(ROUTINE)
        .remediation("Ask who made it what it is for. Look at what was made in it, and delete it.")
        .false_positives("Misspelt commands of administrators, which end with an empty namespace.")
        .tuning(TUNING)
        .aggregated_by("actor and namespace")
        .reference("https://attack.mitre.org/techniques/T1036/005/")]
}

#[cfg(test)]
mod tests {
    use super::looks_like;

    #[test]
    fn names_that_are_taken_for_others() {
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

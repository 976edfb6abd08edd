//! The types of findings.

use wardline_sdk::FindingType;

/// A person created an object.
pub const CREATED: &str = "Policy:Kubernetes/ObjectCreated";
/// A person deleted an object.
pub const DELETED: &str = "Policy:Kubernetes/ObjectDeleted";
/// A namespace that is on no list was created or deleted.
pub const UNEXPECTED_NAMESPACE: &str = "Policy:Kubernetes/UnexpectedNamespace";

/// All of them.
pub fn all() -> [FindingType; 3] {
    [
        trail(CREATED, "A person created an object").technique("T1098"),
        trail(DELETED, "A person deleted an object").technique("T1485"),
        FindingType::new(UNEXPECTED_NAMESPACE, 2.0)
            .title("A namespace that nobody expects was created or deleted")
            .description("The namespace is not one of those that the operator's list allows.")
            .technique("T1078")
            .attribute("tactic", "TA0003")
            .remediation("Ask who made it, and put its name on the list or delete it.")
            .false_positives("Namespaces for previews and tests: give their prefix.")
            .tuning("`namespaces`; empty turns it off")
            .aggregated_by("actor and namespace")
            .reference(
                "https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/",
            ),
    ]
}

fn trail(name: &str, title: &str) -> FindingType {
    FindingType::new(name, 1.0)
        .title(title)
        .description("Informational: nothing is wrong with it by itself.")
        .attribute("tactic", "TA0003")
        .remediation("Nothing, if the change was meant.")
        .false_positives(
            "Every change by people; service accounts and the control plane are left out.",
        )
        .tuning("`kinds` says of what; empty turns it off. `trusted-users` of whom not")
        .aggregated_by("actor, resource, namespace and name")
        .reference("https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/")
}

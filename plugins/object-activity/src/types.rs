//! Finding types.

use wardline_sdk::FindingType;

/// A person created an object.
pub const CREATED: &str = "Policy:Kubernetes/ObjectCreated";
/// A person deleted an object.
pub const DELETED: &str = "Policy:Kubernetes/ObjectDeleted";
/// A namespace outside the `namespaces` setting was created or deleted.
pub const UNEXPECTED_NAMESPACE: &str = "Policy:Kubernetes/UnexpectedNamespace";

/// Returns all finding types of the detector.
pub fn all() -> [FindingType; 3] {
    [
        activity(CREATED, "An object was created by a person").technique("T1098"),
        activity(DELETED, "An object was deleted by a person").technique("T1485"),
        FindingType::new(UNEXPECTED_NAMESPACE, 2.0)
            .title("An unexpected namespace was created or deleted")
            .description("A namespace that is not in `namespaces` was created or deleted. Attackers create namespaces to \
                 keep their workloads out of sight.")
            .technique("T1078")
            .attribute("tactic", "TA0003")
            .remediation("Ask its author for the reason. Add its name to `namespaces`, or delete it.")
            .false_positives("Namespaces for previews and tests, which usually share a prefix.")
            .tuning("Add the name or its prefix with `*` to `namespaces`; empty it to turn this type off.")
            .aggregated_by("actor and namespace")
            .reference(
                "https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/",
            ),
    ]
}

fn activity(name: &str, title: &str) -> FindingType {
    FindingType::new(name, 1.0)
        .title(title)
        .description("A person changed an object of a kind that the operator selected in `kinds`. Informational: the \
             change alone is not suspicious.")
        .attribute("tactic", "TA0003")
        .remediation("Ask the actor whether the change was intended; if it was not, revert it.")
        .false_positives(
            "Every legitimate change by a person. Service accounts and the control plane are not reported.",
        )
        .tuning("Remove the resource from `kinds`, or add the user to `trusted-users`.")
        .aggregated_by("actor, resource, namespace, and name")
        .reference("https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/")
}

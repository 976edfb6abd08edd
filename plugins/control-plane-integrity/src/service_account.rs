//! Service accounts that receive secrets or cloud identities.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::LOW;
use wardline_sdk::rules::{ObjectChange, Requester, namespace};
use wardline_sdk::view::{ObjectFacts, ServiceAccountFacts};

use crate::report::{TUNING, Weakness, weaknesses};

pub const MODIFIED: &str = "Persistence:Kubernetes/ServiceAccountModified";

const CLOUD_IDENTITY: SeverityRule = SeverityRule::new(
    4.5,
    "a cloud identity was attached in a namespace of the cluster's own components, or to `default`",
);

/// Annotations that give pods of the account an identity in a cloud: EKS
/// (<https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html>), GKE
/// (<https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity>), AKS
/// (<https://learn.microsoft.com/en-us/azure/aks/workload-identity-overview>).
const CLOUD_IDENTITIES: [&str; 3] = [
    "eks.amazonaws.com/role-arn",
    "iam.gke.io/gcp-service-account",
    "azure.workload.identity/client-id",
];

/// Judges a change to a service account.
pub fn judge(change: &ObjectChange<'_>) -> Option<Finding> {
    let event = change.event;
    // Deployment tools and Kubernetes operators maintain the accounts that they created.
    if change.is_new || change.requester != Requester::Person {
        return None;
    }
    let is_sensitive = namespace::is_sensitive(event.namespace());
    let mut found = Vec::new();
    let has_pull_secrets = |object: ObjectFacts<'_>| {
        account(object).is_some_and(|account| !account.image_pull_secrets().is_empty())
    };
    if event.verb() == "patch"
        && let Some((object, path)) = change.object(has_pull_secrets, "imagePullSecrets")
        && let Some(account) = account(object)
    {
        found.push(Weakness::new(
            format!("{path}.imagePullSecrets"),
            account.image_pull_secrets().join(", "),
            "an image pull secret was attached",
            LOW,
        ));
    }
    let has_secrets = |object: ObjectFacts<'_>| {
        account(object).is_some_and(|account| !account.secrets().is_empty())
    };
    if event.verb() == "patch"
        && let Some((object, path)) = change.object(has_secrets, "secrets")
        && let Some(account) = account(object)
    {
        found.push(Weakness::new(
            format!("{path}.secrets"),
            account.secrets().join(", "),
            "a secret was attached",
            LOW,
        ));
    }
    let is_cloud = |object: ObjectFacts<'_>| {
        CLOUD_IDENTITIES
            .iter()
            .any(|key| object.annotations().has(key))
    };
    if event.verb() == "patch"
        && let Some((object, path)) = change.object(is_cloud, "metadata/annotations")
    {
        for key in CLOUD_IDENTITIES {
            if let Some(value) = object.annotations().get(key) {
                found.push(Weakness::new(
                    format!("{path}.metadata.annotations[{key}]"),
                    value,
                    format!("cloud identity {value} was attached"),
                    if is_sensitive || event.name() == "default" {
                        CLOUD_IDENTITY.severity
                    } else {
                        LOW
                    },
                ));
            }
        }
    }
    let object = format!("Service account {}/{}", event.namespace(), event.name());
    weaknesses(change, MODIFIED, &object, found, |severity| {
        change.severity(severity)
    })
}

fn account(object: ObjectFacts<'_>) -> Option<ServiceAccountFacts<'_>> {
    match object.facts() {
        Facts::ServiceAccount(account) => Some(account),
        _ => None,
    }
}

pub fn types() -> [FindingType; 1] {
    [FindingType::new(MODIFIED, LOW)
        .title("A service account was given a secret or cloud identity")
        .description(
            "A person attached a secret, an image pull secret, or a cloud identity to an existing service \
             account. Every new pod of the account receives it; pods that name no account use `default`.",
        )
        .technique("T1098")
        .severity_rules([CLOUD_IDENTITY, ObjectChange::PACKAGED])
        .remediation(
            "Ask the author for the reason. Remove the reference from the account, and restart pods that \
             were created since then.",
        )
        .false_positives("Private registries, which are often configured on `default` this way.")
        .tuning(TUNING)
        .aggregated_by("actor and service account")
        .reference("https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/")]
}

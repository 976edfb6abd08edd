//! Service accounts that are given more than they had.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::{ObjectChange, Requester, namespace};
use wardline_sdk::view::{ObjectFacts, ServiceAccountFacts};

use crate::report::{LOW, TUNING, Weakness, weaknesses};

pub const MODIFIED: &str = "Persistence:Kubernetes/ServiceAccountModified";

/// Annotations by which pods of the account act as somebody in a cloud: EKS
/// (<https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html>), GKE
/// (<https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity>), AKS
/// (<https://learn.microsoft.com/en-us/azure/aks/workload-identity-overview>).
const CLOUD_IDENTITIES: [&str; 3] = [
    "eks.amazonaws.com/role-arn",
    "iam.gke.io/gcp-service-account",
    "azure.workload.identity/client-id",
];

/// The finding of a change to a service account, if any.
pub fn judge(change: &ObjectChange<'_>) -> Option<Finding> {
    let event = change.event;
    // Deployers and operators keep the accounts that they made.
    if change.is_new || change.requester != Requester::Person || change.installer.is_some() {
        return None;
    }
    let is_sensitive = namespace::is_sensitive(event.namespace());
    let mut found = Vec::new();
    let has_pull_secrets = |object: ObjectFacts<'_>| {
        account(object).is_some_and(|account| !account.image_pull_secrets().is_empty())
    };
    if event.verb() == "patch"
        && let Some((object, place)) = change.object(has_pull_secrets, "imagePullSecrets")
        && let Some(account) = account(object)
    {
        found.push(Weakness::new(
            format!("{place}.imagePullSecrets"),
            account.image_pull_secrets().join(", "),
            "its pods pull images with another secret",
            LOW,
        ));
    }
    let has_secrets = |object: ObjectFacts<'_>| {
        account(object).is_some_and(|account| !account.secrets().is_empty())
    };
    if event.verb() == "patch"
        && let Some((object, place)) = change.object(has_secrets, "secrets")
        && let Some(account) = account(object)
    {
        found.push(Weakness::new(
            format!("{place}.secrets"),
            account.secrets().join(", "),
            "it has another secret",
            LOW,
        ));
    }
    let is_cloud = |object: ObjectFacts<'_>| {
        CLOUD_IDENTITIES
            .iter()
            .any(|key| object.annotations().has(key))
    };
    if event.verb() == "patch"
        && let Some((object, place)) = change.object(is_cloud, "metadata/annotations")
    {
        for key in CLOUD_IDENTITIES {
            if let Some(value) = object.annotations().get(key) {
                found.push(Weakness::new(
                    format!("{place}.metadata.annotations[{key}]"),
                    value,
                    format!("its pods act as {value} in the cloud"),
                    if is_sensitive || event.name() == "default" {
                        4.5
                    } else {
                        LOW
                    },
                ));
            }
        }
    }
    let what = format!("the service account {}/{}", event.namespace(), event.name());
    weaknesses(change, MODIFIED, &what, found, |severity| severity)
}

fn account(object: ObjectFacts<'_>) -> Option<ServiceAccountFacts<'_>> {
    match object.facts() {
        Facts::ServiceAccount(account) => Some(account),
        _ => None,
    }
}

pub fn types() -> [FindingType; 1] {
    [FindingType::new(MODIFIED, 3.0)
        .title("A service account was given more")
        .description(
            "A person attached a secret, a secret for pulling images, or an identity of the cloud to a \
             service account that was there: its pods have it from now on, `default` being every pod \
             that names no other.",
        )
        .technique("T1098")
        .severity_rule("4.5 for an identity of the cloud in a namespace of the cluster's own, or on `default`")
        .remediation(
            "Ask who did it. Take the reference off the account, and restart the pods that were made \
             since.",
        )
        .false_positives("Private registries are often set up for `default` this way.")
        .tuning(TUNING)
        .aggregated_by("actor and service account")
        .reference("https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/")]
}

//! ConfigMaps on which authentication and joining a cluster stand.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::{ObjectChange, Requester};
use wardline_sdk::view::ObjectFacts;

use crate::memory::Memory;
use crate::report::{LOW, TUNING, Weakness, report, weaknesses};

pub const MODIFIED: &str = "Persistence:Kubernetes/AwsAuthModified";

/// The ConfigMaps: who of AWS IAM is who in the cluster (EKS), what nodes are configured
/// with (kubeadm), whom new nodes trust (`kube-public/cluster-info`), and whom extension API
/// servers trust.
pub const NAMES: [&str; 6] = [
    "aws-auth",
    "kubeadm-config",
    "kubelet-config*",
    "kube-proxy",
    "cluster-info",
    "extension-apiserver-authentication",
];

/// The finding of a change to one of them, if any.
pub fn judge(change: &ObjectChange<'_>, memory: Memory) -> Result<Option<Finding>, DetectError> {
    let event = change.event;
    if event.name() == "aws-auth" {
        return aws_auth(change, memory);
    }
    let who = match change.requester {
        Requester::ControlPlane => return Ok(None),
        // The bootstrap signer and kubeadm's nodes do so at their own work.
        Requester::Platform => return Ok(None),
        who => who,
    };
    let severity = match (event.name(), event.verb(), change.is_new) {
        ("extension-apiserver-authentication", _, _) => 6.0,
        ("cluster-info", _, false) => 4.5,
        // `kubeadm init` and `kubeadm upgrade` are run by administrators.
        _ => LOW,
    };
    if severity <= LOW && who == Requester::Person && change.is_new {
        return Ok(None);
    }
    let title = format!(
        "{} changed ({}) {}/{}, on which the cluster's trust stands",
        event.user().username(),
        event.verb(),
        event.namespace(),
        event.name()
    );
    Ok(Some(report(change, MODIFIED, severity, title)))
}

fn aws_auth(change: &ObjectChange<'_>, memory: Memory) -> Result<Option<Finding>, DetectError> {
    let event = change.event;
    let before = memory.before(event)?;
    let change = &change.compared(before.is_some());
    let after = event
        .resulting()
        .or_else(|| event.requested().filter(|object| !object.partial()))
        .map(data);
    if let Some(after) = &after {
        memory.set(event, after)?;
    }
    // EKS itself adds the roles of its node groups.
    if !change.requester.is_foreign() {
        return Ok(None);
    }
    if event.verb() == "delete" || change.is_unseen() {
        let title = format!(
            "{} changed ({}) kube-system/aws-auth, which says who of AWS IAM is who in the cluster",
            event.user().username(),
            event.verb()
        );
        return Ok(Some(report(change, MODIFIED, 4.5, title)));
    }
    let tells = |object: ObjectFacts<'_>| !data(object).is_empty();
    let Some((object, place)) = change.object(tells, "data") else {
        return Ok(None);
    };
    let before = before.unwrap_or_default();
    let now = data(object);
    if now == before {
        return Ok(None);
    }
    let new: Vec<&str> = now
        .lines()
        .filter(|line| !before.lines().any(|old| old == *line))
        .collect();
    let holds = |word: &str| new.iter().any(|line| line.contains(word));
    let (severity, says) = if holds("system:masters") {
        (6.5, "somebody of AWS IAM administers the cluster")
    } else if holds("groups") && !is_only_nodes(&new) {
        (5.0, "somebody of AWS IAM is in other groups of the cluster")
    } else {
        (LOW, "the roles of nodes are others")
    };
    let found = vec![Weakness::new(
        format!("{place}.data"),
        new.join("\n"),
        says,
        severity,
    )];
    let rate = |severity| change.severity(severity);
    Ok(weaknesses(
        change,
        MODIFIED,
        "kube-system/aws-auth",
        found,
        rate,
    ))
}

/// Whether all groups that are named are those of nodes
/// (<https://docs.aws.amazon.com/eks/latest/userguide/auth-configmap.html>).
fn is_only_nodes(lines: &[&str]) -> bool {
    let text = lines.join("\n");
    let names = text
        .split(|end: char| !(end.is_ascii_alphanumeric() || matches!(end, ':' | '-' | '_' | '.')))
        .filter(|word| word.starts_with("system:"));
    let mut any = false;
    for name in names {
        any = true;
        if !matches!(
            name,
            "system:bootstrappers" | "system:nodes" | "system:node-proxier"
        ) && !name.starts_with("system:node:")
        {
            return false;
        }
    }
    any
}

fn data(object: ObjectFacts<'_>) -> String {
    let Facts::ConfigMap(map) = object.facts() else {
        return String::new();
    };
    let values: Vec<&str> = map.data().map(|pair| pair.value()).collect();
    values.join("\n")
}

pub fn types() -> [FindingType; 1] {
    [FindingType::new(MODIFIED, 5.0)
        .title("What authentication stands on was changed")
        .description(
            "A ConfigMap that says who is who (aws-auth), whom nodes and extension API servers trust, or \
             what nodes are configured with, was changed by somebody who is not the control plane.",
        )
        .technique("T1098")
        .technique("T1556")
        .severity_rule("aws-auth: 6.5 if it now names system:masters; 5.0 for other groups; 3.0 for those of nodes; 4.5 if it was deleted or the log does not have it (level Metadata)")
        .severity_rule("6.0 for extension-apiserver-authentication; 4.5 for cluster-info")
        .severity_rule("3.0 for kubeadm-config, kubelet-config and kube-proxy")
        .severity_rule("3.0 if the object carries the labels of a package")
        .remediation(
            "Compare it with what is kept in version control, put it back, and look at what the new \
             identities did. On EKS move to access entries, which are changed through AWS IAM.",
        )
        .false_positives("eksctl, Terraform and kubeadm upgrades, run with a person's credential.")
        .tuning(TUNING)
        .aggregated_by("actor and ConfigMap")
        .attribute("covers", "A63")
        .reference("https://docs.aws.amazon.com/eks/latest/userguide/auth-configmap.html")
        .reference("https://kubernetes.io/docs/reference/setup-tools/kubeadm/implementation-details/")]
}

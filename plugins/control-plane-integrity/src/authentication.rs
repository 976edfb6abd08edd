//! ConfigMaps that define authentication and how nodes join the cluster.

use std::collections::BTreeSet;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::{LOW, MEDIUM};
use wardline_sdk::rules::{ObjectChange, Requester};
use wardline_sdk::text;
use wardline_sdk::view::ObjectFacts;

use crate::memory::Memory;
use crate::report::{TUNING, Weakness, report, title, weaknesses};

pub const MODIFIED: &str = "Persistence:Kubernetes/AwsAuthModified";
pub const CONFIG: &str = "Persistence:Kubernetes/ClusterConfigModified";

const MASTERS: SeverityRule = SeverityRule::new(6.5, "a new line names `system:masters`");
const GROUPS: SeverityRule =
    SeverityRule::new(MEDIUM, "new lines name other groups than those of nodes");
const DELETED: SeverityRule = SeverityRule::new(4.5, "it was deleted");
const UNSEEN: SeverityRule =
    SeverityRule::new(4.5, "the log does not have the content (level Metadata)");
const NODES: SeverityRule = SeverityRule::new(LOW, "no new line names such a group");

const EXTENSION_TRUST: SeverityRule =
    SeverityRule::new(6.0, "it is extension-apiserver-authentication");
const OPENED: SeverityRule = SeverityRule::new(
    MEDIUM,
    "it grants access to everyone: anonymous authentication, AlwaysAllow, the kubelet's read-only \
     port, or static pods from a URL",
);
const CLUSTER_INFO: SeverityRule = SeverityRule::new(4.5, "it is an existing cluster-info");
const OTHER_MAP: SeverityRule = SeverityRule::new(
    LOW,
    "it is kubeadm-config, kubelet-config, kube-proxy, or a new cluster-info",
);

const AWS_AUTH: &str = "ConfigMap kube-system/aws-auth";

/// Settings of kubelets and API servers that grant access to everyone, each with its effect. They
/// are written as YAML (`KubeletConfiguration`, `extraArgs` of kubeadm) or as flags, and compared
/// without blanks and quotes.
const OPEN: [(&str, &str); 9] = [
    (
        "anonymous:\nenabled:true",
        "kubelets accept anonymous requests",
    ),
    ("mode:AlwaysAllow", "all requests are authorized"),
    (
        "authorization-mode:AlwaysAllow",
        "all requests are authorized",
    ),
    (
        "authorization-mode\nvalue:AlwaysAllow",
        "all requests are authorized",
    ),
    (
        "authorization-mode=AlwaysAllow",
        "all requests are authorized",
    ),
    (
        "anonymous-auth:true",
        "the API server accepts anonymous requests",
    ),
    (
        "anonymous-auth\nvalue:true",
        "the API server accepts anonymous requests",
    ),
    ("readOnlyPort:10255", "kubelets open the read-only port"),
    ("staticPodURL:", "kubelets load static pods from a URL"),
];

/// The ConfigMaps that map AWS IAM identities to users (EKS), configure nodes (kubeadm), and define
/// the trust of new nodes (`kube-public/cluster-info`) and of extension API servers.
pub const NAMES: [&str; 6] = [
    "aws-auth",
    "kubeadm-config",
    "kubelet-config*",
    "kube-proxy",
    "cluster-info",
    "extension-apiserver-authentication",
];

/// Judges a change to one of the ConfigMaps in [`NAMES`].
pub fn judge(change: &ObjectChange<'_>, memory: Memory) -> Result<Option<Finding>, DetectError> {
    let event = change.event;
    if event.name() == "aws-auth" {
        return aws_auth(change, memory);
    }
    let requester = match change.requester {
        Requester::ControlPlane => return Ok(None),
        // The bootstrap signer and nodes that kubeadm joins.
        Requester::Platform => return Ok(None),
        requester => requester,
    };
    // A label or an annotation configures nothing.
    if change.is_only_metadata() {
        return Ok(None);
    }
    let has_data = |object: ObjectFacts<'_>| !data(object).is_empty();
    let opened = change
        .object(has_data, "data")
        .map(|(object, path)| (opened(&data(object)), path))
        .filter(|(opened, _)| !opened.is_empty());
    let severity = match (event.name(), event.verb(), change.is_new) {
        ("extension-apiserver-authentication", _, _) => EXTENSION_TRUST,
        _ if opened.is_some() => OPENED,
        ("cluster-info", _, false) => CLUSTER_INFO,
        // `kubeadm init` and `kubeadm upgrade` are run by administrators.
        _ => OTHER_MAP,
    };
    if severity == OTHER_MAP && requester == Requester::Person && change.is_new {
        return Ok(None);
    }
    let object = format!("ConfigMap {}/{}", event.namespace(), event.name());
    let title = title(change, &object);
    let Some((opened, path)) = opened else {
        return Ok(Some(report(change, CONFIG, severity, title)));
    };
    let mut effects: Vec<&str> = opened.iter().map(|(_, effect)| *effect).collect();
    effects.dedup();
    let finding = report(
        change,
        CONFIG,
        severity,
        format!("{title}: {}", effects.join("; ")),
    );
    let settings: Vec<String> = opened
        .iter()
        .map(|(setting, _)| setting.replace('\n', " "))
        .collect();
    Ok(Some(finding.evidence(
        event,
        format!("{path}.data"),
        settings.join(", "),
    )))
}

/// Returns the settings of [`OPEN`] in a configuration, each with its effect.
fn opened(text: &str) -> Vec<(&'static str, &'static str)> {
    let lines: Vec<String> = text
        .lines()
        .map(|line| line.replace([' ', '\t', '"', '\''], ""))
        .collect();
    let bare = lines.join("\n");
    OPEN.into_iter()
        .filter(|(setting, _)| text::contains(&bare, setting))
        .collect()
}

fn aws_auth(change: &ObjectChange<'_>, memory: Memory) -> Result<Option<Finding>, DetectError> {
    let event = change.event;
    let before = memory.before(event)?;
    let change = &change.with_known_previous(before.is_some());
    let after = event
        .resulting()
        .or_else(|| event.requested().filter(|object| !object.partial()))
        .map(data);
    if let Some(after) = &after {
        memory.set(event, after)?;
    }
    // EKS adds the roles of its node groups.
    if !change.requester.is_foreign() {
        return Ok(None);
    }
    if event.verb() == "delete" || change.is_unseen() {
        let (severity, note) = match event.verb() {
            "delete" => (DELETED, ""),
            _ => (UNSEEN, " (content not logged)"),
        };
        let title = format!("{}{note}", title(change, AWS_AUTH));
        return Ok(Some(report(change, MODIFIED, severity, title)));
    }
    let has_data = |object: ObjectFacts<'_>| !data(object).is_empty();
    let Some((object, path)) = change.object(has_data, "data") else {
        return Ok(None);
    };
    let before = before.unwrap_or_default();
    let now = data(object);
    if now == before {
        return Ok(None);
    }
    let old: BTreeSet<&str> = before.lines().collect();
    let new: Vec<&str> = now.lines().filter(|line| !old.contains(line)).collect();
    let holds = |word: &str| new.iter().any(|line| line.contains(word));
    let (severity, summary) = if holds("system:masters") {
        (MASTERS, "IAM identities became cluster administrators")
    } else if holds("groups") && !is_only_nodes(&new) {
        (GROUPS, "IAM identities were added to groups")
    } else {
        (NODES, "node role mappings were changed")
    };
    let found = vec![Weakness::new(
        format!("{path}.data"),
        new.join("\n"),
        summary,
        severity,
    )];
    let rate = |severity| change.severity(severity);
    Ok(weaknesses(change, MODIFIED, AWS_AUTH, found, rate))
}

/// Whether the lines name groups of nodes only
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

pub fn types() -> [FindingType; 2] {
    [aws_auth_type(), config_type()]
}

fn aws_auth_type() -> FindingType {
    FindingType::new(MODIFIED, MEDIUM)
        .title("The aws-auth ConfigMap (IAM to RBAC mapping) was modified")
        .description(
            "The ConfigMap aws-auth, which maps AWS IAM identities to users and groups of the cluster, was \
             changed by an identity other than EKS. Attackers add their own IAM identity to keep access.",
        )
        .technique("T1098")
        .technique("T1556")
        .severity_rules([
            MASTERS,
            GROUPS,
            DELETED,
            UNSEEN,
            NODES,
            ObjectChange::PACKAGED,
            ObjectChange::RESENT,
        ])
        .remediation(
            "Compare it with the version in source control and restore that. Search the audit log for \
             requests of the new identities. Move to access entries, which are changed through AWS IAM.",
        )
        .false_positives("eksctl and Terraform that run with a person's credential.")
        .tuning(TUNING)
        .aggregated_by("actor and ConfigMap")
        .reference("https://docs.aws.amazon.com/eks/latest/userguide/auth-configmap.html")
}

fn config_type() -> FindingType {
    FindingType::new(CONFIG, MEDIUM)
        .title("A ConfigMap that defines cluster trust was modified")
        .description(
            "A ConfigMap that defines the trust of nodes and extension API servers, or the configuration of \
             nodes and the control plane, was changed by an identity other than the control plane. Nodes \
             that join and the next upgrade apply the change.",
        )
        .technique("T1098")
        .technique("T1556")
        .technique("T1562.001")
        .severity_rules([EXTENSION_TRUST, OPENED, CLUSTER_INFO, OTHER_MAP])
        .remediation(
            "Compare it with the version in source control and restore that. Inspect the nodes that joined \
             or were upgraded since then.",
        )
        .false_positives("kubeadm upgrades that run with a person's credential.")
        .tuning(TUNING)
        .aggregated_by("actor and ConfigMap")
        .reference("https://kubernetes.io/docs/reference/setup-tools/kubeadm/implementation-details/")
        .reference("https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/")
}

#[cfg(test)]
mod tests {
    use super::opened;

    #[test]
    fn settings_that_grant_access_to_everyone_are_found() {
        for (text, count) in [
            ("authentication:\n  anonymous:\n    enabled: true\n", 1),
            (
                "authentication:\n  anonymous:\n    enabled: false\n  webhook:\n    enabled: true\n",
                0,
            ),
            (
                "authorization:\n  mode: AlwaysAllow\nreadOnlyPort: 10255\n",
                2,
            ),
            ("extraArgs:\n- name: anonymous-auth\n  value: \"true\"\n", 1),
            ("extraArgs:\n  authorization-mode: Node,RBAC\n", 0),
            ("readOnlyPort: 0\n", 0),
        ] {
            assert_eq!(opened(text).len(), count, "{text}");
        }
    }
}

//! ConfigMaps on which authentication and joining a cluster stand.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::{ObjectChange, Requester};
use wardline_sdk::text;
use wardline_sdk::view::ObjectFacts;

use crate::memory::Memory;
use crate::report::{LOW, TUNING, Weakness, report, weaknesses};

pub const MODIFIED: &str = "Persistence:Kubernetes/AwsAuthModified";
pub const CONFIG: &str = "Persistence:Kubernetes/ClusterConfigModified";

/// Settings of kubelets and API servers with which everybody gets in, each with what it means.
/// In YAML (`KubeletConfiguration`, `extraArgs` of kubeadm) or as flags; compared without blanks
/// and quotes.
const OPEN: [(&str, &str); 9] = [
    ("anonymous:\nenabled:true", "kubelets answer everybody"),
    ("mode:AlwaysAllow", "everybody may do everything"),
    (
        "authorization-mode:AlwaysAllow",
        "everybody may do everything",
    ),
    (
        "authorization-mode\nvalue:AlwaysAllow",
        "everybody may do everything",
    ),
    (
        "authorization-mode=AlwaysAllow",
        "everybody may do everything",
    ),
    ("anonymous-auth:true", "the API server answers everybody"),
    (
        "anonymous-auth\nvalue:true",
        "the API server answers everybody",
    ),
    ("readOnlyPort:10255", "kubelets tell everybody what runs"),
    ("staticPodURL:", "kubelets run what a server tells them"),
];

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
    let tells = |object: ObjectFacts<'_>| !data(object).is_empty();
    let opened = change
        .object(tells, "data")
        .map(|(object, place)| (opened(&data(object)), place))
        .filter(|(opened, _)| !opened.is_empty());
    let severity = match (event.name(), event.verb(), change.is_new) {
        ("extension-apiserver-authentication", _, _) => 6.0,
        _ if opened.is_some() => 5.0,
        ("cluster-info", _, false) => 4.5,
        // `kubeadm init` and `kubeadm upgrade` are run by administrators.
        _ => LOW,
    };
    if severity <= LOW && who == Requester::Person && change.is_new {
        return Ok(None);
    }
    let what = format!(
        "{} changed ({}) {}/{}",
        event.user().username(),
        event.verb(),
        event.namespace(),
        event.name()
    );
    let Some((opened, place)) = opened else {
        let title = format!("{what}, on which the cluster's trust stands");
        return Ok(Some(report(change, CONFIG, severity, title)));
    };
    let mut says: Vec<&str> = opened.iter().map(|(_, says)| *says).collect();
    says.dedup();
    let finding = report(
        change,
        CONFIG,
        severity,
        format!("{what}: {}", says.join("; ")),
    );
    let settings: Vec<String> = opened
        .iter()
        .map(|(setting, _)| setting.replace('\n', " "))
        .collect();
    Ok(Some(finding.evidence(
        event,
        format!("{place}.data"),
        settings.join(", "),
    )))
}

/// The settings in a configuration with which everybody gets in.
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

pub fn types() -> [FindingType; 2] {
    [aws_auth_type(), config_type()]
}

fn aws_auth_type() -> FindingType {
    FindingType::new(MODIFIED, 5.0)
        .title("Who of AWS IAM is who in the cluster was changed")
        .description(
            "The ConfigMap aws-auth, which says who of AWS IAM is who in the cluster, was changed by \
             somebody who is not EKS.",
        )
        .technique("T1098")
        .technique("T1556")
        .severity_rule("6.5 if it now names system:masters; 5.0 for other groups; 3.0 for those of nodes; 4.5 if it was deleted or the log does not have it (level Metadata)")
        .severity_rule("3.0 if the object carries the labels of a package")
        .remediation(
            "Compare it with what is kept in version control, put it back, and look at what the new \
             identities did. Move to access entries, which are changed through AWS IAM.",
        )
        .false_positives("eksctl and Terraform, run with a person's credential.")
        .tuning(TUNING)
        .aggregated_by("actor and ConfigMap")
        .reference("https://docs.aws.amazon.com/eks/latest/userguide/auth-configmap.html")
}

fn config_type() -> FindingType {
    FindingType::new(CONFIG, 5.0)
        .title("What the cluster's trust stands on was changed")
        .description(
            "A ConfigMap that says whom nodes and extension API servers trust, or what nodes and the \
             control plane are configured with, was changed by somebody who is not the control plane. Nodes \
             that join, and the next upgrade, take it over.",
        )
        .technique("T1098")
        .technique("T1556")
        .technique("T1562.001")
        .severity_rule("6.0 for extension-apiserver-authentication; 4.5 for cluster-info")
        .severity_rule("5.0 if it lets everybody in: anonymous authentication, AlwaysAllow, the kubelet's read-only port, static pods from a URL")
        .severity_rule("3.0 for other changes of kubeadm-config, kubelet-config and kube-proxy")
        .remediation(
            "Compare it with what is kept in version control and put it back. Look at the nodes that joined \
             or were upgraded since.",
        )
        .false_positives("kubeadm upgrades, run with a person's credential.")
        .tuning(TUNING)
        .aggregated_by("actor and ConfigMap")
        .reference("https://kubernetes.io/docs/reference/setup-tools/kubeadm/implementation-details/")
        .reference("https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/")
}

#[cfg(test)]
mod tests {
    use super::opened;

    #[test]
    fn settings_that_let_everybody_in() {
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

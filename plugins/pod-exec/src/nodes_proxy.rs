//! Requests to the kubelet's own API, through `nodes/proxy`.
//!
//! They pass by the rights that are asked for a pod's exec and logs, by admission, and by what
//! the audit log says about a pod (kubernetes/kubernetes, `pkg/kubelet/server/server.go`).
//! Monitoring reads metrics this way; hardly anything else should be.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::outcome;

use crate::settings::Tuning;

const ESCALATION: &str = "PrivilegeEscalation:Kubernetes/NodesProxy";
const DISCOVERY: &str = "Discovery:Kubernetes/NodesProxy";

/// What a path of the kubelet's API is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    /// Runs or connects to something in a pod, or copies its memory.
    Control,
    /// Tells every pod of the node with its environment, or how the kubelet is set up.
    Configuration,
    /// Logs of containers and of the node.
    Logs,
    /// Numbers and health.
    Monitoring,
}

fn of_path(path: &str) -> Use {
    let path = path.split('?').next().unwrap_or_default();
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    match segments.next().unwrap_or_default() {
        "exec" | "run" | "attach" | "portForward" | "cri" | "checkpoint" => Use::Control,
        "pods" | "runningpods" | "configz" => Use::Configuration,
        "logs" | "containerLogs" => Use::Logs,
        "debug" => Use::Configuration,
        _ => Use::Monitoring,
    }
}

pub fn judge(
    event: AuditEvent<'_>,
    tuning: &Tuning,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let path = event
        .connect()
        .map(|connect| connect.path())
        .unwrap_or_default();
    let of = of_path(path);
    if tuning.trusts(event, "") || (event.denied() && of != Use::Control) {
        return Ok(());
    }
    let is_robot = event.actor().service_account().is_some();
    let first = path.split('?').next().unwrap_or_default();
    let first = first
        .split('/')
        .find(|segment| !segment.is_empty())
        .unwrap_or_default();
    let (finding_type, severity) = match (of, is_robot) {
        (Use::Control, _) => (ESCALATION, 7.5),
        // Administrators read how a kubelet is set up by it, as the documentation tells.
        (Use::Configuration, false) if event.user().is_master() => (ESCALATION, 3.0),
        // Agents that watch pods: the first time is news.
        (Use::Configuration, true) if first == "pods" => (DISCOVERY, 3.0),
        (Use::Configuration, _) => (ESCALATION, 5.0),
        (Use::Logs, true) => (DISCOVERY, 5.0),
        (Use::Logs, false) => (DISCOVERY, 3.0),
        (Use::Monitoring, true) => return Ok(()),
        (Use::Monitoring, false) => (DISCOVERY, 2.0),
    };
    if severity <= outcome::ATTEMPT && !tuning.is_news(event, finding_type, first)? {
        return Ok(());
    }
    let username = event.user().username();
    findings.raise(
        Finding::new(finding_type)
            .on(event)
            .field(&event, AuditField::RequestUri)
            .field(&event, AuditField::Code)
            .field(&event, AuditField::Username)
            .severity(outcome::severity(event, severity))
            .dedup_key(format!("{username}/{first}"))
            .title(format!(
                "{username} {}{} through the kubelet of {}",
                match outcome::attempted(event) {
                    "" => "asked for /",
                    _ => "asked in vain for /",
                },
                first,
                event.name()
            )),
    );
    Ok(())
}

pub fn escalation_type() -> FindingType {
    FindingType::new(ESCALATION, 7.5)
        .title("The kubelet's API was used through nodes/proxy")
        .description(
            "`nodes/proxy` lets one run commands in every pod of a node and read what each was started \
             with, with no rights for those pods, no admission, and no word of them in the audit log. A \
             GET is enough to run a command by a WebSocket.",
        )
        .technique("T1609")
        .technique("T1611")
        .remediation(
            "Ask the user whether this was intended. If not, revoke the credentials, and treat the pods of \
             the node as taken over. Remove `nodes/proxy` from roles; monitoring needs `nodes/metrics` and \
             `nodes/stats` only (KEP-2862).",
        )
        .false_positives(
            "Administrators who read a kubelet's configuration by `kubectl get --raw .../proxy/configz`.",
        )
        .severity_rule("7.5 if a command is run, a stream opened, or a container checkpointed")
        .severity_rule("5.0 if pods or the kubelet's configuration are read")
        .severity_rule("3.0 if a member of system:masters reads them")
        .severity_rule("at most 3.0 if the request was refused or failed")
        .tuning("Add administrators of nodes to `trusted-users`.")
        .aggregated_by("actor and first part of the kubelet's path")
        .reference("https://kubernetes.io/docs/reference/access-authn-authz/kubelet-authn-authz/")
        .reference("https://kubernetes.io/docs/concepts/security/rbac-good-practices/#access-to-proxy-subresource-of-nodes")
        .reference("https://github.com/kubernetes/enhancements/tree/master/keps/sig-node/2862-fine-grained-kubelet-authz")
}

pub fn discovery_type() -> FindingType {
    FindingType::new(DISCOVERY, 5.0)
        .title("A kubelet was read through nodes/proxy")
        .description(
            "The kubelet tells the logs of every container and of the node, and all pods with their \
             environment, to whoever may use `nodes/proxy`. Tools such as kubeletctl look there first.",
        )
        .technique("T1613")
        .technique("T1552.007")
        .remediation(
            "Find out whether the program that uses the account must read this. If not, revoke its \
             token, and give the account `nodes/metrics`, `nodes/stats` and `nodes/log` instead of \
             `nodes/proxy` (KEP-2862).",
        )
        .false_positives(
            "Agents of monitoring that read pods through the API server; administrators who read node \
             logs. Metrics, statistics and health that a service account reads are not reported.",
        )
        .severity_rule("5.0 if a service account reads logs")
        .severity_rule("3.0 if a person reads logs, or a service account pods, once in `remember` or `remember-robots`")
        .severity_rule("2.0 if a person reads metrics or health")
        .severity_rule("at most 3.0 if the request failed")
        .tuning("Add agents of monitoring to `trusted-users`.")
        .aggregated_by("actor and first part of the kubelet's path")
        .reference("https://kubernetes.io/docs/concepts/security/rbac-good-practices/#access-to-proxy-subresource-of-nodes")
        .reference("https://github.com/cyberark/kubeletctl")
}

#[cfg(test)]
mod tests {
    use super::{Use, of_path};

    #[test]
    fn what_paths_of_a_kubelet_are_good_for() {
        for (path, expected) in [
            ("/exec/shop/web/app?command=id", Use::Control),
            ("//run/shop/web/app", Use::Control),
            ("/checkpoint/shop/web/app", Use::Control),
            ("/pods", Use::Configuration),
            ("/runningpods/", Use::Configuration),
            ("/debug/pprof/", Use::Configuration),
            ("/logs/audit/", Use::Logs),
            ("/containerLogs/shop/web/app", Use::Logs),
            ("/metrics/cadvisor", Use::Monitoring),
            ("/stats/summary", Use::Monitoring),
            ("", Use::Monitoring),
        ] {
            assert_eq!(of_path(path), expected, "{path}");
        }
    }
}

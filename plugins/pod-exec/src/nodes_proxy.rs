//! Requests to the kubelet's own API through `nodes/proxy`.
//!
//! They bypass the permissions for a pod's exec and logs, bypass admission, and leave no audit
//! event that names the pod (kubernetes/kubernetes, `pkg/kubelet/server/server.go`). Monitoring
//! reads metrics this way; hardly any other use is legitimate.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::Requester;
use wardline_sdk::rules::outcome::{self, ATTEMPTED};
use wardline_sdk::rules::severity::{LOW, MEDIUM};

use crate::settings::Tuning;

const ESCALATION: &str = "PrivilegeEscalation:Kubernetes/NodesProxy";
const DISCOVERY: &str = "Discovery:Kubernetes/NodesProxy";

// The rules of `ESCALATION`.
const CONTROL: SeverityRule = SeverityRule::new(
    7.5,
    "a command is run, a stream opened, or a container checkpointed",
);
const CONFIGURATION: SeverityRule = SeverityRule::new(
    MEDIUM,
    "pods, the kubelet's configuration, or its debug endpoints are read",
);
const BY_MASTER: SeverityRule = SeverityRule::new(
    LOW,
    "a member of system:masters that is not a service account reads them; once per path within \
     `remember`",
);

// The rules of `DISCOVERY`.
const LOGS: SeverityRule = SeverityRule::new(MEDIUM, "a service account reads logs");
const LOGS_BY_PERSON: SeverityRule =
    SeverityRule::new(LOW, "a person reads logs, once within `remember`");
const PODS: SeverityRule = SeverityRule::new(
    LOW,
    "a service account lists pods with its own program, once within `remember-robots`",
);
const MONITORING: SeverityRule = SeverityRule::new(
    2.0,
    "a person reads metrics or health, or a service account with a tool such as curl; once within \
     `remember`",
);

/// The purpose of a path of the kubelet's API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// Runs a command in a pod, connects to one, or checkpoints its memory.
    Control,
    /// Lists every pod of the node with its environment, or shows the kubelet's configuration.
    Configuration,
    /// Logs of containers and of the node.
    Logs,
    /// Metrics and health.
    Monitoring,
}

fn purpose(path: &str) -> Purpose {
    let path = path.split('?').next().unwrap_or_default();
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    match segments.next().unwrap_or_default() {
        "exec" | "run" | "attach" | "portForward" | "cri" | "checkpoint" => Purpose::Control,
        "pods" | "runningpods" | "configz" => Purpose::Configuration,
        "logs" | "containerLogs" => Purpose::Logs,
        "debug" => Purpose::Configuration,
        _ => Purpose::Monitoring,
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
    let purpose = purpose(path);
    if tuning.trusts(event, "") || (event.denied() && purpose != Purpose::Control) {
        return Ok(());
    }
    let is_service_account = event.actor().is_service_account();
    let is_program = Requester::is_program(event);
    let first = path.split('?').next().unwrap_or_default();
    let first = first
        .split('/')
        .find(|segment| !segment.is_empty())
        .unwrap_or_default();
    let (finding_type, rule) = match (purpose, is_service_account) {
        (Purpose::Control, _) => (ESCALATION, CONTROL),
        // Administrators read a kubelet's configuration this way, as documented
        // (https://kubernetes.io/docs/tasks/administer-cluster/kubelet-config-file/).
        (Purpose::Configuration, false) if event.user().is_master() => (ESCALATION, BY_MASTER),
        // Monitoring agents list pods: only the first time is reported.
        (Purpose::Configuration, true) if first == "pods" && is_program => (DISCOVERY, PODS),
        (Purpose::Configuration, _) => (ESCALATION, CONFIGURATION),
        (Purpose::Logs, true) => (DISCOVERY, LOGS),
        (Purpose::Logs, false) => (DISCOVERY, LOGS_BY_PERSON),
        (Purpose::Monitoring, true) if is_program => return Ok(()),
        (Purpose::Monitoring, _) => (DISCOVERY, MONITORING),
    };
    let severity = outcome::severity(event, rule);
    if rule.severity <= outcome::ATTEMPT && !tuning.is_news(event, finding_type, first, severity)? {
        return Ok(());
    }
    let username = event.user().username();
    findings.raise(
        Finding::new(finding_type)
            .on(event)
            .field(&event, AuditField::RequestUri)
            .field(&event, AuditField::Code)
            .field(&event, AuditField::Username)
            .severity(severity)
            .dedup_key(format!("{username}/{first}"))
            .title(format!(
                "{} kubelet API /{first} of {} by {username}",
                match outcome::attempted(event) {
                    "" => "Request to",
                    _ => "Failed request to",
                },
                event.name()
            )),
    );
    Ok(())
}

pub fn escalation_type() -> FindingType {
    FindingType::new(ESCALATION, CONTROL.severity)
        .title("The kubelet API was used through nodes/proxy")
        .description(
            "`nodes/proxy` allows a user to run commands in every pod of a node and to read their \
             environment, without permissions on those pods, without admission, and without an \
             audit event that names them. Over a WebSocket, a GET is enough to run a command.",
        )
        .technique("T1609")
        .technique("T1611")
        .remediation(
            "Ask the user whether this was intended. If not, revoke the credentials and treat the \
             pods of the node as compromised. Remove `nodes/proxy` from roles: monitoring needs \
             only `nodes/metrics` and `nodes/stats` (KEP-2862).",
        )
        .false_positives(
            "Administrators who read a kubelet's configuration with `kubectl get --raw \
             .../proxy/configz`.",
        )
        .severity_rules([CONTROL, CONFIGURATION, BY_MASTER, ATTEMPTED])
        .tuning("Add node administrators to `trusted-users`.")
        .aggregated_by("actor and first segment of the kubelet's path")
        .reference("https://kubernetes.io/docs/reference/access-authn-authz/kubelet-authn-authz/")
        .reference("https://kubernetes.io/docs/concepts/security/rbac-good-practices/#access-to-proxy-subresource-of-nodes")
        .reference("https://github.com/kubernetes/enhancements/tree/master/keps/sig-node/2862-fine-grained-kubelet-authz")
}

pub fn discovery_type() -> FindingType {
    FindingType::new(DISCOVERY, MEDIUM)
        .title("A kubelet was read through nodes/proxy")
        .description(
            "`nodes/proxy` gives access to the logs of the node and of every container on it, and \
             to all pods with their environment. Tools such as kubeletctl look there first.",
        )
        .technique("T1613")
        .technique("T1552.007")
        .remediation(
            "Find out whether the program that uses the account needs this access. If not, revoke \
             its token, and grant the account `nodes/metrics`, `nodes/stats`, and `nodes/log` \
             instead of `nodes/proxy` (KEP-2862).",
        )
        .false_positives(
            "Monitoring agents that list pods through the API server, and administrators who read \
             node logs. Metrics, statistics, and health that a service account reads are not \
             reported.",
        )
        .severity_rules([LOGS, LOGS_BY_PERSON, PODS, MONITORING, ATTEMPTED])
        .tuning("Add monitoring agents to `trusted-users`.")
        .aggregated_by("actor and first segment of the kubelet's path")
        .reference("https://kubernetes.io/docs/concepts/security/rbac-good-practices/#access-to-proxy-subresource-of-nodes")
        .reference("https://github.com/cyberark/kubeletctl")
}

#[cfg(test)]
mod tests {
    use super::{Purpose, purpose};

    #[test]
    fn kubelet_paths_have_a_purpose() {
        for (path, expected) in [
            ("/exec/shop/web/app?command=id", Purpose::Control),
            ("//run/shop/web/app", Purpose::Control),
            ("/checkpoint/shop/web/app", Purpose::Control),
            ("/pods", Purpose::Configuration),
            ("/runningpods/", Purpose::Configuration),
            ("/debug/pprof/", Purpose::Configuration),
            ("/logs/audit/", Purpose::Logs),
            ("/containerLogs/shop/web/app", Purpose::Logs),
            ("/metrics/cadvisor", Purpose::Monitoring),
            ("/stats/summary", Purpose::Monitoring),
            ("", Purpose::Monitoring),
        ] {
            assert_eq!(purpose(path), expected, "{path}");
        }
    }
}

//! Connections that are forwarded into pods.
//!
//! Developers forward ports all day, to databases too. Except for some WebSocket clients, the
//! audit log does not contain the ports, so only the pod is judged.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::namespace::is_sensitive;
use wardline_sdk::rules::severity::{LOW, MEDIUM};

use crate::pods::{is_control_plane, is_database, workload};
use crate::settings::Tuning;

const FORWARD: &str = "LateralMovement:Kubernetes/PortForward";

/// The severity of a connection that developers open all day.
const ORDINARY: f64 = 2.0;
const CONTROL_PLANE: SeverityRule =
    SeverityRule::new(MEDIUM, "the pod is a control-plane component, such as etcd");
const CRITICAL_POD: SeverityRule = SeverityRule::new(
    3.5,
    "the pod stores data or is in a namespace that holds cluster components",
);
const BY_SERVICE_ACCOUNT: SeverityRule = SeverityRule::new(LOW, "the user is a service account");

pub fn judge(
    event: AuditEvent<'_>,
    tuning: &Tuning,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let (namespace, pod) = (event.namespace(), event.name());
    if !event.succeeded() || tuning.trusts(event, namespace) {
        return Ok(());
    }
    let severity = if is_control_plane(namespace, pod) {
        CONTROL_PLANE.severity
    } else if is_sensitive(namespace) || is_database(pod) {
        CRITICAL_POD.severity
    } else if event.actor().is_service_account() {
        BY_SERVICE_ACCOUNT.severity
    } else {
        ORDINARY
    };
    let member = format!("{namespace}/{}", workload(pod));
    if !tuning.is_news(event, FORWARD, &member, severity)? {
        return Ok(());
    }
    let username = event.user().username();
    findings.raise(
        Finding::new(FORWARD)
            .on(event)
            .field(&event, AuditField::RequestUri)
            .field(&event, AuditField::Code)
            .severity(severity)
            .dedup_key(format!("{username}/{member}"))
            .title(format!(
                "A connection was forwarded to pod {namespace}/{pod} by {username}"
            )),
    );
    Ok(())
}

pub fn finding_type() -> FindingType {
    FindingType::new(FORWARD, ORDINARY)
        .title("A connection was forwarded to a pod")
        .description(
            "A connection was opened through the API server and the kubelet to a port of the pod. \
             It bypasses network policies and also reaches services that listen only on the pod's \
             loopback address.",
        )
        .technique("T1090")
        .technique("T1572")
        .remediation(
            "If the user should not reach this pod, remove `create pods/portforward` from the \
             user's roles. If the connection was not intended, revoke the user's credentials and \
             search the pod's own log for it.",
        )
        .false_positives("Developers and administrators who inspect a service that is not exposed.")
        .severity_rules([CONTROL_PLANE, CRITICAL_POD, BY_SERVICE_ACCOUNT])
        .tuning(
            "Add users to `trusted-users` or namespaces to `trusted-namespaces`, or raise \
             `remember`.",
        )
        .aggregated_by("actor, namespace, and workload")
        .reference("https://attack.mitre.org/techniques/T1090/")
        .reference("https://kubernetes.io/docs/reference/kubectl/generated/kubectl_port-forward/")
}

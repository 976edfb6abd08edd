//! Connections that are forwarded into pods.
//!
//! Developers forward ports all day, to databases too. Except for some WebSocket clients, the
//! audit log does not contain the ports, so only the pod is judged.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::namespace::is_sensitive;

use crate::pods::{is_control_plane, is_database, workload};
use crate::settings::Tuning;

const FORWARD: &str = "LateralMovement:Kubernetes/PortForward";

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
        5.0
    } else if is_sensitive(namespace) || is_database(pod) {
        3.5
    } else if event.actor().service_account().is_some() {
        3.0
    } else {
        2.0
    };
    let member = format!("{namespace}/{}", workload(pod));
    if !tuning.is_news(event, FORWARD, &member)? {
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
                "Connection forwarded to pod {namespace}/{pod} by {username}"
            )),
    );
    Ok(())
}

pub fn finding_type() -> FindingType {
    FindingType::new(FORWARD, 2.0)
        .title("Connection forwarded to a pod")
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
        .severity_rule("5.0 if the pod is a control-plane component, such as etcd")
        .severity_rule(
            "3.5 if the pod stores data or is in a namespace that holds cluster components",
        )
        .severity_rule("3.0 if the user is a service account")
        .tuning(
            "Add users to `trusted-users` or namespaces to `trusted-namespaces`, or raise \
             `remember`.",
        )
        .aggregated_by("actor, namespace, and workload")
        .reference("https://attack.mitre.org/techniques/T1090/")
        .reference("https://kubernetes.io/docs/reference/kubectl/generated/kubectl_port-forward/")
}

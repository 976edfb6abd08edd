//! Connections that are forwarded into pods.
//!
//! Developers do so all day, to databases too. The ports are not in the log (but for some
//! WebSocket clients), so that the pod is all there is to judge by.

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
                "{username} forwarded a connection to the pod {namespace}/{pod}"
            )),
    );
    Ok(())
}

pub fn finding_type() -> FindingType {
    FindingType::new(FORWARD, 2.0)
        .title("A connection was forwarded into a pod")
        .description(
            "A connection goes through the API server and the kubelet to a port of the pod, past network \
             policies, and reaches what listens on the pod's loopback address too.",
        )
        .technique("T1090")
        .technique("T1572")
        .remediation(
            "If the user should not reach this pod, take `create pods/portforward` from them. If it was \
             not intended, revoke the user's credentials and look at what the pod's own log says about \
             the connection.",
        )
        .false_positives("Developers and administrators who look at a service that is not published.")
        .severity_rule("5.0 if the pod is a part of the control plane, such as etcd")
        .severity_rule("3.5 if the pod keeps data or is in a namespace of the cluster's own parts")
        .severity_rule("3.0 if a service account asks")
        .tuning("Add users to `trusted-users` or namespaces to `trusted-namespaces`; `remember` says how long the same is one finding.")
        .aggregated_by("actor, namespace and workload")
        .reference("https://attack.mitre.org/techniques/T1090/")
        .reference("https://kubernetes.io/docs/reference/kubectl/generated/kubectl_port-forward/")
}

//! Commands, streams, and debuggers that reach into running pods and nodes.
//!
//! One request to run a command is judged once per theme: its location (`kube-system`, a pod with
//! power over its node), its content (a reverse shell, credentials, files), and its user. A
//! command that none of these reports is reported as a plain exec: Low, once a day per user and
//! namespace. A command reaches a pod in one of two ways: through the pod's `exec` subresource, or
//! through the kubelet's own API behind `nodes/proxy`, which does not name the pod in `objectRef`.

mod command;
mod copy;
mod ephemeral;
mod kube_system;
mod node_debug;
mod nodes_proxy;
mod plain;
mod pods;
mod port_forward;
mod privileged;
mod service_proxy;
mod settings;
mod stream;
mod subscriptions;

#[cfg(test)]
mod tests;

use settings::Tuning;
use stream::{Stream, Way};
use wardline_sdk::prelude::*;

/// The detector.
pub struct PodExec {
    tuning: Tuning,
}

impl Detector for PodExec {
    fn describe() -> Descriptor {
        let descriptor = Descriptor::new("pod-exec", env!("CARGO_PKG_VERSION"))
            .description(
                "Detects commands run in pods, copied files, forwarded connections, debuggers, \
                 and requests through the API server to kubelets, pods, and services.",
            )
            .remembers(["pods"]);
        let descriptor = subscriptions::add(settings::add(descriptor));
        [
            kube_system::finding_type(),
            privileged::finding_type(),
            command::suspicious_type(),
            command::file_type(),
            command::metadata_type(),
            copy::finding_type(),
            plain::exec_type(),
            plain::shell_type(),
            plain::service_account_type(),
            port_forward::finding_type(),
            ephemeral::finding_type(),
            nodes_proxy::escalation_type(),
            nodes_proxy::discovery_type(),
            service_proxy::finding_type(),
            node_debug::finding_type(),
        ]
        .into_iter()
        .fold(descriptor, Descriptor::finding)
    }

    fn configure(settings: &Settings) -> Result<Self, String> {
        Ok(Self {
            tuning: Tuning::from_settings(settings)?,
        })
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let Some(object) = event.object() else {
            return Ok(());
        };
        let tuning = &self.tuning;
        match (object.resource(), object.subresource()) {
            ("pods", "portforward") => return port_forward::judge(event, tuning, findings),
            ("pods" | "services", "proxy") => return service_proxy::judge(event, tuning, findings),
            ("pods", "ephemeralcontainers") => ephemeral::judge(event, tuning, findings),
            ("pods", "") => node_debug::judge(event, tuning, findings),
            ("nodes", "proxy") => nodes_proxy::judge(event, tuning, findings)?,
            _ => {}
        }
        match Stream::from_event(event) {
            Some(stream) => judge_stream(&stream, tuning, findings),
            None => Ok(()),
        }
    }
}

fn judge_stream(
    stream: &Stream<'_>,
    tuning: &Tuning,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let signs = stream.commands().signs();
    // `nodes_proxy` has already reported a command through the kubelet.
    let mut stands_out = stream.way == Way::Kubelet;
    stands_out |= command::judge(stream, &signs, tuning, findings);
    if !stream.event.succeeded() || tuning.trusts(stream.event, stream.namespace) {
        return Ok(());
    }
    stands_out |= kube_system::judge(stream, findings);
    stands_out |= privileged::judge(stream, findings);
    stands_out |= copy::judge(stream, &signs, tuning, findings)?;
    plain::judge(stream, &signs, stands_out, tuning, findings)
}

wardline_sdk::detector!(PodExec);

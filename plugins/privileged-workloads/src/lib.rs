//! Workloads whose containers are privileged, or have a sensitive directory of their
//! node.
//!
//! Judged is who asks for it, once: the pods that a controller makes of a workload are
//! the workload's, and an object that is sent again as it was is no news. The types
//! are Amazon GuardDuty's (retired there on 29 May 2026 in favour of a learned baseline).

mod container;
mod host_path;

use std::time::Duration;

use container::{Danger, privileged, sensitive_mounts};
use wardline_sdk::prelude::*;
use wardline_sdk::rules::Change;
use wardline_sdk::rules::image::repository;
use wardline_sdk::state;

const PRIVILEGED: &str = "PrivilegeEscalation:Kubernetes/PrivilegedContainer";
const SENSITIVE_MOUNT: &str = "Persistence:Kubernetes/ContainerWithSensitiveMount";

/// Where the object may have been so before the log began.
const MAY_BE_OLD: f64 = 3.0;

/// The detector.
pub struct PrivilegedWorkloads {
    remember: Duration,
    trusted_images: Vec<String>,
}

impl Detector for PrivilegedWorkloads {
    fn describe() -> Descriptor {
        Descriptor::new("privileged-workloads", env!("CARGO_PKG_VERSION"))
            .description(
                "Finds workloads with privileged containers or with sensitive directories of the node.",
            )
            .audit(
                AuditSubscription::new()
                    .verbs(["create", "update", "patch"])
                    .api_groups(["", "apps", "batch"])
                    .resources([
                        "pods",
                        "pods/ephemeralcontainers",
                        "podtemplates",
                        "replicationcontrollers",
                        "deployments",
                        "daemonsets",
                        "statefulsets",
                        "replicasets",
                        "jobs",
                        "cronjobs",
                    ])
                    .outcomes(["success"]),
            )
            .remembers(["pods", "workloads"])
            .setting(
                "remember",
                "How long an account that makes such pods of an image in a namespace is known to do so.",
                Duration::from_secs(30 * 24 * 3600),
            )
            .setting(
                "trusted-images",
                "Beginnings of images that are never reported, such as `registry.example.com/platform/`.",
                &[] as &[&str],
            )
            .finding(privileged_type())
            .finding(sensitive_mount_type())
    }

    fn configure(settings: &Settings) -> Result<Self, String> {
        Ok(Self {
            remember: settings.duration("remember")?,
            trusted_images: settings.texts("trusted-images")?.to_vec(),
        })
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        if event.user().is_control_plane() || is_static_pod(event) {
            return Ok(());
        }
        let Some(change) = Change::of(event) else {
            return Ok(());
        };
        let (workload, place) = (change.workload, &change.place);
        self.raise(
            PRIVILEGED,
            "a privileged container",
            &change,
            privileged(workload, place, change.before()),
            findings,
        )?;
        self.raise(
            SENSITIVE_MOUNT,
            "a sensitive directory of the node",
            &change,
            sensitive_mounts(workload, place, change.before()),
            findings,
        )
    }
}

impl PrivilegedWorkloads {
    fn raise(
        &self,
        kind: &str,
        what: &str,
        change: &Change<'_>,
        mut dangers: Vec<Danger<'_>>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        dangers.retain(|danger| {
            let image = danger.container.image();
            !self
                .trusted_images
                .iter()
                .any(|trusted| image.starts_with(trusted))
        });
        if dangers.is_empty() || self.is_known(kind, change, &dangers)? {
            return Ok(());
        }
        let event = change.event;
        let images: Vec<&str> = dangers
            .iter()
            .map(|danger| danger.container.image())
            .filter(|image| !image.is_empty())
            .collect();
        let severity = dangers
            .iter()
            .map(|danger| danger.severity)
            .fold(1.0, f64::max);
        let severity = if change.may_be_old {
            severity.min(MAY_BE_OLD)
        } else {
            severity
        };
        let title = format!(
            "{} {} {}/{} ({}) with {what}",
            event.user().username(),
            if event.verb() == "create" {
                "created"
            } else {
                "changed"
            },
            event.namespace(),
            event.name(),
            event.resource(),
        );
        findings.raise(
            Finding::new(kind)
                .on(event)
                .evidence_if_any(
                    event,
                    dangers
                        .iter()
                        .map(|danger| (danger.field.clone(), danger.value.clone())),
                )
                .map(|finding| {
                    finding
                        .severity(severity)
                        .title(title)
                        .attribute("images", images.join(", "))
                }),
        );
        Ok(())
    }

    /// Build robots make privileged pods all day, each with a name of its own: the
    /// first is news, the next like it are not.
    fn is_known(
        &self,
        kind: &str,
        change: &Change<'_>,
        dangers: &[Danger<'_>],
    ) -> Result<bool, DetectError> {
        if !change.event.resource_is("pods", "") || change.event.verb() != "create" {
            return Ok(false);
        }
        let known = state::actor(change.event).key(kind);
        let mut all_known = true;
        for danger in dangers {
            let member = format!(
                "{}\u{1f}{}\u{1f}{}",
                change.event.namespace(),
                repository(danger.container.image()),
                // Of mounts: another directory is news.
                danger.value
            );
            // Every one must be marked as seen.
            all_known &= !known.first_seen(&member, self.remember)?;
        }
        Ok(all_known)
    }
}

/// A kubelet shows the API server the pods that it runs from its own disk; those of a
/// control plane have its files. The object makes nothing run.
fn is_static_pod(event: AuditEvent<'_>) -> bool {
    const CONTROL_PLANE: [&str; 4] = [
        "etcd",
        "kube-apiserver",
        "kube-controller-manager",
        "kube-scheduler",
    ];
    let (Some(node), Some(pod)) = (event.user().node(), event.object_facts()) else {
        return false;
    };
    pod.annotations().has("kubernetes.io/config.mirror")
        && event.namespace() == "kube-system"
        && pod
            .name()
            .strip_suffix(node)
            .and_then(|name| name.strip_suffix('-'))
            .is_some_and(|name| CONTROL_PLANE.contains(&name))
}

fn privileged_type() -> FindingType {
    FindingType::new(PRIVILEGED, 5.0)
        .title("A privileged container was asked for")
        .description(
            "A privileged container has every capability and every device of its node: whoever controls \
             it controls the node.",
        )
        .technique("T1610")
        .technique("T1611")
        .remediation(
            "Ask who made the workload whether it needs this. If not, delete it, look at what ran in it \
             and on its node, and revoke the credentials of who made it. Let Pod Security Admission \
             (`baseline`) keep such pods to the namespaces that need them.",
        )
        .false_positives(
            "Network, storage, security and monitoring agents when they are installed; build robots that \
             run a container engine. Set `trusted-images` for those of your platform.",
        )
        .reference("https://kubernetes.io/docs/concepts/security/pod-security-standards/")
        .reference("https://attack.mitre.org/techniques/T1611/")
}

fn sensitive_mount_type() -> FindingType {
    FindingType::new(SENSITIVE_MOUNT, 5.0)
        .title("A container has a sensitive directory of its node")
        .description(
            "The container sees files of its node that hold credentials, or that make programs run: it \
             can take over the node, and stay after the pod is gone.",
        )
        .technique("T1610")
        .technique("T1611")
        .technique("T1552.001")
        .remediation(
            "Ask who made the workload whether it needs this directory, and whether it must write. If \
             not, delete it, check the files on the nodes where it ran, rotate the credentials that it \
             could read, and forbid `hostPath` with Pod Security Admission (`baseline`).",
        )
        .false_positives(
            "Agents that watch nodes mount them for reading, and are rated Low; storage drivers and \
             installers of network plugins write. Set `trusted-images` for those of your platform.",
        )
        .reference("https://kubernetes.io/docs/concepts/storage/volumes/#hostpath")
        .reference("https://attack.mitre.org/techniques/T1611/")
}

wardline_sdk::detector!(PrivilegedWorkloads);

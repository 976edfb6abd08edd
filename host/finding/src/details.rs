//! Details of the object that a request acted on, as other finding formats need them.

use serde::{Deserialize, Serialize};
use wardline_event::model::{
    AccessReview, AuditEvent, BindingFacts, Container, Facts, ObjectFacts, Workload,
};
use wardline_text::shown;

/// Maximum length of one text, in bytes.
const TEXT_BYTES: usize = 1024;
/// Maximum number of containers, volumes, mounts, and subjects in a finding; an object may have
/// thousands.
const MAX_ITEMS: usize = 32;

/// The object of the main event: its state after the request if the log contains it, and the
/// requested state otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Details {
    /// An object that creates pods, or a pod.
    Workload(WorkloadDetails),
    /// A RoleBinding or ClusterRoleBinding.
    Binding(BindingDetails),
    /// A Role or ClusterRole.
    Role(ObjectName),
    /// An access review.
    AccessReview(ReviewDetails),
}

/// The identity of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ObjectName {
    /// The kind, such as `Deployment`.
    pub kind: String,
    /// The name.
    pub name: String,
    /// The UID; empty if none has been assigned yet.
    pub uid: String,
    /// The namespace; empty for cluster-scoped objects.
    pub namespace: String,
}

/// A workload.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct WorkloadDetails {
    /// The object's identity.
    #[serde(flatten)]
    pub name: ObjectName,
    /// Whether pods share the node's network namespace.
    pub host_network: bool,
    /// Whether pods share the node's process namespace.
    pub host_pid: bool,
    /// Whether pods share the node's IPC namespace.
    pub host_ipc: bool,
    /// The service account; empty means `default`.
    pub service_account: String,
    /// The containers, at most 32.
    pub containers: Vec<ContainerDetails>,
    /// The volumes, at most 32.
    pub volumes: Vec<VolumeDetails>,
}

/// A container.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ContainerDetails {
    /// The name.
    pub name: String,
    /// The image with its tag or digest.
    pub image: String,
    /// Whether it is privileged, if specified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub privileged: Option<bool>,
    /// Whether it allows privilege escalation, if specified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_privilege_escalation: Option<bool>,
    /// The mounted volumes, at most 32.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mounts: Vec<MountDetails>,
}

/// A volume mounted in a container.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct MountDetails {
    /// The name of the volume.
    pub name: String,
    /// The mount path.
    pub path: String,
}

/// A volume.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct VolumeDetails {
    /// The name.
    pub name: String,
    /// The path on the node, for a `hostPath` volume.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_path: Option<String>,
}

/// The role that a binding grants, and its subjects.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct BindingDetails {
    /// The binding's identity.
    #[serde(flatten)]
    pub name: ObjectName,
    /// The role's kind: `Role` or `ClusterRole`.
    pub role_kind: String,
    /// The role's name.
    pub role_name: String,
    /// The subjects, such as `User alice` or `ServiceAccount shop/web`; at most 32.
    pub subjects: Vec<String>,
}

/// The request of an access review.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ReviewDetails {
    /// The verb that was asked about.
    pub verb: String,
    /// The resource, with its subresource.
    pub resource: String,
    /// The namespace; empty for all.
    pub namespace: String,
    /// Whether access was allowed, if the log contains the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed: Option<bool>,
}

/// Returns the details of an event's object if it is of a kind that [`Details`] covers.
pub(super) fn details(event: &AuditEvent) -> Option<Details> {
    let objects = [event.resulting.as_ref(), event.requested.as_ref()];
    objects.into_iter().flatten().find_map(|object| {
        let name = || name(event, object);
        Some(match &object.facts {
            Facts::Workload(workload) => Details::Workload(of_workload(name(), workload)),
            Facts::Binding(binding) => Details::Binding(of_binding(name(), binding)),
            Facts::Role(_) => Details::Role(name()),
            Facts::AccessReview(review) => Details::AccessReview(of_review(review)),
            _ => return None,
        })
    })
}

fn text(text: &str) -> String {
    shown(text, TEXT_BYTES)
}

fn name(event: &AuditEvent, object: &ObjectFacts) -> ObjectName {
    let reference = event.object.as_ref();
    let or = |own: &str, other: Option<&String>| {
        if own.is_empty() {
            other.map(|other| text(other)).unwrap_or_default()
        } else {
            text(own)
        }
    };
    ObjectName {
        kind: text(&object.kind),
        name: or(&object.name, reference.map(|it| &it.name)),
        uid: or(&object.uid, reference.map(|it| &it.uid)),
        namespace: or(&object.namespace, reference.map(|it| &it.namespace)),
    }
}

fn of_workload(name: ObjectName, workload: &Workload) -> WorkloadDetails {
    WorkloadDetails {
        name,
        host_network: workload.host_network,
        host_pid: workload.host_pid,
        host_ipc: workload.host_ipc,
        service_account: text(&workload.service_account),
        containers: workload
            .containers
            .iter()
            .take(MAX_ITEMS)
            .map(of_container)
            .collect(),
        volumes: workload
            .volumes
            .iter()
            .take(MAX_ITEMS)
            .map(|volume| VolumeDetails {
                name: text(&volume.name),
                host_path: (volume.kind == "hostPath").then(|| text(&volume.source)),
            })
            .collect(),
    }
}

fn of_container(container: &Container) -> ContainerDetails {
    ContainerDetails {
        name: text(&container.name),
        image: text(&container.image),
        privileged: container.security.privileged,
        allow_privilege_escalation: container.security.allow_privilege_escalation,
        mounts: container
            .mounts
            .iter()
            .take(MAX_ITEMS)
            .map(|mount| MountDetails {
                name: text(&mount.name),
                path: text(&mount.path),
            })
            .collect(),
    }
}

fn of_binding(name: ObjectName, binding: &BindingFacts) -> BindingDetails {
    BindingDetails {
        name,
        role_kind: text(&binding.role_kind),
        role_name: text(&binding.role_name),
        subjects: binding
            .subjects
            .iter()
            .take(MAX_ITEMS)
            .map(|subject| {
                let slash = if subject.namespace.is_empty() {
                    ""
                } else {
                    "/"
                };
                text(&format!(
                    "{} {}{slash}{}",
                    subject.kind, subject.namespace, subject.name
                ))
            })
            .collect(),
    }
}

fn of_review(review: &AccessReview) -> ReviewDetails {
    let slash = if review.subresource.is_empty() {
        ""
    } else {
        "/"
    };
    ReviewDetails {
        verb: text(&review.verb),
        resource: text(&format!("{}{slash}{}", review.resource, review.subresource)),
        namespace: text(&review.namespace),
        allowed: review.allowed,
    }
}

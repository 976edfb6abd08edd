//! What the object of a request was, as far as those who take findings over ask for it.

use serde::{Deserialize, Serialize};
use wardline_event::model::{
    AccessReview, AuditEvent, BindingFacts, Container, Facts, ObjectFacts, Workload,
};
use wardline_files::text::shown;

/// Bytes of one text.
const TEXT_BYTES: usize = 1024;
/// Containers, volumes, mounts and subjects that a finding names; an object may have
/// thousands.
const MOST: usize = 32;

/// The object of the main event: what is true after the request where the log has that, and
/// what was asked for otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Details {
    /// An object that makes pods.
    Workload(WorkloadDetails),
    /// A RoleBinding or ClusterRoleBinding.
    Binding(BindingDetails),
    /// A Role or ClusterRole.
    Role(ObjectName),
    /// A question for rights.
    AccessReview(ReviewDetails),
}

/// What names an object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ObjectName {
    /// `Deployment`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its UID, once it has one.
    pub uid: String,
    /// Empty for what belongs to the cluster.
    pub namespace: String,
}

/// An object that makes pods.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct WorkloadDetails {
    /// Which.
    #[serde(flatten)]
    pub name: ObjectName,
    /// Whether pods share the node's network.
    pub host_network: bool,
    /// Whether pods share the node's processes.
    pub host_pid: bool,
    /// Whether pods share the node's IPC.
    pub host_ipc: bool,
    /// Empty means `default`.
    pub service_account: String,
    /// At most 32.
    pub containers: Vec<ContainerDetails>,
    /// At most 32.
    pub volumes: Vec<VolumeDetails>,
}

/// A container.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ContainerDetails {
    /// Its name.
    pub name: String,
    /// With tag or digest.
    pub image: String,
    /// If it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub privileged: Option<bool>,
    /// If it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_privilege_escalation: Option<bool>,
    /// At most 32.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mounts: Vec<MountDetails>,
}

/// A volume in a container.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct MountDetails {
    /// The volume.
    pub name: String,
    /// Where it is.
    pub path: String,
}

/// A volume.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct VolumeDetails {
    /// Its name.
    pub name: String,
    /// The directory of the node, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_path: Option<String>,
}

/// Who gets which role.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct BindingDetails {
    /// Which.
    #[serde(flatten)]
    pub name: ObjectName,
    /// `Role` or `ClusterRole`.
    pub role_kind: String,
    /// Its name.
    pub role_name: String,
    /// `User alice`, `ServiceAccount shop/web`; at most 32.
    pub subjects: Vec<String>,
}

/// What was asked about rights.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ReviewDetails {
    /// The verb.
    pub verb: String,
    /// The resource.
    pub resource: String,
    /// The namespace; empty for all.
    pub namespace: String,
    /// The answer, if the log has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed: Option<bool>,
}

/// The details of an event's object, if it is one of these kinds.
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
            .take(MOST)
            .map(of_container)
            .collect(),
        volumes: workload
            .volumes
            .iter()
            .take(MOST)
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
            .take(MOST)
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
            .take(MOST)
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

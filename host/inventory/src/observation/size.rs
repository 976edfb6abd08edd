//! The memory that the facts about an object take.

use wardline_event::model::{
    Attribute, BindingFacts, Container, Mount, SecurityContext, ServiceAccountFacts, Subject,
    Volume, Workload,
};

use super::ObjectState;

/// How often a subject of a binding is stored: in the binding, and in the index of subjects.
const COPIES: usize = 3;

impl ObjectState {
    /// Returns about how much memory it takes, in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Self::Workload(workload) => self::workload(workload),
            Self::ServiceAccount(account) => self::account(account),
            Self::Binding(binding) => self::binding(binding),
        }
    }
}

fn workload(workload: &Workload) -> usize {
    let short = [
        &workload.service_account,
        &workload.node_name,
        &workload.priority_class,
        &workload.runtime_class,
        &workload.restart_policy,
        &workload.schedule,
    ];
    size_of::<Workload>()
        + short.into_iter().map(String::len).sum::<usize>()
        + all(&workload.containers, container)
        + all(&workload.volumes, |volume: &Volume| {
            volume.name.len() + volume.kind.len() + volume.source.len() + volume.path_type.len()
        })
        + security(&workload.security)
        + attributes(&workload.node_selector)
        + attributes(&workload.sysctls)
        + attributes(&workload.template_labels)
        + attributes(&workload.template_annotations)
        + texts(&workload.tolerations)
        + texts(&workload.image_pull_secrets)
}

fn container(container: &Container) -> usize {
    container.name.len()
        + container.image.len()
        + container.target.len()
        + container.working_directory.len()
        + texts(&container.command)
        + texts(&container.arguments)
        + texts(&container.environment_from)
        + texts(&container.devices)
        + attributes(&container.hooks)
        + attributes(&container.environment)
        + attributes(&container.quantities)
        + security(&container.security)
        + all(&container.mounts, |mount: &Mount| {
            mount.name.len() + mount.path.len() + mount.sub_path.len() + mount.propagation.len()
        })
        + all(&container.ports, |port| port.protocol.len())
}

fn security(security: &SecurityContext) -> usize {
    security.seccomp.len()
        + security.apparmor.len()
        + security.proc_mount.len()
        + texts(&security.capabilities_added)
        + texts(&security.capabilities_dropped)
        + attributes(&security.selinux)
}

fn account(account: &ServiceAccountFacts) -> usize {
    size_of::<ServiceAccountFacts>()
        + account.namespace.len()
        + account.name.len()
        + texts(&account.secrets)
        + texts(&account.image_pull_secrets)
}

fn binding(binding: &BindingFacts) -> usize {
    let subjects = all(&binding.subjects, |subject: &Subject| {
        subject.kind.len() + subject.namespace.len() + subject.name.len()
    });
    size_of::<BindingFacts>()
        + binding.kind.len()
        + binding.namespace.len()
        + binding.name.len()
        + binding.role_kind.len()
        + binding.role_name.len()
        + COPIES * subjects
}

fn texts(texts: &[String]) -> usize {
    all(texts, String::len)
}

fn attributes(attributes: &[Attribute]) -> usize {
    all(attributes, |attribute: &Attribute| {
        attribute.key.len() + attribute.value.len()
    })
}

/// Returns the size of a list, given the size of an item's texts and lists.
fn all<T>(items: &[T], size: impl Fn(&T) -> usize) -> usize {
    items
        .iter()
        .map(|item| size_of::<T>() + size(item))
        .sum::<usize>()
}

//! What a patch leaves of an object whose answer the log does not have. The rules
//! are those of the host: containers and volumes go by name, and what a patch
//! removes stays.

use super::Known;
use crate::contract::{Container, SecurityContext, Workload};

pub(super) fn merge(before: &Known, part: Known) -> Known {
    match (before, part) {
        (Known::Workload(before), Known::Workload(part)) => {
            let mut after = before.clone();
            workload(&mut after, *part);
            Known::Workload(after)
        }
        (Known::Binding(before), Known::Binding(part)) => {
            let mut after = before.clone();
            for subject in part.subjects {
                if !after.subjects.contains(&subject) {
                    after.subjects.push(subject);
                }
            }
            Known::Binding(after)
        }
        (Known::ServiceAccount(before), Known::ServiceAccount(part)) => {
            let mut after = before.clone();
            after.automount_token = part.automount_token.or(after.automount_token);
            Known::ServiceAccount(after)
        }
        (_, part) => part,
    }
}

fn workload(after: &mut Workload, part: Workload) {
    for changed in part.containers {
        match after
            .containers
            .iter_mut()
            .find(|known| known.name == changed.name && known.role == changed.role)
        {
            Some(known) => container(known, changed),
            None => after.containers.push(changed),
        }
    }
    for volume in part.volumes {
        after.volumes.retain(|known| known.name != volume.name);
        after.volumes.push(volume);
    }
    after.host_network |= part.host_network;
    after.host_pid |= part.host_pid;
    after.host_ipc |= part.host_ipc;
    after.host_users = part.host_users.or(after.host_users);
    after.share_process_namespace |= part.share_process_namespace;
    text(&mut after.service_account, part.service_account);
    text(&mut after.node_name, part.node_name);
    security(&mut after.security, part.security);
}

fn container(known: &mut Container, part: Container) {
    text(&mut known.image, part.image);
    texts(&mut known.command, part.command);
    texts(&mut known.arguments, part.arguments);
    for mount in part.mounts {
        known.mounts.retain(|other| other.path != mount.path);
        known.mounts.push(mount);
    }
    security(&mut known.security, part.security);
}

fn security(known: &mut SecurityContext, part: SecurityContext) {
    known.privileged = part.privileged.or(known.privileged);
    known.allow_privilege_escalation = part
        .allow_privilege_escalation
        .or(known.allow_privilege_escalation);
    known.run_as_user = part.run_as_user.or(known.run_as_user);
    known.run_as_non_root = part.run_as_non_root.or(known.run_as_non_root);
    texts(&mut known.capabilities_added, part.capabilities_added);
    texts(&mut known.capabilities_dropped, part.capabilities_dropped);
    text(&mut known.seccomp, part.seccomp);
}

fn text(known: &mut String, part: String) {
    if !part.is_empty() {
        *known = part;
    }
}

fn texts(known: &mut Vec<String>, part: Vec<String>) {
    if !part.is_empty() {
        *known = part;
    }
}

//! Merging a patch into the known state of an object, if the log lacks the response's object.

use std::collections::{HashMap, HashSet};

use wardline_event::model::{Container, SecurityContext, Subject, Workload};

use super::observe::ObjectState;

/// Merges the fields that a patch sets into the known state. Containers and volumes are
/// matched by name, as in a strategic merge patch. Removals are not applied, so that rules
/// about dangerous objects err on the side of a finding.
#[must_use]
pub fn merge(before: &ObjectState, part: ObjectState) -> ObjectState {
    match (before, part) {
        (ObjectState::Workload(before), ObjectState::Workload(part)) => {
            ObjectState::Workload(Box::new(workload(before, *part)))
        }
        (ObjectState::Binding(before), ObjectState::Binding(part)) => {
            let mut after = before.clone();
            let known: HashSet<[&str; 3]> = before.subjects.iter().map(named).collect();
            let new = part.subjects.into_iter();
            after
                .subjects
                .extend(new.filter(|subject| !known.contains(&named(subject))));
            ObjectState::Binding(after)
        }
        (ObjectState::ServiceAccount(before), ObjectState::ServiceAccount(part)) => {
            let mut after = before.clone();
            after.automount_token = part.automount_token.or(after.automount_token);
            ObjectState::ServiceAccount(after)
        }
        (_, part) => part,
    }
}

/// The part that tells subjects apart.
fn named(subject: &Subject) -> [&str; 3] {
    [&subject.kind, &subject.namespace, &subject.name]
}

fn workload(before: &Workload, part: Workload) -> Workload {
    let mut after = before.clone();
    // By name, so that the work grows with the number of containers and not with its square.
    let places: HashMap<(&str, u8), usize> = before
        .containers
        .iter()
        .enumerate()
        .map(|(place, known)| ((known.name.as_str(), known.role as u8), place))
        .collect();
    for container in part.containers {
        let place = places.get(&(container.name.as_str(), container.role as u8));
        match place.and_then(|place| after.containers.get_mut(*place)) {
            Some(known) => merge_container(known, container),
            None => after.containers.push(container),
        }
    }
    let replaced: HashSet<&str> = part.volumes.iter().map(|one| one.name.as_str()).collect();
    after
        .volumes
        .retain(|known| !replaced.contains(known.name.as_str()));
    after.volumes.extend(part.volumes);
    after.host_network |= part.host_network;
    after.host_pid |= part.host_pid;
    after.host_ipc |= part.host_ipc;
    after.host_users = part.host_users.or(after.host_users);
    after.share_process_namespace |= part.share_process_namespace;
    if !part.service_account.is_empty() {
        after.service_account = part.service_account;
    }
    if !part.node_name.is_empty() {
        after.node_name = part.node_name;
    }
    merge_security(&mut after.security, part.security);
    after
}

fn merge_container(known: &mut Container, part: Container) {
    if !part.image.is_empty() {
        known.image = part.image;
    }
    if !part.command.is_empty() {
        known.command = part.command;
    }
    if !part.arguments.is_empty() {
        known.arguments = part.arguments;
    }
    let replaced: HashSet<&str> = part.mounts.iter().map(|one| one.path.as_str()).collect();
    known
        .mounts
        .retain(|other| !replaced.contains(other.path.as_str()));
    known.mounts.extend(part.mounts);
    merge_security(&mut known.security, part.security);
}

fn merge_security(known: &mut SecurityContext, part: SecurityContext) {
    known.privileged = part.privileged.or(known.privileged);
    known.allow_privilege_escalation = part
        .allow_privilege_escalation
        .or(known.allow_privilege_escalation);
    known.run_as_user = part.run_as_user.or(known.run_as_user);
    known.run_as_non_root = part.run_as_non_root.or(known.run_as_non_root);
    if !part.capabilities_added.is_empty() {
        known.capabilities_added = part.capabilities_added;
    }
    if !part.capabilities_dropped.is_empty() {
        known.capabilities_dropped = part.capabilities_dropped;
    }
    if !part.seccomp.is_empty() {
        known.seccomp = part.seccomp;
    }
}

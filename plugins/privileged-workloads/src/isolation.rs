//! Settings that weaken the isolation of a pod from its node without removing it.

use std::collections::BTreeSet;

use wardline_sdk::prelude::*;
use wardline_sdk::view::{Container, ObjectFacts, SecurityContext};

use crate::container::is_privileged;
use crate::danger::{Danger, first_image, placed};
use crate::types::{
    GIT_REPOSITORY, HOST_USERS, NETWORK_SYSCTL, NO_PROFILE, SHARED_PROCESSES, SYSCTL_INJECTION,
    UNCONFINED, UNMASKED, UNMASKED_IN_NAMESPACE, UNSAFE_SYSCTL,
};

/// Sysctls that the kubelet allows by default
/// (<https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/#safe-and-unsafe-sysctls>).
const SAFE_SYSCTLS: [&str; 12] = [
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
];

/// SELinux types that do not confine (container-selinux).
const UNCONFINED_TYPES: [&str; 4] = ["spc_t", "unconfined_t", "container_runtime_t", "super_t"];

/// Prefix of the annotation that set a profile before the field existed (KEP-24).
const APPARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";

/// Returns the weakened settings that a workload did not have before.
pub fn weakened<'a>(
    object: Option<ObjectFacts<'a>>,
    workload: Workload<'a>,
    spec_path: &str,
    before: Option<Workload<'_>>,
) -> Vec<Danger<'a>> {
    let old: BTreeSet<(String, String)> = before
        .map(|before| {
            of_pod(before, spec_path)
                .chain(of_containers(before, spec_path))
                .map(|danger| (danger.field, danger.value))
                .collect()
        })
        .unwrap_or_default();
    of_pod(workload, spec_path)
        .chain(of_containers(workload, spec_path))
        .chain(profiles(object, workload))
        .filter_map(|danger| {
            let place = (danger.field, danger.value);
            (!old.contains(&place)).then_some(Danger {
                image: danger.image,
                field: place.0,
                value: place.1,
                severity: danger.severity,
            })
        })
        .collect()
}

fn of_pod<'a>(workload: Workload<'a>, spec_path: &str) -> impl Iterator<Item = Danger<'a>> {
    let image = first_image(workload);
    let danger = move |field: String, value: String, rule: SeverityRule| Danger {
        image,
        field,
        value,
        severity: rule.severity,
    };
    let sysctls = workload.sysctls().filter_map(move |sysctl| {
        let (name, value) = (sysctl.key(), sysctl.value());
        // CVE-2022-0811: CRI-O passes the text after a `+` or `=` to the node's kernel.
        let rule = if value.contains(['+', '=']) {
            SYSCTL_INJECTION
        } else if SAFE_SYSCTLS.contains(&name) {
            return None;
        } else if name.starts_with("net.") {
            NETWORK_SYSCTL
        } else {
            UNSAFE_SYSCTL
        };
        Some((name.to_owned(), value.to_owned(), rule))
    });
    let sysctls: Vec<Danger<'a>> = sysctls
        .map(|(name, value, rule)| {
            danger(
                format!("{spec_path}.securityContext.sysctls[name={name}].value"),
                value,
                rule,
            )
        })
        .collect();
    // CVE-2024-10220: hooks of the repository run on the node as root.
    let repositories: Vec<Danger<'a>> = workload
        .volumes_of_kind("gitRepo")
        .map(|volume| {
            danger(
                format!(
                    "{spec_path}.volumes[name={}].gitRepo.repository",
                    volume.name()
                ),
                volume.source().to_owned(),
                GIT_REPOSITORY,
            )
        })
        .collect();
    let traces = workload.share_process_namespace()
        && workload.containers().count() > 1
        && workload
            .containers()
            .any(|container| container.security().adds_capability("SYS_PTRACE"));
    let shared = traces.then(|| {
        danger(
            format!("{spec_path}.shareProcessNamespace"),
            "true, with SYS_PTRACE".to_owned(),
            SHARED_PROCESSES,
        )
    });
    let is_root_of_node =
        workload.host_users() == Some(true) && workload.security().run_as_user() == Some(0);
    let users = is_root_of_node.then(|| {
        danger(
            format!("{spec_path}.hostUsers"),
            "true, with runAsUser 0".to_owned(),
            HOST_USERS,
        )
    });
    let own = contexts(
        workload.security(),
        &format!("{spec_path}.securityContext"),
        image,
        workload.host_users() == Some(false),
    );
    sysctls
        .into_iter()
        .chain(repositories)
        .chain(shared)
        .chain(users)
        .chain(own)
}

fn of_containers<'a>(workload: Workload<'a>, spec_path: &str) -> impl Iterator<Item = Danger<'a>> {
    let has_user_namespace = workload.host_users() == Some(false);
    placed(workload)
        .filter(|(_, container)| !is_privileged(*container))
        .flat_map(move |(at, container): (String, Container<'a>)| {
            contexts(
                container.security(),
                &format!("{spec_path}.{at}.securityContext"),
                container.image(),
                has_user_namespace,
            )
        })
}

fn contexts<'a>(
    security: SecurityContext<'_>,
    spec_path: &str,
    image: &'a str,
    has_user_namespace: bool,
) -> Vec<Danger<'a>> {
    let selinux = security.selinux().get("type").unwrap_or_default();
    [
        (
            "seccompProfile.type",
            security.seccomp(),
            security.seccomp().eq_ignore_ascii_case("unconfined"),
            NO_PROFILE,
        ),
        (
            "appArmorProfile.type",
            security.apparmor(),
            security.apparmor().eq_ignore_ascii_case("unconfined"),
            NO_PROFILE,
        ),
        (
            "procMount",
            security.proc_mount(),
            security.proc_mount() == "Unmasked",
            // Nested containers need it, and use a user namespace.
            if has_user_namespace {
                UNMASKED_IN_NAMESPACE
            } else {
                UNMASKED
            },
        ),
        (
            "seLinuxOptions.type",
            selinux,
            UNCONFINED_TYPES.contains(&selinux),
            UNCONFINED,
        ),
    ]
    .into_iter()
    .filter(|(_, _, is_weak, _)| *is_weak)
    .map(|(field, value, _, rule)| Danger {
        image,
        field: format!("{spec_path}.{field}"),
        value: value.to_owned(),
        severity: rule.severity,
    })
    .collect()
}

/// Returns AppArmor profiles that annotations of a pod or template disable.
fn profiles<'a>(
    object: Option<ObjectFacts<'a>>,
    workload: Workload<'a>,
) -> impl Iterator<Item = Danger<'a>> {
    object
        .into_iter()
        .flat_map(|object| object.annotations())
        .chain(workload.template_annotations())
        .filter(|annotation| {
            annotation.key().starts_with(APPARMOR) && annotation.value() == "unconfined"
        })
        .map(move |annotation| Danger {
            image: first_image(workload),
            field: format!("metadata.annotations[{}]", annotation.key()),
            value: annotation.value().to_owned(),
            severity: NO_PROFILE.severity,
        })
}

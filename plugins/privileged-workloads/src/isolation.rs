//! What weakens the wall between a pod and its node, short of tearing it down.

use wardline_sdk::prelude::*;
use wardline_sdk::view::{Container, ObjectFacts, SecurityContext};

use crate::container::is_privileged;
use crate::danger::{Danger, first_image, placed};

/// Sysctls that the kubelet takes without being told to
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

/// SELinux types that confine nothing (container-selinux).
const UNCONFINED_TYPES: [&str; 4] = ["spc_t", "unconfined_t", "container_runtime_t", "super_t"];

/// The beginning of the annotation that named a profile before the field did (KEP-24).
const APPARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";

/// What a workload weakens, and did not before.
pub fn weakened<'a>(
    object: Option<ObjectFacts<'a>>,
    workload: Workload<'a>,
    place: &str,
    before: Option<Workload<'_>>,
) -> Vec<Danger<'a>> {
    // Of a whole pod that was so before nothing is told.
    let old: Vec<Danger<'_>> = before
        .map(|before| {
            of_pod(before, place)
                .chain(of_containers(before, place))
                .collect()
        })
        .unwrap_or_default();
    of_pod(workload, place)
        .chain(of_containers(workload, place))
        .chain(profiles(object, workload))
        .filter(|danger| {
            !old.iter()
                .any(|old| old.field == danger.field && old.value == danger.value)
        })
        .collect()
}

fn of_pod<'a>(workload: Workload<'a>, place: &str) -> impl Iterator<Item = Danger<'a>> {
    let image = first_image(workload);
    let danger = move |field: String, value: String, severity| Danger {
        image,
        field,
        value,
        severity,
    };
    let sysctls = workload.sysctls().filter_map(move |sysctl| {
        let (name, value) = (sysctl.key(), sysctl.value());
        // CVE-2022-0811: CRI-O hands what follows a `+` or `=` to the kernel of the node.
        let severity = if value.contains(['+', '=']) {
            6.0
        } else if SAFE_SYSCTLS.contains(&name) {
            return None;
        } else if name.starts_with("net.") {
            2.0
        } else {
            3.0
        };
        Some((name.to_owned(), value.to_owned(), severity))
    });
    let sysctls: Vec<Danger<'a>> = sysctls
        .map(|(name, value, severity)| {
            danger(
                format!("{place}.securityContext.sysctls[name={name}].value"),
                value,
                severity,
            )
        })
        .collect();
    // CVE-2024-10220: hooks of the repository run on the node, as root.
    let repositories: Vec<Danger<'a>> = workload
        .volumes_of_kind("gitRepo")
        .map(|volume| {
            danger(
                format!("{place}.volumes[name={}].gitRepo.repository", volume.name()),
                volume.source().to_owned(),
                5.0,
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
            format!("{place}.shareProcessNamespace"),
            "true, with SYS_PTRACE".to_owned(),
            3.0,
        )
    });
    let is_root_of_node =
        workload.host_users() == Some(true) && workload.security().run_as_user() == Some(0);
    let users = is_root_of_node.then(|| {
        danger(
            format!("{place}.hostUsers"),
            "true, with runAsUser 0".to_owned(),
            2.0,
        )
    });
    let own = contexts(
        workload.security(),
        &format!("{place}.securityContext"),
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

fn of_containers<'a>(workload: Workload<'a>, place: &str) -> impl Iterator<Item = Danger<'a>> {
    let has_own_users = workload.host_users() == Some(false);
    placed(workload)
        .filter(|(_, container)| !is_privileged(*container))
        .flat_map(move |(at, container): (String, Container<'a>)| {
            contexts(
                container.security(),
                &format!("{place}.{at}.securityContext"),
                container.image(),
                has_own_users,
            )
        })
}

fn contexts<'a>(
    security: SecurityContext<'_>,
    place: &str,
    image: &'a str,
    has_own_users: bool,
) -> Vec<Danger<'a>> {
    let selinux = security.selinux().get("type").unwrap_or_default();
    [
        (
            "seccompProfile.type",
            security.seccomp(),
            security.seccomp().eq_ignore_ascii_case("unconfined"),
            3.0,
        ),
        (
            "appArmorProfile.type",
            security.apparmor(),
            security.apparmor().eq_ignore_ascii_case("unconfined"),
            3.0,
        ),
        (
            "procMount",
            security.proc_mount(),
            security.proc_mount() == "Unmasked",
            // Containers in containers need it, and have users of their own.
            if has_own_users { 3.0 } else { 5.0 },
        ),
        (
            "seLinuxOptions.type",
            selinux,
            UNCONFINED_TYPES.contains(&selinux),
            5.0,
        ),
    ]
    .into_iter()
    .filter(|(_, _, is_weak, _)| *is_weak)
    .map(|(field, value, _, severity)| Danger {
        image,
        field: format!("{place}.{field}"),
        value: value.to_owned(),
        severity,
    })
    .collect()
}

/// AppArmor profiles by annotation, of a Pod or of a template.
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
            severity: 3.0,
        })
}

//! Escapes from a container to its node (<https://attack.mitre.org/techniques/T1611/>).

use super::parse::Command;
use super::{FoundSigns, Kind};
use crate::text::contains;

/// Usual mount points of the node's root directory in containers.
const HOST_ROOTS: [&str; 12] = [
    "/host",
    "/hostfs",
    "/rootfs",
    "/host-root",
    "/hostroot",
    "/node",
    "/noderoot",
    "/mnt/host",
    "/mnt/root",
    "/proc/1/root",
    "/host_root",
    "/mnt",
];

/// Sockets of container engines.
const SOCKETS: [&str; 5] = [
    "docker.sock",
    "containerd.sock",
    "crio.sock",
    "cri-dockerd.sock",
    "podman.sock",
];

/// Kernel files by which a container controls the node, most of them by making the kernel run a
/// program (`call_usermodehelper`). `release_agent` of cgroups v1 (CVE-2022-0492) is checked
/// separately.
const KERNEL_FILES: [&str; 5] = [
    "/sys/kernel/uevent_helper",
    "/proc/sys/kernel/modprobe",
    "/proc/sysrq-trigger",
    "/proc/sys/fs/binfmt_misc/register",
    "/proc/sys/kernel/core_pattern",
];

pub(super) fn find(commands: &[Command], found: &mut FoundSigns) {
    for command in commands {
        if is_escape(command) {
            found.add(Kind::ContainerEscape, command.text());
        }
    }
}

fn is_escape(command: &Command) -> bool {
    let has = |words: &[&str]| command.arguments().any(|word| words.contains(&word));
    let holds = |text: &str| command.arguments().any(|word| contains(word, text));
    let by_name = match command.name.as_str() {
        "nsenter" => enters_init(command),
        "chroot" => command
            .arguments()
            .find(|word| !word.starts_with('-'))
            .is_some_and(|root| HOST_ROOTS.contains(&root.trim_end_matches('/'))),
        "unshare" => command.arguments().any(|word| {
            matches!(word, "--user" | "--map-root-user" | "--cgroup" | "--mount")
                || (word.starts_with('-')
                    && !word.starts_with("--")
                    && word.contains(['U', 'C', 'r', 'm']))
        }),
        "mount" => mounts_device(command) || (has(&["cgroup"]) && has(&["-t"])),
        "debugfs" => holds("/dev/"),
        "insmod" => holds(".ko"),
        "docker" | "podman" | "nerdctl" => {
            has(&["run", "create", "exec"])
                && (has(&["--privileged", "--pid=host"])
                    || command.arguments().any(|word| {
                        word.starts_with("/:/")
                            || word.starts_with("-v/:")
                            || word.starts_with("--volume=/:")
                    }))
        }
        "sysctl" => command
            .arguments()
            .any(|word| word.starts_with("kernel.core_pattern=|")),
        _ => false,
    };
    by_name || calls_engine(command) || calls_kubelet(command) || writes_kernel_file(command)
}

/// Returns whether a command calls the kubelet's API, which bypasses the API server
/// (kubernetes/kubernetes, `pkg/kubelet/server/server.go`).
fn calls_kubelet(command: &Command) -> bool {
    command.arguments().any(|word| {
        [":10250/", ":10255/"]
            .iter()
            .filter_map(|port| word.split_once(port))
            .any(|(_, path)| {
                [
                    "pods",
                    "runningpods",
                    "run/",
                    "exec/",
                    "cri/",
                    "containerLogs/",
                ]
                .iter()
                .any(|part| path.starts_with(part))
            })
    })
}

/// Returns whether a command enters the namespaces of process 1, which is the node's init in the
/// node's PID namespace.
fn enters_init(command: &Command) -> bool {
    let mut arguments = command.arguments();
    while let Some(argument) = arguments.next() {
        let is_init = match argument {
            "-t" | "--target" => arguments.next() == Some("1"),
            "-t1" | "--target=1" => true,
            // Short options may be combined: `-at 1`, `-mt1`.
            _ => {
                contains(argument, "/proc/1/ns/")
                    || (argument.starts_with('-') && argument.ends_with("t1"))
                    || (argument.starts_with('-')
                        && !argument.starts_with("--")
                        && argument.ends_with('t')
                        && arguments.next() == Some("1"))
            }
        };
        if is_init {
            return true;
        }
    }
    false
}

/// Returns whether a command mounts a disk of the node.
fn mounts_device(command: &Command) -> bool {
    const DISKS: [&str; 8] = [
        "/dev/sd",
        "/dev/vd",
        "/dev/xvd",
        "/dev/nvme",
        "/dev/dm-",
        "/dev/mapper/",
        "/dev/disk/",
        "/dev/mmcblk",
    ];
    command
        .arguments()
        .any(|word| DISKS.iter().any(|disk| word.starts_with(disk)))
}

/// Returns whether a command talks to the socket of a container engine.
fn calls_engine(command: &Command) -> bool {
    let name = command.name.as_str();
    let speaks = matches!(
        name,
        "curl" | "docker" | "ctr" | "crictl" | "nerdctl" | "podman" | "socat" | "nc" | "ncat"
    ) || name.starts_with("python");
    speaks
        && command
            .arguments()
            .any(|word| SOCKETS.iter().any(|socket| contains(word, socket)))
}

fn writes_kernel_file(command: &Command) -> bool {
    let written = command
        .redirects
        .iter()
        .filter(|to| to.writes())
        .map(|to| to.target.as_str());
    let tee = command
        .arguments()
        .filter(|_| matches!(command.name.as_str(), "tee" | "cp" | "dd"));
    written.chain(tee).any(|target| {
        let is_pattern = target.ends_with("/core_pattern");
        target.ends_with("/release_agent")
            // A plain path is the location of core dumps; `|` precedes a program.
            || (is_pattern && command.arguments().any(|word| word.contains(['|', '$'])))
            || (!is_pattern && KERNEL_FILES.iter().any(|file| target.ends_with(file)))
    })
}

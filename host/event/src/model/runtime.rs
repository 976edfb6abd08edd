//! Events of processes on a node.

use super::{Attribute, EventRef, Timestamp};

records! {
    /// One action of a process.
    pub struct RuntimeEvent {
        #[cfg_attr(feature = "component", component(name = "ref"))]
        pub ref_: EventRef,
        pub time: Timestamp,
        /// `exec`, `fork`, `exit`, `open`, `create`, `write`, `rename`, `link`, `symlink`, `unlink`,
        /// `chmod`, `chown`, `mount`, `unmount`, `pivot-root`, `chroot`, `socket`, `connect`, `accept`, `bind`,
        /// `listen`, `dup`, `dns-query`, `dns-answer`, `mmap`, `mprotect`, `memfd-create`,
        /// `process-vm-read`, `process-vm-write`, `ptrace`, `module-load`, `module-unload`,
        /// `bpf-load`, `set-uid`, `set-gid`, `capability-change`, `setns`, `unshare`, `signal`,
        /// `io-uring-setup`, `userfaultfd`; later versions may add names.
        pub action: String,
        pub node: String,
        /// The acting process; for an exec, as it is afterwards.
        pub process: Process,
        /// The parent of the acting process, then its parent, and so on.
        pub ancestors: Vec<Process>,
        pub container: Option<ContainerInfo>,
        pub pod: Option<PodInfo>,
        /// The file, for actions on files, mounts, modules, and mappings.
        pub file: Option<FileTarget>,
        pub network: Option<NetworkTarget>,
        pub dns: Option<DnsMessage>,
        pub memory: Option<MemoryTarget>,
        /// The target process, for ptrace, process-vm-*, setns, and signal.
        pub target: Option<Process>,
        pub credentials: Option<CredentialChange>,
        /// Zero, or the negated `errno` with which the system call failed.
        #[cfg_attr(feature = "component", component(name = "return-code"))]
        pub return_code: i32,
        pub attributes: Vec<Attribute>,
    }

    /// A process at the time of the event.
    pub struct Process {
        pub pid: u32,
        /// The PID in the process's own PID namespace.
        #[cfg_attr(feature = "component", component(name = "namespace-pid"))]
        pub namespace_pid: u32,
        #[cfg_attr(feature = "component", component(name = "parent-pid"))]
        pub parent_pid: u32,
        #[cfg_attr(feature = "component", component(name = "start-time"))]
        pub start_time: Timestamp,
        /// The path of the executable.
        pub executable: String,
        #[cfg_attr(feature = "component", component(name = "executable-sha256"))]
        pub executable_sha256: String,
        /// `comm`.
        pub name: String,
        pub arguments: Vec<String>,
        #[cfg_attr(feature = "component", component(name = "working-directory"))]
        pub working_directory: String,
        /// The path of the script that the interpreter runs.
        pub script: String,
        pub uid: u32,
        #[cfg_attr(feature = "component", component(name = "effective-uid"))]
        pub effective_uid: u32,
        pub gid: u32,
        #[cfg_attr(feature = "component", component(name = "effective-gid"))]
        pub effective_gid: u32,
        #[cfg_attr(feature = "component", component(name = "login-uid"))]
        pub login_uid: u32,
        pub tty: String,
        /// Names of effective capabilities, such as `CAP_SYS_ADMIN`.
        pub capabilities: Vec<String>,
        /// Only variables that change what code is loaded, such as `LD_PRELOAD`.
        pub environment: Vec<Attribute>,
        /// Whether the executable was added after the container started (overlay upper
        /// layer), is on a memory file system, or has no file anymore.
        #[cfg_attr(feature = "component", component(name = "from-upper-layer"))]
        pub from_upper_layer: bool,
        #[cfg_attr(feature = "component", component(name = "from-memory"))]
        pub from_memory: bool,
        pub deleted: bool,
    }

    /// The container in which the process runs.
    pub struct ContainerInfo {
        pub id: String,
        pub name: String,
        pub image: String,
        #[cfg_attr(feature = "component", component(name = "image-digest"))]
        pub image_digest: String,
        pub runtime: String,
        pub privileged: bool,
        #[cfg_attr(feature = "component", component(name = "start-time"))]
        pub start_time: Timestamp,
    }

    /// The pod to which the container belongs.
    pub struct PodInfo {
        pub namespace: String,
        pub name: String,
        pub uid: String,
        #[cfg_attr(feature = "component", component(name = "service-account"))]
        pub service_account: String,
        pub labels: Vec<Attribute>,
        /// The kind and name of the workload that owns the pod.
        #[cfg_attr(feature = "component", component(name = "workload-kind"))]
        pub workload_kind: String,
        #[cfg_attr(feature = "component", component(name = "workload-name"))]
        pub workload_name: String,
    }

    /// The file that an action targets.
    pub struct FileTarget {
        pub path: String,
        /// The new path of a rename or link, or the mount point.
        #[cfg_attr(feature = "component", component(name = "new-path"))]
        pub new_path: String,
        /// Names of the flags, such as `O_WRONLY`.
        pub flags: Vec<String>,
        pub mode: u32,
        pub uid: u32,
        pub gid: u32,
        #[cfg_attr(feature = "component", component(name = "file-system"))]
        pub file_system: String,
    }

    /// The socket that an action targets.
    pub struct NetworkTarget {
        /// `inet`, `inet6`, `unix`, `packet`, `netlink`, ...
        pub family: String,
        /// `tcp`, `udp`, `icmp`, ...
        pub protocol: String,
        #[cfg_attr(feature = "component", component(name = "local-address"))]
        pub local_address: String,
        #[cfg_attr(feature = "component", component(name = "local-port"))]
        pub local_port: u16,
        #[cfg_attr(feature = "component", component(name = "remote-address"))]
        pub remote_address: String,
        #[cfg_attr(feature = "component", component(name = "remote-port"))]
        pub remote_port: u16,
        /// The path of a `unix` socket.
        pub path: String,
        /// For `dup`: the descriptors that the socket was copied from and to.
        #[cfg_attr(feature = "component", component(name = "old-descriptor"))]
        pub old_descriptor: i32,
        #[cfg_attr(feature = "component", component(name = "new-descriptor"))]
        pub new_descriptor: i32,
    }

    /// A DNS query or answer.
    pub struct DnsMessage {
        pub name: String,
        /// `A`, `AAAA`, `TXT`, ...
        #[cfg_attr(feature = "component", component(name = "query-type"))]
        pub query_type: String,
        #[cfg_attr(feature = "component", component(name = "response-code"))]
        pub response_code: String,
        pub addresses: Vec<String>,
        pub server: String,
    }

    /// The memory mapping that an action targets.
    pub struct MemoryTarget {
        pub address: u64,
        pub length: u64,
        /// `read`, `write`, `execute`.
        pub protection: Vec<String>,
        pub flags: Vec<String>,
        /// `stack`, `heap`, `anonymous`, `file`.
        pub region: String,
    }

    /// A change of user, group, capabilities, or namespaces.
    pub struct CredentialChange {
        #[cfg_attr(feature = "component", component(name = "old-uid"))]
        pub old_uid: u32,
        #[cfg_attr(feature = "component", component(name = "new-uid"))]
        pub new_uid: u32,
        #[cfg_attr(feature = "component", component(name = "old-gid"))]
        pub old_gid: u32,
        #[cfg_attr(feature = "component", component(name = "new-gid"))]
        pub new_gid: u32,
        #[cfg_attr(feature = "component", component(name = "capabilities-gained"))]
        pub capabilities_gained: Vec<String>,
        /// Names of namespaces entered or created, such as `mnt`, `pid`.
        pub namespaces: Vec<String>,
    }
}

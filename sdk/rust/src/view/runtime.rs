//! What processes do on a node.

use super::{Attribute, EventRef, List, Timestamp};

views! {
    /// One thing that a process did.
    RuntimeEvent {
        /// Its reference.
        ref_: reference,
        /// When it happened.
        time: time,
        /// `exec`, `fork`, `exit`, `open`, `create`, `write`, `rename`, `link`, `symlink`, `unlink`,
        /// `chmod`, `chown`, `mount`, `unmount`, `pivot-root`, `chroot`, `socket`, `connect`, `accept`, `bind`,
        /// `listen`, `dup`, `dns-query`, `dns-answer`, `mmap`, `mprotect`, `memfd-create`,
        /// `process-vm-read`, `process-vm-write`, `ptrace`, `module-load`, `module-unload`,
        /// `bpf-load`, `set-uid`, `set-gid`, `capability-change`, `setns`, `unshare`, `signal`,
        /// `io-uring-setup`, `userfaultfd`; more may come.
        action: text,
        /// The name of the node.
        node: text,
        /// Who acted. For an exec: the process as it is after it.
        process: record(Process),
        /// The acting process's parent, its parent, and so on; nearest first.
        ancestors: list(Process),
        /// The container; none for processes of the node itself.
        container: maybe_record(ContainerInfo),
        /// The pod of the container.
        pod: maybe_record(PodInfo),
        /// Whose file, for actions on files, mounts, modules and mappings.
        file: maybe_record(FileTarget),
        /// The socket, for actions on sockets.
        network: maybe_record(NetworkTarget),
        /// The question or answer, for DNS.
        dns: maybe_record(DnsMessage),
        /// The memory, for mappings and protections.
        memory: maybe_record(MemoryTarget),
        /// Who was acted on, for ptrace, process-vm-*, setns and signal.
        target: maybe_record(Process),
        /// What changed, for changes of credentials and namespaces.
        credentials: maybe_record(CredentialChange),
        /// Zero, or the negated `errno` with which the system call failed.
        return_code: value(i32),
        /// What the contract has no field for.
        attributes: attributes,
    }

    /// A process.
    Process {
        /// Its PID in the node's namespace.
        pid: value(u32),
        /// In the process's own PID namespace.
        namespace_pid: value(u32),
        /// Its parent's PID in the node's namespace.
        parent_pid: value(u32),
        /// When it started.
        start_time: time,
        /// The path of the executable.
        executable: text,
        /// SHA-256 of the executable, in hexadecimal; empty if not known.
        executable_sha256: text,
        /// `comm`.
        name: text,
        /// The arguments.
        arguments: texts,
        /// The working directory.
        working_directory: text,
        /// Path of the script that an interpreter was started for.
        script: text,
        /// The user id.
        uid: value(u32),
        /// The effective user id.
        effective_uid: value(u32),
        /// The group id.
        gid: value(u32),
        /// The effective group id.
        effective_gid: value(u32),
        /// The audit login id.
        login_uid: value(u32),
        /// The terminal.
        tty: text,
        /// Names of effective capabilities, such as `CAP_SYS_ADMIN`.
        capabilities: texts,
        /// Only those that change what code is loaded, such as `LD_PRELOAD`.
        environment: attributes,
        /// Whether the executable came into the container after it started (overlay upper
        /// layer), is on a memory file system, or has no file at all.
        from_upper_layer: value(bool),
        /// Whether the executable is on a memory file system or has no file.
        from_memory: value(bool),
        /// Whether the executable's file is gone.
        deleted: value(bool),
    }

    /// The container of a process.
    ContainerInfo {
        /// Its id.
        id: text,
        /// Its name.
        name: text,
        /// The image, as written.
        image: text,
        /// The image's digest.
        image_digest: text,
        /// The container runtime.
        runtime: text,
        /// Whether it is privileged.
        privileged: value(bool),
        /// When it started.
        start_time: time,
    }

    /// The pod of a container.
    PodInfo {
        /// Its namespace.
        namespace: text,
        /// Its name.
        name: text,
        /// Its UID.
        uid: text,
        /// Its service account.
        service_account: text,
        /// The labels.
        labels: attributes,
        /// Kind and name of the workload that the pod belongs to.
        workload_kind: text,
        /// See [`PodInfo::workload_kind`].
        workload_name: text,
    }

    /// A file that is acted on.
    FileTarget {
        /// The path.
        path: text,
        /// Of renames and links: the new one. Of mounts: where.
        new_path: text,
        /// Names of the flags, such as `O_WRONLY`.
        flags: texts,
        /// The mode bits.
        mode: value(u32),
        /// The owning user id.
        uid: value(u32),
        /// The owning group id.
        gid: value(u32),
        /// The type of the file system.
        file_system: text,
    }

    /// A socket that is acted on.
    NetworkTarget {
        /// `inet`, `inet6`, `unix`, `packet`, `netlink`, ...
        family: text,
        /// `tcp`, `udp`, `icmp`, ...
        protocol: text,
        /// The local address.
        local_address: text,
        /// The local port.
        local_port: value(u16),
        /// The remote address.
        remote_address: text,
        /// The remote port.
        remote_port: value(u16),
        /// Of sockets of family `unix`.
        path: text,
        /// Of `dup`: the descriptors that the socket was copied from and to.
        old_descriptor: value(i32),
        /// See [`NetworkTarget::old_descriptor`].
        new_descriptor: value(i32),
    }

    /// A DNS question or answer.
    DnsMessage {
        /// Its name.
        name: text,
        /// `A`, `AAAA`, `TXT`, ...
        query_type: text,
        /// `NOERROR`, `NXDOMAIN`, ...; empty for a question.
        response_code: text,
        /// The addresses of the answer.
        addresses: texts,
        /// The server's address.
        server: text,
    }

    /// A range of memory that is acted on.
    MemoryTarget {
        /// Where it begins.
        address: value(u64),
        /// How many bytes.
        length: value(u64),
        /// `read`, `write`, `execute`.
        protection: texts,
        /// Names of the flags.
        flags: texts,
        /// `stack`, `heap`, `anonymous`, `file`.
        region: text,
    }

    /// A change of ids, capabilities or namespaces.
    CredentialChange {
        /// The user id before.
        old_uid: value(u32),
        /// The user id after.
        new_uid: value(u32),
        /// The group id before.
        old_gid: value(u32),
        /// The group id after.
        new_gid: value(u32),
        /// Names of the capabilities gained.
        capabilities_gained: texts,
        /// Names of namespaces entered or made, such as `mnt`, `pid`.
        namespaces: texts,
    }
}

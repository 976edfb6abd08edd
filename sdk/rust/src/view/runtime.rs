//! Runtime events: actions of processes on a node.

use super::{Attribute, EventRef, List, Timestamp};

views! {
    /// One action of a process.
    RuntimeEvent {
        /// Its reference.
        ref_: reference,
        /// When it happened.
        time: time,
        /// `exec`, `fork`, `exit`, `open`, `create`, `write`, `rename`, `link`, `symlink`,
        /// `unlink`, `chmod`, `chown`, `mount`, `unmount`, `pivot-root`, `chroot`, `socket`,
        /// `connect`, `accept`, `bind`, `listen`, `dup`, `dns-query`, `dns-answer`, `mmap`,
        /// `mprotect`, `memfd-create`, `process-vm-read`, `process-vm-write`, `ptrace`,
        /// `module-load`, `module-unload`, `bpf-load`, `set-uid`, `set-gid`, `capability-change`,
        /// `setns`, `unshare`, `signal`, `io-uring-setup`, `userfaultfd`; later versions may add
        /// names.
        action: text,
        /// The name of the node.
        node: text,
        /// The acting process; for an exec, as it is afterwards.
        process: record(Process),
        /// The parent of the acting process, then its parent, and so on.
        ancestors: list(Process),
        /// The container; none for processes of the node itself.
        container: maybe_record(ContainerInfo),
        /// The pod of the container.
        pod: maybe_record(PodInfo),
        /// The file, for actions on files, mounts, modules, and mappings.
        file: maybe_record(FileTarget),
        /// The socket, for actions on sockets.
        network: maybe_record(NetworkTarget),
        /// The query or answer, for DNS.
        dns: maybe_record(DnsMessage),
        /// The memory, for mappings and protections.
        memory: maybe_record(MemoryTarget),
        /// The target process, for ptrace, process-vm-*, setns, and signal.
        target: maybe_record(Process),
        /// The change, for changes of credentials and namespaces.
        credentials: maybe_record(CredentialChange),
        /// Zero, or the negated `errno` with which the system call failed.
        return_code: value(i32),
        /// Data for which this version has no field.
        attributes: attributes,
    }

    /// A process at the time of the event.
    Process {
        /// Its PID in the node's namespace.
        pid: value(u32),
        /// The PID in the process's own PID namespace.
        namespace_pid: value(u32),
        /// The parent's PID in the node's namespace.
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
        /// The path of the script that the interpreter runs.
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
        /// Only variables that change what code is loaded, such as `LD_PRELOAD`.
        environment: attributes,
        /// Whether the executable was added after the container started (overlay upper layer), is
        /// on a memory file system, or has no file anymore.
        from_upper_layer: value(bool),
        /// Whether the executable is on a memory file system or has no file.
        from_memory: value(bool),
        /// Whether the executable's file is gone.
        deleted: value(bool),
    }

    /// The container in which the process runs.
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

    /// The pod to which the container belongs.
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
        /// The kind and name of the workload that owns the pod.
        workload_kind: text,
        /// See [`PodInfo::workload_kind`].
        workload_name: text,
    }

    /// The file that an action targets.
    FileTarget {
        /// The path.
        path: text,
        /// The new path of a rename or link, or the mount point.
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

    /// The socket that an action targets.
    NetworkTarget {
        /// `inet`, `inet6`, `unix`, `packet`, `netlink`, and so on.
        family: text,
        /// `tcp`, `udp`, `icmp`, and so on.
        protocol: text,
        /// The local address.
        local_address: text,
        /// The local port.
        local_port: value(u16),
        /// The remote address.
        remote_address: text,
        /// The remote port.
        remote_port: value(u16),
        /// The path of a `unix` socket.
        path: text,
        /// For `dup`: the descriptors that the socket was copied from and to.
        old_descriptor: value(i32),
        /// See [`NetworkTarget::old_descriptor`].
        new_descriptor: value(i32),
    }

    /// A DNS query or answer.
    DnsMessage {
        /// Its name.
        name: text,
        /// `A`, `AAAA`, `TXT`, and so on.
        query_type: text,
        /// `NOERROR`, `NXDOMAIN`, and so on; empty for a query.
        response_code: text,
        /// The addresses of the answer.
        addresses: texts,
        /// The server's address.
        server: text,
    }

    /// The memory mapping that an action targets.
    MemoryTarget {
        /// The start address.
        address: value(u64),
        /// The length, in bytes.
        length: value(u64),
        /// `read`, `write`, `execute`.
        protection: texts,
        /// Names of the flags.
        flags: texts,
        /// `stack`, `heap`, `anonymous`, `file`.
        region: text,
    }

    /// A change of user, group, capabilities, or namespaces.
    CredentialChange {
        /// The user id before.
        old_uid: value(u32),
        /// The user id after.
        new_uid: value(u32),
        /// The group id before.
        old_gid: value(u32),
        /// The group id after.
        new_gid: value(u32),
        /// Names of the gained capabilities.
        capabilities_gained: texts,
        /// Names of namespaces entered or created, such as `mnt`, `pid`.
        namespaces: texts,
    }
}

//! The pods that an object makes.

use super::{Attribute, ContainerRole, List};

views! {
    /// The pods that an object makes: the spec of a Pod, or the pod template of a
    /// Deployment, DaemonSet, StatefulSet, ReplicaSet, ReplicationController, Job,
    /// CronJob or PodTemplate.
    Workload {
        /// Containers, init containers and ephemeral containers.
        containers: list(Container),
        /// The volumes.
        volumes: list(Volume),
        /// Whether the pods share the node's network (`hostNetwork`).
        host_network: value(bool),
        /// Whether they share the node's process namespace (`hostPID`).
        host_pid: value(bool),
        /// Whether they share the node's IPC namespace (`hostIPC`).
        host_ipc: value(bool),
        /// `spec.hostUsers`: false is a user namespace of the pod's own.
        host_users: maybe(bool),
        /// Whether a pod's containers see each other's processes.
        share_process_namespace: value(bool),
        /// The service account; empty means `default`.
        service_account: text,
        /// Whether its token is mounted, where the spec says so.
        automount_service_account_token: maybe(bool),
        /// The node that the pod is bound to.
        node_name: text,
        /// The labels that a node must have.
        node_selector: attributes,
        /// Keys of tolerated taints; an empty text tolerates all.
        tolerations: texts,
        /// The priority class.
        priority_class: text,
        /// The runtime class.
        runtime_class: text,
        /// `Always`, `OnFailure` or `Never`.
        restart_policy: text,
        /// Of the pod's security context.
        security: record(SecurityContext),
        /// The kernel settings.
        sysctls: attributes,
        /// Names of the secrets for pulling images.
        image_pull_secrets: texts,
        /// The labels of the pod template; those of a Pod are the object's own.
        template_labels: attributes,
        /// The annotations of the pod template.
        template_annotations: attributes,
        /// How many pods are wanted.
        replicas: maybe(i64),
        /// Of a CronJob.
        schedule: text,
    }

    /// A container, init container or ephemeral container.
    Container {
        /// Its name.
        name: text,
        /// Which of the three it is.
        role: value(ContainerRole),
        /// The image, as written.
        image: text,
        /// The command; none means that of the image.
        command: texts,
        /// The arguments.
        arguments: texts,
        /// The commands of lifecycle hooks and probes, one a line, each with the field that it
        /// comes from: `lifecycle.postStart`.
        hooks: attributes,
        /// Variables with their values; those taken from elsewhere have the value
        /// `secret:NAME/KEY`, `configMap:NAME/KEY` or `field:PATH`.
        environment: attributes,
        /// `secret:NAME` or `configMap:NAME` of `envFrom`.
        environment_from: texts,
        /// Its security context.
        security: record(SecurityContext),
        /// Its mounts of volumes.
        mounts: list(Mount),
        /// Paths of block devices.
        devices: texts,
        /// Its ports.
        ports: list(ContainerPort),
        /// `limits.cpu`, `requests.nvidia.com/gpu`, ...
        quantities: attributes,
        /// `targetContainerName` of an ephemeral container.
        target: text,
        /// Whether it keeps standard input open.
        stdin: value(bool),
        /// Whether it has a terminal.
        tty: value(bool),
        /// The working directory.
        working_directory: text,
    }

    /// Of a container or of a pod; what is not said is none or empty.
    SecurityContext {
        /// `privileged`.
        privileged: maybe(bool),
        /// `allowPrivilegeEscalation`.
        allow_privilege_escalation: maybe(bool),
        /// `runAsUser`.
        run_as_user: maybe(i64),
        /// `runAsGroup`.
        run_as_group: maybe(i64),
        /// `runAsNonRoot`.
        run_as_non_root: maybe(bool),
        /// `readOnlyRootFilesystem`.
        read_only_root_filesystem: maybe(bool),
        /// `capabilities.add`, as written.
        capabilities_added: texts,
        /// `capabilities.drop`, as written.
        capabilities_dropped: texts,
        /// `RuntimeDefault`, `Unconfined`, or `Localhost`.
        seccomp: text,
        /// The AppArmor profile.
        apparmor: text,
        /// `Default` or `Unmasked`.
        proc_mount: text,
        /// SELinux type, role, user and level that are set: `type=spc_t`.
        selinux: attributes,
        /// `windowsOptions.hostProcess`.
        windows_host_process: value(bool),
    }

    /// A port of a container.
    ContainerPort {
        /// `containerPort`.
        port: value(i64),
        /// `hostPort`; 0 is none.
        host_port: value(i64),
        /// `TCP`, `UDP` or `SCTP`.
        protocol: text,
    }

    /// A mount of a volume into a container.
    Mount {
        /// Of the volume.
        name: text,
        /// The path.
        path: text,
        /// The path inside the volume.
        sub_path: text,
        /// Whether it is mounted read-only.
        read_only: value(bool),
        /// `None`, `HostToContainer` or `Bidirectional`.
        propagation: text,
    }

    /// A volume of a pod.
    Volume {
        /// Its name.
        name: text,
        /// The key in the volume's object: `hostPath`, `secret`, `projected`, `csi`, ...
        kind: text,
        /// What it stands on: the path of a `hostPath`, the name of a `secret`, `configMap`
        /// or claim, the driver of a `csi`, the repository of a `gitRepo`.
        source: text,
        /// `hostPath.type`.
        path_type: text,
        /// Whether it is read-only.
        read_only: value(bool),
    }
}

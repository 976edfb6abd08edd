//! The pods that an object defines.

use super::Attribute;

records! {
    /// The pods that an object defines: the spec of a Pod, or the pod template of a
    /// Deployment, DaemonSet, StatefulSet, ReplicaSet, ReplicationController, Job,
    /// CronJob, or PodTemplate.
    pub struct Workload {
        /// Containers, init containers, and ephemeral containers.
        pub containers: Vec<Container>,
        pub volumes: Vec<Volume>,
        #[cfg_attr(feature = "component", component(name = "host-network"))]
        pub host_network: bool,
        #[cfg_attr(feature = "component", component(name = "host-pid"))]
        pub host_pid: bool,
        #[cfg_attr(feature = "component", component(name = "host-ipc"))]
        pub host_ipc: bool,
        /// `spec.hostUsers`; false means that the pod has its own user namespace.
        #[cfg_attr(feature = "component", component(name = "host-users"))]
        pub host_users: Option<bool>,
        #[cfg_attr(feature = "component", component(name = "share-process-namespace"))]
        pub share_process_namespace: bool,
        #[cfg_attr(feature = "component", component(name = "service-account"))]
        pub service_account: String,
        #[cfg_attr(
            feature = "component",
            component(name = "automount-service-account-token")
        )]
        pub automount_service_account_token: Option<bool>,
        #[cfg_attr(feature = "component", component(name = "node-name"))]
        pub node_name: String,
        #[cfg_attr(feature = "component", component(name = "node-selector"))]
        pub node_selector: Vec<Attribute>,
        /// Keys of tolerated taints; an empty key tolerates all.
        pub tolerations: Vec<String>,
        #[cfg_attr(feature = "component", component(name = "priority-class"))]
        pub priority_class: String,
        #[cfg_attr(feature = "component", component(name = "runtime-class"))]
        pub runtime_class: String,
        #[cfg_attr(feature = "component", component(name = "restart-policy"))]
        pub restart_policy: String,
        /// The pod's security context.
        pub security: SecurityContext,
        pub sysctls: Vec<Attribute>,
        /// Names of the image pull secrets.
        #[cfg_attr(feature = "component", component(name = "image-pull-secrets"))]
        pub image_pull_secrets: Vec<String>,
        /// The labels of the pod template; empty for a Pod, whose labels are the object's.
        #[cfg_attr(feature = "component", component(name = "template-labels"))]
        pub template_labels: Vec<Attribute>,
        #[cfg_attr(feature = "component", component(name = "template-annotations"))]
        pub template_annotations: Vec<Attribute>,
        pub replicas: Option<i64>,
        /// The schedule of a CronJob.
        pub schedule: String,
    }
}

enumerations! {
    /// The list of the pod spec that holds the container.
    pub enum ContainerRole {
        #[default]
        #[cfg_attr(feature = "component", component(name = "main"))]
        Main,
        #[cfg_attr(feature = "component", component(name = "init"))]
        Init,
        #[cfg_attr(feature = "component", component(name = "ephemeral"))]
        Ephemeral,
    }
}

records! {
    /// One container of a workload.
    pub struct Container {
        pub name: String,
        pub role: ContainerRole,
        pub image: String,
        pub command: Vec<String>,
        pub arguments: Vec<String>,
        /// The commands of lifecycle hooks and probes. The key is the field that holds the
        /// command, such as `lifecycle.postStart`.
        pub hooks: Vec<Attribute>,
        /// Variables with their values; a reference has the value `secret:NAME/KEY`,
        /// `configMap:NAME/KEY`, or `field:PATH`.
        pub environment: Vec<Attribute>,
        /// The entries of `envFrom`: `secret:NAME` or `configMap:NAME`.
        #[cfg_attr(feature = "component", component(name = "environment-from"))]
        pub environment_from: Vec<String>,
        pub security: SecurityContext,
        pub mounts: Vec<Mount>,
        /// Paths of block devices.
        pub devices: Vec<String>,
        pub ports: Vec<ContainerPort>,
        /// `limits.cpu`, `requests.nvidia.com/gpu`, ...
        pub quantities: Vec<Attribute>,
        /// `targetContainerName` of an ephemeral container.
        pub target: String,
        pub stdin: bool,
        pub tty: bool,
        #[cfg_attr(feature = "component", component(name = "working-directory"))]
        pub working_directory: String,
    }

    /// The security context of a container or pod; unset fields are none or empty.
    pub struct SecurityContext {
        pub privileged: Option<bool>,
        #[cfg_attr(feature = "component", component(name = "allow-privilege-escalation"))]
        pub allow_privilege_escalation: Option<bool>,
        #[cfg_attr(feature = "component", component(name = "run-as-user"))]
        pub run_as_user: Option<i64>,
        #[cfg_attr(feature = "component", component(name = "run-as-group"))]
        pub run_as_group: Option<i64>,
        #[cfg_attr(feature = "component", component(name = "run-as-non-root"))]
        pub run_as_non_root: Option<bool>,
        #[cfg_attr(feature = "component", component(name = "read-only-root-filesystem"))]
        pub read_only_root_filesystem: Option<bool>,
        #[cfg_attr(feature = "component", component(name = "capabilities-added"))]
        pub capabilities_added: Vec<String>,
        #[cfg_attr(feature = "component", component(name = "capabilities-dropped"))]
        pub capabilities_dropped: Vec<String>,
        /// `RuntimeDefault`, `Unconfined`, or `Localhost`.
        pub seccomp: String,
        pub apparmor: String,
        /// `Default` or `Unmasked`.
        #[cfg_attr(feature = "component", component(name = "proc-mount"))]
        pub proc_mount: String,
        /// The SELinux type, role, user, and level that are set: `type=spc_t`.
        pub selinux: Vec<Attribute>,
        /// `windowsOptions.hostProcess`.
        #[cfg_attr(feature = "component", component(name = "windows-host-process"))]
        pub windows_host_process: bool,
    }

    /// One entry of `ports` of a container.
    pub struct ContainerPort {
        pub port: i64,
        #[cfg_attr(feature = "component", component(name = "host-port"))]
        pub host_port: i64,
        pub protocol: String,
    }

    /// One entry of `volumeMounts` of a container.
    pub struct Mount {
        /// The name of the volume.
        pub name: String,
        pub path: String,
        #[cfg_attr(feature = "component", component(name = "sub-path"))]
        pub sub_path: String,
        #[cfg_attr(feature = "component", component(name = "read-only"))]
        pub read_only: bool,
        /// `None`, `HostToContainer`, or `Bidirectional`.
        pub propagation: String,
    }

    /// One volume of a workload.
    pub struct Volume {
        pub name: String,
        /// The key in the volume's object: `hostPath`, `secret`, `projected`, `csi`, ...
        pub kind: String,
        /// The path of a `hostPath`, the name of a `secret`, `configMap`, or claim, the
        /// driver of a `csi`, the repository of a `gitRepo`.
        pub source: String,
        /// `hostPath.type`.
        #[cfg_attr(feature = "component", component(name = "path-type"))]
        pub path_type: String,
        #[cfg_attr(feature = "component", component(name = "read-only"))]
        pub read_only: bool,
    }
}

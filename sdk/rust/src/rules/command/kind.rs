//! What commands are good for.

/// What a command is good for, the most telling first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A shell is connected to another machine: `bash -i >& /dev/tcp/...`, `nc -e sh`.
    ReverseShell,
    /// A program that mines cryptocurrency, or the address of a pool.
    CryptoMiner,
    /// Leaving the container for its node: `nsenter -t 1`, `chroot /host`, `docker.sock`.
    ContainerEscape,
    /// What comes from the network is run: `curl ... | sh`.
    DownloadAndRun,
    /// What was encoded is run: `base64 -d | sh`.
    DecodedPayload,
    /// A program that is made for attacks, or for tests of them.
    OffensiveTool,
    /// A scanner of networks: `nmap`.
    NetworkScan,
    /// Credentials of the node from the cloud's metadata service.
    MetadataCredentials,
    /// Another question to the cloud's metadata service.
    InstanceMetadata,
    /// A file is read that holds credentials of a node, a cloud or a person, or the secrets in
    /// etcd are.
    SensitiveFile,
    /// The token of the pod's own service account is read.
    ServiceAccountToken,
    /// The environment of another process is read, which often holds secrets.
    ProcessEnvironment,
    /// Files or traffic are sent to another machine: `tar cz / | nc HOST PORT`.
    DataSent,
    /// Traces or protections are removed: `history -c`, `iptables -F`.
    DefenseEvasion,
    /// Something is left behind that comes back: cron, SSH keys, accounts.
    Persistence,
    /// Kubernetes' API is asked from inside: `kubectl`, or its address by hand.
    KubernetesClient,
    /// Programs are installed with the system's package manager.
    PackageInstalled,
    /// Files are sent out, as `kubectl cp` does.
    CopyOut,
    /// Files are taken in, as `kubectl cp` does.
    CopyIn,
    /// A shell that takes commands from its input.
    Shell,
}

impl Kind {
    /// A few words for it, for titles: `a reverse shell`.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::ReverseShell => "a reverse shell",
            Self::CryptoMiner => "a cryptocurrency miner",
            Self::ContainerEscape => "an escape to the node",
            Self::DownloadAndRun => "a download that is run",
            Self::DecodedPayload => "a decoded payload that is run",
            Self::OffensiveTool => "an attack tool",
            Self::NetworkScan => "a network scan",
            Self::MetadataCredentials => "credentials from the cloud's metadata service",
            Self::InstanceMetadata => "the cloud's metadata service",
            Self::SensitiveFile => "stored credentials",
            Self::ServiceAccountToken => "the service account's token",
            Self::ProcessEnvironment => "the environment of a process",
            Self::DataSent => "data sent to another machine",
            Self::DefenseEvasion => "removal of traces or protections",
            Self::Persistence => "a way to come back",
            Self::KubernetesClient => "a client of the Kubernetes API",
            Self::PackageInstalled => "the installation of programs",
            Self::CopyOut => "files copied out",
            Self::CopyIn => "files copied in",
            Self::Shell => "a shell",
        }
    }

    /// The ATT&CK technique.
    #[must_use]
    pub fn technique(self) -> &'static str {
        match self {
            Self::ReverseShell | Self::Shell => "T1059.004",
            Self::CryptoMiner => "T1496.001",
            Self::ContainerEscape => "T1611",
            Self::DownloadAndRun | Self::PackageInstalled => "T1105",
            Self::DecodedPayload => "T1140",
            Self::OffensiveTool => "T1588.002",
            Self::NetworkScan => "T1046",
            Self::MetadataCredentials | Self::InstanceMetadata => "T1552.005",
            Self::SensitiveFile | Self::ProcessEnvironment => "T1552.001",
            Self::ServiceAccountToken => "T1528",
            Self::DataSent => "T1048",
            Self::DefenseEvasion => "T1562.001",
            Self::Persistence => "T1053.003",
            Self::KubernetesClient => "T1613",
            Self::CopyOut => "T1005",
            Self::CopyIn => "T1570",
        }
    }
}

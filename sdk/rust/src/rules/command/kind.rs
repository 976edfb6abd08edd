//! Purposes of commands.

/// The purpose of a command, the most suspicious first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Connects a shell to another machine: `bash -i >& /dev/tcp/...`, `nc -e sh`.
    ReverseShell,
    /// Mines cryptocurrency, or names the address of a mining pool.
    CryptoMiner,
    /// Leaves the container for its node: `nsenter -t 1`, `chroot /host`, `docker.sock`.
    ContainerEscape,
    /// Runs a download: `curl ... | sh`.
    DownloadAndRun,
    /// Runs decoded text: `base64 -d | sh`.
    DecodedPayload,
    /// Runs a tool for attacks or penetration tests.
    OffensiveTool,
    /// Scans networks: `nmap`.
    NetworkScan,
    /// Requests the node's credentials from the cloud's metadata service.
    MetadataCredentials,
    /// Requests something else from the cloud's metadata service.
    InstanceMetadata,
    /// Reads a file with credentials of a node, a cloud, or a person, or the secrets in etcd.
    SensitiveFile,
    /// Reads the token of the pod's own service account.
    ServiceAccountToken,
    /// Reads the environment of a process, which often contains secrets.
    ProcessEnvironment,
    /// Sends files or traffic to another machine: `tar cz / | nc HOST PORT`.
    DataSent,
    /// Removes traces or protections: `history -c`, `iptables -F`.
    DefenseEvasion,
    /// Leaves a way back: cron jobs, SSH keys, accounts.
    Persistence,
    /// Calls the Kubernetes API from inside: `kubectl`, or HTTP requests to its address.
    KubernetesClient,
    /// Installs programs with the system's package manager.
    PackageInstalled,
    /// Sends files out, as `kubectl cp` does.
    CopyOut,
    /// Receives files, as `kubectl cp` does.
    CopyIn,
    /// Starts a shell that reads commands from its input.
    Shell,
}

impl Kind {
    /// Returns a noun phrase for titles: `a reverse shell`.
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

    /// Returns the id of the ATT&CK technique.
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

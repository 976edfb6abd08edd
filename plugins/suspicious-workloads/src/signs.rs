//! Signs of attacks in the commands, arguments, hooks, probes, and environment variables of
//! containers.

use wardline_sdk::rules::command::{Commands, Kind, MAX_SCRIPT_BYTES, Sign, is_miner_image};
use wardline_sdk::rules::severity::{HIGH, LOW, MEDIUM, SeverityRule};
use wardline_sdk::view::Container;

pub const REVERSE_SHELL: SeverityRule = SeverityRule::new(HIGH, "the command is a reverse shell");
pub const INTRUSION: SeverityRule = SeverityRule::new(
    6.0,
    "it escapes to the node, establishes persistence there, runs a downloaded or decoded payload, or \
     is an offensive tool",
);
pub const COLLECTION: SeverityRule = SeverityRule::new(
    MEDIUM,
    "it reads credentials of the node or cloud, sends data to another machine, or removes traces or \
     protections",
);
pub const READING: SeverityRule = SeverityRule::new(
    LOW,
    "it reads the service account's token or another key, queries the metadata service, or scans the \
     network",
);

/// Maximum number of bytes of commands that are read per workload. An object has at most 1.5 MiB (etcd's
/// `--max-request-bytes`), so that nobody can hide a command behind others.
const MAX_BYTES: usize = 2 * 1024 * 1024;
/// The most bytes that are read of a single word or script: its beginning and its end.
const MAX_TEXT: usize = 2 * MAX_SCRIPT_BYTES;

/// A sign with the path of its field.
pub struct FoundSign {
    pub path: String,
    pub value: String,
    pub kind: Kind,
    pub severity: f64,
}

/// Returns the severity of a sign in a workload. It is lower than in an exec for actions of images
/// and Kubernetes operators when they start, and `None` for actions that are common.
fn severity(sign: &Sign) -> Option<f64> {
    Some(match sign.kind {
        Kind::ReverseShell => REVERSE_SHELL.severity,
        Kind::CryptoMiner => HIGH,
        Kind::ContainerEscape
        | Kind::DownloadAndRun
        | Kind::DecodedPayload
        | Kind::OffensiveTool => INTRUSION.severity,
        Kind::MetadataCredentials | Kind::DataSent | Kind::DefenseEvasion => COLLECTION.severity,
        // Containers often copy their own keys, so only files of the node are Medium.
        Kind::SensitiveFile if is_on_node(&sign.text) => COLLECTION.severity,
        Kind::Persistence if is_on_node(&sign.text) => INTRUSION.severity,
        Kind::SensitiveFile
        | Kind::ServiceAccountToken
        | Kind::InstanceMetadata
        | Kind::NetworkScan => READING.severity,
        Kind::Persistence
        | Kind::ProcessEnvironment
        | Kind::KubernetesClient
        | Kind::PackageInstalled
        | Kind::CopyOut
        | Kind::CopyIn
        | Kind::Shell => return None,
    })
}

/// Whether a command names a path of the node.
fn is_on_node(text: &str) -> bool {
    [
        "/etc/shadow",
        "/etc/kubernetes",
        "/var/lib/kubelet",
        "/var/lib/etcd",
        "/host",
        "/rootfs",
    ]
    .iter()
    .any(|path| text.contains(path))
}

/// Collects the signs in the containers of one workload.
pub struct Scanner {
    pub found: Vec<FoundSign>,
    /// Number of bytes that may still be read.
    remaining: usize,
}

impl Default for Scanner {
    fn default() -> Self {
        Self {
            found: Vec::new(),
            remaining: MAX_BYTES,
        }
    }
}

impl Scanner {
    /// Adds the signs in a container at this path.
    pub fn scan(&mut self, container: Container<'_>, path: &str) {
        let image = container.image();
        if is_miner_image(image) {
            let sign = Sign {
                kind: Kind::CryptoMiner,
                text: image.to_owned(),
            };
            self.add(&format!("{path}.image"), sign);
        }
        let field = match container.command().is_empty() {
            true => "args",
            false => "command",
        };
        let words = || container.command().chain(container.arguments());
        if self.may_read(words().map(read).sum()) {
            for sign in Commands::from_arguments(words()).signs() {
                self.add(&format!("{path}.{field}"), sign);
            }
        }
        for hook in container.hooks() {
            if self.may_read(read(hook.value())) {
                for sign in Commands::from_line(hook.value()).signs() {
                    self.add(&format!("{path}.{}", hook.key()), sign);
                }
            }
        }
        for variable in container.environment() {
            let value = variable.value();
            if is_worth_reading(value) && self.may_read(read(value)) {
                let path = format!("{path}.env[name={}].value", variable.key());
                // A variable may never be run, and a file name in it does not mean a read.
                let signs = Commands::from_script(value).signs().into_iter();
                for sign in signs.filter(|sign| is_unambiguous(sign.kind)) {
                    self.add(&path, sign);
                }
            }
        }
    }

    fn may_read(&mut self, length: usize) -> bool {
        let may = length > 0 && self.remaining > 0;
        self.remaining = self.remaining.saturating_sub(length);
        may
    }

    fn add(&mut self, path: &str, sign: Sign) {
        if let Some(severity) = severity(&sign) {
            self.found.push(FoundSign {
                path: path.to_owned(),
                value: sign.text,
                kind: sign.kind,
                severity,
            });
        }
    }
}

/// Returns how many bytes of a text are read.
fn read(text: &str) -> usize {
    text.len().min(MAX_TEXT)
}

/// Whether a sign of this kind is meaningful in a text that may never be run.
fn is_unambiguous(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::ReverseShell | Kind::CryptoMiner | Kind::DownloadAndRun | Kind::DecodedPayload
    )
}

/// Whether a variable may hold a script or the address of a mining pool. Most hold names and
/// numbers.
fn is_worth_reading(value: &str) -> bool {
    ["://", "/dev/", "|", "pool", "$("]
        .iter()
        .any(|part| value.contains(part))
}

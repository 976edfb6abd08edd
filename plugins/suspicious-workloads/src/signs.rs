//! What the containers of a workload run: commands, arguments, hooks, probes, and scripts in
//! variables.

use wardline_sdk::rules::command::{Commands, Kind, Sign, is_miner_image};
use wardline_sdk::view::Container;

/// How many bytes of commands of one workload are read. An object may be 1.5 MiB (etcd's
/// `--max-request-bytes`); commands are hardly ever as long as this.
const LONGEST: usize = 128 * 1024;

/// A sign, and where it stands below its container.
pub struct Found {
    pub place: String,
    pub value: String,
    pub kind: Kind,
    pub severity: f64,
}

/// The severity of a sign in a workload. Lower than in an exec where images and operators do
/// such things when they start; none where all do.
fn severity(sign: &Sign) -> Option<f64> {
    Some(match sign.kind {
        Kind::ReverseShell | Kind::CryptoMiner => 8.0,
        Kind::ContainerEscape
        | Kind::DownloadAndRun
        | Kind::DecodedPayload
        | Kind::OffensiveTool => 6.0,
        Kind::MetadataCredentials | Kind::DataSent | Kind::DefenseEvasion => 5.0,
        // Keys of one's own are copied to where programs want them.
        Kind::SensitiveFile if is_of_node(&sign.text) => 5.0,
        Kind::Persistence if is_of_node(&sign.text) => 6.0,
        Kind::SensitiveFile
        | Kind::ServiceAccountToken
        | Kind::InstanceMetadata
        | Kind::NetworkScan => 3.0,
        Kind::Persistence
        | Kind::ProcessEnvironment
        | Kind::KubernetesClient
        | Kind::PackageInstalled
        | Kind::CopyOut
        | Kind::CopyIn
        | Kind::Shell => return None,
    })
}

fn is_of_node(text: &str) -> bool {
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

/// Reads the containers of one workload.
pub struct Reader {
    pub found: Vec<Found>,
    /// Bytes that may still be read.
    left: usize,
}

impl Default for Reader {
    fn default() -> Self {
        Self {
            found: Vec::new(),
            left: LONGEST,
        }
    }
}

impl Reader {
    /// Finds everything that stands out in a container.
    pub fn read(&mut self, container: Container<'_>, place: &str) {
        let image = container.image();
        if is_miner_image(image) {
            let sign = Sign {
                kind: Kind::CryptoMiner,
                text: image.to_owned(),
            };
            self.add(&format!("{place}.image"), sign);
        }
        let field = match container.command().is_empty() {
            true => "args",
            false => "command",
        };
        let words = || container.command().chain(container.arguments());
        if self.may_read(words().map(str::len).sum()) {
            for sign in Commands::of_arguments(words()).signs() {
                self.add(&format!("{place}.{field}"), sign);
            }
        }
        for hook in container.hooks() {
            if self.may_read(hook.value().len()) {
                for sign in Commands::of_line(hook.value()).signs() {
                    self.add(&format!("{place}.{}", hook.key()), sign);
                }
            }
        }
        for variable in container.environment() {
            let value = variable.value();
            if is_worth_reading(value) && self.may_read(value.len()) {
                let place = format!("{place}.env[name={}].value", variable.key());
                // Who runs a variable is not known; what names a file there is no reading.
                let signs = Commands::of_script(value).signs().into_iter();
                for sign in signs.filter(|sign| is_clear(sign.kind)) {
                    self.add(&place, sign);
                }
            }
        }
    }

    fn may_read(&mut self, length: usize) -> bool {
        let may = length > 0 && self.left > 0;
        self.left = self.left.saturating_sub(length);
        may
    }

    fn add(&mut self, place: &str, sign: Sign) {
        if let Some(severity) = severity(&sign) {
            self.found.push(Found {
                place: place.to_owned(),
                value: sign.text,
                kind: sign.kind,
                severity,
            });
        }
    }
}

fn is_clear(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::ReverseShell | Kind::CryptoMiner | Kind::DownloadAndRun | Kind::DecodedPayload
    )
}

/// Most variables are names and numbers.
fn is_worth_reading(value: &str) -> bool {
    ["://", "/dev/", "|", "pool", "$("]
        .iter()
        .any(|part| value.contains(part))
}

//! Offensive tools, network scanners, clients of the Kubernetes API, and package managers.

use super::parse::Command;
use super::{FoundSigns, Kind};
use crate::rules::image::repository;
use crate::text::contains;

/// Programs that attack containers and clusters, search for privilege escalations, or tunnel.
const OFFENSIVE: [&str; 38] = [
    "amicontained",
    "botb",
    "chisel",
    "crackmapexec",
    "deepce",
    "deepce.sh",
    "ffuf",
    "frpc",
    "fscan",
    "gobuster",
    "gs-netcat",
    "gsocket",
    "hydra",
    "impacket",
    "kdigger",
    "kube-hunter",
    "kubeletctl",
    "kubesploit",
    "lazagne",
    "ligolo",
    "linenum",
    "linenum.sh",
    "linpeas",
    "linpeas.sh",
    "linux-exploit-suggester.sh",
    "mimipenguin",
    "msfconsole",
    "msfvenom",
    "ngrok",
    "peirates",
    "pspy",
    "pspy64",
    "rakkess",
    "sliver-client",
    "sqlmap",
    "tmate",
    "traitor",
    "unix-privesc-check",
];

const SCANNERS: [&str; 6] = ["masscan", "nmap", "rustscan", "zgrab", "zmap", "naabu"];

/// Subcommands of CDK (<https://github.com/cdk-team/CDK>), which shares its name with other
/// programs.
const CDK: [&str; 10] = [
    "evaluate",
    "eva",
    "auto-escape",
    "run",
    "kcurl",
    "ectl",
    "dcurl",
    "ucurl",
    "probe",
    "nc",
];

/// Parts of the names of images for attacks or penetration tests.
const IMAGES: [&str; 22] = [
    "amicontained",
    "botb",
    "cdk-team",
    "cdkteam",
    "deepce",
    "kali-rolling",
    "kalilinux",
    "kdigger",
    "kube-hunter",
    "kubeletctl",
    "kubesploit",
    "linpeas",
    "masscan",
    "metasploit",
    "metasploit-framework",
    "nmap",
    "parrotsec",
    "peirates",
    "bad-pods",
    "blackarch",
    "rustscan",
    "sliver",
];

pub(super) fn find(commands: &[Command], found: &mut FoundSigns) {
    for command in commands {
        let name = command.name.as_str();
        let first = command.arguments().next().unwrap_or_default();
        let is_cdk = (name == "cdk" && CDK.contains(&first)) || name.starts_with("cdk_linux");
        if is_cdk || OFFENSIVE.contains(&name) {
            found.add(Kind::OffensiveTool, command.text());
        } else if SCANNERS.contains(&name) {
            found.add(Kind::NetworkScan, command.text());
        } else if is_client(command, name) {
            found.add(Kind::KubernetesClient, command.text());
        } else if installs(command, name) {
            found.add(Kind::PackageInstalled, command.text());
        }
    }
}

/// Returns whether a part of an image's name is that of a tool for attacks or penetration tests.
#[must_use]
pub fn is_offensive_image(image: &str) -> bool {
    let repository = repository(image).to_ascii_lowercase();
    repository.split('/').any(|part| IMAGES.contains(&part))
}

/// Returns whether a command installs packages: `apt-get install`, `apk add`.
fn installs(command: &Command, name: &str) -> bool {
    matches!(
        name,
        "apk" | "apt" | "apt-get" | "dnf" | "microdnf" | "tdnf" | "yum" | "zypper"
    ) && command
        .arguments()
        .any(|word| matches!(word, "add" | "install"))
}

/// Returns whether a command calls the Kubernetes API: `kubectl`, or a request to the API server's
/// address inside the cluster.
fn is_client(command: &Command, name: &str) -> bool {
    let is_kubectl = matches!(name, "kubectl" | "oc")
        && !command
            .arguments()
            .any(|word| matches!(word, "version" | "--help" | "completion"));
    let by_hand = super::download::is_fetch(name)
        && command.arguments().any(|word| {
            contains(word, "kubernetes.default")
                || contains(word, "KUBERNETES_SERVICE_HOST")
                || contains(word, "KUBERNETES_PORT_443_TCP_ADDR")
        })
        && !command.arguments().any(|word| {
            ["/healthz", "/livez", "/readyz", "/version"]
                .iter()
                .any(|path| word.ends_with(path))
        });
    is_kubectl || by_hand
}

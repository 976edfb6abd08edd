//! Reads of files that contain credentials (<https://attack.mitre.org/techniques/T1552/001/>).

use super::parse::Command;
use super::program::is_interpreter;
use super::{FoundSigns, Kind};
use crate::text::contains;

/// Parts of the paths of such files: those of Linux, Kubernetes and its distributions, clouds, and
/// home directories.
const FILES: [&str; 34] = [
    "/etc/shadow",
    "/etc/gshadow",
    "/etc/kubernetes/admin.conf",
    "/etc/kubernetes/super-admin.conf",
    "/etc/kubernetes/kubelet.conf",
    "/etc/kubernetes/controller-manager.conf",
    "/etc/kubernetes/scheduler.conf",
    "/etc/kubernetes/azure.json",
    "/var/lib/kubelet/pki",
    "/var/lib/kubelet/kubeconfig",
    "/var/lib/kubelet/bootstrap-kubeconfig",
    "/etc/rancher/k3s/k3s.yaml",
    "/etc/rancher/rke2/rke2.yaml",
    ".kube/config",
    ".aws/credentials",
    ".docker/config.json",
    ".ssh/id_",
    "id_rsa",
    "id_ed25519",
    "id_ecdsa",
    ".azure/accessTokens",
    ".azure/msal_token_cache",
    ".config/gcloud/",
    "application_default_credentials.json",
    ".git-credentials",
    "/.netrc",
    "/.pgpass",
    "/.my.cnf",
    "/.vault-token",
    "eks.amazonaws.com/serviceaccount/token",
    "pods.eks.amazonaws.com/serviceaccount/",
    "azure-identity-token",
    "/var/lib/etcd/member",
    "/etc/krb5.keytab",
];

/// The directory of the token of a pod's service account
/// (<https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/>).
const TOKEN: &str = "/secrets/kubernetes.io/serviceaccount";

/// Programs that read files named in their arguments.
const READERS: [&str; 46] = [
    ".", "awk", "base64", "bat", "cat", "cd", "cp", "curl", "cut", "dd", "egrep", "fgrep", "gawk",
    "grep", "gzip", "head", "hexdump", "jq", "less", "mapfile", "more", "mv", "nano", "nl", "od",
    "openssl", "paste", "rsync", "scp", "sed", "sort", "source", "strings", "tac", "tail", "tar",
    "tee", "uniq", "vi", "vim", "wc", "wget", "xxd", "yq", "zcat", "zip",
];

/// File names in searches for credentials.
const HUNTED: [&str; 13] = [
    "id_rsa",
    "id_ed25519",
    "id_ecdsa",
    "*.pem",
    "*.key",
    "kubeconfig",
    "credentials",
    "*.kdbx",
    ".git-credentials",
    "*password*",
    "*secret*",
    "*token*",
    "authorized_keys",
];

pub(super) fn find(commands: &[Command], found: &mut FoundSigns) {
    for command in commands {
        let name = command.name.as_str();
        let reads = READERS.contains(&name) || is_interpreter(name);
        let arguments = command.arguments().filter(|_| reads);
        let inputs = command
            .redirects
            .iter()
            .filter(|to| to.reads_file())
            .map(|to| to.target.as_str());
        for word in arguments.chain(inputs) {
            if let Some(kind) = of_path(word) {
                found.add(kind, command.text());
            }
        }
        if hunts(command, name) || reads_etcd(command, name) {
            found.add(Kind::SensitiveFile, command.text());
        }
    }
}

/// Returns whether a path is that of a file or directory with credentials of a node, a cloud, or a
/// person.
#[must_use]
pub fn is_sensitive_file(path: &str) -> bool {
    of_path(path) == Some(Kind::SensitiveFile)
}

fn of_path(word: &str) -> Option<Kind> {
    if contains(word, TOKEN) {
        // The other two files in the directory are not secret.
        let is_public = word.ends_with("/namespace") || word.ends_with("/ca.crt");
        return (!is_public).then_some(Kind::ServiceAccountToken);
    }
    if FILES.iter().any(|file| contains(word, file)) {
        return (!word.ends_with(".pub")).then_some(Kind::SensitiveFile);
    }
    let is_key =
        contains(word, "/etc/kubernetes/pki") && !word.ends_with(".crt") && !word.ends_with(".pub");
    if is_key {
        return Some(Kind::SensitiveFile);
    }
    let process = word
        .find("/proc/")
        .and_then(|at| word.get(at + "/proc/".len()..))
        .and_then(|rest| rest.split_once("/environ"))
        .is_some_and(|(process, rest)| !process.contains('/') && rest.is_empty());
    process.then_some(Kind::ProcessEnvironment)
}

/// Returns whether a command reads secrets, or everything, from etcd, such as
/// `etcdctl get /registry/secrets --prefix`
/// (<https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/#verifying-that-data-is-encrypted>).
fn reads_etcd(command: &Command, name: &str) -> bool {
    let has = |words: &[&str]| command.arguments().any(|word| words.contains(&word));
    name == "etcdctl"
        && has(&["get", "watch"])
        && (command
            .arguments()
            .any(|word| contains(word, "/registry/secrets"))
            || (has(&["--prefix", "--from-key"]) && has(&["", "/", "/registry", "/registry/"])))
}

/// Returns whether a command searches for credentials: `find / -name id_rsa`,
/// `grep -r 'PRIVATE KEY' /`.
fn hunts(command: &Command, name: &str) -> bool {
    match name {
        "find" | "locate" => command
            .arguments()
            .any(|word| HUNTED.contains(&word.rsplit('/').next().unwrap_or(word))),
        "grep" | "egrep" | "rg" => {
            let recursive = name == "rg"
                || command.arguments().any(|word| {
                    word == "--recursive"
                        || (word.starts_with('-')
                            && !word.starts_with("--")
                            && word.contains(['r', 'R']))
                });
            recursive
                && command.arguments().any(|word| {
                    contains(word, "PRIVATE KEY")
                        || contains(word, "AKIA")
                        || contains(&word.to_ascii_lowercase(), "aws_secret")
                })
        }
        _ => false,
    }
}

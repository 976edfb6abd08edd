//! Requests to the clouds' metadata services, which return the node's credentials
//! (<https://attack.mitre.org/techniques/T1552/005/>).

use super::download::is_fetch;
use super::parse::Command;
use super::program::is_interpreter;
use super::{FoundSigns, Kind};
use crate::text::contains;

/// Addresses and names of metadata services: the common address, also as a number; those of EC2
/// over IPv6, ECS tasks, EKS Pod Identity, Alibaba, and Oracle.
const HOSTS: [&str; 14] = [
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "0xA9FEA9FE",
    "0251.0376.0251.0376",
    "fd00:ec2::254",
    "169.254.170.2",
    "169.254.170.23",
    "fd00:ec2::23",
    "100.100.100.200",
    "192.0.0.192",
    "metadata.google.internal",
    "metadata.goog",
    "://instance-data",
];

/// Paths and variables that only metadata services have.
const PATHS: [&str; 11] = [
    "/latest/meta-data",
    "/latest/user-data",
    "/latest/dynamic/instance-identity",
    "/latest/api/token",
    "/computeMetadata/v1",
    "/metadata/instance?",
    "/metadata/identity/oauth2",
    "/opc/v1/instance",
    "/opc/v2/instance",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
];

/// Parts of paths and variables that lead to credentials.
const CREDENTIALS: [&str; 10] = [
    "security-credentials",
    "service-accounts/",
    "identity/oauth2/token",
    "/v2/credentials",
    "/v1/credentials",
    "AWS_CONTAINER_CREDENTIALS_",
    "kube-env",
    "/opc/v2/identity",
    "/ram/security",
    "/user-data",
];

pub(super) fn find(commands: &[Command], found: &mut FoundSigns) {
    for command in commands.iter().filter(|command| sends_requests(command)) {
        let texts = || {
            let targets = command.redirects.iter().map(|to| to.target.as_str());
            command.words.iter().map(String::as_str).chain(targets)
        };
        let has = |list: &[&str]| texts().any(|word| list.iter().any(|text| contains(word, text)));
        if has(&HOSTS) || has(&PATHS) {
            let kind = match has(&CREDENTIALS) {
                true => Kind::MetadataCredentials,
                false => Kind::InstanceMetadata,
            };
            found.add(kind, command.text());
        }
    }
}

/// Returns whether a command sends requests. Commands that resolve names (a cloud's resolver has
/// the same address) or set firewall rules do not.
fn sends_requests(command: &Command) -> bool {
    let name = command.name.as_str();
    is_fetch(name)
        || matches!(
            name,
            "nc" | "ncat" | "netcat" | "socat" | "telnet" | "openssl"
        )
        || is_interpreter(name)
        || command
            .redirects
            .iter()
            .any(|to| contains(&to.target, "/dev/tcp/"))
}

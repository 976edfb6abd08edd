//! Findings about the content of a command that is run in a pod.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::command::{Kind, Sign};
use wardline_sdk::rules::outcome::{self, ATTEMPTED};
use wardline_sdk::rules::severity::{HIGH, LOW, MEDIUM};

use crate::settings::Tuning;
use crate::stream::Stream;

const SUSPICIOUS: &str = "Execution:Kubernetes/SuspiciousExecCommand";
const FILE: &str = "CredentialAccess:Kubernetes/ExecSensitiveFile";
const METADATA: &str = "CredentialAccess:Kubernetes/ExecInstanceMetadata";

// The rules of `SUSPICIOUS`.
const SHELL_OR_MINER: SeverityRule = SeverityRule::new(
    HIGH,
    "the command is a reverse shell or a cryptocurrency miner",
);
const ESCAPE: SeverityRule = SeverityRule::new(
    7.0,
    "it escapes to the node, or runs a downloaded or decoded payload",
);
const OFFENSIVE: SeverityRule = SeverityRule::new(6.0, "it is an offensive tool");
const HARMFUL: SeverityRule = SeverityRule::new(
    MEDIUM,
    "it sends data to another machine, removes traces or protections, or establishes persistence",
);
const SCAN: SeverityRule = SeverityRule::new(4.0, "it scans the network");
const ADMINISTRATION: SeverityRule =
    SeverityRule::new(LOW, "it calls the Kubernetes API or installs packages");

// The rules of `FILE`.
const CREDENTIALS: SeverityRule = SeverityRule::new(
    6.0,
    "the file holds credentials of a node, a cloud, or a person",
);
const OWN_TOKEN: SeverityRule =
    SeverityRule::new(MEDIUM, "it is the token of the pod's own service account");
const ENVIRONMENT: SeverityRule = SeverityRule::new(LOW, "it is the environment of a process");

// The rules of `METADATA`.
const CLOUD_CREDENTIALS: SeverityRule =
    SeverityRule::new(7.0, "the requested path returns credentials");

/// Returns the finding type for a kind of sign and its severity in a running pod. Copies and
/// shells are reported by the modules `copy` and `plain`.
fn verdict(kind: Kind) -> Option<(&'static str, f64)> {
    Some(match kind {
        Kind::ReverseShell | Kind::CryptoMiner => (SUSPICIOUS, SHELL_OR_MINER.severity),
        Kind::ContainerEscape | Kind::DownloadAndRun | Kind::DecodedPayload => {
            (SUSPICIOUS, ESCAPE.severity)
        }
        Kind::OffensiveTool => (SUSPICIOUS, OFFENSIVE.severity),
        Kind::DataSent | Kind::DefenseEvasion | Kind::Persistence => (SUSPICIOUS, HARMFUL.severity),
        // Administrators scan networks too, for troubleshooting.
        Kind::NetworkScan => (SUSPICIOUS, SCAN.severity),
        Kind::KubernetesClient | Kind::PackageInstalled => (SUSPICIOUS, ADMINISTRATION.severity),
        Kind::SensitiveFile => (FILE, CREDENTIALS.severity),
        Kind::ServiceAccountToken => (FILE, OWN_TOKEN.severity),
        // Developers inspect the environment that their program was started with.
        Kind::ProcessEnvironment => (FILE, ENVIRONMENT.severity),
        Kind::MetadataCredentials => (METADATA, CLOUD_CREDENTIALS.severity),
        Kind::InstanceMetadata => (METADATA, MEDIUM),
        Kind::CopyOut | Kind::CopyIn | Kind::Shell => return None,
    })
}

/// Raises one finding per type, which cites all signs of that type. Returns whether it raised any.
pub fn judge(
    stream: &Stream<'_>,
    signs: &[Sign],
    tuning: &Tuning,
    findings: &mut Findings,
) -> bool {
    if tuning.trusts_command(&stream.line) {
        return false;
    }
    let event = stream.event;
    let mut found = false;
    for finding_type in [SUSPICIOUS, FILE, METADATA] {
        let of_type: Vec<(&Sign, f64)> = signs
            .iter()
            .filter_map(|sign| match verdict(sign.kind)? {
                (name, severity) if name == finding_type => Some((sign, severity)),
                _ => None,
            })
            .collect();
        if of_type.is_empty() {
            continue;
        }
        found = true;
        let severity = of_type
            .iter()
            .map(|(_, severity)| *severity)
            .fold(1.0, f64::max);
        let kinds = labels(of_type.iter().map(|(sign, _)| sign.kind));
        let mut finding = stream
            .finding(finding_type)
            .dedup_key(format!("{}/{kinds}", stream.key()))
            .severity(outcome::severity(event, severity))
            .attribute("kinds", &kinds)
            .title(format!(
                "A command was {} in pod {} by {}: {kinds}",
                match event.succeeded() {
                    true => "run",
                    false => "attempted",
                },
                stream.target(),
                event.user().username()
            ));
        let mut techniques: Vec<&str> = Vec::new();
        for (sign, _) in of_type {
            if sign.text != stream.line {
                finding = finding.evidence(event, "requestURI?command", &sign.text);
            }
            if !techniques.contains(&sign.kind.technique()) {
                techniques.push(sign.kind.technique());
            }
        }
        findings.raise(finding.attribute("techniques", techniques.join(", ")));
    }
    found
}

/// Joins the labels of signs, without duplicates.
fn labels(kinds: impl Iterator<Item = Kind>) -> String {
    let mut labels: Vec<&str> = Vec::new();
    for kind in kinds {
        if !labels.contains(&kind.label()) {
            labels.push(kind.label());
        }
    }
    labels.join(", ")
}

const REMEDIATION: &str = "Ask the user whether this was intended. If not, revoke the user's \
    credentials, isolate the pod with a network policy and preserve it for forensics, replace it, \
    and rotate every credential that it had. Remove `create pods/exec` from roles that do not \
    need it.";

pub fn suspicious_type() -> FindingType {
    FindingType::new(SUSPICIOUS, ESCAPE.severity)
        .title("A command typical of attackers was run in a pod")
        .description(
            "The command opens a reverse shell, runs a downloaded or decoded payload, escapes to \
             the node, mines cryptocurrency, or is an offensive tool. Attackers run such commands \
             in a pod that they have just compromised.",
        )
        .technique("T1609")
        .technique("T1059.004")
        .remediation(REMEDIATION)
        .false_positives(
            "Administrators who install a tool in a running container (`curl ... | sh`), security \
             tests, node maintenance with `nsenter` and `chroot /host`, and toolbox pods with \
             kubectl. The command line in the evidence shows which it is.",
        )
        .severity_rules([SHELL_OR_MINER, ESCAPE, OFFENSIVE, HARMFUL, SCAN, ADMINISTRATION, ATTEMPTED])
        .tuning("Add prefixes of known command lines to `trusted-commands`.")
        .aggregated_by("actor, namespace, pod, and kinds of command")
        .reference("https://attack.mitre.org/techniques/T1609/")
        .reference("https://attack.mitre.org/techniques/T1059/004/")
        .reference("https://microsoft.github.io/Threat-Matrix-for-Kubernetes/techniques/Exec%20into%20container/")
}

pub fn file_type() -> FindingType {
    FindingType::new(FILE, MEDIUM)
        .title("A file with credentials was read by a command in a pod")
        .description(
            "The file holds credentials of a service account, a node, a cloud, or a person. An \
             attacker who has them can act under that identity from anywhere.",
        )
        .technique("T1552.001")
        .technique("T1528")
        .remediation(
            "Ask the user whether this was intended. If not, revoke the user's credentials and \
             rotate the credentials in the file: delete the pod that a service account token is \
             bound to, and replace node and cloud keys. Search the audit logs of the cluster and \
             the cloud for requests with them.",
        )
        .false_positives(
            "Developers who send a test request with their pod's token, and administrators who \
             check which credentials a pod has. The finding names the user and the file.",
        )
        .severity_rules([CREDENTIALS, OWN_TOKEN, ENVIRONMENT, ATTEMPTED])
        .tuning("Add prefixes of known command lines to `trusted-commands`.")
        .aggregated_by("actor, namespace, pod, and kinds of file")
        .reference("https://attack.mitre.org/techniques/T1552/001/")
        .reference("https://kubernetes.io/docs/concepts/security/service-accounts/")
}

pub fn metadata_type() -> FindingType {
    FindingType::new(METADATA, MEDIUM)
        .title("The cloud metadata service was queried from a pod")
        .description(
            "The metadata service returns the credentials of the node, or of the pod's cloud \
             identity, to any process that can reach it. Node credentials allow an attacker to \
             pull images, read storage, and often to join the cluster.",
        )
        .technique("T1552.005")
        .remediation(
            "Ask the user whether this was intended. If not, revoke the user's credentials and \
             the sessions of the node's cloud role. Block the metadata service for pods (IMDSv2 \
             with a hop limit of 1, GKE metadata server, or a network policy for \
             169.254.169.254), and give pods their own cloud identities.",
        )
        .false_positives(
            "Administrators who check which cloud identity a pod has. The finding names the user \
             and the query.",
        )
        .severity_rules([CLOUD_CREDENTIALS, ATTEMPTED])
        .tuning("Add prefixes of known command lines to `trusted-commands`.")
        .aggregated_by("actor, namespace, pod, and kinds of query")
        .reference("https://attack.mitre.org/techniques/T1552/005/")
        .reference("https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html")
}

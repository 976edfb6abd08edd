//! What commands in pods do.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::command::{Kind, Sign};
use wardline_sdk::rules::outcome;

use crate::settings::Tuning;
use crate::stream::Stream;

const SUSPICIOUS: &str = "Execution:Kubernetes/SuspiciousExecCommand";
const FILE: &str = "CredentialAccess:Kubernetes/ExecSensitiveFile";
const METADATA: &str = "CredentialAccess:Kubernetes/ExecInstanceMetadata";

/// The type that a sign is reported as, and its severity in a running pod. What is left out
/// is judged elsewhere.
fn verdict(kind: Kind) -> Option<(&'static str, f64)> {
    Some(match kind {
        Kind::ReverseShell | Kind::CryptoMiner => (SUSPICIOUS, 8.0),
        Kind::ContainerEscape | Kind::DownloadAndRun | Kind::DecodedPayload => (SUSPICIOUS, 7.0),
        Kind::OffensiveTool => (SUSPICIOUS, 6.0),
        Kind::DataSent | Kind::DefenseEvasion | Kind::Persistence => (SUSPICIOUS, 5.0),
        // Administrators look for faults in networks by it too.
        Kind::NetworkScan => (SUSPICIOUS, 4.0),
        Kind::KubernetesClient | Kind::PackageInstalled => (SUSPICIOUS, 3.0),
        Kind::SensitiveFile => (FILE, 6.0),
        Kind::ServiceAccountToken => (FILE, 5.0),
        // Developers look at what their program was started with.
        Kind::ProcessEnvironment => (FILE, 3.0),
        Kind::MetadataCredentials => (METADATA, 7.0),
        Kind::InstanceMetadata => (METADATA, 5.0),
        Kind::CopyOut | Kind::CopyIn | Kind::Shell => return None,
    })
}

/// Raises one finding for each type, with all signs of it.
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
                "{} {} a command in the pod {}: {kinds}",
                event.user().username(),
                match event.succeeded() {
                    true => "ran",
                    false => "tried to run",
                },
                stream.target()
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

/// What signs are, in words, each once.
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
    credentials, isolate the pod with a network policy and keep it for an examination, replace it, \
    and rotate every credential that it had. Take `create pods/exec` from those who do not need it.";

pub fn suspicious_type() -> FindingType {
    FindingType::new(SUSPICIOUS, 7.0)
        .title("A command that attackers use was run in a pod")
        .description(
            "The command connects a shell to another machine, runs what it downloads or decodes, leaves \
             the container for its node, mines, or is a tool for attacks. It is what one does with a pod \
             that one has just got into.",
        )
        .technique("T1609")
        .technique("T1059.004")
        .remediation(REMEDIATION)
        .false_positives(
            "Administrators who install a tool in a running container (`curl ... | sh`), tests of \
             security, work on nodes by `nsenter` and `chroot /host`, toolbox pods with kubectl.",
        )
        .severity_rule("8.0 if the command is a reverse shell or a miner")
        .severity_rule("7.0 if it leaves the container, or runs what it downloads or decodes")
        .severity_rule("6.0 if it is a tool for attacks")
        .severity_rule("5.0 if it sends data away, removes traces or protections, or leaves something that comes back")
        .severity_rule("4.0 if it scans the network; 3.0 if it asks the Kubernetes API or installs packages")
        .severity_rule("at most 3.0 if the request was refused or failed")
        .tuning("Add the beginnings of your own command lines to `trusted-commands`.")
        .aggregated_by("actor, namespace, pod and kinds of command")
        .reference("https://attack.mitre.org/techniques/T1609/")
        .reference("https://attack.mitre.org/techniques/T1059/004/")
        .reference("https://microsoft.github.io/Threat-Matrix-for-Kubernetes/techniques/Exec%20into%20container/")
}

pub fn file_type() -> FindingType {
    FindingType::new(FILE, 5.0)
        .title("A command in a pod read a file with credentials")
        .description(
            "The file holds credentials of a service account, a node, a cloud or a person. Whoever has \
             it can act in their name from elsewhere.",
        )
        .technique("T1552.001")
        .technique("T1528")
        .remediation(
            "Ask the user whether this was intended. If not, revoke the user's credentials, and rotate \
             what the file held: delete the pod that a service account's token is bound to, replace keys \
             of nodes and clouds. Look for requests with them in the audit logs of cluster and cloud.",
        )
        .false_positives(
            "Developers who try a request with the token of their pod; administrators who check which \
             credentials a pod has.",
        )
        .severity_rule("6.0 if the file holds credentials of a node, a cloud or a person")
        .severity_rule("5.0 if it is the token of the pod's own service account")
        .severity_rule("3.0 if it is the environment of a process")
        .severity_rule("at most 3.0 if the request was refused or failed")
        .tuning("Add the beginnings of your own command lines to `trusted-commands`.")
        .aggregated_by("actor, namespace, pod and kinds of file")
        .reference("https://attack.mitre.org/techniques/T1552/001/")
        .reference("https://kubernetes.io/docs/concepts/security/service-accounts/")
}

pub fn metadata_type() -> FindingType {
    FindingType::new(METADATA, 5.0)
        .title("A command in a pod asked the cloud's metadata service")
        .description(
            "The metadata service hands out the credentials of the node, or of the pod's cloud identity, \
             to whoever asks from there. With those of a node one can pull images, read storage and often \
             join the cluster.",
        )
        .technique("T1552.005")
        .remediation(
            "Ask the user whether this was intended. If not, revoke the user's credentials and the \
             sessions of the node's cloud role. Block the metadata service for pods (IMDSv2 with a hop \
             limit of 1, GKE metadata server, a network policy for 169.254.169.254), and give pods \
             identities of their own.",
        )
        .false_positives("Administrators who check which cloud identity a pod has.")
        .severity_rule("7.0 if the path is one that answers with credentials")
        .severity_rule("at most 3.0 if the request was refused or failed")
        .tuning("Add the beginnings of your own command lines to `trusted-commands`.")
        .aggregated_by("actor, namespace, pod and kinds of question")
        .reference("https://attack.mitre.org/techniques/T1552/005/")
        .reference("https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html")
}

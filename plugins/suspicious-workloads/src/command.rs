//! What the containers of a workload run: commands, arguments, hooks, probes, and scripts in
//! variables.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::command::{Commands, Kind, Sign, is_miner_image};
use wardline_sdk::view::Container;

use crate::request::Request;
use crate::settings::Tuning;

const SUSPICIOUS: &str = "Execution:Kubernetes/SuspiciousWorkloadCommand";
const MINER: &str = "Impact:Kubernetes/CryptoMiner";

/// A sign, and where it stands below its container.
struct Found {
    place: String,
    value: String,
    kind: Kind,
    severity: f64,
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

/// Raises one finding for each type, with all that is new. Says whether there was anything
/// of note.
pub fn judge(
    request: &Request<'_>,
    tuning: &Tuning,
    findings: &mut Findings,
) -> Result<bool, DetectError> {
    let mut found: Vec<Found> = request
        .containers
        .iter()
        .flat_map(|one| signs(one.container, &one.place))
        .collect();
    if found.is_empty() {
        return Ok(false);
    }
    let before: Vec<(Kind, String)> = request
        .before()
        .into_iter()
        .flat_map(|workload| workload.containers())
        .flat_map(|container| signs(container, ""))
        .map(|found| (found.kind, found.value))
        .collect();
    found.retain(|found| !before.contains(&(found.kind, found.value.clone())));
    let (mining, other): (Vec<Found>, Vec<Found>) = found
        .into_iter()
        .partition(|found| found.kind == Kind::CryptoMiner);
    let mining = raise(MINER, mining, request, tuning, findings)?;
    let other = raise(SUSPICIOUS, other, request, tuning, findings)?;
    Ok(mining || other)
}

fn raise(
    finding_type: &str,
    found: Vec<Found>,
    request: &Request<'_>,
    tuning: &Tuning,
    findings: &mut Findings,
) -> Result<bool, DetectError> {
    let severity = found.iter().map(|one| one.severity).fold(0.0, f64::max);
    let event = request.event;
    let mut labels: Vec<&str> = Vec::new();
    for one in &found {
        if !labels.contains(&one.kind.label()) {
            labels.push(one.kind.label());
        }
    }
    let labels = labels.join(", ");
    let Some(first) = found.first() else {
        return Ok(false);
    };
    let member = format!("{}\u{1f}{labels}\u{1f}{}", event.namespace(), first.value);
    if request.repeats() && !tuning.is_news(event, finding_type, &member)? {
        return Ok(severity > 3.0);
    }
    let title = format!("{} {} with {labels}", request.who_did(), request.target());
    let fields = found.into_iter().map(|one| (one.place, one.value));
    findings.raise(
        Finding::new(finding_type)
            .on(event)
            .evidence_if_any(event, fields)
            .map(|finding| {
                finding
                    .severity(request.severity(severity))
                    .dedup_key(format!("{}/{labels}", request.key()))
                    .attribute("kinds", &labels)
                    .title(title)
            }),
    );
    Ok(severity > 3.0)
}

/// Everything that stands out in a container.
fn signs(container: Container<'_>, place: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let mut add = |place: String, signs: Vec<Sign>, only_clear: bool| {
        for sign in signs {
            // A variable is run by nobody knows whom; what names a file there is no reading.
            let is_clear = matches!(
                sign.kind,
                Kind::ReverseShell
                    | Kind::CryptoMiner
                    | Kind::DownloadAndRun
                    | Kind::DecodedPayload
            );
            if let Some(severity) = severity(&sign).filter(|_| is_clear || !only_clear) {
                found.push(Found {
                    place: place.clone(),
                    value: sign.text,
                    kind: sign.kind,
                    severity,
                });
            }
        }
    };
    let image = container.image();
    if is_miner_image(image) {
        let text = image.to_owned();
        let sign = Sign {
            kind: Kind::CryptoMiner,
            text,
        };
        add(format!("{place}.image"), vec![sign], false);
    }
    let field = match container.command().is_empty() {
        true => "args",
        false => "command",
    };
    let words = container.command().chain(container.arguments());
    let commands = Commands::of_arguments(words);
    add(format!("{place}.{field}"), commands.signs(), false);
    for hook in container.hooks() {
        let commands = Commands::of_line(hook.value());
        add(format!("{place}.{}", hook.key()), commands.signs(), false);
    }
    for variable in container.environment() {
        if !is_worth_reading(variable.value()) {
            continue;
        }
        let place = format!("{place}.env[name={}].value", variable.key());
        let commands = Commands::of_script(variable.value());
        add(place, commands.signs(), true);
    }
    found
}

/// Most variables are names and numbers.
fn is_worth_reading(value: &str) -> bool {
    ["://", "/dev/", "|", "pool", "$("]
        .iter()
        .any(|part| value.contains(part))
}

pub fn suspicious_type() -> FindingType {
    FindingType::new(SUSPICIOUS, 6.0)
        .title("A workload runs a command that attackers use")
        .description(
            "A container's command, argument, lifecycle hook, probe or variable connects a shell to \
             another machine, runs what it downloads or decodes, leaves the container for its node, or \
             takes credentials.",
        )
        .technique("T1610")
        .technique("T1059.004")
        .technique("T1105")
        .remediation(
            "Ask who made the workload whether this was intended. If not, delete it, revoke the \
             credentials of who made it, keep a pod for an examination, and rotate what its service \
             account and its nodes had. Build images with what they need, so that containers download \
             nothing when they start.",
        )
        .false_positives(
            "Containers that install something when they start (`curl ... | sh`), node agents that enter \
             their node by `nsenter` or `chroot /host`, init containers that place keys. Robots that make \
             the same Pods or Jobs again and again are reported once in 30 days.",
        )
        .severity_rule("8.0 if it is a reverse shell")
        .severity_rule("6.0 if it leaves the container, runs what it downloads or decodes, or is a tool for attacks")
        .severity_rule("5.0 if it takes credentials of the node or cloud, sends data away, or removes protections")
        .severity_rule("3.0 if it reads the service account's token or another key")
        .severity_rule("at most 3.0 if a service account sends the whole object, which may have been so before the log began")
        .tuning("Set `trusted-images` for those of your platform, `trusted-users` for its installer.")
        .aggregated_by("actor, object and kinds of command; of Pods and Jobs of a service account actor, namespace and kinds")
        .attribute("covers", "A54, A55")
        .reference("https://attack.mitre.org/techniques/T1610/")
        .reference("https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-finding-types-eks-audit-logs.html")
}

pub fn miner_type() -> FindingType {
    FindingType::new(MINER, 8.0)
        .title("A workload mines cryptocurrency")
        .description(
            "The image, a command, or the address of a pool is that of a miner. Mining is what most \
             attackers of clusters are after, and seldom all that they do.",
        )
        .technique("T1496.001")
        .technique("T1610")
        .remediation(
            "Delete the workload, revoke the credentials of who made it, and find out how they were lost. \
             Look for other things that the same account made, DaemonSets and CronJobs first. Allow only \
             images of your own registries.",
        )
        .false_positives("Those who mine on purpose; research on miners.")
        .severity_rule("at most 3.0 if a service account sends the whole object, which may have been so before the log began")
        .tuning("Set `trusted-images` for those that are meant to mine.")
        .aggregated_by("actor and object; of Pods and Jobs of a service account actor and namespace")
        .attribute("covers", "A53, A54")
        .reference("https://attack.mitre.org/techniques/T1496/001/")
}

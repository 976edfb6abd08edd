//! Workloads that run what attackers run.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::command::Kind;

use crate::request::Request;
use crate::settings::Tuning;
use crate::signs::{Found, Reader};

const SUSPICIOUS: &str = "Execution:Kubernetes/SuspiciousWorkloadCommand";
const MINER: &str = "Impact:Kubernetes/CryptoMiner";

/// Raises one finding for each type, with all that is new. Says whether there was anything
/// of note.
pub fn judge(
    request: &Request<'_>,
    tuning: &Tuning,
    findings: &mut Findings,
) -> Result<bool, DetectError> {
    let mut reader = Reader::default();
    for one in &request.containers {
        reader.read(one.container, &one.place);
    }
    let mut found = reader.found;
    if found.is_empty() {
        return Ok(false);
    }
    let mut before = Reader::default();
    for container in request
        .before()
        .into_iter()
        .flat_map(|old| old.containers())
    {
        before.read(container, "");
    }
    let before: Vec<(Kind, String)> = before
        .found
        .into_iter()
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
        .reference("https://attack.mitre.org/techniques/T1496/001/")
}

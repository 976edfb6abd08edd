//! Workloads with commands that are typical of attackers.

use std::collections::BTreeSet;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::UnseenOwner;
use wardline_sdk::rules::command::Kind;
use wardline_sdk::rules::severity::{HIGH, LOW};

use crate::request::{MAY_BE_OLD, WorkloadRequest};
use crate::settings::Tuning;
use crate::signs::{COLLECTION, FoundSign, INTRUSION, READING, REVERSE_SHELL, Scanner};

const SUSPICIOUS: &str = "Execution:Kubernetes/SuspiciousWorkloadCommand";
const MINER: &str = "Impact:Kubernetes/CryptoMiner";

/// Raises one finding per type, which cites all new signs. Returns whether there were any that
/// are not Low.
pub fn judge(
    request: &WorkloadRequest<'_>,
    tuning: &Tuning,
    findings: &mut Findings,
) -> Result<bool, DetectError> {
    let mut scanner = Scanner::default();
    for one in &request.containers {
        scanner.scan(one.container, &one.path);
    }
    let mut found = scanner.found;
    if found.is_empty() {
        return Ok(false);
    }
    let mut before = Scanner::default();
    for container in request
        .before()
        .into_iter()
        .flat_map(|old| old.containers())
    {
        before.scan(container, "");
    }
    let before: BTreeSet<(Kind, String)> = before
        .found
        .into_iter()
        .map(|found| (found.kind, found.value))
        .collect();
    found.retain(|found| !before.contains(&(found.kind, found.value.clone())));
    let (mining, other): (Vec<FoundSign>, Vec<FoundSign>) = found
        .into_iter()
        .partition(|found| found.kind == Kind::CryptoMiner);
    let mining = raise(MINER, mining, request, tuning, findings)?;
    let other = raise(SUSPICIOUS, other, request, tuning, findings)?;
    Ok(mining || other)
}

fn raise(
    finding_type: &str,
    found: Vec<FoundSign>,
    request: &WorkloadRequest<'_>,
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
    let member = format!("{}\u{1f}{labels}\u{1f}{}", request.place(), first.value);
    let rated = request.severity(severity);
    if request.is_repetitive() && !tuning.is_news(event, finding_type, &member, rated)? {
        return Ok(severity > LOW);
    }
    let title = format!(
        "Workload {} {} with {labels}",
        request.target(),
        request.action()
    );
    let fields = found.into_iter().map(|one| (one.path, one.value));
    findings.raise(
        Finding::new(finding_type)
            .on(event)
            .evidence_if_any(event, fields)
            .map(|finding| {
                request
                    .cite(finding)
                    .severity(rated)
                    .dedup_key(format!("{}/{labels}", request.key()))
                    .attribute("kinds", &labels)
                    .title(title)
            }),
    );
    Ok(severity > LOW)
}

pub fn suspicious_type() -> FindingType {
    FindingType::new(SUSPICIOUS, INTRUSION.severity)
        .title("A workload with a command typical of attackers was deployed")
        .description(
            "A container's command, arguments, lifecycle hook, probe, or environment variable \
             opens a reverse shell, runs a downloaded or decoded payload, escapes to the node, or \
             collects credentials. Attackers deploy such workloads to run code in the cluster.",
        )
        .technique("T1610")
        .technique("T1059.004")
        .technique("T1105")
        .remediation(
            "Ask the user who created the workload whether this was intended. If not, preserve a \
             pod for forensics, delete the workload, revoke the user's credentials, and rotate \
             the credentials of its service account and its nodes. Build images with everything \
             they need, so that containers download nothing when they start.",
        )
        .false_positives(
            "Containers that install something when they start (`curl ... | sh`), node agents \
             that enter their node with `nsenter` or `chroot /host`, and init containers that \
             place keys. Service accounts that create the same pods or Jobs repeatedly are \
             reported once within `remember`.",
        )
        .severity_rules([REVERSE_SHELL, INTRUSION, COLLECTION, READING, MAY_BE_OLD, UnseenOwner::COMPONENT])
        .tuning(
            "Add images of your platform to `trusted-images`, and its installer to \
             `trusted-users`.",
        )
        .aggregated_by(
            "actor, object, and kinds of command; for pods and Jobs of a service account, actor, \
             namespace, and kinds",
        )
        .reference("https://attack.mitre.org/techniques/T1610/")
        .reference("https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-finding-types-eks-audit-logs.html")
}

pub fn miner_type() -> FindingType {
    FindingType::new(MINER, HIGH)
        .title("A cryptocurrency miner was deployed")
        .description(
            "An image, a command, or the address of a mining pool is that of a cryptocurrency \
             miner. Mining is the goal of most attackers of clusters, and is seldom all that they \
             do.",
        )
        .technique("T1496.001")
        .technique("T1610")
        .remediation(
            "Delete the workload, revoke the credentials of the user who created it, and find out \
             how they were stolen. Search for other objects that the same user created, \
             DaemonSets and CronJobs first. Allow only images of your own registries.",
        )
        .false_positives("Intended mining, and research on miners.")
        .severity_rules([MAY_BE_OLD, UnseenOwner::COMPONENT])
        .tuning("Add images that are intended to mine to `trusted-images`.")
        .aggregated_by(
            "actor and object; for pods and Jobs of a service account, actor and namespace",
        )
        .reference("https://attack.mitre.org/techniques/T1496/001/")
}

//! Leader election leases of control-plane components.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::{LOW, MEDIUM};
use wardline_sdk::rules::words::has_words;
use wardline_sdk::rules::{ObjectChange, Requester};
use wardline_sdk::view::ObjectFacts;

use crate::memory::Memory;
use crate::report::{TUNING, report, title};

pub const TAMPER: &str = "Impact:Kubernetes/LeaderElectionTamper";

const DELETED: SeverityRule = SeverityRule::new(LOW, "it was deleted");
const RELATED: SeverityRule = SeverityRule::new(
    2.0,
    "it is not that of the scheduler or the controller manager, and a service account whose name or \
     namespace it shares wrote it; once within `remember`",
);
const PLATFORM: SeverityRule = SeverityRule::new(LOW, "another component of the platform wrote it");

/// Leases in kube-system for leader election and for API server identity (KEP-1965), with the
/// service accounts, besides the control plane, that [`judge`] allows to write them.
pub const OWNED: [(Option<&str>, &[&str]); 4] = [
    (None, &["kube-scheduler", "kube-controller-manager"]),
    (
        Some("system:serviceaccount:kube-system:*"),
        &[
            "cloud-controller-manager",
            "cluster-autoscaler",
            "apiserver-*",
            "kube-apiserver-*",
            "aws-load-balancer-controller-leader",
        ],
    ),
    (
        Some("system:serviceaccount:cert-manager:*"),
        &["cert-manager-*"],
    ),
    (
        Some("system:serviceaccount:karpenter:*"),
        &["karpenter-leader-election"],
    ),
];

/// Judges a lease that an identity other than its owner wrote.
pub fn judge(change: &ObjectChange<'_>, memory: Memory) -> Result<Option<Finding>, DetectError> {
    let event = change.event;
    let severity: f64 = match change.requester {
        Requester::ControlPlane => return Ok(None),
        Requester::Platform if is_owner(event) => return Ok(None),
        Requester::Platform => PLATFORM.into(),
        // The holder renews its lease every few seconds.
        Requester::ServiceAccount if is_related(event) => {
            if !memory.is_news(event, &format!("lease {}", event.name()), RELATED)? {
                return Ok(None);
            }
            RELATED.into()
        }
        // Administrators delete the lease of a dead leader to speed up the election.
        _ if event.verb() == "delete" => DELETED.into(),
        _ => MEDIUM,
    };
    let title = title(change, &format!("Lease kube-system/{}", event.name()));
    let finding = report(change, TAMPER, severity, title);
    let holder = [
        (event.requested(), "requestObject.spec.holderIdentity"),
        (event.resulting(), "responseObject.spec.holderIdentity"),
    ]
    .into_iter()
    .find_map(|(object, field)| Some((field, holder(object?)?)))
    .filter(|(_, holder)| !holder.is_empty());
    Ok(Some(match holder {
        Some((field, holder)) => finding.evidence(event, field, holder),
        None => finding,
    }))
}

fn holder(object: ObjectFacts<'_>) -> Option<&str> {
    match object.facts() {
        Facts::Lease(lease) => Some(lease.holder()),
        _ => None,
    }
}

/// Whether a component of the platform may hold this lease: those of the scheduler and the
/// controller manager as a service account of the same name, others unless it is a kubelet.
fn is_owner(event: AuditEvent<'_>) -> bool {
    match event.name() {
        name @ ("kube-scheduler" | "kube-controller-manager") => event
            .user()
            .service_account()
            .is_some_and(|(_, account)| account == name),
        _ => event.user().node().is_none(),
    }
}

/// Whether a service account of another namespace shares its name, or that of its namespace, with
/// the lease. Anybody may choose these names. No software of another namespace leads in the place of
/// the scheduler or the controller manager.
fn is_related(event: AuditEvent<'_>) -> bool {
    let lease = event.name();
    let is_core = matches!(lease, "kube-scheduler" | "kube-controller-manager");
    !is_core
        && event
            .user()
            .service_account()
            .is_some_and(|(home, account)| {
                has_words(lease, account) || has_words(lease, home) || has_words(account, lease)
            })
}

pub fn types() -> [FindingType; 1] {
    [FindingType::new(TAMPER, MEDIUM)
        .title("A control-plane lease was written by another identity")
        .description(
            "A lease of the scheduler, the controller manager, or another component was written by an \
             identity that does not own it. An attacker who holds the lease stops the component, so that \
             nothing is scheduled, healed, or scaled.",
        )
        .technique("T1499")
        .technique("T1489")
        .severity_rules([DELETED, PLATFORM, RELATED])
        .remediation(
            "Delete the lease, so that its owner acquires it again within seconds. Revoke the actor's \
             permission to write leases in kube-system.",
        )
        .false_positives("Leases that are deleted by hand to speed up a leader election, and second schedulers with an account of their own.")
        .tuning(TUNING)
        .aggregated_by("actor and lease")
        .reference("https://kubernetes.io/docs/concepts/architecture/leases/")]
}

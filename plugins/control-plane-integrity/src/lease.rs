//! Who leads: the leases of the control plane's parts.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::{ObjectChange, Requester};
use wardline_sdk::view::ObjectFacts;

use crate::report::{LOW, TUNING, report};

pub const TAMPER: &str = "Impact:Kubernetes/LeaderElectionTamper";

/// Leases in kube-system by which parts of the cluster choose their leader, and by which API
/// servers know each other (KEP-1965), with the accounts besides the control plane's that
/// [`judge`] lets write them.
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

/// The finding of a lease that somebody else wrote, if any.
pub fn judge(change: &ObjectChange<'_>) -> Option<Finding> {
    let event = change.event;
    let severity = match change.requester {
        Requester::ControlPlane => return None,
        Requester::Platform if is_at_home(event) => return None,
        Requester::Platform => LOW,
        Requester::ServiceAccount if is_related(event) => return None,
        // Who waits for nothing deletes the lease of a leader that is gone.
        _ if event.verb() == "delete" => LOW,
        _ => 5.0,
    };
    let title = format!(
        "{} wrote ({}) the lease {}, by which a part of the cluster chooses its leader",
        event.user().username(),
        event.verb(),
        event.name()
    );
    let finding = report(change, TAMPER, severity, title);
    let holder = [
        (event.requested(), "requestObject.spec.holderIdentity"),
        (event.resulting(), "responseObject.spec.holderIdentity"),
    ]
    .into_iter()
    .find_map(|(object, field)| Some((field, holder(object?)?)))
    .filter(|(_, holder)| !holder.is_empty());
    Some(match holder {
        Some((field, holder)) => finding.evidence(event, field, holder),
        None => finding,
    })
}

fn holder(object: ObjectFacts<'_>) -> Option<&str> {
    match object.facts() {
        Facts::Lease(lease) => Some(lease.holder()),
        _ => None,
    }
}

/// Whether a part of the platform may hold this lease. Those of the control plane's own parts
/// are theirs, under the name of the part.
fn is_at_home(event: AuditEvent<'_>) -> bool {
    match event.name() {
        name @ ("kube-scheduler" | "kube-controller-manager") => event
            .user()
            .service_account()
            .is_some_and(|(_, account)| account == name),
        _ => event.user().node().is_none(),
    }
}

/// Whether an account of another namespace bears the name of what the lease is for.
fn is_related(event: AuditEvent<'_>) -> bool {
    let lease = event.name();
    event
        .user()
        .service_account()
        .is_some_and(|(home, account)| {
            lease.contains(account) || lease.contains(home) || account.contains(lease)
        })
}

pub fn types() -> [FindingType; 1] {
    [FindingType::new(TAMPER, 5.0)
        .title("A lease of the control plane was taken by somebody else")
        .description(
            "Who holds the lease of the scheduler, of the controller manager or of another part makes \
             the real one stop: nothing is scheduled, healed or scaled any more.",
        )
        .technique("T1499")
        .technique("T1489")
        .severity_rule("3.0 if it was deleted, or another part of the platform wrote it")
        .remediation(
            "Delete the lease, so that the real part takes it again within seconds. Take the right to \
             write leases in kube-system away from who did it.",
        )
        .false_positives("A lease that is deleted by hand to make a change of leader faster; second schedulers under their own account.")
        .tuning(TUNING)
        .aggregated_by("actor and lease")
        .reference("https://kubernetes.io/docs/concepts/architecture/leases/")]
}

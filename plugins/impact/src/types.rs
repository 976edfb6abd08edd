//! The finding types.

use wardline_sdk::FindingType;
use wardline_sdk::rules::outcome;
use wardline_sdk::rules::severity::{LOW, MEDIUM, SeverityRule};

/// Many objects were deleted.
pub const MASS_DELETION: &str = "Impact:Kubernetes/MassDeletion";
/// Workloads were scaled to zero.
pub const SERVICE_STOP: &str = "Impact:Kubernetes/ServiceStop";
/// Several nodes were cordoned, drained, or deleted.
pub const NODES_DRAINED: &str = "Impact:Kubernetes/NodesDrained";
/// A PodDisruptionBudget was deleted.
pub const BUDGET_DELETED: &str = "Impact:Kubernetes/DisruptionBudgetDeleted";
/// A backup, backup schedule, or storage location was deleted or paused.
pub const BACKUP_DELETED: &str = "Impact:Kubernetes/BackupDeleted";
/// A backup storage location was created or changed.
pub const BACKUP_ELSEWHERE: &str = "Exfiltration:Kubernetes/BackupToForeignBucket";

// The rules of `MASS_DELETION`.
const WIPE: SeverityRule = SeverityRule::new(
    MEDIUM,
    "a person deleted objects of at least two kinds, among them one that every namespace has \
     (`kube-root-ca.crt`, the default service account), as `kubectl delete --all` does, whatever the \
     weight",
);
pub const LIGHT: SeverityRule = SeverityRule::new(
    LOW,
    "the deleted objects weigh less than 20: a namespace weighs 7, a CRD or node 5, a volume or its \
     claim 4, a StatefulSet 3, another workload 2, four pods or jobs 1, any other object 1, and a whole \
     collection five times its kind",
);
pub const DELETED_BY_SERVICE_ACCOUNT: SeverityRule = SeverityRule::new(
    LOW,
    "a service account did it without kubectl or a scripting tool, unless it deleted objects in three \
     namespaces, or namespaces and CRDs that weigh 35",
);
pub const RELEASE: SeverityRule = SeverityRule::new(
    LOW,
    "the same user changed or deleted Helm's records of releases (`sh.helm.release.v1.*`) in at most \
     two namespaces, not with kubectl or a scripting tool, and deleted one by one only objects of \
     these namespaces, the namespaces themselves, and CRDs, but nothing that every namespace has",
);

// The rules of `SERVICE_STOP`.
pub const STOPPED: SeverityRule = SeverityRule::new(
    MEDIUM,
    "a person stopped several workloads in two or more namespaces, or one workload in kube-system or \
     another namespace that runs the cluster",
);
pub const ONE_NAMESPACE: SeverityRule =
    SeverityRule::new(LOW, "all workloads are in one other namespace");
pub const STOPPED_BY_SERVICE_ACCOUNT: SeverityRule = SeverityRule::new(
    LOW,
    "a service account stopped them without kubectl or a scripting tool",
);
pub const SCALED_UNSEEN: SeverityRule = SeverityRule::new(
    LOW,
    "the audit policy recorded only metadata, and a person scaled twice as many workloads",
);

// The rules of `NODES_DRAINED`.
pub const FEW_EVICTIONS: SeverityRule = SeverityRule::new(
    LOW,
    "pods were evicted, or nodes tainted with `NoExecute`, on fewer than two nodes, and fewer than \
     five pods were evicted from nodes that are not known; or only the evictions of 20 pods are known, \
     and not their nodes",
);
pub const DRAINED_BY_SERVICE_ACCOUNT: SeverityRule = SeverityRule::new(
    LOW,
    "a service account did it without kubectl or a scripting tool",
);

// The rules of `BUDGET_DELETED`.
pub const BUDGET_BY_SERVICE_ACCOUNT: SeverityRule = SeverityRule::new(
    2.0,
    "a service account did it without kubectl or a scripting tool",
);

// The rules of `BACKUP_DELETED`.
pub const SCHEDULE_DELETED: SeverityRule = SeverityRule::new(
    6.0,
    "a person deleted a whole collection, a schedule, a policy, or a storage location",
);
pub const PAUSED: SeverityRule = SeverityRule::new(MEDIUM, "a person paused a schedule");
pub const BY_OWN_TOOL: SeverityRule = SeverityRule::new(
    MEDIUM,
    "the backup software's own service account deleted it with a command-line tool",
);
pub const BY_OTHER_SERVICE_ACCOUNT: SeverityRule =
    SeverityRule::new(LOW, "a service account of another namespace deleted it");
pub const PAUSED_BY_SERVICE_ACCOUNT: SeverityRule = SeverityRule::new(
    LOW,
    "a service account paused it without kubectl or a scripting tool",
);
pub const NAMED_AS_SOFTWARE: SeverityRule = SeverityRule::new(
    2.0,
    "a service account of another namespace that is named as software for backups deleted it; once in \
     30 days for each kind",
);
/// The rule that [`outcome::severity`] applies, since dry runs are not reported.
const FAILED: SeverityRule =
    SeverityRule::new(outcome::ATTEMPT, "the request was denied or failed");

// The rules of `BACKUP_ELSEWHERE`.
pub const REDIRECTED: SeverityRule = SeverityRule::new(
    MEDIUM,
    "an existing location was patched to another destination",
);
pub const WRITTEN: SeverityRule = SeverityRule::new(
    MEDIUM,
    "the user that created the location wrote a backup to it within `window` (except to `default`, \
     which `velero install` creates)",
);
pub const NEW_LOCATION: SeverityRule =
    SeverityRule::new(LOW, "a location was created, or updated as a whole");

/// Returns all finding types of this detector.
pub fn all() -> [FindingType; 6] {
    [
        mass_deletion(),
        service_stop(),
        nodes_drained(),
        budget_deleted(),
        backup_deleted(),
        backup_elsewhere(),
    ]
}

fn mass_deletion() -> FindingType {
    FindingType::new(MASS_DELETION, MEDIUM)
        .title("Many objects were deleted in a short time")
        .description(
            "One identity deleted workloads, services, configuration, volumes, or whole namespaces. An \
             attacker does so to destroy data and services. Data on volumes that are released in this way \
             may be lost for good.",
        )
        .technique("T1485")
        .remediation(
            "Ask the user whether this was intended. If not, first set the reclaim policy of released \
             PersistentVolumes to `Retain`, then revoke the credential and recreate the objects from their \
             source (GitOps, Helm, a backup). Grant `delete` and `deletecollection` only to accounts that \
             need them.",
        )
        .false_positives(
            "Objects that the same user made within the last 12 hours do not count. `helm uninstall`, \
             which is recognized by its changes to the release's records, is Low. \
             `kubectl delete -f` and cleanup after tests, which are Low up to the size of one application. \
             The removal of several applications at once cannot be distinguished from an attack.",
        )
        .severity_rules([WIPE, LIGHT, DELETED_BY_SERVICE_ACCOUNT, RELEASE])
        .tuning("Raise `deletions`, or shorten `window`. Add service accounts that clean up to `trusted-users`.")
        .aggregated_by("actor")
        .reference("https://attack.mitre.org/techniques/T1485/")
}

fn service_stop() -> FindingType {
    FindingType::new(SERVICE_STOP, MEDIUM)
        .title("Workloads were scaled to zero")
        .description(
            "Workloads still exist but no longer run pods. An attacker stops services in this way without \
             deleting anything.",
        )
        .technique("T1489")
        .remediation(
            "Ask the user whether this was intended. If not, revoke the credential and scale the workloads \
             in the evidence up again (`kubectl scale`, or a GitOps sync).",
        )
        .false_positives(
            "Maintenance by people, and schedules that stop test environments at night. A workload that a \
             service account has stopped once is not reported again for 30 days.",
        )
        .severity_rules([STOPPED, ONE_NAMESPACE, STOPPED_BY_SERVICE_ACCOUNT, SCALED_UNSEEN])
        .tuning("Raise `stops`, or shorten `window`. Add accounts of downscalers to `trusted-users`.")
        .aggregated_by("actor")
        .reference("https://attack.mitre.org/techniques/T1489/")
}

fn nodes_drained() -> FindingType {
    FindingType::new(NODES_DRAINED, MEDIUM)
        .title("Several nodes were cordoned, drained, or deleted")
        .description(
            "Nodes that accept no pods, or are gone, leave workloads without capacity. An attacker with \
             rights on nodes can stop all services of a cluster in this way.",
        )
        .technique("T1489")
        .technique("T1529")
        .remediation(
            "Ask the user whether this was planned. If not, revoke the credential and run `kubectl uncordon` \
             on the nodes in the evidence. Protect critical workloads with PodDisruptionBudgets.",
        )
        .false_positives(
            "Upgrades of all nodes at once. Nodes that are drained one after another are not reported, and \
             neither are autoscalers and node managers with service accounts unless they take ten nodes.",
        )
        .severity_rules([FEW_EVICTIONS, DRAINED_BY_SERVICE_ACCOUNT])
        .tuning("Raise `nodes`, or shorten `window`. Add accounts of upgrade tools to `trusted-users`.")
        .aggregated_by("actor")
        .reference("https://kubernetes.io/docs/tasks/administer-cluster/safely-drain-node/")
}

fn budget_deleted() -> FindingType {
    FindingType::new(BUDGET_DELETED, LOW)
        .title("A PodDisruptionBudget was deleted")
        .description(
            "The number of the workload's pods that may be evicted at once is no longer limited. An \
             attacker removes budgets before draining nodes.",
        )
        .technique("T1489")
        .remediation("Recreate the budget, unless its workload was deleted too.")
        .false_positives("Removal of an application by Helm or GitOps.")
        .severity_rules([BUDGET_BY_SERVICE_ACCOUNT])
        .tuning("Add accounts that deploy applications to `trusted-users`.")
        .aggregated_by("actor and namespace")
        .reference("https://kubernetes.io/docs/concepts/workloads/pods/disruptions/")
}

fn backup_deleted() -> FindingType {
    FindingType::new(BACKUP_DELETED, MEDIUM)
        .title("A backup or backup schedule was deleted or paused")
        .description(
            "A backup, or an object that schedules or stores backups, was deleted, or a schedule was \
             paused. Ransomware and wipers remove backups first, so that nothing can be restored.",
        )
        .technique("T1490")
        .remediation(
            "Ask the user whether this was intended. If not, revoke the credential, check whether the \
             backup's data is still in the object store, and recreate schedules and locations. Protect the \
             bucket against deletion (object lock, a separate account).",
        )
        .false_positives(
            "People who delete old snapshots, or pause a schedule for maintenance. Expiry by the backup \
             software's own service account is not reported, unless a command-line tool uses the account.",
        )
        .severity_rules([SCHEDULE_DELETED, PAUSED, BY_OWN_TOOL, BY_OTHER_SERVICE_ACCOUNT, PAUSED_BY_SERVICE_ACCOUNT, FAILED, NAMED_AS_SOFTWARE])
        .tuning("Add users that manage backups to `trusted-users`.")
        .aggregated_by("actor, resource, and namespace")
        .reference("https://attack.mitre.org/techniques/T1490/")
}

fn backup_elsewhere() -> FindingType {
    FindingType::new(BACKUP_ELSEWHERE, MEDIUM)
        .title("A backup storage location was created or changed")
        .description(
            "A user set the bucket or server to which backups are written. A backup holds the secrets and \
             volumes of all namespaces that it covers, so an attacker who sets the destination receives them \
             from trusted software.",
        )
        .technique("T1537")
        .technique("T1530")
        .remediation(
            "Find out who owns the bucket. If it is not yours, revoke the credentials of the user and of the \
             location, delete the location, and rotate every secret of the namespaces that were backed up.",
        )
        .false_positives(
            "Administrators who set up or move backups. Service accounts (backup software, Kubernetes \
             operators, GitOps) are not reported unless they use kubectl, curl, or a similar tool.",
        )
        .severity_rules([REDIRECTED, WRITTEN, NEW_LOCATION])
        .tuning("Add users that manage backups to `trusted-users`.")
        .aggregated_by("actor, namespace, and name")
        .reference("https://attack.mitre.org/techniques/T1537/")
        .reference("https://velero.io/docs/main/api-types/backupstoragelocation/")
}

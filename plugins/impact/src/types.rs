//! The types of findings.

use wardline_sdk::FindingType;

/// Many objects were deleted.
pub const MASS_DELETION: &str = "Impact:Kubernetes/MassDeletion";
/// Workloads were scaled to zero.
pub const SERVICE_STOP: &str = "Impact:Kubernetes/ServiceStop";
/// Nodes were cordoned, emptied or deleted.
pub const NODES_DRAINED: &str = "Impact:Kubernetes/NodesDrained";
/// A budget that limits evictions was deleted.
pub const BUDGET_DELETED: &str = "Impact:Kubernetes/DisruptionBudgetDeleted";
/// A backup was deleted, or what makes backups.
pub const BACKUP_DELETED: &str = "Impact:Kubernetes/BackupDeleted";

/// Backups go to a new place.
pub const BACKUP_ELSEWHERE: &str = "Exfiltration:Kubernetes/BackupToForeignBucket";

/// All of them.
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
    FindingType::new(MASS_DELETION, 5.0)
        .title("Many objects were deleted in a short time")
        .description(
            "One identity deleted what keeps services running: workloads, services, configuration, \
             volumes or whole namespaces. Volumes that are released this way may be gone for good.",
        )
        .technique("T1485")
        .remediation(
            "Ask the user whether this was intended. If not, revoke the credential, recreate the \
             objects from their source (GitOps, Helm, a backup), and set the reclaim policy of \
             released PersistentVolumes to `Retain` before anything else. Give `delete` and \
             `deletecollection` to those alone who need them.",
        )
        .false_positives(
            "`helm uninstall` is Low, which writes and deletes the records of its release too. `kubectl \
             delete -f` and clearing up after tests are Low up to the size of one application; removing \
             several at once is not told from an attack.",
        )
        .severity_rule(
            "3.0 if what was deleted weighs less than 20: a namespace weighs 7, a CRD or node 5, a volume 4, a \
             StatefulSet 3, another workload 2, four pods or jobs 1, all else 1, and a whole collection five times that",
        )
        .severity_rule(
            "3.0 if a service account did it, unless it deleted objects of three namespaces or five namespaces",
        )
        .severity_rule(
            "3.0 if the same user changed or deleted Helm's records of a release (`sh.helm.release.v1.*`), \
             one object after the other, all of the namespaces of at most two such releases, these \
             namespaces themselves and CRDs",
        )
        .severity_rule(
            "5.0 whatever the weight, if a person took along what every namespace has by itself \
             (`kube-root-ca.crt`, the default service account), as `kubectl delete --all` does",
        )
        .tuning("`deletions`, `window`; `trusted-users` for robots that clear up")
        .aggregated_by("actor")
        .reference("https://attack.mitre.org/techniques/T1485/")
}

fn service_stop() -> FindingType {
    FindingType::new(SERVICE_STOP, 5.0)
        .title("Workloads were scaled to zero")
        .description(
            "Workloads still exist but run no pods any more: services are down, and nothing looks deleted.",
        )
        .technique("T1489")
        .remediation(
            "Ask the user whether this was intended. If not, revoke the credential and scale the \
             workloads in the evidence up again (`kubectl scale`, or a sync by GitOps).",
        )
        .false_positives(
            "Maintenance by people; schedules that stop test environments at night. What a service \
             account has stopped once is known for 30 days.",
        )
        .severity_rule("5.0 if a person stopped several workloads of two or more namespaces, or one of kube-system or another namespace that runs the cluster")
        .severity_rule("3.0 if all are of one other namespace, or a service account did it")
        .severity_rule("3.0 if the audit policy kept only metadata and a person scaled twice as many")
        .tuning("`stops`, `window`; `trusted-users` for downscalers")
        .aggregated_by("actor")
        .reference("https://attack.mitre.org/techniques/T1489/")
}

fn nodes_drained() -> FindingType {
    FindingType::new(NODES_DRAINED, 5.0)
        .title("Several nodes were cordoned, emptied or deleted")
        .description(
            "Nodes that take no pods, or are gone, leave the workloads without a place to run.",
        )
        .technique("T1489")
        .technique("T1529")
        .remediation(
            "Ask the user whether this was planned. If not, revoke the credential and `kubectl uncordon` \
             the nodes in the evidence. Keep PodDisruptionBudgets for what must stay up.",
        )
        .false_positives(
            "Upgrades of all nodes at once. One node after the other is not found, and neither are \
             autoscalers and node managers with service accounts unless they take ten nodes.",
        )
        .severity_rule(
            "3.0 if nodes were only cordoned or deleted: 5.0 needs pods that were evicted, or a taint that \
             evicts (`NoExecute`), on two of them, or five pods whose nodes the log has not told",
        )
        .severity_rule("3.0 if a service account did it")
        .tuning("`nodes`, `window`; `trusted-users` for upgrade robots")
        .aggregated_by("actor")
        .reference("https://kubernetes.io/docs/tasks/administer-cluster/safely-drain-node/")
}

fn budget_deleted() -> FindingType {
    FindingType::new(BUDGET_DELETED, 3.0)
        .title("A PodDisruptionBudget was deleted")
        .description(
            "Nothing limits any more how many pods of the workload may be evicted at once.",
        )
        .technique("T1489")
        .remediation("Recreate the budget unless its workload is gone too.")
        .false_positives("Removing an application by Helm or GitOps.")
        .severity_rule("2.0 if a service account did it")
        .tuning("`trusted-users`")
        .aggregated_by("actor and namespace")
        .reference("https://kubernetes.io/docs/concepts/workloads/pods/disruptions/")
}

fn backup_deleted() -> FindingType {
    FindingType::new(BACKUP_DELETED, 5.0)
        .title("A backup, or what makes backups, was deleted or paused")
        .description(
            "Ransomware and wipers remove backups first, so that nothing can be restored afterwards.",
        )
        .technique("T1490")
        .remediation(
            "Ask the user whether this was intended. If not, revoke the credential, look in the object \
             store whether the backup's data are still there, and recreate schedules and locations. \
             Lock the bucket against deletion (object lock, a separate account).",
        )
        .false_positives(
            "Expiry is done by the backup software's own service account, which is left out unless it is \
             used with a command line. People who tidy up old snapshots, or pause a schedule for maintenance.",
        )
        .severity_rule("6.0 if a whole collection, a schedule, policy or storage location was deleted")
        .severity_rule("5.0 if a schedule was paused")
        .severity_rule("3.0 if a service account of another namespace did it")
        .severity_rule("3.0 if the request was refused or failed")
        .tuning("`trusted-users`")
        .aggregated_by("actor, resource and namespace")
        .reference("https://attack.mitre.org/techniques/T1490/")
}

fn backup_elsewhere() -> FindingType {
    FindingType::new(BACKUP_ELSEWHERE, 5.0)
        .title("Backups go to a new place")
        .description(
            "A backup holds secrets and volumes of all namespaces that it covers. Somebody named a bucket \
             or server that backups are written to.",
        )
        .technique("T1537")
        .technique("T1530")
        .remediation(
            "See whose bucket it is. If it is not yours, revoke the credential of the user and of the place, \
             take both away, and rotate every secret of the namespaces that were backed up.",
        )
        .false_positives(
            "Administrators who install or move backups. The backup software's own service account, \
             operators and GitOps are left out.",
        )
        .severity_rule(
            "3.0 if a place was made or written as a whole; 5.0 if an existing one was patched to point \
             elsewhere, or the user who made it had a backup written to it (other than to `default`, which \
             `velero install` makes)",
        )
        .tuning("`trusted-users`")
        .aggregated_by("actor, namespace and name")
        .reference("https://attack.mitre.org/techniques/T1537/")
        .reference("https://velero.io/docs/main/api-types/backupstoragelocation/")
}

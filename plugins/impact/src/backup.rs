//! Deleted backups, schedules, and storage locations.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::MEDIUM;
use wardline_sdk::rules::{agent, outcome};

use crate::types::{BACKUP_DELETED, BY_OTHER_SERVICE_ACCOUNT, BY_OWN_TOOL, SCHEDULE_DELETED};

/// API group, resource, and whether it schedules or locates backups, as opposed to being one:
/// Kubernetes (external-snapshotter), Velero, Longhorn, Kasten K10, CloudNativePG, VolSync,
/// Stash and KubeStash, RKE2 and K3s, and the etcd operator.
const BACKUPS: [(&str, &str, bool); 24] = [
    ("snapshot.storage.k8s.io", "volumesnapshots", false),
    ("snapshot.storage.k8s.io", "volumesnapshotcontents", false),
    (
        "groupsnapshot.storage.k8s.io",
        "volumegroupsnapshots",
        false,
    ),
    (
        "groupsnapshot.storage.k8s.io",
        "volumegroupsnapshotcontents",
        false,
    ),
    ("velero.io", "backups", false),
    ("velero.io", "deletebackuprequests", false),
    ("velero.io", "schedules", true),
    ("velero.io", "backupstoragelocations", true),
    ("velero.io", "volumesnapshotlocations", true),
    ("velero.io", "backuprepositories", true),
    ("longhorn.io", "backups", false),
    ("longhorn.io", "snapshots", false),
    ("longhorn.io", "backupvolumes", true),
    ("longhorn.io", "backuptargets", true),
    ("longhorn.io", "recurringjobs", true),
    ("config.kio.kasten.io", "policies", true),
    ("config.kio.kasten.io", "profiles", true),
    ("postgresql.cnpg.io", "backups", false),
    ("postgresql.cnpg.io", "scheduledbackups", true),
    ("volsync.backube", "replicationsources", true),
    ("stash.appscode.com", "backupconfigurations", true),
    ("core.kubestash.com", "backupconfigurations", true),
    ("k3s.cattle.io", "etcdsnapshotfiles", false),
    ("etcd.database.coreos.com", "etcdbackups", false),
];

/// Beginnings of the user agents of Velero's command line.
const COMMAND_LINES: [&str; 2] = ["velero/", "velero-cli/"];

/// Returns the resources to subscribe to, possibly with duplicates.
pub fn resources() -> impl Iterator<Item = &'static str> {
    BACKUPS.iter().map(|(_, resource, _)| *resource)
}

/// Returns whether the object is a backup, or schedules or locates backups. The API group
/// decides, since other groups use the same resource names.
pub fn is_backup(event: AuditEvent<'_>) -> bool {
    known_resource(event).is_some()
}

fn known_resource(event: AuditEvent<'_>) -> Option<&'static (&'static str, &'static str, bool)> {
    let object = event.object()?;
    BACKUPS
        .iter()
        .find(|(group, resource, _)| object.api_group() == *group && object.resource() == *resource)
}

/// Raises a finding, unless the backup software itself deletes the object.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) {
    let Some((group, resource, is_schedule)) = known_resource(event) else {
        return;
    };
    // A DeleteBackupRequest requests a deletion when it is created; its own deletion is cleanup.
    if *resource == "deletebackuprequests" && event.verb() != "create" {
        return;
    }
    let user = event.actor();
    let severity = match user.service_account() {
        Some((own, name)) if is_backup_software(own, name, event.namespace(), group) => {
            if !is_interactive(event) {
                return;
            }
            BY_OWN_TOOL.severity
        }
        Some(_) => BY_OTHER_SERVICE_ACCOUNT.severity,
        None if *is_schedule || event.verb() == "deletecollection" => SCHEDULE_DELETED.severity,
        None => MEDIUM,
    };
    findings.raise(
        Finding::new(BACKUP_DELETED)
            .on(event)
            .field(&event, AuditField::Username)
            .field(&event, AuditField::Verb)
            .field(&event, AuditField::RequestUri)
            .field(&event, AuditField::Code)
            .severity(outcome::severity(event, severity))
            .dedup_key(format!(
                "{} {resource} {}",
                user.username(),
                event.namespace()
            ))
            .title(title(event, resource)),
    );
}

/// Returns whether the request came from kubectl, curl, or Velero's command line, as in
/// `kubectl exec deploy/velero -- ./velero backup delete`. The user agent of Velero's server
/// begins with `velero-server` (`velero`, `pkg/cmd/server`).
fn is_interactive(event: AuditEvent<'_>) -> bool {
    let agent = event.user_agent();
    agent::hand_tool(agent).is_some() || COMMAND_LINES.iter().any(|begin| agent.starts_with(begin))
}

fn title(event: AuditEvent<'_>, resource: &str) -> String {
    let user = event.actor().username();
    let suffix = outcome::suffix(event);
    if event.verb() == "create" {
        let namespace = event.namespace();
        return format!("Request for backup deletion in {namespace} by {user}{suffix}");
    }
    let name = match event.name() {
        "" => "*",
        name => name,
    };
    match event.namespace() {
        "" => format!("Deletion of {resource} {name} by {user}{suffix}"),
        namespace => format!("Deletion of {resource} {namespace}/{name} by {user}{suffix}"),
    }
}

/// Returns whether a service account belongs to the software that owns the objects: it is of
/// their namespace, or of a snapshot controller, which may run in another one.
fn is_backup_software(own: &str, name: &str, namespace: &str, group: &str) -> bool {
    let snapshots = group.ends_with("snapshot.storage.k8s.io");
    own == namespace
        || (snapshots
            && (own == "kube-system" || name.contains("snapshot") || name.contains("velero")))
}

//! Deleted backups, schedules, and storage locations.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::MEDIUM;
use wardline_sdk::rules::time::KNOWN;
use wardline_sdk::rules::{Requester, Told, agent, outcome};

use crate::types::{
    BACKUP_DELETED, BY_OTHER_SERVICE_ACCOUNT, BY_OWN_TOOL, NAMED_AS_SOFTWARE, SCHEDULE_DELETED,
};

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
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let Some((group, resource, is_schedule)) = known_resource(event) else {
        return Ok(());
    };
    // A DeleteBackupRequest requests a deletion when it is created; its own deletion is cleanup.
    if *resource == "deletebackuprequests" && event.verb() != "create" {
        return Ok(());
    }
    let user = event.actor();
    let severity = match user.service_account() {
        Some((own, name)) if is_backup_software(own, name, event.namespace(), group) => {
            if !is_interactive(event) {
                return Ok(());
            }
            BY_OWN_TOOL.severity
        }
        Some((_, name)) if is_named_as_software(name) && !is_interactive(event) => {
            // Anybody may choose the name, so that it makes the finding rare, and never silent.
            let told = Told::by_actor(event, "backup software");
            if !told.is_news(resource, NAMED_AS_SOFTWARE, KNOWN)? {
                return Ok(());
            }
            NAMED_AS_SOFTWARE.severity
        }
        Some(_) if Requester::is_program(event) => BY_OTHER_SERVICE_ACCOUNT.severity,
        _ if *is_schedule || event.verb() == "deletecollection" => SCHEDULE_DELETED.severity,
        _ => MEDIUM,
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
    Ok(())
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

/// API groups whose objects lie in the namespace of the software itself.
const IN_OWN_NAMESPACE: [&str; 3] = ["velero.io", "longhorn.io", "config.kio.kasten.io"];

/// Returns whether a service account belongs to the software that owns the objects: it is of
/// their namespace, if that is the software's, or of kube-system for snapshots.
fn is_backup_software(own: &str, name: &str, namespace: &str, group: &str) -> bool {
    let is_snapshot = group.ends_with("snapshot.storage.k8s.io");
    (own == namespace && IN_OWN_NAMESPACE.contains(&group))
        || (is_snapshot
            && (own == "kube-system"
                || matches!((own, name), ("velero", "velero" | "velero-server"))))
}

/// Returns whether a service account is named as software for backups usually is: operators work
/// in all namespaces, with accounts of their own.
fn is_named_as_software(name: &str) -> bool {
    [
        "snapshot",
        "velero",
        "backup",
        "cnpg",
        "cloudnative",
        "volsync",
        "stash",
        "kubestash",
        "kasten",
    ]
    .iter()
    .any(|word| name.contains(word))
}

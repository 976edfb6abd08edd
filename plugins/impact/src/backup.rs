//! Backups, and what makes them.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::{agent, outcome};

use crate::types::BACKUP_DELETED;

/// API group, resource, and whether it makes backups or says where they lie.
///
/// Kubernetes (external-snapshotter), Velero, Longhorn, Kasten K10, CloudNativePG, VolSync,
/// Stash and KubeStash, RKE2 and K3s, the etcd operator.
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

/// How command lines of backup software begin their user agents.
const COMMAND_LINES: [&str; 2] = ["velero/", "velero-cli/"];

const MAKER: f64 = 6.0;
const ONE: f64 = 5.0;
const ROBOT: f64 = 3.0;

/// The resources, each once or more.
pub fn resources() -> impl Iterator<Item = &'static str> {
    BACKUPS.iter().map(|(_, resource, _)| *resource)
}

/// Whether the object is a backup, or makes them: other groups use the same words.
pub fn is_backup(event: AuditEvent<'_>) -> bool {
    entry(event).is_some()
}

fn entry(event: AuditEvent<'_>) -> Option<&'static (&'static str, &'static str, bool)> {
    let object = event.object()?;
    BACKUPS
        .iter()
        .find(|(group, resource, _)| object.api_group() == *group && object.resource() == *resource)
}

/// Raises a finding unless the backup software clears up itself.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) {
    let Some((group, resource, is_maker)) = entry(event) else {
        return;
    };
    // Of the request that asks for a deletion, the deletion is the end of its work.
    if *resource == "deletebackuprequests" && event.verb() != "create" {
        return;
    }
    let user = event.actor();
    let severity = match user.service_account() {
        Some((own, name)) if is_keeper(own, name, event.namespace(), group) => {
            if !is_by_hand(event) {
                return;
            }
            ONE
        }
        Some(_) => ROBOT,
        None if *is_maker || event.verb() == "deletecollection" => MAKER,
        None => ONE,
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

/// Whether the software's account is used with a tool of people: kubectl, curl, or Velero's
/// command line, as in `kubectl exec deploy/velero -- ./velero backup delete`. Its server calls
/// itself `velero-server` (`velero`, `pkg/cmd/server`).
fn is_by_hand(event: AuditEvent<'_>) -> bool {
    let agent = event.user_agent();
    agent::hand_tool(agent).is_some() || COMMAND_LINES.iter().any(|begin| agent.starts_with(begin))
}

fn title(event: AuditEvent<'_>, resource: &str) -> String {
    let user = event.actor().username();
    let attempted = outcome::attempted(event);
    let verb = match (attempted.is_empty(), event.verb()) {
        (true, "create") => "requested the deletion by",
        (false, "create") => "request the deletion by",
        (true, _) => "deleted",
        (false, _) => "delete",
    };
    let name = match event.name() {
        "" => "*",
        name => name,
    };
    match event.namespace() {
        "" => format!("{user} {attempted}{verb} {resource} {name}"),
        namespace => format!("{user} {attempted}{verb} {resource} {namespace}/{name}"),
    }
}

/// Whether a service account is that of the software whose objects these are: it lives in
/// their namespace, or is one of the snapshot controllers, which need no namespace of theirs.
fn is_keeper(own: &str, name: &str, namespace: &str, group: &str) -> bool {
    let snapshots = group.ends_with("snapshot.storage.k8s.io");
    own == namespace
        || (snapshots
            && (own == "kube-system" || name.contains("snapshot") || name.contains("velero")))
}

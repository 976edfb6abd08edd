//! Backups that are deleted, paused, or redirected.

use wardline_sdk::testing::{Harness, Request, TestError, severities, types_and_severities};

use super::{ARGO_CD, delete, judged};
use crate::Impact;
use crate::types::{BACKUP_DELETED, BACKUP_ELSEWHERE};

#[test]
fn reports_deleted_backups_except_by_backup_software() -> Result<(), TestError> {
    let backup = |resource: &str| delete(resource, "velero", "daily").api_group("velero.io");
    let found = judged([
        backup("backups"),
        backup("schedules"),
        backup("backups").user(ARGO_CD),
        backup("backups").code(403),
        backup("backups").user("system:serviceaccount:velero:velero"),
    ])?;
    assert_eq!(
        types_and_severities(&found),
        [
            (BACKUP_DELETED, 5.0),
            (BACKUP_DELETED, 6.0),
            (BACKUP_DELETED, 3.0),
            (BACKUP_DELETED, 3.0)
        ]
    );
    assert_eq!(found[0].title, "Deletion of backups velero/daily by alice");
    assert_eq!(
        found[3].title,
        "Deletion of backups velero/daily by alice (denied)"
    );
    Ok(())
}

#[test]
fn snapshots_deleted_by_their_controllers_are_rarely_told() -> Result<(), TestError> {
    let snapshot = |user: &str| {
        delete("volumesnapshotcontents", "", "s1")
            .api_group("snapshot.storage.k8s.io")
            .user(user)
    };
    let found = judged([
        snapshot("system:serviceaccount:kube-system:ebs-csi-controller-sa"),
        // Anybody may choose the name.
        snapshot("system:serviceaccount:storage:snapshot-controller"),
        snapshot("system:serviceaccount:storage:snapshot-controller"),
        snapshot("mallory"),
    ])?;
    assert_eq!(
        types_and_severities(&found),
        [(BACKUP_DELETED, 2.0), (BACKUP_DELETED, 5.0)]
    );
    // A policy of another API group is not a backup policy.
    let other = delete("policies", "shop", "p").api_group("kyverno.io");
    assert!(judged([other])?.is_empty());
    let asked = Request::new("create", "deletebackuprequests")
        .api_group("velero.io")
        .namespace("velero");
    assert_eq!(judged([asked])?.len(), 1);
    Ok(())
}

#[test]
fn reports_backup_software_with_command_line_tool() -> Result<(), TestError> {
    let ask = |agent: &str| {
        Request::new("create", "deletebackuprequests")
            .api_group("velero.io")
            .namespace("velero")
            .user("system:serviceaccount:velero:velero")
            .user_agent(agent)
    };
    assert!(judged([ask("velero-server/v1.14.1 (linux/amd64) 8afe3cf")])?.is_empty());
    for agent in ["velero/v1.14.1 (linux/amd64) 8afe3cf", "curl/8.5.0"] {
        let found = judged([ask(agent)])?;
        assert_eq!(types_and_severities(&found), [(BACKUP_DELETED, 5.0)]);
    }
    Ok(())
}

fn written(verb: &str, group: &str, resource: &str, name: &str, user: &str, spec: &str) -> String {
    format!(
        r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request","auditID":"{verb}-{resource}-{name}","stage":"ResponseComplete","requestURI":"/apis/{group}/v1/namespaces/backup/{resource}/{name}","verb":"{verb}","user":{{"username":"{user}"}},"sourceIPs":["10.0.0.1"],"objectRef":{{"resource":"{resource}","namespace":"backup","name":"{name}","apiGroup":"{group}","apiVersion":"v1"}},"responseStatus":{{"code":200}},"requestObject":{{"spec":{spec}}},"requestReceivedTimestamp":"2025-01-01T00:00:00.000000Z","stageTimestamp":"2025-01-01T00:00:00.000000Z"}}"#
    )
}

#[test]
fn reports_paused_schedules() -> Result<(), TestError> {
    for (group, resource, user, spec, severity) in [
        (
            "velero.io",
            "schedules",
            "alice",
            r#"{"paused":true}"#,
            Some(5.0),
        ),
        (
            "velero.io",
            "schedules",
            ARGO_CD,
            r#"{"paused":true}"#,
            Some(3.0),
        ),
        (
            "velero.io",
            "schedules",
            "alice",
            r#"{"paused":false}"#,
            None,
        ),
        (
            "velero.io",
            "schedules",
            "alice",
            r#"{"schedule":"1"}"#,
            None,
        ),
        (
            "postgresql.cnpg.io",
            "scheduledbackups",
            "alice",
            r#"{"suspend":true}"#,
            Some(5.0),
        ),
        (
            "kyverno.io",
            "policies",
            "alice",
            r#"{"paused":true}"#,
            None,
        ),
    ] {
        let line = written("patch", group, resource, "daily", user, spec);
        let found = Harness::<Impact>::new().audit_line(&line)?;
        assert_eq!(
            severities(&found),
            Vec::from_iter(severity),
            "{group} {user} {spec}"
        );
    }
    Ok(())
}

#[test]
fn reports_new_and_redirected_storage_locations() -> Result<(), TestError> {
    let velero = "system:serviceaccount:backup:velero";
    let bucket = r#"{"provider":"aws","objectStorage":{"bucket":"offs1te"}}"#;
    let location = |verb: &str, name: &str, user: &str, spec: &str| {
        written(
            verb,
            "velero.io",
            "backupstoragelocations",
            name,
            user,
            spec,
        )
    };
    let backup = |name: &str| {
        let spec = format!(r#"{{"storageLocation":"{name}"}}"#);
        written("create", "velero.io", "backups", "full", "alice", &spec)
    };
    for (lines, expected) in [
        (vec![location("create", "far", "alice", bucket)], vec![3.0]),
        (vec![location("patch", "far", "alice", bucket)], vec![5.0]),
        (vec![location("update", "far", "alice", bucket)], vec![3.0]),
        (vec![location("patch", "far", velero, bucket)], vec![]),
        (
            vec![location("patch", "far", "alice", r#"{"default":true}"#)],
            vec![],
        ),
        (
            vec![location("create", "far", "alice", bucket), backup("far")],
            vec![3.0, 5.0],
        ),
        (
            vec![location("create", "far", "alice", bucket), backup("near")],
            vec![3.0],
        ),
        (
            vec![
                location("create", "default", "alice", bucket),
                backup("default"),
            ],
            vec![3.0],
        ),
    ] {
        let found = Harness::<Impact>::new().audit_lines(&lines.join("\n"))?;
        assert_eq!(severities(&found), expected, "{lines:?}");
        assert!(
            found
                .iter()
                .all(|finding| finding.finding_type == BACKUP_ELSEWHERE)
        );
    }
    Ok(())
}

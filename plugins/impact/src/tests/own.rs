//! Objects that the actor made itself.

use std::time::Duration;

use wardline_sdk::testing::{AuditLine, Harness, RaisedFinding, TestError, severities};

use crate::Impact;

fn at(line: AuditLine, seconds: u64) -> String {
    line.at(Duration::from_secs(seconds)).to_string()
}

fn path(namespace: &str, name: &str) -> String {
    format!("/apis/apps/v1/namespaces/{namespace}/deployments/{name}")
}

fn create(name: &str) -> AuditLine {
    AuditLine::new("create", "/apis/apps/v1/namespaces/ci/deployments").request(&format!(
        r#"{{"kind": "Deployment", "metadata": {{"name": "{name}"}}}}"#
    ))
}

fn delete(namespace: &str, name: &str) -> AuditLine {
    AuditLine::new("delete", &path(namespace, name))
}

fn judge(lines: &[String]) -> Result<Vec<RaisedFinding>, TestError> {
    Harness::<Impact>::new().audit_lines(&lines.join("\n"))
}

/// Makes an object a minute, and deletes each two minutes later.
fn previews(count: u64) -> Vec<String> {
    let name = |number| format!("preview-{number}");
    (0..count)
        .flat_map(|number| {
            [
                (number * 60, create(&name(number))),
                (number * 60 + 121, delete("ci", &name(number))),
            ]
        })
        .map(|(second, line)| at(line, second))
        .collect()
}

#[test]
fn clearing_up_own_objects_is_quiet() -> Result<(), TestError> {
    assert!(judge(&previews(20))?.is_empty());
    Ok(())
}

#[test]
fn objects_of_others_between_own_ones_count() -> Result<(), TestError> {
    let mut lines = previews(20);
    lines.extend((0..5).map(|number| at(delete("shop", &format!("web-{number}")), 600 + number)));
    assert_eq!(severities(&judge(&lines)?), [3.0]);
    Ok(())
}

#[test]
fn objects_of_others_under_the_same_name_count() -> Result<(), TestError> {
    // Each name was made by another user, or is deleted for the second time.
    let foreign: Vec<String> = (0..5)
        .flat_map(|number| {
            let name = format!("preview-{number}");
            [
                at(create(&name).user("bob", &[]), number),
                at(delete("ci", &name), 60 + number),
            ]
        })
        .collect();
    assert_eq!(severities(&judge(&foreign)?), [3.0]);
    let twice: Vec<String> = (0..5)
        .flat_map(|number| {
            let name = format!("preview-{number}");
            [
                at(create(&name), number),
                at(delete("ci", &name), 60 + number),
                at(delete("ci", &name), 120 + number),
            ]
        })
        .collect();
    assert_eq!(severities(&judge(&twice)?), [3.0]);
    Ok(())
}

#[test]
fn own_backup_and_budget_are_quiet() -> Result<(), TestError> {
    for (group, resource, kind) in [
        (
            "snapshot.storage.k8s.io",
            "volumesnapshots",
            "VolumeSnapshot",
        ),
        ("policy", "poddisruptionbudgets", "PodDisruptionBudget"),
    ] {
        let collection = format!("/apis/{group}/v1/namespaces/ci/{resource}");
        let create = AuditLine::new("create", &collection).request(&format!(
            r#"{{"kind": "{kind}", "metadata": {{"name": "x"}}}}"#
        ));
        let delete = || AuditLine::new("delete", &format!("{collection}/x"));
        assert_eq!(judge(&[at(delete(), 5)])?.len(), 1, "{resource}");
        assert!(
            judge(&[at(create, 0), at(delete(), 5)])?.is_empty(),
            "{resource}"
        );
    }
    Ok(())
}

#[test]
fn workload_stopped_by_a_json_patch_is_told() -> Result<(), TestError> {
    let stop = AuditLine::new(
        "patch",
        "/apis/apps/v1/namespaces/kube-system/deployments/coredns",
    )
    .request(r#"[{"op": "replace", "path": "/spec/replicas", "value": 0}]"#)
    .response(
        r#"{"kind": "Deployment", "metadata": {"name": "coredns"}, "spec": {"replicas": 0}}"#,
    );
    assert_eq!(severities(&judge(&[at(stop, 0)])?), [5.0]);
    Ok(())
}

#[test]
fn schedule_paused_by_a_json_patch_is_told() -> Result<(), TestError> {
    let patch = |value: &str| {
        AuditLine::new(
            "patch",
            "/apis/velero.io/v1/namespaces/velero/schedules/daily",
        )
        .request(&format!(
            r#"[{{"op": "replace", "path": "/spec/paused", "value": {value}}}]"#
        ))
        .response(&format!(
            r#"{{"kind": "Schedule", "metadata": {{"name": "daily"}}, "spec": {{"paused": {value}}}}}"#
        ))
    };
    assert_eq!(severities(&judge(&[at(patch("true"), 0)])?), [5.0]);
    assert!(judge(&[at(patch("false"), 0)])?.is_empty());
    Ok(())
}

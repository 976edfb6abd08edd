use std::time::Duration;

use wardline_sdk::testing::{AuditLine, TestError, summary};

use super::{EVERYTHING, HARMLESS, RBAC, binding, judge, person, role};

#[test]
fn roles_are_rated_by_their_rules() -> Result<(), TestError> {
    for (rules, expected) in [
        (EVERYTHING, vec![("DangerousRole", 6.0)]),
        (
            r#"{"verbs": ["escalate"], "apiGroups": ["rbac.authorization.k8s.io"], "resources": ["clusterroles"]}"#,
            vec![("DangerousRole", 5.5)],
        ),
        (
            r#"{"verbs": ["bind"], "apiGroups": ["*"], "resources": ["*"]}"#,
            vec![("DangerousRole", 5.5)],
        ),
        (
            r#"{"verbs": ["impersonate"], "apiGroups": [""], "resources": ["users"]}"#,
            vec![("DangerousRole", 5.5)],
        ),
        (
            r#"{"verbs": ["create"], "apiGroups": [""], "resources": ["serviceaccounts/token"]}"#,
            vec![("DangerousRole", 5.0)],
        ),
        (
            r#"{"verbs": ["create"], "apiGroups": [""], "resources": ["*/token"]}"#,
            vec![("DangerousRole", 5.0)],
        ),
        (
            r#"{"verbs": ["approve"], "apiGroups": ["certificates.k8s.io"], "resources": ["signers"]}"#,
            vec![("DangerousRole", 5.0)],
        ),
        (
            r#"{"verbs": ["get"], "apiGroups": [""], "resources": ["nodes/proxy"]}"#,
            vec![("DangerousRole", 4.5)],
        ),
        (
            r#"{"verbs": ["list"], "apiGroups": [""], "resources": ["secrets"]}"#,
            vec![("DangerousRole", 3.5)],
        ),
        (
            r#"{"verbs": ["create"], "apiGroups": [""], "resources": ["pods/exec"]}"#,
            vec![("DangerousRole", 3.0)],
        ),
        (
            r#"{"verbs": ["patch"], "apiGroups": ["apps"], "resources": ["deployments"]}"#,
            vec![("DangerousRole", 2.0)],
        ),
        // Restricted to names.
        (
            r#"{"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["a"]}"#,
            vec![],
        ),
        // Custom resources of a Kubernetes operator.
        (
            r#"{"verbs": ["*"], "apiGroups": ["example.com"], "resources": ["*"]}"#,
            vec![],
        ),
        (HARMLESS, vec![]),
    ] {
        assert_eq!(
            summary(&judge(&[role("create", "r", rules)])?),
            expected,
            "{rules}"
        );
    }
    Ok(())
}

#[test]
fn namespaced_roles_are_rated_lower() -> Result<(), TestError> {
    let make = |namespace: &str, rules: &str| {
        AuditLine::new("create", &format!("{RBAC}/namespaces/{namespace}/roles")).request(&format!(
            r#"{{"kind": "Role", "metadata": {{"name": "r"}}, "rules": [{rules}]}}"#
        ))
    };
    let secrets = r#"{"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"]}"#;
    assert_eq!(
        summary(&judge(&[make("shop", EVERYTHING)])?),
        [("DangerousRole", 3.0)]
    );
    assert_eq!(
        summary(&judge(&[make("kube-system", EVERYTHING)])?),
        [("DangerousRole", 5.5)]
    );
    assert_eq!(
        summary(&judge(&[make("shop", secrets)])?),
        [("DangerousRole", 2.0)]
    );
    Ok(())
}

#[test]
fn widened_role_is_reported_once() -> Result<(), TestError> {
    let make = role("create", "ops", HARMLESS);
    let widen = role("update", "ops", EVERYTHING).user("mallory", &[]);
    let found = judge(&[make.clone(), widen.clone()])?;
    assert_eq!(summary(&found), [("RoleWidened", 6.0)]);
    // The same role sent again is not reported.
    let again = widen.clone().at(Duration::from_secs(5));
    assert_eq!(judge(&[make.clone(), widen, again])?.len(), 1);
    // A user who widens a role and is bound to it gains the permissions.
    let bound = binding(
        "clusterrolebindings",
        r#""roleRef": {"kind": "ClusterRole", "name": "ops"}"#,
        &person("mallory"),
    );
    let patch = AuditLine::new("patch", &format!("{RBAC}/clusterroles/ops"))
        .user("mallory", &[])
        .request(&format!(
            r#"[{{"op": "add", "path": "/rules/-", "value": {EVERYTHING}}}]"#
        ));
    let found = judge(&[make, bound, patch])?;
    assert_eq!(summary(&found), [("RoleWidened", 6.9)]);
    assert_eq!(found[0].attribute("held-by-actor"), Some("true"));
    Ok(())
}

#[test]
fn aggregation_label_is_reported() -> Result<(), TestError> {
    let labelled = |built_in: &str, rules: &str| {
        let body = format!(
            r#"{{"kind": "ClusterRole", "metadata": {{"name": "r", "labels": {{"rbac.authorization.k8s.io/aggregate-to-{built_in}": "true"}}}}, "rules": [{rules}]}}"#
        );
        AuditLine::new("create", &format!("{RBAC}/clusterroles"))
            .request(&body)
            .response(&body)
    };
    let secrets = r#"{"verbs": ["list"], "apiGroups": [""], "resources": ["secrets"]}"#;
    let own = r#"{"verbs": ["*"], "apiGroups": ["example.com"], "resources": ["widgets"]}"#;
    assert_eq!(
        summary(&judge(&[labelled("view", secrets)])?),
        [("AggregatedRole", 5.0)]
    );
    assert_eq!(
        summary(&judge(&[labelled("edit", EVERYTHING)])?),
        [("AggregatedRole", 6.0)]
    );
    // `admin` can read secrets anyway, so only the role itself is rated.
    assert_eq!(
        summary(&judge(&[labelled("admin", secrets)])?),
        [("DangerousRole", 3.5)]
    );
    assert_eq!(summary(&judge(&[labelled("edit", own)])?), []);
    Ok(())
}

const RULES: &str = r#"{"rules": [{"apiGroups": [""], "resources": ["nodes"], "verbs": ["get"]}]}"#;

fn change(verb: &str, path: &str) -> AuditLine {
    AuditLine::new(verb, &format!("{RBAC}/{path}")).request(RULES)
}

#[test]
fn changes_of_system_roles_are_reported() -> Result<(), TestError> {
    for (line, expected) in [
        (
            change("patch", "clusterroles/system:node"),
            vec![("SystemRoleModified", 6.0)],
        ),
        (
            change("delete", "clusterrolebindings/cluster-admin"),
            vec![("SystemRoleModified", 5.0)],
        ),
        (
            change("patch", "clusterroles/view"),
            vec![("SystemRoleModified", 6.0)],
        ),
        (
            change("patch", "clusterroles/system:coredns"),
            vec![("SystemRoleModified", 3.0)],
        ),
        (change("patch", "namespaces/shop/roles/admin"), vec![]),
        (change("patch", "clusterroles/mine"), vec![]),
        (
            change("patch", "clusterroles/system:node")
                .user("system:apiserver", &["system:masters"]),
            vec![],
        ),
        (
            AuditLine::new("patch", &format!("{RBAC}/clusterroles/system:node")).level("Metadata"),
            vec![("SystemRoleModified", 3.0)],
        ),
    ] {
        assert_eq!(
            summary(&judge(std::slice::from_ref(&line))?),
            expected,
            "{line}"
        );
    }
    Ok(())
}

#[test]
fn changes_of_system_roles_are_rated_by_what_they_change() -> Result<(), TestError> {
    for (body, is_told) in [
        (r#"{"metadata": {"annotations": {"owner": "it"}}}"#, false),
        (
            r#"{"kind": "ClusterRoleBinding", "metadata": {"labels": {"owner": "it"}}}"#,
            false,
        ),
        (
            r#"[{"op": "add", "path": "/metadata/labels/owner", "value": "it"}]"#,
            false,
        ),
        (r#"[{"op": "remove", "path": "/subjects/0"}]"#, true),
        (r#"[{"op": "remove", "path": "\u002fsubjects/0"}]"#, true),
        (
            r#"[{"op": "move", "from": "/subjects", "path": "/metadata/annotations/a"}]"#,
            true,
        ),
        (r#"[{"op": "replace", "path": "", "value": {}}]"#, true),
        (
            r#"{"subjects": [{"kind": "User", "name": "mallory"}]}"#,
            true,
        ),
        (
            r#"{"$patch": "replace", "metadata": {"name": "system:basic-user"}}"#,
            true,
        ),
        (
            r#"{"metadata": {"annotations": {"rbac.authorization.kubernetes.io/autoupdate": "false"}}}"#,
            true,
        ),
        (
            r#"[{"op": "remove", "path": "/metadata/annotations/rbac.authorization.kubernetes.io~1autoupdate"}]"#,
            true,
        ),
        (
            r#"{"metadata": {"labels": {"rbac.authorization.k8s.io/aggregate-to-edit": "true"}}}"#,
            true,
        ),
    ] {
        let line = AuditLine::new(
            "patch",
            &format!("{RBAC}/clusterrolebindings/system:basic-user"),
        )
        .request(body);
        let found = judge(std::slice::from_ref(&line))?;
        let told: Vec<_> = summary(&found)
            .into_iter()
            .filter(|(name, _)| *name == "SystemRoleModified")
            .collect();
        let expected: Vec<_> = is_told
            .then_some(("SystemRoleModified", 6.0))
            .into_iter()
            .collect();
        assert_eq!(told, expected, "{body}");
    }
    Ok(())
}

#[test]
fn system_role_that_is_sent_again_is_not_reported() -> Result<(), TestError> {
    let sent = |verb: &str, resource: &str| {
        AuditLine::new(verb, &format!("{RBAC}/clusterroles/system:node"))
            .request(&format!(
                r#"{{"kind": "ClusterRole", "metadata": {{"name": "system:node"}}, "rules": [{{"apiGroups": [""], "resources": ["{resource}"], "verbs": ["get"]}}]}}"#
            ))
            .response(&format!(
                r#"{{"kind": "ClusterRole", "metadata": {{"name": "system:node"}}, "rules": [{{"apiGroups": [""], "resources": ["{resource}"], "verbs": ["get"]}}]}}"#
            ))
    };
    let at_start = sent("update", "nodes").user("system:apiserver", &["system:masters"]);
    for (verb, resource, expected) in [
        ("update", "nodes", vec![]),
        ("patch", "nodes", vec![]),
        ("update", "services", vec![("SystemRoleModified", 6.0)]),
        ("patch", "services", vec![("SystemRoleModified", 6.0)]),
    ] {
        let found = judge(&[at_start.clone(), sent(verb, resource)])?;
        assert_eq!(summary(&found), expected, "{verb} {resource}");
    }
    // Without what was there before, a person sends the whole object to change it.
    let found = judge(&[sent("update", "nodes")])?;
    assert_eq!(summary(&found), [("SystemRoleModified", 6.0)]);
    Ok(())
}

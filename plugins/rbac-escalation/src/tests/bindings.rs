use wardline_sdk::testing::{AuditLine, TestError, summary};

use super::{ADMIN, EVERYTHING, HARMLESS, RBAC, account, binding, judge, person, role};

fn group(name: &str) -> String {
    format!(r#"{{"kind": "Group", "name": "{name}"}}"#)
}

#[test]
fn cluster_admin_is_rated_by_subject_and_scope() -> Result<(), TestError> {
    for (path, subject, expected) in [
        (
            "clusterrolebindings",
            account("shop", "default"),
            vec![("AdminAccessToDefaultServiceAccount", 8.0)],
        ),
        (
            "namespaces/shop/rolebindings",
            account("shop", "default"),
            vec![("AdminAccessToDefaultServiceAccount", 8.0)],
        ),
        (
            "clusterrolebindings",
            group("system:serviceaccounts:shop"),
            vec![("AdminAccessToDefaultServiceAccount", 8.0)],
        ),
        (
            "clusterrolebindings",
            group("system:serviceaccounts"),
            vec![("AdminAccessToDefaultServiceAccount", 8.0)],
        ),
        (
            "clusterrolebindings",
            person("system:serviceaccount:shop:default"),
            vec![("AdminAccessToDefaultServiceAccount", 8.0)],
        ),
        (
            "clusterrolebindings",
            group("system:authenticated"),
            vec![("AdminRoleBinding", 8.0)],
        ),
        (
            "clusterrolebindings",
            person("mallory"),
            vec![("AdminRoleBinding", 6.0)],
        ),
        (
            "namespaces/kube-system/rolebindings",
            person("mallory"),
            vec![("AdminRoleBinding", 6.0)],
        ),
        (
            "namespaces/shop/rolebindings",
            person("mallory"),
            vec![("AdminRoleBinding", 3.0)],
        ),
        (
            "clusterrolebindings",
            account("ops", "tool"),
            vec![("AdminRoleBinding", 6.0)],
        ),
        (
            "clusterrolebindings",
            person("alice"),
            vec![("SelfGrant", 6.0)],
        ),
        // `anonymous-access` reports this.
        ("clusterrolebindings", person("system:anonymous"), vec![]),
    ] {
        let found = judge(&[binding(path, ADMIN, &subject)])?;
        assert_eq!(summary(&found), expected, "{path} {subject}");
    }
    Ok(())
}

#[test]
fn grants_are_rated_by_role_and_scope() -> Result<(), TestError> {
    let to = |path: &str, kind: &str, name: &str| {
        let role = format!(r#""roleRef": {{"kind": "{kind}", "name": "{name}"}}"#);
        binding(path, &role, &person("mallory"))
    };
    for (line, expected) in [
        (to("clusterrolebindings", "ClusterRole", "admin"), Some(5.0)),
        (to("clusterrolebindings", "ClusterRole", "edit"), Some(3.0)),
        (
            to(
                "clusterrolebindings",
                "ClusterRole",
                "system:kube-controller-manager",
            ),
            Some(5.0),
        ),
        (to("clusterrolebindings", "ClusterRole", "view"), None),
        (
            to("namespaces/shop/rolebindings", "ClusterRole", "admin"),
            Some(3.0),
        ),
        (
            to("namespaces/shop/rolebindings", "ClusterRole", "edit"),
            None,
        ),
        // A namespaced Role may have any name.
        (
            to("namespaces/shop/rolebindings", "Role", "cluster-admin"),
            None,
        ),
    ] {
        let found = judge(std::slice::from_ref(&line))?;
        assert_eq!(
            found.first().map(|finding| finding.severity),
            expected,
            "{line}"
        );
    }
    Ok(())
}

#[test]
fn custom_role_is_rated_by_its_known_permissions() -> Result<(), TestError> {
    let bound = r#""roleRef": {"kind": "ClusterRole", "name": "ops"}"#;
    let found = judge(&[
        role("create", "ops", EVERYTHING).user("system:kube-controller-manager", &[]),
        binding("clusterrolebindings", bound, &account("shop", "default")),
    ])?;
    assert_eq!(
        summary(&found),
        [("AdminAccessToDefaultServiceAccount", 8.0)]
    );
    let found = judge(&[
        role("create", "ops", HARMLESS),
        binding("clusterrolebindings", bound, &account("shop", "default")),
    ])?;
    assert_eq!(summary(&found), []);
    Ok(())
}

#[test]
fn patch_grants_only_the_subjects_that_it_names() -> Result<(), TestError> {
    let patch = |body: &str| {
        AuditLine::new("patch", &format!("{RBAC}/clusterrolebindings/b"))
            .request(body)
            .response(&format!(
                r#"{{"kind": "ClusterRoleBinding", "metadata": {{"name": "b"}}, {ADMIN}, "subjects": [{}]}}"#,
                person("mallory")
            ))
    };
    let subjects = format!(r#"{{"subjects": [{}]}}"#, person("mallory"));
    let json = format!(
        r#"[{{"op": "add", "path": "/subjects/-", "value": {}}}]"#,
        person("mallory")
    );
    for body in [subjects.as_str(), json.as_str()] {
        let found = judge(&[patch(body)])?;
        assert_eq!(summary(&found), [("AdminRoleBinding", 6.0)], "{body}");
        assert_eq!(
            found[0].evidence("responseObject.roleRef.name"),
            Some("cluster-admin")
        );
    }
    assert_eq!(
        summary(&judge(&[patch(r#"{"metadata": {"labels": {"a": "b"}}}"#)])?),
        []
    );
    Ok(())
}

#[test]
fn existing_subjects_are_not_reported_again() -> Result<(), TestError> {
    let again = AuditLine::new("update", &format!("{RBAC}/clusterrolebindings/b")).request(&format!(
        r#"{{"kind": "ClusterRoleBinding", "metadata": {{"name": "b"}}, {ADMIN}, "subjects": [{}, {}]}}"#,
        person("mallory"),
        person("trudy")
    ));
    let found = judge(&[
        binding("clusterrolebindings", ADMIN, &person("mallory")),
        again,
    ])?;
    assert_eq!(found.len(), 2);
    assert_eq!(found[1].attribute("subjects"), Some("trudy"));
    Ok(())
}

#[test]
fn grants_by_packages_and_service_accounts_are_low() -> Result<(), TestError> {
    let packaged = |subject: &str| {
        AuditLine::new("create", &format!("{RBAC}/clusterrolebindings")).request(&format!(
            r#"{{"metadata": {{"name": "b", "annotations": {{"meta.helm.sh/release-name": "argo"}}}}, {ADMIN}, "subjects": [{subject}]}}"#
        ))
    };
    let severity = |lines: &[AuditLine]| -> Result<Vec<f64>, TestError> {
        Ok(judge(lines)?
            .iter()
            .map(|finding| finding.severity)
            .collect())
    };
    assert_eq!(severity(&[packaged(&account("argo", "server"))])?, [3.0]);
    // Packages do not bind people.
    assert_eq!(severity(&[packaged(&person("mallory"))])?, [6.0]);
    let operator = "system:serviceaccount:olm:operator";
    let own = binding("clusterrolebindings", ADMIN, &account("olm", "worker")).user(operator, &[]);
    assert_eq!(severity(&[own])?, [3.0]);
    let other = binding("clusterrolebindings", ADMIN, &account("shop", "web")).user(operator, &[]);
    assert_eq!(severity(&[other])?, [6.0]);
    let controller = "system:serviceaccount:kube-system:clusterrole-aggregation-controller";
    let quiet = binding("clusterrolebindings", ADMIN, &person("x")).user(controller, &[]);
    assert!(severity(&[quiet])?.is_empty());
    // The platform binds service accounts all day, and people never.
    let platform = "system:serviceaccount:kube-system:addon-manager";
    let bound = binding("clusterrolebindings", ADMIN, &account("a", "b")).user(platform, &[]);
    assert_eq!(severity(&[bound])?, [3.0]);
    let bound = binding("clusterrolebindings", ADMIN, &person("mallory")).user(platform, &[]);
    assert_eq!(severity(&[bound])?, [6.0]);
    let whole = AuditLine::new("patch", &format!("{RBAC}/clusterrolebindings/b"))
        .user("system:serviceaccount:deploy:robot", &[])
        .request(&format!(
            r#"{{"kind": "ClusterRoleBinding", "metadata": {{"name": "b"}}, {ADMIN}, "subjects": [{}]}}"#,
            person("ops")
        ));
    assert_eq!(severity(std::slice::from_ref(&whole))?, [3.0]);
    // New subjects of a known binding are reported.
    let before = binding("clusterrolebindings", ADMIN, &person("ops"))
        .user("system:kube-controller-manager", &[]);
    let more = whole.request(&format!(
        r#"{{"kind": "ClusterRoleBinding", "metadata": {{"name": "b"}}, {ADMIN}, "subjects": [{}, {}]}}"#,
        person("ops"),
        person("mallory")
    ));
    assert_eq!(severity(&[before, more])?, [6.0]);
    Ok(())
}

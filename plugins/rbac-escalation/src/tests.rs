use std::time::Duration;

use wardline_sdk::testing::{AuditLine, Harness, RaisedFinding, TestError};

use crate::RbacEscalation;

const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1";
const ADMIN: &str = r#""roleRef": {"kind": "ClusterRole", "name": "cluster-admin"}"#;

fn judge(lines: &[AuditLine]) -> Result<Vec<RaisedFinding>, TestError> {
    let text: Vec<String> = lines.iter().map(AuditLine::to_string).collect();
    Harness::<RbacEscalation>::new().audit_lines(&text.join("\n"))
}

/// The families of the types with the severities.
fn summary(found: &[RaisedFinding]) -> Vec<(&str, f64)> {
    found
        .iter()
        .map(|finding| {
            let family = finding.finding_type.rsplit('/').next().unwrap();
            (family, finding.severity)
        })
        .collect()
}

fn binding(path: &str, role: &str, subjects: &str) -> AuditLine {
    AuditLine::new("create", &format!("{RBAC}/{path}")).request(&format!(
        r#"{{"kind": "ClusterRoleBinding", "metadata": {{"name": "b"}}, {role}, "subjects": [{subjects}]}}"#
    ))
}

fn account(namespace: &str, name: &str) -> String {
    format!(r#"{{"kind": "ServiceAccount", "namespace": "{namespace}", "name": "{name}"}}"#)
}

fn person(name: &str) -> String {
    format!(r#"{{"kind": "User", "name": "{name}"}}"#)
}

fn group(name: &str) -> String {
    format!(r#"{{"kind": "Group", "name": "{name}"}}"#)
}

fn role(verb: &str, name: &str, rules: &str) -> AuditLine {
    let uri = match verb {
        "create" => format!("{RBAC}/clusterroles"),
        _ => format!("{RBAC}/clusterroles/{name}"),
    };
    let body = format!(
        r#"{{"kind": "ClusterRole", "metadata": {{"name": "{name}"}}, "rules": [{rules}]}}"#
    );
    AuditLine::new(verb, &uri).request(&body).response(&body)
}

const EVERYTHING: &str = r#"{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}"#;
const HARMLESS: &str = r#"{"verbs": ["get"], "apiGroups": [""], "resources": ["configmaps"]}"#;

#[test]
fn who_gets_cluster_admin() -> Result<(), TestError> {
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
        // Told by `anonymous-access`.
        ("clusterrolebindings", person("system:anonymous"), vec![]),
    ] {
        let found = judge(&[binding(path, ADMIN, &subject)])?;
        assert_eq!(summary(&found), expected, "{path} {subject}");
    }
    Ok(())
}

#[test]
fn which_role_is_given() -> Result<(), TestError> {
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
        // A Role of one's own may be called what one likes.
        (
            to("namespaces/shop/rolebindings", "Role", "cluster-admin"),
            None,
        ),
    ] {
        let found = judge(&[line.clone()])?;
        assert_eq!(
            found.first().map(|finding| finding.severity),
            expected,
            "{line}"
        );
    }
    Ok(())
}

#[test]
fn a_role_that_was_seen_is_known_for_what_it_allows() -> Result<(), TestError> {
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
fn a_patch_gives_what_it_names() -> Result<(), TestError> {
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
fn who_had_it_is_not_told_again() -> Result<(), TestError> {
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
fn packages_operators_and_robots_are_low() -> Result<(), TestError> {
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
    // No package brings people.
    assert_eq!(severity(&[packaged(&person("mallory"))])?, [6.0]);
    let operator = "system:serviceaccount:olm:operator";
    let own = binding("clusterrolebindings", ADMIN, &account("olm", "worker")).user(operator, &[]);
    assert_eq!(severity(&[own])?, [3.0]);
    let other = binding("clusterrolebindings", ADMIN, &account("shop", "web")).user(operator, &[]);
    assert_eq!(severity(&[other])?, [6.0]);
    let controller = "system:serviceaccount:kube-system:clusterrole-aggregation-controller";
    let quiet = binding("clusterrolebindings", ADMIN, &person("x")).user(controller, &[]);
    assert!(severity(&[quiet])?.is_empty());
    let whole = AuditLine::new("patch", &format!("{RBAC}/clusterrolebindings/b"))
        .user("system:serviceaccount:deploy:robot", &[])
        .request(&format!(
            r#"{{"kind": "ClusterRoleBinding", "metadata": {{"name": "b"}}, {ADMIN}, "subjects": [{}]}}"#,
            person("ops")
        ));
    assert_eq!(severity(&[whole])?, [3.0]);
    Ok(())
}

#[test]
fn dangerous_rules() -> Result<(), TestError> {
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
        // Restricted to names that their author chose.
        (
            r#"{"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["a"]}"#,
            vec![],
        ),
        // An operator's own resources.
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
fn in_a_namespace_less_is_dangerous() -> Result<(), TestError> {
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
    assert_eq!(summary(&judge(&[make("shop", secrets)])?), []);
    Ok(())
}

#[test]
fn a_role_is_widened() -> Result<(), TestError> {
    let make = role("create", "ops", HARMLESS);
    let widen = role("update", "ops", EVERYTHING).user("mallory", &[]);
    let found = judge(&[make.clone(), widen.clone()])?;
    assert_eq!(summary(&found), [("RoleWidened", 6.0)]);
    // The same again is no news.
    let again = widen.clone().at(Duration::from_secs(5));
    assert_eq!(judge(&[make.clone(), widen, again])?.len(), 1);
    // Whoever is bound to what they widen takes it for themselves.
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
fn a_label_adds_to_built_in_roles() -> Result<(), TestError> {
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
    // An administrator of a namespace reads secrets anyway; the role itself is judged.
    assert_eq!(
        summary(&judge(&[labelled("admin", secrets)])?),
        [("DangerousRole", 3.5)]
    );
    assert_eq!(summary(&judge(&[labelled("edit", own)])?), []);
    Ok(())
}

#[test]
fn roles_of_kubernetes_itself() -> Result<(), TestError> {
    let change = |verb: &str, path: &str| {
        AuditLine::new(verb, &format!("{RBAC}/{path}"))
            .request(r#"{"metadata": {"labels": {"a": "b"}}}"#)
    };
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
            change("patch", "clusterroles/system:node").level("Metadata"),
            vec![("SystemRoleModified", 6.0)],
        ),
    ] {
        assert_eq!(summary(&judge(&[line.clone()])?), expected, "{line}");
    }
    Ok(())
}

#[test]
fn refusals() -> Result<(), TestError> {
    let refused = |path: &str, second: u64| {
        AuditLine::new("create", &format!("{RBAC}/{path}"))
            .answer(403, "is forbidden: User cannot create")
            .at(Duration::from_secs(second))
    };
    assert_eq!(summary(&judge(&[refused("clusterroles", 0)])?), []);
    let burst = [
        refused("clusterroles", 0),
        refused("clusterrolebindings", 1),
        refused("namespaces/shop/roles", 2),
    ];
    let found = judge(&burst)?;
    assert_eq!(summary(&found), [("RBACDenied", 4.5)]);
    assert_eq!(found[0].event_ids.len(), 3);
    let robot = burst.map(|line| line.user("system:serviceaccount:ci:runner", &[]));
    assert_eq!(summary(&judge(&robot)?), [("RBACDenied", 3.5)]);
    // The same again and again is one attempt.
    let same: Vec<AuditLine> = (0..5)
        .map(|second| refused("clusterroles", second))
        .collect();
    assert_eq!(summary(&judge(&same)?), []);
    let escalation = AuditLine::new("create", &format!("{RBAC}/clusterroles")).answer(
        403,
        "clusterroles \"x\" is forbidden: user \"alice\" is attempting to grant RBAC permissions not currently held:",
    );
    assert_eq!(summary(&judge(&[escalation])?), [("RBACDenied", 3.0)]);
    Ok(())
}

#[test]
fn a_grant_that_is_followed_up() -> Result<(), TestError> {
    let grant = binding("clusterrolebindings", ADMIN, &account("ops", "tool"));
    let read = |second| AuditLine::new("list", "/api/v1/secrets").at(Duration::from_secs(second));
    let found = judge(&[grant.clone(), read(60), read(90)])?;
    assert_eq!(
        summary(&found),
        [("AdminRoleBinding", 6.0), ("RBACChangeThenUse", 5.0)]
    );
    assert_eq!(found[1].event_ids.len(), 2);
    assert_eq!(judge(&[grant.clone(), read(400)])?.len(), 1);
    assert_eq!(judge(&[grant, read(60).user("bob", &[])])?.len(), 1);
    let small = binding(
        "clusterrolebindings",
        r#""roleRef": {"kind": "ClusterRole", "name": "view"}"#,
        &person("x"),
    );
    assert_eq!(judge(&[small, read(60)])?.len(), 0);
    Ok(())
}

#[test]
fn a_service_account_that_writes_rbac_is_told_once() -> Result<(), TestError> {
    let write = |second| {
        role("create", "r", HARMLESS)
            .user("system:serviceaccount:shop:web", &[])
            .at(Duration::from_secs(second))
    };
    let found = judge(&[write(0), write(1)])?;
    assert_eq!(summary(&found), [("RBACWriteByServiceAccount", 2.0)]);
    let platform = role("create", "r", HARMLESS).user("system:serviceaccount:kube-system:x", &[]);
    assert_eq!(summary(&judge(&[platform])?), []);
    Ok(())
}

#[test]
fn without_bodies_the_name_is_told() -> Result<(), TestError> {
    let bare = AuditLine::new("create", &format!("{RBAC}/clusterrolebindings/b")).level("Metadata");
    assert_eq!(
        summary(&judge(&[bare.clone()])?),
        [("AdminRoleBinding", 2.0)]
    );
    let small = AuditLine::new("create", &format!("{RBAC}/namespaces/shop/rolebindings/b"))
        .level("Metadata");
    assert_eq!(summary(&judge(&[small])?), []);
    let platform = bare.user("system:serviceaccount:kube-system:x", &[]);
    assert_eq!(summary(&judge(&[platform])?), []);
    Ok(())
}

#[test]
fn what_changes_nothing_is_quiet() -> Result<(), TestError> {
    let dry = AuditLine::new("create", &format!("{RBAC}/clusterrolebindings?dryRun=All")).request(
        &format!(
            r#"{{"metadata": {{"name": "b"}}, {ADMIN}, "subjects": [{}]}}"#,
            person("mallory")
        ),
    );
    assert_eq!(summary(&judge(&[dry])?), []);
    let trusted = binding("clusterrolebindings", ADMIN, &person("mallory")).to_string();
    let found = Harness::<RbacEscalation>::new()
        .setting("trusted-users", &["ali*"] as &[&str])
        .audit_lines(&trusted)?;
    assert_eq!(summary(&found), []);
    Ok(())
}

use std::time::Duration;

use wardline_sdk::testing::{AuditLine, Harness, TestError, summary};

use super::{ADMIN, EVERYTHING, HARMLESS, RBAC, account, binding, judge, person, role};
use crate::RbacEscalation;

#[test]
fn denials_are_reported_as_a_burst() -> Result<(), TestError> {
    let denied = |path: &str, second: u64| {
        AuditLine::new("create", &format!("{RBAC}/{path}"))
            .answer(403, "is forbidden: User cannot create")
            .at(Duration::from_secs(second))
    };
    // A single one, by hand, beyond a namespace of users.
    let robot = "system:serviceaccount:ops:operator";
    for (line, expected) in [
        (denied("clusterroles", 0), vec![("RBACDenied", 2.0)]),
        (
            denied("namespaces/kube-system/roles", 0),
            vec![("RBACDenied", 2.0)],
        ),
        (denied("namespaces/shop/roles", 0), vec![]),
        (
            denied("clusterroles", 0)
                .user(robot, &[])
                .user_agent("kubectl/v1.36.2"),
            vec![("RBACDenied", 2.0)],
        ),
        (
            denied("clusterroles", 0)
                .user(robot, &[])
                .user_agent("operator/1.0"),
            vec![],
        ),
    ] {
        assert_eq!(summary(&judge(&[line])?), expected);
    }
    let burst = [
        denied("clusterroles", 0),
        denied("clusterrolebindings", 1),
        denied("namespaces/shop/roles", 2),
    ];
    let found = judge(&burst)?;
    assert_eq!(summary(&found), [("RBACDenied", 2.0), ("RBACDenied", 4.5)]);
    assert_eq!(found[1].event_ids.len(), 3);
    let account = "system:serviceaccount:ci:runner";
    let by_program = burst.clone().map(|line| line.user(account, &[]));
    assert_eq!(summary(&judge(&by_program)?), [("RBACDenied", 3.5)]);
    let by_hand = by_program.map(|line| line.user_agent("kubectl/v1.36.2"));
    assert_eq!(
        summary(&judge(&by_hand)?),
        [("RBACDenied", 2.0), ("RBACDenied", 4.5)]
    );
    // Repetitions of one request count once.
    let same: Vec<AuditLine> = (0..5)
        .map(|second| denied("clusterroles", second))
        .collect();
    assert_eq!(summary(&judge(&same)?), [("RBACDenied", 2.0)]);
    let escalation = AuditLine::new("create", &format!("{RBAC}/clusterroles")).answer(
        403,
        "clusterroles \"x\" is forbidden: user \"alice\" is attempting to grant RBAC permissions \
         not currently held:",
    );
    assert_eq!(summary(&judge(&[escalation])?), [("RBACDenied", 3.0)]);
    Ok(())
}

#[test]
fn grant_followed_by_a_read_is_reported() -> Result<(), TestError> {
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
fn service_account_that_writes_rbac_is_reported_once() -> Result<(), TestError> {
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
fn cluster_role_binding_without_body_is_low() -> Result<(), TestError> {
    let bare = AuditLine::new("create", &format!("{RBAC}/clusterrolebindings/b")).level("Metadata");
    assert_eq!(
        summary(&judge(std::slice::from_ref(&bare))?),
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
fn dry_runs_and_trusted_users_are_not_reported() -> Result<(), TestError> {
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

fn namespace(name: &str, second: u64) -> AuditLine {
    let body = format!(r#"{{"kind": "Namespace", "metadata": {{"name": "{name}"}}}}"#);
    AuditLine::new("create", "/api/v1/namespaces")
        .request(&body)
        .at(Duration::from_secs(second))
}

#[test]
fn installation_into_an_own_namespace_is_low() -> Result<(), TestError> {
    let install = |grant: AuditLine| judge(&[namespace("velero", 0), grant]);
    let grant = |subject: &str, second| {
        binding("clusterrolebindings", ADMIN, subject).at(Duration::from_secs(second))
    };
    let velero = account("velero", "velero");
    for (grant, expected) in [
        (grant(&velero, 60), ("AdminRoleBinding", 3.0)),
        // Too late, another user, an additional account, a person, another namespace.
        (grant(&velero, 1900), ("AdminRoleBinding", 6.0)),
        (
            grant(&velero, 60).user("bob", &[]),
            ("AdminRoleBinding", 6.0),
        ),
        (
            grant(&format!("{velero}, {}", account("shop", "web")), 60),
            ("AdminRoleBinding", 6.0),
        ),
        (grant(&person("mallory"), 60), ("AdminRoleBinding", 6.0)),
        (
            grant(&account("kube-system", "x"), 60),
            ("AdminRoleBinding", 6.0),
        ),
        // The type of GuardDuty keeps its severity.
        (
            grant(&account("velero", "default"), 60),
            ("AdminAccessToDefaultServiceAccount", 8.0),
        ),
    ] {
        assert_eq!(summary(&install(grant)?), [expected]);
    }
    // A service account keeps operating the namespaces that it created.
    const OPERATOR: &str = "system:serviceaccount:tigera-operator:tigera-operator";
    let later = grant(&velero, 3500).user(OPERATOR, &[]);
    let created = namespace("velero", 0).user(OPERATOR, &[]);
    assert_eq!(
        summary(&judge(&[created, later])?),
        [("AdminRoleBinding", 3.0)]
    );
    Ok(())
}

#[test]
fn installed_roles_are_low_until_they_are_bound() -> Result<(), TestError> {
    let created = role("create", "tigera-operator", EVERYTHING).at(Duration::from_secs(1));
    let bound = |subject: &str| {
        binding(
            "clusterrolebindings",
            r#""roleRef": {"kind": "ClusterRole", "name": "tigera-operator"}"#,
            subject,
        )
        .at(Duration::from_secs(2))
    };
    let found = judge(&[
        namespace("tigera-operator", 0),
        created.clone(),
        bound(&account("tigera-operator", "tigera-operator")),
    ])?;
    assert_eq!(
        summary(&found),
        [("DangerousRole", 3.0), ("AdminRoleBinding", 3.0)]
    );
    let found = judge(&[
        namespace("tigera-operator", 0),
        created.clone(),
        bound(&person("mallory")),
    ])?;
    assert_eq!(
        summary(&found),
        [("DangerousRole", 3.0), ("AdminRoleBinding", 6.0)]
    );
    let other = judge(&[namespace("shop", 0), created])?;
    assert_eq!(summary(&other), [("DangerousRole", 6.0)]);
    Ok(())
}

#[test]
fn deploying_the_granted_program_is_not_a_use() -> Result<(), TestError> {
    let grant = binding("clusterrolebindings", ADMIN, &account("ops", "tool"));
    let deploy = |namespace: &str, resource: &str, account: &str| {
        let (group, spec) = match resource {
            "pods" => (
                "api/v1",
                format!(r#"{{"serviceAccountName": "{account}", "containers": []}}"#),
            ),
            _ => (
                "apis/apps/v1",
                format!(
                    r#"{{"template": {{"spec": {{"serviceAccountName": "{account}", "containers": []}}}}}}"#
                ),
            ),
        };
        AuditLine::new(
            "create",
            &format!("/{group}/namespaces/{namespace}/{resource}"),
        )
        .request(&format!(
            r#"{{"metadata": {{"name": "w"}}, "spec": {spec}}}"#
        ))
        .at(Duration::from_secs(10))
    };
    for (request, follows) in [
        (deploy("ops", "deployments", "tool"), false),
        (deploy("ops", "pods", "tool"), true),
        (deploy("ops", "deployments", "other"), true),
        (deploy("shop", "deployments", "tool"), true),
    ] {
        let found = judge(&[grant.clone(), request])?;
        assert_eq!(found.len() == 2, follows, "{:?}", summary(&found));
    }
    Ok(())
}

#[test]
fn administrators_group_of_kubeadm_is_low() -> Result<(), TestError> {
    let grant = |name: &str| {
        AuditLine::new("create", &format!("{RBAC}/clusterrolebindings"))
            .request(&format!(
                r#"{{"kind": "ClusterRoleBinding", "metadata": {{"name": "{name}"}}, {ADMIN},
                    "subjects": [{{"kind": "Group", "name": "kubeadm:cluster-admins"}}]}}"#
            ))
            .user("kubernetes-admin", &["kubeadm:cluster-admins"])
    };
    assert_eq!(
        summary(&judge(&[grant("kubeadm:cluster-admins")])?),
        [("SelfGrant", 3.0)]
    );
    assert_eq!(summary(&judge(&[grant("x")])?), [("SelfGrant", 5.0)]);
    Ok(())
}

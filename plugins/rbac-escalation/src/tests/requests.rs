use std::time::Duration;

use wardline_sdk::testing::{AuditLine, Harness, TestError};

use super::{ADMIN, HARMLESS, RBAC, account, binding, judge, person, role, summary};
use crate::RbacEscalation;

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

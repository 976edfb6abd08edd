//! Findings by setting, and silence without settings.

use wardline_sdk::testing::{Harness, Request, TestError};

use super::ObjectActivity;
use super::types::{CREATED, DELETED, UNEXPECTED_NAMESPACE};

fn requests() -> [Request; 6] {
    let secret = |verb: &str| Request::new(verb, "secrets").namespace("shop").name("db");
    [
        secret("create"),
        secret("delete"),
        secret("delete").user("system:serviceaccount:ci:deployer"),
        secret("delete").code(403),
        Request::new("create", "configmaps")
            .namespace("shop")
            .name("c"),
        Request::new("create", "namespaces").name("shadow"),
    ]
}

fn types(harness: Harness<ObjectActivity>) -> Result<Vec<String>, TestError> {
    let mut harness = harness;
    let found = harness.audit_events(requests())?;
    Ok(found
        .into_iter()
        .map(|finding| finding.finding_type)
        .collect())
}

#[test]
fn nothing_is_reported_without_settings() -> Result<(), TestError> {
    assert!(types(Harness::new())?.is_empty());
    Ok(())
}

#[test]
fn configured_kinds_are_reported() -> Result<(), TestError> {
    let harness = Harness::<ObjectActivity>::new().setting("kinds", ["secrets"]);
    assert_eq!(types(harness)?, [CREATED, DELETED]);
    let mut harness = Harness::<ObjectActivity>::new().setting("kinds", ["secrets"]);
    let found = harness.audit_events(requests())?;
    assert_eq!(found[1].title, "secrets shop/db was deleted by alice");
    assert_eq!(found[1].severity, 1.0);
    let trusting = Harness::<ObjectActivity>::new()
        .setting("kinds", ["secrets"])
        .setting("trusted-users", ["alice"]);
    assert!(types(trusting)?.is_empty());
    Ok(())
}

#[test]
fn server_side_apply_creates_objects() -> Result<(), TestError> {
    let apply = |code| {
        Request::new("patch", "secrets")
            .namespace("shop")
            .name("db")
            .code(code)
    };
    let namespace = Request::new("patch", "namespaces").name("shadow").code(201);
    let mut harness = Harness::<ObjectActivity>::new()
        .setting("kinds", ["secrets"])
        .setting("namespaces", ["shop"]);
    let found = harness.audit_events([apply(201), apply(200), namespace])?;
    let types: Vec<&str> = found.iter().map(|one| one.finding_type.as_str()).collect();
    assert_eq!(types, [CREATED, UNEXPECTED_NAMESPACE]);
    Ok(())
}

#[test]
fn unlisted_namespaces_are_reported() -> Result<(), TestError> {
    let harness = Harness::<ObjectActivity>::new().setting("namespaces", ["shop", "team-*"]);
    assert_eq!(types(harness)?, [UNEXPECTED_NAMESPACE]);
    let harness = Harness::<ObjectActivity>::new().setting("namespaces", ["shad*"]);
    assert!(types(harness)?.is_empty());
    Ok(())
}

#[test]
fn unknown_kinds_are_rejected() {
    let error = Harness::<ObjectActivity>::new()
        .setting("kinds", ["Deployment"])
        .configure()
        .unwrap_err();
    assert!(
        error.to_string().contains("does not accept `Deployment`"),
        "{error}"
    );
}

//! Severities and deduplication keys; `tests/` holds the variants of requests.

mod hidden;

use wardline_sdk::contract::{AuditEvent, BindingFacts, Facts, Subject};
use wardline_sdk::testing::{Request, TestError, judge, severities};

use super::AnonymousAccess;

#[test]
fn findings_are_deduplicated_by_address_and_type() -> Result<(), TestError> {
    let list =
        |kind: &str, address: &str| Request::new("list", kind).anonymous().from_address(address);
    let found = judge::<AnonymousAccess>([
        list("pods", "203.0.113.1"),
        list("nodes", "203.0.113.1"),
        list("nodes", "203.0.113.2"),
        list("secrets", "203.0.113.1"),
    ])?;
    let keys: Vec<(&str, &str)> = found
        .iter()
        .map(|finding| (finding.finding_type.as_str(), finding.dedup_key.as_str()))
        .collect();
    let discovery = "Discovery:Kubernetes/SuccessfulAnonymousAccess";
    assert_eq!(
        keys,
        [
            (discovery, "203.0.113.1"),
            (discovery, "203.0.113.1"),
            (discovery, "203.0.113.2"),
            (
                "CredentialAccess:Kubernetes/SuccessfulAnonymousAccess",
                "203.0.113.1"
            ),
        ]
    );
    Ok(())
}

#[test]
fn anonymous_changes_are_high_and_dry_runs_low() -> Result<(), TestError> {
    for (verb, resource, purpose) in [
        ("create", "pods", "Impact"),
        ("patch", "deployments", "Impact"),
        ("update", "daemonsets", "Persistence"),
        ("create", "cronjobs", "Persistence"),
        ("create", "pods/exec", "Impact"),
        ("delete", "events", "DefenseEvasion"),
    ] {
        let found = judge::<AnonymousAccess>([Request::new(verb, resource).anonymous()])?;
        assert!(
            found[0].finding_type.starts_with(purpose),
            "{verb} {resource}"
        );
        assert_eq!(found[0].severity, 8.0);
        let mut dry: AuditEvent = Request::new(verb, resource).anonymous().into();
        dry.dry_run = true;
        assert_eq!(judge::<AnonymousAccess>([dry])?[0].severity, 3.0);
    }
    Ok(())
}

#[test]
fn paths_that_everybody_may_read_are_not_reported() -> Result<(), TestError> {
    for path in [
        "/.well-known/oauth-authorization-server",
        "/oauth/authorize?client_id=a&response_type=code",
        "/login/htpasswd?then=%2F",
        "/oauth2callback/sso?code=x",
        "/logout",
        "/livez/etcd",
    ] {
        let found = judge::<AnonymousAccess>([Request::path("get", path).anonymous()])?;
        assert_eq!(found, [], "{path}");
    }
    for path in ["/loginx", "/api/v1/login", "/metrics", "/logs/oauth"] {
        let found = judge::<AnonymousAccess>([Request::path("get", path).anonymous()])?;
        assert_eq!(found.len(), 1, "{path}");
    }
    Ok(())
}

/// A client can make a request so long that its status is cut off.
#[test]
fn answer_without_a_status_is_reported() -> Result<(), TestError> {
    let mut cut: AuditEvent = Request::new("list", "secrets").anonymous().into();
    cut.response = None;
    cut.truncated = true;
    assert_eq!(severities(&judge::<AnonymousAccess>([cut])?), [8.0]);
    Ok(())
}

#[test]
fn issuer_discovery_grant_is_low() -> Result<(), TestError> {
    let grant = |role: &str| {
        Request::new("create", "clusterrolebindings")
            .api_group("rbac.authorization.k8s.io")
            .name("everybody")
            .requested(Facts::Binding(BindingFacts {
                role_name: role.to_owned(),
                subjects: vec![Subject {
                    kind: "Group".to_owned(),
                    name: "system:unauthenticated".to_owned(),
                    namespace: String::new(),
                }],
                ..BindingFacts::default()
            }))
    };
    let found = judge::<AnonymousAccess>([
        grant("view"),
        grant("system:service-account-issuer-discovery"),
    ])?;
    assert_eq!(severities(&found), [8.0, 3.0]);
    Ok(())
}

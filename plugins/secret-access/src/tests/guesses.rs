//! Guessed names, lists of namespaces, and changes of one's own secrets.

use std::time::Duration;

use wardline_sdk::contract::AuditEvent;
use wardline_sdk::testing::{AuditLine, Harness, Request, TestError, types_and_severities};

use crate::SecretAccess;

use super::{CURL, DENIED, KUBECTL, MANY, OPERATOR, TAMPERED, WEB, WIDE, get, judged, list};

/// A request for the secret of this number, two seconds after the one before.
fn numbered(verb: &str, number: u64, code: u16) -> Request {
    Request::new(verb, "secrets")
        .namespace("crm")
        .name(&format!("db-pass-{number}"))
        .user_agent(KUBECTL)
        .code(code)
        .at(Duration::from_secs(number * 2))
}

#[test]
fn guessed_names_count_like_refusals() -> Result<(), TestError> {
    let guesses = |user: &'static str, agent: &'static str| {
        (0..40).map(move |number| numbered("get", number, 404).user(user).user_agent(agent))
    };
    for (user, agent, expected) in [
        ("mallory", KUBECTL, Some(5.0)),
        ("mallory", "Go-http-client/2.0", Some(5.0)),
        (WEB, CURL, Some(5.0)),
        (OPERATOR, CURL, Some(5.0)),
        // Installers ask for what they are about to create; their user agents can be forged.
        ("mallory", "Helm/3.15.4", Some(3.0)),
        (WEB, "web/1", None),
        (OPERATOR, "controller/v1", None),
        (
            "system:kube-controller-manager",
            "kube-controller-manager/v1",
            None,
        ),
    ] {
        let found = judged(guesses(user, agent))?;
        let found = types_and_severities(&found).first().copied();
        assert_eq!(
            found,
            expected.map(|severity| (MANY, severity)),
            "{user} {agent}"
        );
    }
    Ok(())
}

#[test]
fn guesses_and_refusals_are_counted_together() -> Result<(), TestError> {
    let mixed = (0..5).map(|number| numbered("get", number, if number < 2 { 404 } else { 403 }));
    let expected = [(DENIED, 1.0), (DENIED, 3.0), (MANY, 5.0)];
    assert_eq!(types_and_severities(&judged(mixed)?), expected);
    Ok(())
}

#[test]
fn names_that_are_then_created_are_no_guesses() -> Result<(), TestError> {
    // `kubectl apply` of few secrets, and `kubectl diff`, whose creations are dry runs.
    for dry_run in [false, true] {
        let applied = (0..9).flat_map(|number| {
            let mut created: AuditEvent = numbered("create", number, 201).into();
            created.dry_run = dry_run;
            [numbered("get", number, 404).into(), created]
        });
        assert!(judged(applied)?.is_empty());
    }
    // A name that another request created remains a guess.
    let made = (10..15).map(|number| numbered("create", number, 201));
    let guessed = (20..25).map(|number| numbered("get", number, 404));
    let found = judged(made.chain(guessed))?;
    assert_eq!(types_and_severities(&found), [(MANY, 5.0)]);
    Ok(())
}

#[test]
fn list_of_a_namespace_weighs_more_than_one_read() -> Result<(), TestError> {
    let lists = |count: u32, user: &'static str, agent: &'static str| {
        (0..count).map(move |number| list(&format!("team-{number}")).user(user).user_agent(agent))
    };
    let person = |count| judged(lists(count, "mallory", KUBECTL));
    assert!(person(4)?.is_empty());
    assert_eq!(types_and_severities(&person(5)?), [(MANY, 3.0)]);
    // The light finding does not hide the severe one.
    assert_eq!(
        types_and_severities(&person(20)?),
        [(MANY, 3.0), (MANY, 5.0)]
    );
    let program = judged(lists(5, "mallory", "Go-http-client/2.0"))?;
    assert_eq!(types_and_severities(&program), [(MANY, 5.0)]);
    Ok(())
}

#[test]
fn only_a_selector_of_releases_excuses_a_list() -> Result<(), TestError> {
    for (query, expected) in [
        ("labelSelector=owner%3Dhelm", vec![]),
        ("x=owner%3Dhelm", vec![(WIDE, 5.0)]),
    ] {
        let uri = format!("/api/v1/namespaces/kube-system/secrets?{query}");
        let listed = list("kube-system").user_agent(CURL).uri(&uri);
        assert_eq!(
            types_and_severities(&judged([listed])?),
            expected,
            "{query}"
        );
    }
    // A list of releases does not hide that of all secrets.
    let releases = list("").uri("/api/v1/secrets?labelSelector=owner%3Dhelm");
    let found = judged([releases, list("")])?;
    assert_eq!(types_and_severities(&found), [(WIDE, 3.0), (WIDE, 3.0)]);
    Ok(())
}

#[test]
fn deletions_by_the_token_of_a_workload_are_told() -> Result<(), TestError> {
    let deleted = |agent: &'static str| {
        (0..10).map(move |number| numbered("delete", number, 200).user(WEB).user_agent(agent))
    };
    assert_eq!(
        types_and_severities(&judged(deleted(CURL))?),
        [(TAMPERED, 3.0)]
    );
    assert!(judged(deleted("web/1"))?.is_empty());
    Ok(())
}

#[test]
fn kubectl_does_not_pass_for_the_workload_itself() -> Result<(), TestError> {
    let key = |agent: &str| {
        get("argocd", "cluster-prod")
            .user("system:serviceaccount:argocd:server")
            .user_agent(agent)
    };
    assert!(judged([key("argocd-server/v2")])?.is_empty());
    assert_eq!(judged([key(KUBECTL)])?.len(), 1);
    Ok(())
}

#[test]
fn own_secrets_are_not_tampered_with() -> Result<(), TestError> {
    let path = "/api/v1/namespaces/ci/secrets";
    let lines = |author: &str| {
        let made = |number: u64| {
            AuditLine::new("create", path)
                .user(author, &[])
                .request(&format!(
                    r#"{{"kind": "Secret", "metadata": {{"name": "s{number}"}}}}"#
                ))
                .at(Duration::from_secs(number * 60))
        };
        let deleted = |number: u64| {
            AuditLine::new("delete", &format!("{path}/s{number}"))
                .at(Duration::from_secs(number * 60 + 30))
        };
        let lines = (0..12).flat_map(|number| [made(number), deleted(number)]);
        lines
            .map(|line| line.to_string())
            .collect::<Vec<_>>()
            .join("\n")
    };
    let judge = |author| Harness::<SecretAccess>::new().audit_lines(&lines(author));
    // Ten secrets that are created in ten minutes are told, and their deletion is not.
    assert_eq!(types_and_severities(&judge("alice")?), [(TAMPERED, 3.0)]);
    assert_eq!(
        types_and_severities(&judge("bob")?),
        [(TAMPERED, 3.0), (TAMPERED, 5.0)]
    );
    Ok(())
}

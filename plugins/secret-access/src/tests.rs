use std::time::Duration;

mod excuses;
mod guesses;
mod hidden;
mod people;

use wardline_sdk::contract::{Attribute, AuditEvent, ConfigMapFacts, Facts, SecretFacts};
use wardline_sdk::testing::{
    Harness, RaisedFinding, Request, TestError, judge, types_and_severities,
};

use super::SecretAccess;

const WIDE: &str = "CredentialAccess:Kubernetes/ClusterWideSecretList";
const DENIED: &str = "CredentialAccess:Kubernetes/SecretAccessDenied";
const MANY: &str = "CredentialAccess:Kubernetes/SecretEnumeration";
const OTHER: &str = "CredentialAccess:Kubernetes/SecretFromOtherNamespace";
const SCRIPT: &str = "CredentialAccess:Kubernetes/SecretReadByScript";
const PERSON: &str = "CredentialAccess:Kubernetes/SecretReadByPerson";
const VALUE: &str = "CredentialAccess:Kubernetes/HighValueSecretRead";
const CONFIG: &str = "CredentialAccess:Kubernetes/ConfigMapWithCredentials";
const TAMPERED: &str = "Impact:Kubernetes/SecretsTampered";

const KUBECTL: &str = "kubectl/v1.36.2 (linux/amd64)";
const CURL: &str = "curl/8.5.0";
const WEB: &str = "system:serviceaccount:shop:web";
const OPERATOR: &str = "system:serviceaccount:cert-manager:cert-manager";

/// Judges events, and leaves out what is told about the reads of every person; `people` tests that.
fn judged(
    events: impl IntoIterator<Item = impl Into<AuditEvent>>,
) -> Result<Vec<RaisedFinding>, TestError> {
    let mut found = judge::<SecretAccess>(events)?;
    found.retain(|finding| finding.finding_type != PERSON);
    Ok(found)
}

fn check(request: Request, expected: Option<(&str, f64)>) -> Result<(), TestError> {
    let shown = format!("{request:?}");
    let found = judged([request])?;
    assert_eq!(
        types_and_severities(&found),
        Vec::from_iter(expected),
        "{shown}"
    );
    Ok(())
}

fn get(namespace: &str, name: &str) -> Request {
    Request::new("get", "secrets")
        .namespace(namespace)
        .name(name)
        .user_agent(KUBECTL)
}

fn list(namespace: &str) -> Request {
    Request::new("list", "secrets")
        .namespace(namespace)
        .from_address("10.0.8.28")
        .user_agent(KUBECTL)
}

#[test]
fn cluster_wide_lists_are_rated_by_client() -> Result<(), TestError> {
    let helm = |request: Request| request.uri("/api/v1/secrets?labelSelector=owner%3Dhelm");
    for (request, expected) in [
        (list(""), Some((WIDE, 3.0))),
        (list("kube-system"), Some((WIDE, 3.0))),
        (list("").user_agent("k9s/v0.32.5"), Some((WIDE, 3.0))),
        (list("").from_address("81.2.69.160"), Some((WIDE, 5.0))),
        (list("").anonymous(), Some((WIDE, 5.0))),
        (list("").impersonating("admin"), Some((WIDE, 5.0))),
        (
            list("").user_agent("Mozilla/5.0 (X11; Linux x86_64; rv:130.0)"),
            Some((WIDE, 3.0)),
        ),
        (
            list("").user_agent("Mozilla/5.0 (Windows NT; en-US) WindowsPowerShell/5.1"),
            Some((WIDE, 5.0)),
        ),
        (list("").user_agent(CURL), Some((WIDE, 5.0))),
        (list("").user_agent("Go-http-client/2.0"), Some((WIDE, 5.0))),
        (
            list("kube-system").user_agent("Go-http-client/2.0"),
            Some((WIDE, 5.0)),
        ),
        (list("cattle-system"), Some((WIDE, 3.0))),
        (list("shop"), None),
        (helm(list("")), Some((WIDE, 3.0))),
        (helm(list("kube-system")), None),
        (list("").user(WEB).user_agent("web/1"), Some((WIDE, 3.0))),
        (list("").user(WEB).user_agent(CURL), Some((WIDE, 5.0))),
        (list("").user(WEB), Some((WIDE, 5.0))),
        (list("").user(OPERATOR).user_agent("controller/v1"), None),
        (list("").user(OPERATOR).user_agent(CURL), Some((WIDE, 5.0))),
        (list("").user("system:kube-controller-manager"), None),
    ] {
        check(request, expected)?;
    }
    let again = || list("").user(WEB).user_agent("web/1");
    assert_eq!(judged([again(), again()])?.len(), 1);
    Ok(())
}

#[test]
fn single_denial_of_a_person_has_the_least_severity() -> Result<(), TestError> {
    check(list("shop").code(403), Some((DENIED, 1.0)))?;
    check(list("kube-system").code(403), Some((DENIED, 3.0)))?;
    check(get("shop", "db").user(WEB).code(403), Some((DENIED, 3.0)))?;
    check(list("shop").anonymous().code(403), None)?;
    let two = [list("shop").code(403), list("payments").code(403)];
    let expected = [(DENIED, 1.0), (DENIED, 3.0)];
    assert_eq!(types_and_severities(&judged(two)?), expected);
    let five = ["a", "b", "c", "d", "e"].map(|namespace| list(namespace).code(403));
    let expected = [(DENIED, 1.0), (DENIED, 3.0), (MANY, 5.0)];
    assert_eq!(types_and_severities(&judged(five)?), expected);
    Ok(())
}

#[test]
fn enumeration_counts_known_reads_once() -> Result<(), TestError> {
    let reads = |user: &'static str, agent: &'static str| {
        (0..20).map(move |number| {
            get("shop", &format!("s{number}"))
                .user(user)
                .user_agent(agent)
                .at(Duration::from_secs(number))
        })
    };
    assert_eq!(
        types_and_severities(&judged(reads("mallory", KUBECTL))?),
        [(MANY, 5.0)]
    );
    // Secrets that a service account has read before do not count again.
    let twice = reads(WEB, "web/1").chain(reads(WEB, "web/1"));
    assert_eq!(types_and_severities(&judged(twice)?), [(MANY, 3.0)]);
    Ok(())
}

#[test]
fn readers_are_rated_by_namespace_and_tool() -> Result<(), TestError> {
    for (request, expected) in [
        (get("shop", "db"), None),
        (get("shop", "db").user(WEB).user_agent("web/1"), None),
        (
            get("shop", "db").user(WEB).user_agent(CURL),
            Some((SCRIPT, 3.0)),
        ),
        (
            get("payments", "db").user(WEB).user_agent("web/1"),
            Some((OTHER, 3.0)),
        ),
        (
            get("payments", "db").user(WEB).user_agent(CURL),
            Some((OTHER, 5.0)),
        ),
        (
            get("payments", "db")
                .user(OPERATOR)
                .user_agent("controller/v1"),
            None,
        ),
        (get("shop", "db").user_agent(CURL), Some((SCRIPT, 3.0))),
        (list("shop").user_agent(CURL), Some((SCRIPT, 5.0))),
        (
            get("shop", "db")
                .user("system:node:n1")
                .group("system:nodes"),
            None,
        ),
    ] {
        check(request, expected)?;
    }
    let two = [
        get("shop", "a").user_agent(CURL),
        get("shop", "b").user_agent(CURL),
    ];
    let expected = [(SCRIPT, 3.0), (SCRIPT, 5.0)];
    assert_eq!(types_and_severities(&judged(two)?), expected);
    let mut trusted = Harness::<SecretAccess>::new().setting("trusted-users", ["alice"]);
    assert!(trusted.audit_event(list("").user_agent(CURL))?.is_empty());
    Ok(())
}

#[test]
fn high_value_secrets_are_reported() -> Result<(), TestError> {
    let typed = |kind: &str| {
        get("shop", "x").resulting(Facts::Secret(SecretFacts {
            secret_type: kind.to_owned(),
            keys: vec![],
        }))
    };
    let helm = || get("shop", "sh.helm.release.v1.web.v1");
    for (request, expected) in [
        (
            get("kube-system", "bootstrap-token-abcdef"),
            Some((VALUE, 5.0)),
        ),
        (typed("bootstrap.kubernetes.io/token"), Some((VALUE, 5.0))),
        (typed("kubernetes.io/dockerconfigjson"), Some((VALUE, 3.0))),
        (typed("Opaque"), None),
        (helm(), Some((VALUE, 3.0))),
        (helm().user_agent("Helm/3.15.4"), Some((VALUE, 1.0))),
        // The controller's own key.
        (
            get("sealed", "sealed-secrets-key1")
                .user("system:serviceaccount:sealed:controller")
                .user_agent("controller/v1"),
            None,
        ),
        (
            get("kube-system", "kubeadm-certs").user("system:bootstrap:abcdef"),
            None,
        ),
    ] {
        check(request, expected)?;
    }
    Ok(())
}

#[test]
fn bursts_of_changes_by_people_are_reported() -> Result<(), TestError> {
    let changes = |verb: &'static str, user: &'static str, prefix: &'static str| {
        (0..10).map(move |number| {
            Request::new(verb, "secrets")
                .namespace("shop")
                .name(&format!("{prefix}{number}"))
                .user(user)
        })
    };
    let tampered = |severity| vec![(TAMPERED, severity)];
    assert_eq!(
        types_and_severities(&judged(changes("delete", "mallory", "s"))?),
        tampered(5.0)
    );
    assert_eq!(
        types_and_severities(&judged(changes("patch", "mallory", "s"))?),
        tampered(5.0)
    );
    assert_eq!(
        types_and_severities(&judged(changes("create", "mallory", "s"))?),
        tampered(3.0)
    );
    assert!(judged(changes("delete", WEB, "s"))?.is_empty());
    assert!(judged(changes("create", "mallory", "sh.helm.release.v1.a.v"))?.is_empty());
    let mut dry: AuditEvent = get("shop", "s").user_agent(CURL).into();
    (dry.verb, dry.dry_run) = ("delete".to_owned(), true);
    assert!(judged([dry])?.is_empty());
    let all = Request::new("deletecollection", "secrets").namespace("shop");
    check(all, Some((TAMPERED, 5.0)))
}

#[test]
fn credentials_in_a_config_map_are_reported_without_their_value() -> Result<(), TestError> {
    let config = |key: &str, value: &str| {
        Request::new("create", "configmaps")
            .namespace("shop")
            .name("app")
            .requested(Facts::ConfigMap(ConfigMapFacts {
                data: vec![Attribute {
                    key: key.to_owned(),
                    value: value.to_owned(),
                }],
                binary_keys: vec![],
            }))
    };
    let key = "-----BEGIN EC PRIVATE KEY-----\nMHcC";
    check(config("tls.key", key), Some((CONFIG, 5.0)))?;
    check(config("tls.key", key).user(WEB), Some((CONFIG, 3.0)))?;
    check(config("DB_PASSWORD", "hunter22"), Some((CONFIG, 3.0)))?;
    check(config("ca.crt", "-----BEGIN CERTIFICATE-----"), None)?;
    check(config("tls.key", key).code(403), None)?;
    let found = Harness::<SecretAccess>::new().audit_event(config("tls.key", key))?;
    assert_eq!(
        found[0].evidence("requestObject.data[tls.key]"),
        Some("[a private key]")
    );
    assert!(!format!("{found:?}").contains("MHcC"));
    Ok(())
}

#[test]
fn thresholds_out_of_range_are_refused() {
    for name in ["reads", "denials", "changes"] {
        let mut harness = Harness::<SecretAccess>::new().setting(name, 1);
        assert!(harness.configure().is_err(), "{name}");
    }
}

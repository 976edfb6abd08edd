use std::time::Duration;

mod excuses;
mod hidden;

use wardline_sdk::contract::{
    Attribute, AuditEvent, BindingFacts, CertificateRequest, Facts, ObjectFacts, SecretFacts,
    Subject, TokenRequest,
};
use wardline_sdk::testing::{
    Harness, RaisedFinding, Request, TestError, judge, severities, types_and_severities,
};

use super::CredentialIssuance;

const TOKEN: &str = "CredentialAccess:Kubernetes/TokenRequest";
const SECRET: &str = "Persistence:Kubernetes/LongLivedToken";
const CERTIFICATE: &str = "Persistence:Kubernetes/ClientCertificateIssued";
const ACCOUNT: &str = "Persistence:Kubernetes/ServiceAccountCreated";
const LEGACY: &str = "CredentialAccess:Kubernetes/LegacyTokenUsed";

const ROBOT: &str = "system:serviceaccount:ops:sync";
const CONTROLLER: &str = "system:kube-controller-manager";

fn harness() -> Harness<CredentialIssuance> {
    Harness::new()
}

fn judged(
    events: impl IntoIterator<Item = impl Into<AuditEvent>>,
) -> Result<Vec<RaisedFinding>, TestError> {
    judge::<CredentialIssuance>(events)
}

fn check(request: impl Into<AuditEvent>, expected: Option<(&str, f64)>) -> Result<(), TestError> {
    let event = request.into();
    let shown = format!("{event:?}");
    let found = judged([event])?;
    assert_eq!(
        types_and_severities(&found),
        Vec::from_iter(expected),
        "{shown}"
    );
    Ok(())
}

fn token(namespace: &str, hours: u64) -> Request {
    Request::new("create", "serviceaccounts/token")
        .namespace(namespace)
        .name("web")
        .code(201)
        .requested(Facts::TokenRequest(TokenRequest {
            audiences: vec![],
            expiration: hours * 3_600_000_000_000,
            bound_kind: String::new(),
            bound_name: String::new(),
        }))
}

#[test]
fn token_requests_are_rated() -> Result<(), TestError> {
    for (request, severity) in [
        (token("shop", 1), Some(3.0)),
        (token("shop", 24 * 365), Some(5.0)),
        (token("kube-system", 1), Some(5.0)),
        (token("argocd", 1), Some(5.0)),
        (token("kube-system", 1).code(403), Some(3.0)),
        (token("kube-system", 1).user(ROBOT), Some(3.0)),
        (
            token("kube-system", 1).user(ROBOT).user_agent("curl/8"),
            Some(5.0),
        ),
        (
            token("shop", 24 * 365)
                .user("system:node:n1")
                .group("system:nodes"),
            None,
        ),
        (token("shop", 24 * 365).user(CONTROLLER), None),
    ] {
        check(request, severity.map(|severity| (TOKEN, severity)))?;
    }
    // A person is reported once per account, a service account once.
    assert_eq!(judged([token("shop", 1), token("shop", 1)])?.len(), 1);
    assert_eq!(
        judged([token("a", 1).user(ROBOT), token("b", 1).user(ROBOT)])?.len(),
        1
    );
    Ok(())
}

#[test]
fn known_binding_makes_an_account_privileged() -> Result<(), TestError> {
    let subject = Subject {
        kind: "ServiceAccount".to_owned(),
        namespace: "shop".to_owned(),
        name: "web".to_owned(),
    };
    let mut harness = harness().binding(BindingFacts {
        kind: "ClusterRoleBinding".to_owned(),
        name: "all".to_owned(),
        namespace: String::new(),
        role_kind: "ClusterRole".to_owned(),
        role_name: "cluster-admin".to_owned(),
        subjects: vec![subject],
    });
    let found = harness.audit_event(token("shop", 1))?;
    assert_eq!(found[0].severity, 5.0);
    assert_eq!(
        found[0].attribute("privileged-by"),
        Some("role cluster-admin by all")
    );
    Ok(())
}

fn secret(namespace: &str, kind: &str) -> AuditEvent {
    let mut event: AuditEvent = Request::new("create", "secrets")
        .namespace(namespace)
        .name("long")
        .code(201)
        .into();
    event.requested = Some(ObjectFacts {
        annotations: vec![Attribute {
            key: "kubernetes.io/service-account.name".to_owned(),
            value: "web".to_owned(),
        }],
        facts: Facts::Secret(SecretFacts {
            secret_type: kind.to_owned(),
            keys: vec![],
        }),
        ..ObjectFacts::default()
    });
    event
}

#[test]
fn token_secrets_are_rated() -> Result<(), TestError> {
    let kind = "kubernetes.io/service-account-token";
    check(secret("shop", kind), Some((SECRET, 5.0)))?;
    check(secret("kube-system", kind), Some((SECRET, 6.0)))?;
    check(secret("shop", "Opaque"), None)?;
    let mut by_robot = secret("kube-system", kind);
    by_robot.user.username = ROBOT.to_owned();
    check(by_robot, Some((SECRET, 3.0)))?;
    let mut refused = secret("shop", kind);
    refused.response = Some(wardline_sdk::contract::Response {
        code: 403,
        ..wardline_sdk::contract::Response::default()
    });
    check(refused, None)
}

#[test]
fn token_controller_reveals_the_type_without_bodies() -> Result<(), TestError> {
    let create = |name: &str| {
        Request::new("create", "secrets")
            .namespace("shop")
            .name(name)
            .code(201)
    };
    let fill = |name: &str, second| {
        Request::new("update", "secrets")
            .namespace("shop")
            .name(name)
            .user(CONTROLLER)
            .at(Duration::from_secs(second))
    };
    let found = harness().audit_events([create("a").id("made"), fill("a", 1)])?;
    assert_eq!(found[0].finding_type, SECRET);
    assert_eq!(found[0].attribute("made-by"), Some("alice"));
    assert!(found[0].event_ids.contains(&"made".to_owned()));
    assert!(judged([create("a"), fill("b", 1)])?.is_empty());
    assert!(judged([create("a"), fill("a", 600)])?.is_empty());
    // A name that anybody may choose excuses nothing.
    let release = "sh.helm.release.v1.a.v1";
    assert_eq!(judged([create(release), fill(release, 1)])?.len(), 1);
    assert!(judged([create(release)])?.is_empty());
    Ok(())
}

#[test]
fn token_in_a_tool_of_people_is_rated_like_a_person() -> Result<(), TestError> {
    let by = |agent: &str, namespace: &str| token(namespace, 1).user(ROBOT).user_agent(agent);
    check(by("sync/1.0", "kube-system"), Some((TOKEN, 3.0)))?;
    check(by("kubectl/v1.36.2", "kube-system"), Some((TOKEN, 5.0)))?;
    check(by("kubectl/v1.36.2", "shop"), Some((TOKEN, 3.0)))?;
    check(by("curl/8.5.0", "kube-system"), Some((TOKEN, 5.0)))
}

#[test]
fn applied_service_account_is_a_new_one() -> Result<(), TestError> {
    let account = |verb: &str, code| {
        Request::new(verb, "serviceaccounts")
            .namespace("kube-system")
            .name("till")
            .code(code)
    };
    check(account("create", 201), Some((ACCOUNT, 3.0)))?;
    check(account("patch", 201), Some((ACCOUNT, 3.0)))?;
    check(account("patch", 200), None)
}

fn certificate(resource: &str, name: &str, organization: &str, asked: &str) -> Request {
    let verb = if resource.contains('/') {
        "update"
    } else {
        "create"
    };
    Request::new(verb, resource)
        .api_group("certificates.k8s.io")
        .name("csr")
        .resulting(Facts::CertificateRequest(CertificateRequest {
            signer: "kubernetes.io/kube-apiserver-client".to_owned(),
            common_name: name.to_owned(),
            organizations: vec![organization.to_owned()],
            username: asked.to_owned(),
            conditions: vec!["Approved".to_owned()],
            ..CertificateRequest::default()
        }))
}

#[test]
fn client_certificates_are_rated() -> Result<(), TestError> {
    let ask = |name, group| certificate("certificatesigningrequests", name, group, "alice");
    let approve =
        |name, group, asked| certificate("certificatesigningrequests/approval", name, group, asked);
    for (request, severity) in [
        (ask("bob", "team"), Some(3.0)),
        (ask("bob", "system:masters"), Some(5.0)),
        (ask("bob", "system:masters").code(403), Some(3.0)),
        (ask("system:node:n9", "system:nodes"), Some(5.0)),
        (ask("system:serviceaccount:kube-system:x", ""), Some(5.0)),
        (approve("bob", "team", "bob"), Some(3.0)),
        (approve("bob", "team", "alice"), Some(4.0)),
        (approve("bob", "kubeadm:cluster-admins", "bob"), Some(7.0)),
        (
            ask("system:node:n1", "system:nodes")
                .user("system:node:n1")
                .group("system:nodes"),
            None,
        ),
        (
            ask("system:node:n1", "system:nodes").user("system:bootstrap:abcdef"),
            None,
        ),
        (
            approve("system:node:n1", "system:nodes", "x").user(CONTROLLER),
            None,
        ),
    ] {
        check(request, severity.map(|severity| (CERTIFICATE, severity)))?;
    }
    Ok(())
}

#[test]
fn kubelet_certificates_are_rated() -> Result<(), TestError> {
    let serving = "kubernetes.io/kubelet-serving";
    let client = "kubernetes.io/kube-apiserver-client-kubelet";
    let made = |resource: &str, signer: &str, name: &str, group: &str, usage: &str| {
        let facts = CertificateRequest {
            signer: signer.to_owned(),
            common_name: name.to_owned(),
            organizations: vec![group.to_owned()],
            usages: vec![usage.to_owned()],
            username: "system:node:n2".to_owned(),
            conditions: vec!["Approved".to_owned()],
            ..CertificateRequest::default()
        };
        certificate(resource, name, group, "").resulting(Facts::CertificateRequest(facts))
    };
    for (signer, name, group, usage, is_foreign) in [
        (
            serving,
            "system:node:n2",
            "system:nodes",
            "server auth",
            false,
        ),
        (
            serving,
            "system:node:n1",
            "system:nodes",
            "server auth",
            true,
        ),
        (
            serving,
            "system:node:n2",
            "system:masters",
            "server auth",
            true,
        ),
        (
            serving,
            "system:node:n2",
            "system:nodes",
            "client auth",
            true,
        ),
        (
            client,
            "system:node:n2",
            "system:nodes",
            "client auth",
            false,
        ),
        (
            client,
            "system:node:n1",
            "system:nodes",
            "client auth",
            true,
        ),
        (client, "admin", "system:nodes", "client auth", true),
    ] {
        let shown = format!("{signer} {name} {group} {usage}");
        let asked = made("certificatesigningrequests", signer, name, group, usage)
            .user("system:node:n2")
            .group("system:nodes");
        let expected: Vec<f64> = is_foreign.then_some(5.0).into_iter().collect();
        assert_eq!(severities(&judged([asked])?), expected, "{shown}");
        let resource = "certificatesigningrequests/approval";
        let approved = made(resource, signer, name, group, usage);
        let expected = match (is_foreign, signer == client) {
            (true, _) => vec![7.0],
            (false, true) => vec![3.0],
            (false, false) => vec![],
        };
        let found = severities(&judged([approved])?);
        assert_eq!(found, expected, "approved {shown}");
    }
    Ok(())
}

#[test]
fn own_approval_is_recognized_without_bodies() -> Result<(), TestError> {
    let bare = |verb: &str, resource: &str| {
        Request::new(verb, resource)
            .api_group("certificates.k8s.io")
            .name("csr")
    };
    let found = judged([
        bare("create", "certificatesigningrequests"),
        bare("update", "certificatesigningrequests/approval"),
    ])?;
    let expected = [(CERTIFICATE, 3.0), (CERTIFICATE, 4.0)];
    assert_eq!(types_and_severities(&found), expected);
    Ok(())
}

fn account(namespace: &str) -> Request {
    Request::new("create", "serviceaccounts")
        .namespace(namespace)
        .name("web")
        .code(201)
}

fn binding(role: &str, namespace: &str) -> Request {
    Request::new("create", "clusterrolebindings")
        .api_group("rbac.authorization.k8s.io")
        .name("b")
        .code(201)
        .requested(Facts::Binding(BindingFacts {
            kind: "ClusterRoleBinding".to_owned(),
            role_kind: "ClusterRole".to_owned(),
            role_name: role.to_owned(),
            subjects: vec![Subject {
                kind: "ServiceAccount".to_owned(),
                namespace: namespace.to_owned(),
                name: "web".to_owned(),
            }],
            ..BindingFacts::default()
        }))
}

#[test]
fn service_accounts_and_their_follow_ups_are_rated() -> Result<(), TestError> {
    let of = |found: Vec<RaisedFinding>| -> Vec<f64> {
        found
            .into_iter()
            .filter(|finding| finding.finding_type == ACCOUNT)
            .map(|finding| finding.severity)
            .collect()
    };
    assert_eq!(of(judged([account("shop")])?), [] as [f64; 0]);
    assert_eq!(of(judged([account("kube-system")])?), [3.0]);
    // An add-on.
    assert_eq!(
        of(judged([
            account("kube-system"),
            binding("metrics", "kube-system")
        ])?),
        [3.0]
    );
    assert_eq!(
        of(judged([
            account("kube-system"),
            binding("cluster-admin", "kube-system")
        ])?),
        [3.0, 5.0]
    );
    // A Helm chart in its own namespace.
    assert!(of(judged([account("shop"), binding("cluster-admin", "shop")])?).is_empty());
    assert_eq!(
        of(judged([
            account("shop"),
            binding("cluster-admin", "shop"),
            token("shop", 1)
        ])?),
        [6.0]
    );
    // Outside `follow-up`.
    let late = token("shop", 1).at(Duration::from_secs(3600));
    assert!(
        of(judged([
            account("shop"),
            binding("cluster-admin", "shop"),
            late
        ])?)
        .is_empty()
    );
    // Created by another user.
    let other = [
        account("shop").user("bob"),
        binding("cluster-admin", "shop"),
        token("shop", 1),
    ];
    assert!(of(judged(other)?).is_empty());
    Ok(())
}

#[test]
fn legacy_tokens_that_obtain_roles_are_reported() -> Result<(), TestError> {
    let legacy = |request: Request| {
        request
            .user(ROBOT)
            .annotation("authentication.k8s.io/legacy-token", "ops/sync-token")
    };
    let found = judged([legacy(binding("view", "shop"))])?;
    assert_eq!(types_and_severities(&found), [(LEGACY, 3.0)]);
    assert!(judged([legacy(Request::new("create", "secrets").name("a"))])?.is_empty());
    Ok(())
}

#[test]
fn trusted_users_are_not_reported() -> Result<(), TestError> {
    let mut harness = harness().setting("trusted-users", ["alice"]);
    assert!(harness.audit_event(token("kube-system", 9999))?.is_empty());
    Ok(())
}

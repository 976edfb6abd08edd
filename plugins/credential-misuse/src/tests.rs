use std::time::Duration;

mod excuses;
mod hidden;

use wardline_sdk::contract::{Attribute, AuditEvent, Facts, Response, SecretFacts};
use wardline_sdk::testing::{Harness, RaisedFinding, Request, TestError};

use super::CredentialMisuse;

const BURST: &str = "Discovery:Kubernetes/ForbiddenBurst";
const OUTSIDE: &str = "UnauthorizedAccess:Kubernetes/TokenUsedOutsideCluster";
const NODE: &str = "CredentialAccess:Kubernetes/NodeCredentialAbuse";
const IMPERSONATION: &str = "PrivilegeEscalation:Kubernetes/Impersonation";
const BREAK_GLASS: &str = "Policy:Kubernetes/BreakGlassIdentity";
const NETWORKS: &str = "UnauthorizedAccess:Kubernetes/CredentialFromTwoNetworks";
const BOOTSTRAP: &str = "Persistence:Kubernetes/BootstrapToken";
const SPOOFED: &str = "DefenseEvasion:Kubernetes/UserAgentSpoofed";
const UNUSUAL: &str = "Discovery:Kubernetes/UnusualUserAgent";
const COMPONENT: &str = "CredentialAccess:Kubernetes/ComponentCredentialAbuse";
const GUESSING: &str = "CredentialAccess:Kubernetes/BruteForce";
const UNKNOWN: &str = "Policy:Kubernetes/UnknownUser";

mod pod_token;

const WEB: &str = "system:serviceaccount:shop:web";
const KUBECTL: &str = "kubectl/v1.36.2 (linux/amd64)";
const PUBLIC: &str = "203.0.113.66";
const INSIDE: &str = "10.0.0.1";

fn harness() -> Harness<CredentialMisuse> {
    Harness::new()
}

fn of(kind: &str, found: &[RaisedFinding]) -> Vec<f64> {
    found
        .iter()
        .filter(|finding| finding.finding_type == kind)
        .map(|finding| finding.severity)
        .collect()
}

/// Returns the severities of the findings of one type.
fn severities<E: Into<AuditEvent>>(
    kind: &str,
    events: impl IntoIterator<Item = E>,
) -> Result<Vec<f64>, TestError> {
    Ok(of(kind, &harness().audit_events(events)?))
}

fn check(kind: &str, event: impl Into<AuditEvent>, expected: Option<f64>) -> Result<(), TestError> {
    let event = event.into();
    let shown = format!("{event:?}");
    assert_eq!(
        severities(kind, [event])?,
        Vec::from_iter(expected),
        "{shown}"
    );
    Ok(())
}

fn extra(request: Request, pairs: &[(&str, &str)]) -> AuditEvent {
    let mut event: AuditEvent = request.into();
    event.user.extra = pairs
        .iter()
        .map(|(key, value)| Attribute {
            key: format!("authentication.kubernetes.io/{key}"),
            value: (*value).to_owned(),
        })
        .collect();
    event
}

fn denied(verb: &str, resource: &str, namespace: &str) -> Request {
    Request::new(verb, resource).namespace(namespace).code(403)
}

#[test]
fn bursts_of_denied_requests_are_rated() -> Result<(), TestError> {
    let namespaces: Vec<String> = (0..10).map(|number| format!("n{number}")).collect();
    let sweep = |verbs: [&'static str; 2], user: &'static str| {
        namespaces
            .iter()
            .flat_map(move |namespace| verbs.map(|verb| denied(verb, "pods", namespace).user(user)))
    };
    assert_eq!(severities(BURST, sweep(["list", "delete"], WEB))?, [5.0]);
    // Reads only: a Kubernetes operator that lacks permissions.
    assert_eq!(severities(BURST, sweep(["list", "watch"], WEB))?, [3.0]);
    // One request that repeats.
    let same = (0..500).map(|_| denied("delete", "pods", "shop").user(WEB));
    assert!(severities(BURST, same)?.is_empty());
    // Unauthenticated: by address, at most Low.
    let nobody = sweep(["list", "delete"], "").map(|request| request.code(401));
    assert_eq!(severities(BURST, nobody)?, [3.0]);
    // Too slow.
    let slow = sweep(["list", "delete"], WEB)
        .zip(0..)
        .map(|(request, number)| request.at(Duration::from_secs(number * 60)));
    assert!(severities(BURST, slow)?.is_empty());
    let controller = sweep(["list", "delete"], "system:kube-controller-manager");
    assert!(severities(BURST, controller)?.is_empty());
    Ok(())
}

#[test]
fn tokens_outside_the_cluster_are_rated() -> Result<(), TestError> {
    let web = |agent: &str| {
        Request::new("list", "pods")
            .user(WEB)
            .user_agent(agent)
            .from_address(PUBLIC)
    };
    let pod = &[("pod-name", "web-1"), ("node-name", "n1")][..];
    check(OUTSIDE, extra(web(KUBECTL), pod), Some(6.0))?;
    check(OUTSIDE, extra(web(KUBECTL).code(403), pod), Some(6.0))?;
    check(OUTSIDE, extra(web("web/1"), pod), Some(3.0))?;
    check(OUTSIDE, web(KUBECTL), Some(3.0))?;
    check(
        OUTSIDE,
        extra(web(KUBECTL).from_address("10.0.0.1"), pod),
        None,
    )?;
    let system = web("curl/8").user("system:serviceaccount:kube-system:helper");
    check(OUTSIDE, system, Some(5.0))?;

    // From the address of a node.
    let node = |address: &str| {
        Request::new("patch", "nodes/status")
            .name("n1")
            .user("system:node:n1")
            .group("system:nodes")
            .user_agent("kubelet/v1.36.2")
            .from_address(address)
            .into()
    };
    let from_node = [node(PUBLIC), extra(web(KUBECTL), pod)];
    assert!(severities(OUTSIDE, from_node)?.is_empty());
    let elsewhere = [node("198.51.100.1"), extra(web(KUBECTL), pod)];
    assert_eq!(severities(OUTSIDE, elsewhere)?, [6.0]);

    let mut trusted = harness().setting("trusted-users", ["system:serviceaccount:shop:*"]);
    let found = trusted.audit_event(extra(web(KUBECTL), pod))?;
    assert!(of(OUTSIDE, &found).is_empty());
    Ok(())
}

fn node(verb: &str, resource: &str) -> Request {
    Request::new(verb, resource)
        .user("system:node:n1")
        .group("system:nodes")
        .user_agent("kubelet/v1.36.2")
        .from_address(INSIDE)
}

#[test]
fn node_credentials_are_rated() -> Result<(), TestError> {
    let curl = |verb: &str, resource: &str| node(verb, resource).user_agent("curl/8");
    for (request, severity) in [
        (curl("list", "pods"), Some(3.0)),
        (curl("list", "pods").from_address(PUBLIC), Some(6.0)),
        (curl("create", "pods"), Some(6.0)),
        (curl("create", "serviceaccounts/token"), Some(6.0)),
        (curl("list", "secrets"), Some(6.0)),
        (node("create", "pods"), None),
        (node("list", "pods"), None),
        (node("patch", "nodes").name("n2").code(403), Some(3.0)),
        // Denied requests that kubelets do make.
        (node("patch", "nodes").name("n1").code(403), None),
        (node("get", "secrets").name("db").code(403), None),
        (node("get", "pods").name("gone").code(403), None),
        (node("list", "ippools").code(403), None),
        // Without the group it is not a node.
        (
            Request::new("list", "pods")
                .user("system:node:n1")
                .user_agent("curl/8"),
            None,
        ),
    ] {
        check(NODE, request, severity)?;
    }
    let different = [
        node("list", "secrets").code(403),
        node("patch", "nodes").name("n2").code(403),
        node("delete", "nodes").name("n2").code(403),
    ];
    assert_eq!(severities(NODE, different)?, [3.0, 6.0]);
    let again = (0..50).map(|_| node("patch", "nodes").name("old-name").code(403));
    assert_eq!(severities(NODE, again)?, [3.0]);
    Ok(())
}

fn acting(user: &str, target: &str, group: &str) -> AuditEvent {
    let mut event: AuditEvent = Request::new("list", "pods")
        .user(user)
        .impersonating(target)
        .into();
    if let Some(target) = &mut event.impersonated_user {
        target.groups = vec![group.to_owned()];
    }
    event
}

#[test]
fn impersonation_of_privileged_identities_is_rated() -> Result<(), TestError> {
    let gateway = "system:serviceaccount:teleport:agent";
    for (event, severity) in [
        (acting("alice", "system:admin", "system:masters"), Some(6.0)),
        (acting("alice", "alice", "system:masters"), Some(6.0)),
        (acting("alice", "system:kube-scheduler", ""), Some(6.0)),
        (
            acting("alice", "system:serviceaccount:kube-system:x", ""),
            Some(6.0),
        ),
        (
            acting("alice", "system:serviceaccount:shop:web", ""),
            Some(3.0),
        ),
        (acting("alice", "bob", "team"), None),
        (acting(gateway, "bob", "team"), None),
        (acting(gateway, "bob", "system:masters"), Some(3.0)),
        (acting(gateway, "system:admin", ""), Some(6.0)),
        (acting(gateway, "system:serviceaccount:shop:web", ""), None),
        (
            acting(gateway, "system:serviceaccount:kube-system:x", ""),
            Some(3.0),
        ),
    ] {
        check(IMPERSONATION, event, severity)?;
    }
    // `kubectl auth can-i --as`.
    let mut question = acting("alice", "system:admin", "system:masters");
    question.object.as_mut().unwrap().resource = "selfsubjectaccessreviews".to_owned();
    check(IMPERSONATION, question, None)?;
    let mut failed = acting("alice", "system:admin", "system:masters");
    failed.response = Some(Response {
        code: 404,
        ..Response::default()
    });
    check(IMPERSONATION, failed, Some(3.0))?;
    let mut refused: AuditEvent = Request::new("list", "pods").into();
    refused.response = Some(Response {
        code: 403,
        reason: "Forbidden".to_owned(),
        message:
            "users \"root\" is forbidden: User \"alice\" cannot impersonate resource \"users\""
                .to_owned(),
    });
    check(IMPERSONATION, refused, Some(3.0))
}

#[test]
fn changes_by_members_of_masters_are_reported() -> Result<(), TestError> {
    let change = || Request::new("create", "pods").group("system:masters");
    assert_eq!(severities(BREAK_GLASS, [change(), change()])?, [2.0]);
    check(
        BREAK_GLASS,
        Request::new("get", "pods").group("system:masters"),
        None,
    )?;
    check(BREAK_GLASS, change().user("system:apiserver"), None)?;
    check(BREAK_GLASS, change().user("eks:node-manager"), None)
}

#[test]
fn credentials_in_two_networks_are_rated() -> Result<(), TestError> {
    let from = |address: &str, second, pod: bool| {
        let request = Request::new("list", "pods")
            .user(WEB)
            .from_address(address)
            .at(Duration::from_secs(second));
        let id = ("credential-id", "JTI=1");
        match pod {
            true => extra(request, &[id, ("pod-name", "web-1")]),
            false => extra(request, &[id]),
        }
    };
    let (here, there) = (PUBLIC, "198.51.100.23");
    let both = |pod| [from(here, 0, pod), from(there, 5, pod), from(here, 10, pod)];
    assert_eq!(severities(NETWORKS, both(true))?, [5.0]);
    assert_eq!(severities(NETWORKS, both(false))?, [3.0]);
    // A client that moves.
    let moves = [
        from(here, 0, true),
        from(there, 5, true),
        from(there, 10, true),
    ];
    assert!(severities(NETWORKS, moves)?.is_empty());
    // A person hardly moves within a minute.
    let person = |address: &str, second| {
        let request = Request::new("list", "pods")
            .from_address(address)
            .at(Duration::from_secs(second));
        extra(request, &[("credential-id", "X509SHA256=1")])
    };
    let apart = |seconds| [person(here, 0), person(there, seconds)];
    assert_eq!(severities(NETWORKS, apart(40))?, [2.0]);
    assert!(severities(NETWORKS, apart(90))?.is_empty());
    let back = [person(here, 0), person(there, 40), person(here, 80)];
    assert_eq!(severities(NETWORKS, back)?, [2.0, 3.0]);
    let slow = [
        from(here, 0, true),
        from(there, 900, true),
        from(here, 1800, true),
    ];
    assert!(severities(NETWORKS, slow)?.is_empty());
    // Another address of the same network, or of the other family.
    for address in ["203.0.114.1", "2001:db8::1"] {
        let near = [
            from(here, 0, true),
            from(address, 5, true),
            from(here, 10, true),
        ];
        assert!(severities(NETWORKS, near)?.is_empty(), "{address}");
    }
    Ok(())
}

#[test]
fn bootstrap_tokens_are_rated() -> Result<(), TestError> {
    let made = |name: &str| {
        Request::new("create", "secrets")
            .namespace("kube-system")
            .name(name)
            .code(201)
    };
    let typed = made("any").requested(Facts::Secret(SecretFacts {
        secret_type: "bootstrap.kubernetes.io/token".to_owned(),
        keys: vec![],
    }));
    let joins = || {
        Request::new("create", "certificatesigningrequests")
            .user("system:bootstrap:abcdef")
            .group("system:bootstrappers")
            .from_address(INSIDE)
    };
    for (request, severity) in [
        (made("bootstrap-token-abcdef"), Some(5.0)),
        (typed, Some(5.0)),
        (made("bootstrap-token-abcdef").code(403), Some(3.0)),
        (
            made("bootstrap-token-abcdef").user_agent("kubeadm/v1.36.2"),
            Some(3.0),
        ),
        (made("bootstrap-token-abcdef").user(WEB), Some(3.0)),
        (made("db"), None),
        (joins().from_address(PUBLIC), Some(5.0)),
        (joins().from_address(PUBLIC).code(403), Some(3.0)),
        (joins(), None),
    ] {
        check(BOOTSTRAP, request, severity)?;
    }
    Ok(())
}

#[test]
fn spoofed_user_agents_are_rated() -> Result<(), TestError> {
    let exec = |user: &str, agent: &str| {
        Request::new("get", "pods/exec")
            .code(101)
            .user(user)
            .user_agent(agent)
    };
    for (request, severity) in [
        (exec("alice", "kubelet/v1.36.2"), Some(5.0)),
        (exec(WEB, "kube-scheduler/v1.36.2"), Some(3.0)),
        (exec("alice", KUBECTL), None),
        (
            exec("system:serviceaccount:kube-system:x", "kube-proxy/v1.36.2"),
            None,
        ),
        (
            exec("masterclient", "kube-controller-manager/v1").group("system:masters"),
            None,
        ),
    ] {
        check(SPOOFED, request, severity)?;
    }
    Ok(())
}

#[test]
fn tools_with_workload_tokens_are_rated() -> Result<(), TestError> {
    let looks = |resource: &str, agent: &str| {
        Request::new("list", resource)
            .user(WEB)
            .user_agent(agent)
            .from_address(INSIDE)
    };
    check(UNUSUAL, looks("namespaces", "curl/8"), Some(3.0))?;
    check(UNUSUAL, looks("namespaces", KUBECTL), Some(3.0))?;
    check(
        UNUSUAL,
        looks("namespaces", "OpenAPI-Generator/30.1.0/python"),
        None,
    )?;
    let probing = [
        looks("namespaces", "curl/8"),
        looks("nodes", "curl/8").code(403),
        looks("secrets", "curl/8").code(403),
    ];
    assert_eq!(severities(UNUSUAL, probing)?, [3.0, 5.0]);
    let again = (0..20).map(|_| looks("namespaces", "curl/8"));
    assert_eq!(severities(UNUSUAL, again)?, [3.0]);
    Ok(())
}

#[test]
fn users_outside_the_allow_list_are_reported() -> Result<(), TestError> {
    let request = |user: &str| {
        Request::new("list", "pods")
            .user(user)
            .from_address("198.51.100.9")
    };
    check(UNKNOWN, request("mallory"), None)?;
    let mut harness = harness().setting("allowed-users", ["alice", "team-*"]);
    let found = harness.audit_events([
        request("alice"),
        request("team-a"),
        request("mallory"),
        request("mallory"),
        request("eve").code(403),
        request(WEB),
    ])?;
    assert_eq!(of(UNKNOWN, &found), [5.0, 3.0]);
    Ok(())
}

#[test]
fn invalid_settings_are_rejected() {
    let mut harness = harness().setting("refusals", 1);
    assert!(harness.configure().is_err());
}

#[test]
fn component_credentials_with_tools_are_rated() -> Result<(), TestError> {
    const MANAGER: &str = "system:kube-controller-manager";
    let asks = |verb: &str, resource: &str, user: &str, agent: &str| {
        Request::new(verb, resource)
            .namespace("kube-system")
            .user(user)
            .group("system:serviceaccounts")
            .user_agent(agent)
    };
    for (event, expected) in [
        (asks("list", "secrets", MANAGER, "curl/8.5.0"), Some(7.5)),
        (
            asks("create", "serviceaccounts/token", MANAGER, KUBECTL),
            Some(7.5),
        ),
        (
            asks(
                "get",
                "secrets",
                "system:serviceaccount:kube-system:job-controller",
                "python-requests/2.31.0",
            ),
            Some(7.5),
        ),
        (
            asks("list", "secrets", "system:kube-proxy", "curl/8.5.0").code(403),
            Some(3.0),
        ),
        (
            asks("create", "selfsubjectrulesreviews", MANAGER, KUBECTL),
            Some(3.0),
        ),
        // The component itself, a component of a managed control plane, and a person.
        (
            asks(
                "list",
                "secrets",
                MANAGER,
                "kube-controller-manager/v1.36.2",
            ),
            None,
        ),
        (
            asks("list", "secrets", "system:addon-manager", KUBECTL),
            None,
        ),
        (asks("list", "secrets", "alice", "curl/8.5.0"), None),
    ] {
        check(COMPONENT, event, expected)?;
    }
    Ok(())
}

#[test]
fn unauthenticated_bursts_are_reported() -> Result<(), TestError> {
    let refused = |address: &str, count: u64, pause: u64| {
        (0..count)
            .map(|index| {
                Request::new("list", "pods")
                    .user("")
                    .from_address(address)
                    .code(401)
                    .at(Duration::from_millis(index * pause))
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(severities(GUESSING, refused(PUBLIC, 50, 300))?, [3.0]);
    // A client with an expired credential that backs off and lists ten kinds of objects. Below also:
    // a slow client, few requests, and an internal address.
    let expired: Vec<Request> = [0, 800, 2400, 5600, 12000]
        .into_iter()
        .flat_map(|pause| {
            (0..10).map(move |kind| {
                Request::new("list", "pods")
                    .uri(&format!("/api/v1/kind{kind}"))
                    .user("")
                    .from_address(PUBLIC)
                    .code(401)
                    .at(Duration::from_millis(pause + kind))
            })
        })
        .collect();
    for quiet in [
        expired,
        refused(PUBLIC, 50, 1000),
        refused(PUBLIC, 19, 300),
        refused(INSIDE, 50, 300),
    ] {
        assert!(severities(GUESSING, quiet)?.is_empty());
    }
    Ok(())
}

#[test]
fn bootstrap_tokens_from_networks_of_nodes_are_low() -> Result<(), TestError> {
    let join = Request::new("create", "certificatesigningrequests")
        .user("system:bootstrap:abcdef")
        .from_address(PUBLIC);
    let node = Request::new("patch", "nodes/status")
        .user("system:node:n1")
        .group("system:nodes")
        .from_address("198.51.100.7");
    check(BOOTSTRAP, join.clone(), Some(5.0))?;
    assert_eq!(severities(BOOTSTRAP, [node, join])?, [3.0]);
    Ok(())
}

#[test]
fn forwarded_addresses_of_impersonated_people_are_ignored() -> Result<(), TestError> {
    let token = |addresses: &[&str], person: Option<&str>| {
        let request = Request::new("list", "pods")
            .user("system:serviceaccount:auth:kube-oidc-proxy")
            .user_agent(KUBECTL);
        let mut event = extra(request, &[("pod-name", "kube-oidc-proxy-1")]);
        event.source_ips = addresses.iter().map(ToString::to_string).collect();
        event.impersonated_user = person.map(|name| wardline_sdk::contract::User {
            username: name.to_owned(),
            ..wardline_sdk::contract::User::default()
        });
        event
    };
    check(OUTSIDE, token(&[PUBLIC, INSIDE], Some("jane")), None)?;
    check(OUTSIDE, token(&[PUBLIC, INSIDE], None), Some(6.0))?;
    check(OUTSIDE, token(&[INSIDE, PUBLIC], Some("jane")), Some(6.0))
}

//! Requests that each rule reports, and requests that it ignores.

mod excuses;
mod hidden;

use std::time::Duration;

use wardline_sdk::contract::{AccessReview, AuditEvent, ConnectOptions, Facts};
use wardline_sdk::testing::{
    Harness, RaisedFinding, Request, TestError, judge, severities, types_and_severities,
};

use super::Discovery;
use super::types::{
    ANONYMOUS_PROBE, ATTACK_TOOL, CONFIG_MAP_SWEEP, ENUMERATION, LOG_HARVEST, OTHERS_PROBE,
    PERMISSION_PROBE, SENSITIVE_ENDPOINT, TOKEN_REVIEWS,
};

const POD: &str = "system:serviceaccount:shop:web";

fn judged(
    requests: impl IntoIterator<Item = impl Into<AuditEvent>>,
) -> Result<Vec<RaisedFinding>, TestError> {
    judge::<Discovery>(requests)
}

fn rules(namespace: &str) -> Request {
    Request::new("create", "selfsubjectrulesreviews")
        .code(201)
        .requested(Facts::AccessReview(AccessReview {
            namespace: namespace.to_owned(),
            ..AccessReview::default()
        }))
}

fn check(verb: &str, resource: &str, namespace: &str) -> Request {
    Request::new("create", "selfsubjectaccessreviews")
        .code(201)
        .requested(Facts::AccessReview(AccessReview {
            verb: verb.to_owned(),
            resource: resource.to_owned(),
            namespace: namespace.to_owned(),
            ..AccessReview::default()
        }))
}

fn log(user: &str, namespace: &str, pod: usize, follow: bool) -> AuditEvent {
    let mut event: AuditEvent = Request::new("get", "pods/log")
        .namespace(namespace)
        .name(&format!("web-{pod}"))
        .user(user)
        .into();
    event.connect = Some(ConnectOptions {
        options: vec![wardline_sdk::contract::Attribute {
            key: "follow".to_owned(),
            value: follow.to_string(),
        }],
        ..ConnectOptions::default()
    });
    event
}

#[test]
fn pod_rights_are_low_in_one_namespace_and_medium_in_several() -> Result<(), TestError> {
    let found = judged([rules("shop").user(POD), rules("shop").user(POD)])?;
    assert_eq!(types_and_severities(&found), [(PERMISSION_PROBE, 3.0)]);
    let found = judged(["a", "b", "c"].map(|namespace| rules(namespace).user(POD)))?;
    assert_eq!(
        types_and_severities(&found),
        [(PERMISSION_PROBE, 3.0), (PERMISSION_PROBE, 5.0)]
    );
    assert_eq!(found[1].evidence("requestObject.spec"), Some("a, b, c"));
    Ok(())
}

#[test]
fn counts_requests_without_bodies() -> Result<(), TestError> {
    let blind = || {
        Request::new("create", "selfsubjectrulesreviews")
            .code(201)
            .user(POD)
    };
    let found = judged((0..6).map(|_| blind()))?;
    assert_eq!(found.last().map(|finding| finding.severity), Some(5.0));
    assert_eq!(found[1].evidence("requestObject.spec"), None);
    assert_eq!(judged((0..5).map(|_| blind()))?.len(), 1);
    Ok(())
}

#[test]
fn people_and_consoles_are_low_at_most() -> Result<(), TestError> {
    let namespaces = ["a", "b", "c", "d", "e", "f"];
    assert!(judged(namespaces[..5].iter().map(|namespace| rules(namespace)))?.is_empty());
    let found = judged(namespaces.map(rules))?;
    assert_eq!(types_and_severities(&found), [(PERMISSION_PROBE, 3.0)]);
    assert!(judged([check("*", "*", "")])?.is_empty());
    let many = (0..40).map(|n| check("get", &format!("kind-{n}"), ""));
    assert_eq!(
        types_and_severities(&judged(many)?),
        [(PERMISSION_PROBE, 3.0)]
    );
    assert!(judged([Request::new("create", "selfsubjectreviews").code(201)])?.is_empty());
    Ok(())
}

#[test]
fn reports_single_rights_and_identity_checked_by_pod() -> Result<(), TestError> {
    for (verb, resource, namespace, found) in [
        ("get", "configmaps", "shop", 0),
        ("get", "secrets", "shop", 0),
        ("list", "secrets", "", 1),
        ("create", "clusterrolebindings", "", 1),
        ("*", "*", "", 1),
        ("impersonate", "users", "", 1),
    ] {
        let answer = judged([check(verb, resource, namespace).user(POD)])?;
        assert_eq!(answer.len(), found, "{verb} {resource}");
    }
    let by_hand = || {
        check("list", "pods", "shop")
            .user(POD)
            .user_agent("kubectl/v1.36.2")
    };
    let found = judged([by_hand(), by_hand()])?;
    assert_eq!(types_and_severities(&found), [(PERMISSION_PROBE, 2.0)]);
    let many = (0..10).map(|n| check("get", &format!("kind-{n}"), "shop").user(POD));
    assert_eq!(
        types_and_severities(&judged(many)?),
        [(PERMISSION_PROBE, 3.0)]
    );
    let who = judged([Request::new("create", "selfsubjectreviews")
        .code(201)
        .user(POD)])?;
    assert_eq!(types_and_severities(&who), [(PERMISSION_PROBE, 2.0)]);
    Ok(())
}

#[test]
fn reports_rights_that_allow_escalation() -> Result<(), TestError> {
    let part = |verb: &str, resource: &str, subresource: &str| {
        Request::new("create", "selfsubjectaccessreviews")
            .code(201)
            .requested(Facts::AccessReview(AccessReview {
                verb: verb.to_owned(),
                resource: resource.to_owned(),
                subresource: subresource.to_owned(),
                ..AccessReview::default()
            }))
    };
    let pointed = || {
        [
            part("escalate", "clusterroles", ""),
            part("impersonate", "groups", ""),
            part("create", "pods", "exec"),
            part("get", "nodes", "proxy"),
        ]
    };
    let found = judged(pointed())?;
    assert_eq!(types_and_severities(&found), [(PERMISSION_PROBE, 3.0)]);
    assert_eq!(
        found[0].evidence("requestObject.spec"),
        Some("escalate, impersonate, pods/exec, nodes/proxy")
    );
    assert!(judged(pointed().into_iter().take(3))?.is_empty());
    let found = judged(
        pointed()
            .map(|request| request.user(POD))
            .into_iter()
            .take(3),
    )?;
    assert_eq!(
        types_and_severities(&found),
        [(PERMISSION_PROBE, 3.0), (PERMISSION_PROBE, 5.0)]
    );
    // A proxy that impersonates checks one right in several forms.
    let proxy = ["users", "groups", "serviceaccounts", "userextras"]
        .map(|resource| part("impersonate", resource, "").user(POD));
    assert_eq!(
        types_and_severities(&judged(proxy)?),
        [(PERMISSION_PROBE, 3.0)]
    );
    Ok(())
}

fn about(subject: &str, resource: &str, user: &str, agent: &str) -> Request {
    Request::new("create", "subjectaccessreviews")
        .code(201)
        .user(user)
        .user_agent(agent)
        .requested(Facts::AccessReview(AccessReview {
            username: subject.to_owned(),
            verb: "get".to_owned(),
            resource: resource.to_owned(),
            namespace: "kube-system".to_owned(),
            ..AccessReview::default()
        }))
}

#[test]
fn reports_rights_reviews_of_many_subjects() -> Result<(), TestError> {
    let proxy = "kube-rbac-proxy/v0.18";
    for (count, resource, user, agent, expected) in [
        (4, "secrets", "alice", "kubectl/v1.36", vec![]),
        (12, "pods", "alice", "kubectl/v1.36", vec![3.0]),
        (9, "secrets", "alice", "kubectl/v1.36", vec![3.0]),
        (10, "secrets", "alice", "kubectl/v1.36", vec![3.0, 5.0]),
        (40, "secrets", POD, proxy, vec![]),
        (40, "secrets", "system:node:n1", "kubelet/v1.36", vec![]),
        (5, "pods", POD, "curl/8.5.0", vec![5.0]),
    ] {
        let found = judged((0..count).map(|n| about(&format!("user-{n}"), resource, user, agent)))?;
        assert_eq!(severities(&found), expected, "{count} {resource} {user}");
        assert!(
            found
                .iter()
                .all(|finding| finding.finding_type == OTHERS_PROBE)
        );
    }
    let own = (0..9).map(|_| about("alice", "secrets", "alice", "kubectl/v1.36"));
    assert!(judged(own)?.is_empty());
    let blind =
        |count: u32| (0..count).map(|_| Request::new("create", "subjectaccessreviews").code(201));
    assert!(judged(blind(9))?.is_empty());
    assert_eq!(judged(blind(10))?.len(), 1);
    Ok(())
}

#[test]
fn reports_token_reviews_by_people_and_scripts() -> Result<(), TestError> {
    let reviews = |count: u32, user: &'static str, agent: &'static str| {
        (0..count).map(move |_| {
            Request::new("create", "tokenreviews")
                .code(201)
                .user(user)
                .user_agent(agent)
        })
    };
    for (count, user, agent, severity) in [
        (10, POD, "python-requests/2.31.0", Some(5.0)),
        (9, POD, "python-requests/2.31.0", None),
        (40, POD, "vault/1.17.5", None),
        (40, "system:node:n1", "kubelet/v1.36", None),
        (10, "alice", "kubectl/v1.36", Some(3.0)),
    ] {
        let found = judged(reviews(count, user, agent))?;
        assert_eq!(
            severities(&found),
            Vec::from_iter(severity),
            "{count} {user}"
        );
        assert!(
            found
                .iter()
                .all(|finding| finding.finding_type == TOKEN_REVIEWS)
        );
    }
    Ok(())
}

#[test]
fn reports_config_maps_of_all_namespaces_listed_by_script() -> Result<(), TestError> {
    let list = |namespace: &str, user: &str, agent: &str| {
        Request::new("list", "configmaps")
            .namespace(namespace)
            .user(user)
            .user_agent(agent)
    };
    for (namespace, user, agent, count) in [
        ("", POD, "curl/8.5.0", 1),
        ("", POD, "kubectl/v1.36", 1),
        ("", POD, "web/1", 0),
        ("", "alice", "kubectl/v1.36", 0),
        ("", "alice", "curl/8.5.0", 1),
        ("shop", POD, "curl/8.5.0", 0),
    ] {
        let found = judged([list(namespace, user, agent), list(namespace, user, agent)])?;
        let expected = vec![(CONFIG_MAP_SWEEP, 3.0); count];
        assert_eq!(types_and_severities(&found), expected, "{user} {agent}");
    }
    Ok(())
}

#[test]
fn counts_addresses_separately() -> Result<(), TestError> {
    let sweep = |address: &'static str| {
        ["/", "/api", "/ui", "/login", "/.env"].map(|path| {
            Request::path("get", path)
                .anonymous()
                .code(403)
                .from_address(address)
        })
    };
    let found = judged(sweep("203.0.113.1"))?;
    assert_eq!(types_and_severities(&found), [(ANONYMOUS_PROBE, 3.0)]);
    assert_eq!(found[0].dedup_key, "203.0.113.1");
    let two: Vec<Request> = sweep("203.0.113.1")
        .into_iter()
        .take(3)
        .chain(sweep("203.0.113.2").into_iter().take(3))
        .collect();
    assert!(judged(two)?.is_empty());
    Ok(())
}

#[test]
fn unauthenticated_requests_for_resources_are_more_severe() -> Result<(), TestError> {
    let mut requests: Vec<Request> = ["secrets", "pods", "nodes"]
        .map(|resource| Request::new("list", resource).anonymous().code(403))
        .into();
    requests.extend(["/api", "/"].map(|path| Request::path("get", path).anonymous().code(403)));
    assert_eq!(
        types_and_severities(&judged(requests)?),
        [(ANONYMOUS_PROBE, 4.5)]
    );
    // With an expired token, the event has no user.
    let expired = ["pods", "nodes", "services", "secrets", "configmaps"].map(|kind| {
        Request::new("list", kind)
            .user("")
            .code(401)
            .from_address("10.244.1.5")
    });
    let found = judged(expired)?;
    assert_eq!(types_and_severities(&found), [(ANONYMOUS_PROBE, 3.0)]);
    // A denied health check repeats the same request.
    let checks = (0..50).map(|n| {
        Request::path("get", "/healthz/custom")
            .anonymous()
            .code(403)
            .at(Duration::from_secs(n))
    });
    assert!(judged(checks)?.is_empty());
    Ok(())
}

#[test]
fn reports_kinds_denied_one_after_another() -> Result<(), TestError> {
    let sweep = |uri: &'static str| {
        [
            "secrets",
            "nodes",
            "roles",
            "configmaps",
            "namespaces",
            "events",
        ]
        .map(|kind| {
            Request::new("list", kind)
                .user(POD)
                .code(403)
                .uri(&format!("/api/v1/{kind}{uri}"))
        })
    };
    assert_eq!(
        types_and_severities(&judged(sweep("?limit=500"))?),
        [(ENUMERATION, 5.0)]
    );
    assert_eq!(
        types_and_severities(&judged(sweep("?limit=500&resourceVersion=0"))?),
        [(ENUMERATION, 3.0)]
    );
    Ok(())
}

#[test]
fn get_all_by_person_without_rights_is_not_enumeration() -> Result<(), TestError> {
    let all = super::enumeration::ALL.map(|kind| Request::new("list", kind).code(403));
    assert!(judged(all)?.is_empty());
    let node = ["secrets", "pods", "nodes", "roles", "configmaps"].map(|kind| {
        Request::new("get", kind)
            .user("system:node:n1")
            .group("system:nodes")
            .code(403)
    });
    assert!(judged(node)?.is_empty());
    Ok(())
}

#[test]
fn lists_that_succeed_are_low_and_reported_once_a_day() -> Result<(), TestError> {
    let kinds = [
        "nodes",
        "namespaces",
        "secrets",
        "serviceaccounts",
        "clusterroles",
        "clusterrolebindings",
    ];
    let mut harness = Harness::<Discovery>::new();
    let list = || kinds.map(|kind| Request::new("list", kind));
    let found = harness.audit_events(list())?;
    assert_eq!(types_and_severities(&found), [(ENUMERATION, 3.0)]);
    assert!(harness.audit_events(list())?.is_empty());
    let cached = |user: &str, agent: &str| {
        kinds.map(|kind| {
            Request::new("list", kind)
                .uri("/x?resourceVersion=0")
                .user(user)
                .user_agent(agent)
        })
    };
    let controller = "system:serviceaccount:shop:controller";
    for (user, agent, expected) in [
        (controller, "controller/v1", None),
        // Anybody can send a resource version.
        (controller, "kubectl/v1.36.2", Some(3.0)),
        ("alice", "kubectl/v1.36.2", Some(3.0)),
        ("alice", "k9s/v0.32.5", Some(2.0)),
    ] {
        let found = judged(cached(user, agent))?;
        let expected = expected.map(|severity| (ENUMERATION, severity));
        assert_eq!(
            types_and_severities(&found),
            Vec::from_iter(expected),
            "{user} {agent}"
        );
    }
    let own = kinds.map(|kind| Request::new("list", kind).namespace("shop"));
    assert!(judged(own)?.is_empty());
    Ok(())
}

#[test]
fn reports_tools_that_identify_themselves() -> Result<(), TestError> {
    let list = |agent: &str| Request::new("list", "secrets").user_agent(agent);
    let found = judged([
        list("kubeletctl/1.12"),
        list("kubeletctl/1.12"),
        list("Trivy/0.50"),
        list("kubectl/v1.36.2"),
        list("Peirates").user(POD).code(403),
    ])?;
    assert_eq!(
        types_and_severities(&found),
        [(ATTACK_TOOL, 5.0), (ATTACK_TOOL, 3.0), (ATTACK_TOOL, 3.0)]
    );
    assert_eq!(found[0].title, "Use of kubeletctl by alice");
    // The limit on remembered user agents loses no tool.
    let mut harness = Harness::<Discovery>::new();
    let others = (0..600).map(|number| list(&format!("app/{number}")));
    assert!(harness.audit_events(others)?.is_empty());
    let found = harness.audit_events([list("app/1"), list("stratus-red-team_9f/1.0")])?;
    assert_eq!(types_and_severities(&found), [(ATTACK_TOOL, 5.0)]);
    let mut trusted = Harness::<Discovery>::new().setting("trusted-users", ["alice"]);
    assert!(trusted.audit_event(list("kubeletctl/1.12"))?.is_empty());
    Ok(())
}

#[test]
fn reports_debugging_endpoints() -> Result<(), TestError> {
    let found = judged([
        Request::path("get", "/debug/pprof/heap").user(POD),
        Request::path("get", "/debug/pprof/goroutine").user(POD),
        Request::path("get", "/logs/kube-apiserver.log"),
        Request::path("get", "/configz").user(POD).code(403),
        Request::path("get", "/metrics"),
        Request::path("get", "/metrics/slis").user(POD),
        Request::path("get", "/version").user(POD),
        Request::path("get", "/debug/pprof/").user("system:apiserver"),
    ])?;
    assert_eq!(
        types_and_severities(&found),
        [
            (SENSITIVE_ENDPOINT, 5.0),
            (SENSITIVE_ENDPOINT, 3.0),
            (SENSITIVE_ENDPOINT, 3.0),
            (SENSITIVE_ENDPOINT, 2.0)
        ]
    );
    assert_eq!(
        found[2].title,
        format!("Read of endpoint /configz by {POD} (denied)")
    );
    Ok(())
}

#[test]
fn reports_logs_of_many_pods() -> Result<(), TestError> {
    let names = ["a", "b", "c"];
    let read = |user: &'static str, namespaces: usize, follow: bool| {
        (0..20).map(move |n| log(user, names[n % namespaces], n, follow))
    };
    for (user, namespaces, follow, severity) in [
        (POD, 3, false, 5.0),
        (POD, 2, false, 3.0),
        (POD, 3, true, 3.0),
        ("alice", 3, false, 3.0),
    ] {
        let found = judged(read(user, namespaces, follow))?;
        assert_eq!(types_and_severities(&found), [(LOG_HARVEST, severity)]);
    }
    assert!(judged(read(POD, 3, false).take(19))?.is_empty());
    Ok(())
}

#[test]
fn logs_of_many_namespaces_need_fewer_pods() -> Result<(), TestError> {
    let names = ["a", "b", "c", "d", "e", "f"];
    let read = |user: &'static str, namespaces: usize, follow: bool| {
        (0..12).map(move |n| log(user, names[n % namespaces], n, follow))
    };
    for (user, namespaces, follow, severity) in [
        (POD, 6, false, Some(5.0)),
        ("alice", 6, false, Some(3.0)),
        ("alice", 5, false, None),
        ("alice", 6, true, None),
    ] {
        let found = judged(read(user, namespaces, follow))?;
        let severities = severities(&found);
        let first = severities.first().copied();
        assert_eq!(first, severity, "{user} {namespaces} {follow}");
    }
    Ok(())
}

#[test]
fn logs_through_kubelet_count_too() -> Result<(), TestError> {
    let requests = (0..20).map(|n| {
        let mut event: AuditEvent = Request::new("get", "nodes/proxy")
            .name("n1")
            .user(POD)
            .into();
        event.connect = Some(ConnectOptions {
            path: format!("containerLogs/ns-{}/web-{n}/app", n % 4),
            ..ConnectOptions::default()
        });
        event
    });
    let found = judged(requests)?;
    assert_eq!(types_and_severities(&found), [(LOG_HARVEST, 5.0)]);
    Ok(())
}

//! Requests that each rule reports, and requests that it ignores.

mod excuses;
mod hidden;

use std::time::Duration;

use wardline_sdk::contract::{
    Attribute, AuditEvent, Container, ContainerRole, Facts, ObjectFacts, Workload,
};
use wardline_sdk::testing::{
    AuditLine, Harness, RaisedFinding, Request, TestError, judge, severities, types_and_severities,
};

use super::DefenseEvasion;
use super::types::{
    AGENT_DISABLED, AUDIT_DISABLED, EVENTS_DELETED, LIMITS_REMOVED, NETWORK_POLICY_DELETED,
    NETWORK_POLICY_WEAKENED,
};

const ARGO_CD: &str = "system:serviceaccount:argocd:argocd-application-controller";
const CONTROLLER: &str = "system:serviceaccount:kube-system:namespace-controller";

fn judged(
    requests: impl IntoIterator<Item = impl Into<AuditEvent>>,
) -> Result<Vec<RaisedFinding>, TestError> {
    judge::<DefenseEvasion>(requests)
}

fn delete(resource: &str, namespace: &str, name: &str) -> Request {
    Request::new("delete", resource)
        .namespace(namespace)
        .name(name)
}

fn falco(image: &str, arguments: &[&str]) -> Workload {
    Workload {
        containers: vec![Container {
            name: "falco".to_owned(),
            role: ContainerRole::Main,
            image: image.to_owned(),
            arguments: arguments.iter().map(|&text| text.to_owned()).collect(),
            ..Container::default()
        }],
        ..Workload::default()
    }
}

fn patch(workload: Workload) -> Request {
    Request::new("patch", "daemonsets")
        .api_group("apps")
        .namespace("falco")
        .name("falco")
        .requested(Facts::Workload(workload))
}

/// A harness whose inventory has the agent as `installer` made it.
fn installed(installer: &str) -> Harness<DefenseEvasion> {
    let spec = falco("falcosecurity/falco:0.40", &["-pk"]);
    Harness::new()
        .pod_spec("daemonsets", "falco", "falco", spec)
        .changed_by("daemonsets", "falco", "falco", installer)
}

/// An audit event of a network policy with this spec, as JSON.
fn policy(verb: &str, user: &str, name: &str, spec: &str) -> String {
    format!(
        r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"{verb}{user}{name}","stage":"ResponseComplete","requestURI":"/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies/{name}","verb":"{verb}","user":{{"username":"{user}"}},"sourceIPs":["10.0.0.1"],"objectRef":{{"resource":"networkpolicies","namespace":"shop","name":"{name}","apiGroup":"networking.k8s.io","apiVersion":"v1"}},"responseStatus":{{"code":200}},"requestObject":{{"kind":"NetworkPolicy","apiVersion":"networking.k8s.io/v1","metadata":{{"name":"{name}"}},"spec":{spec}}},"requestReceivedTimestamp":"2025-01-01T00:00:00.000000Z","stageTimestamp":"2025-01-01T00:00:00.000000Z"}}"#
    )
}

#[test]
fn reports_deleted_events() -> Result<(), TestError> {
    let found = judged([
        Request::new("deletecollection", "events").namespace("shop"),
        delete("events", "shop", "web.1"),
        delete("events", "shop", "web.2").code(403),
        delete("events", "shop", "web.3")
            .user(CONTROLLER)
            .group("system:serviceaccounts"),
    ])?;
    assert_eq!(
        types_and_severities(&found),
        [
            (EVENTS_DELETED, 5.0),
            (EVENTS_DELETED, 5.0),
            (EVENTS_DELETED, 3.0)
        ]
    );
    assert_eq!(found[0].title, "Deletion of all events in shop by alice");
    assert_eq!(
        found[2].title,
        "Deletion of events in shop by alice (denied)"
    );
    assert!(found.iter().all(|finding| finding.dedup_key == "alice"));
    let mut trusted = Harness::<DefenseEvasion>::new().setting("trusted-users", ["ali*"]);
    assert!(
        trusted
            .audit_event(delete("events", "shop", "e"))?
            .is_empty()
    );
    Ok(())
}

#[test]
fn reports_agent_that_is_deleted_or_stopped() -> Result<(), TestError> {
    let scale = Request::new("patch", "deployments/scale")
        .namespace("gatekeeper-system")
        .name("gatekeeper-audit");
    let found = judged([
        delete("daemonsets", "falco", "falco"),
        delete("namespaces", "", "falco").code(403),
        scale.clone().requested(Facts::Scale(0)),
        scale.requested(Facts::Scale(3)),
        delete("daemonsets", "shop", "web"),
        delete("namespaces", "", "shop"),
        delete("daemonsets", "falco", "falco").user(ARGO_CD),
        delete("daemonsets", "falco", "falco")
            .user(CONTROLLER)
            .group("system:serviceaccounts"),
        delete("tracingpolicies", "", "execs"),
    ])?;
    assert_eq!(
        types_and_severities(&found),
        [
            (AGENT_DISABLED, 6.0),
            (AGENT_DISABLED, 3.0),
            (AGENT_DISABLED, 6.0),
            (AGENT_DISABLED, 5.0),
            (AGENT_DISABLED, 6.0)
        ]
    );
    assert_eq!(
        found[0].title,
        "Deletion of daemonsets falco/falco (agent) by alice"
    );
    Ok(())
}

#[test]
fn identifies_agents_by_labels_images_and_setting() -> Result<(), TestError> {
    let mut labelled: AuditEvent = delete("daemonsets", "ops", "x").into();
    labelled.resulting = Some(ObjectFacts {
        labels: vec![Attribute {
            key: "app.kubernetes.io/name".to_owned(),
            value: "fluent-bit".to_owned(),
        }],
        ..ObjectFacts::default()
    });
    let found = judged([labelled])?;
    assert_eq!(
        found[0].evidence("responseObject.metadata.labels[app.kubernetes.io/name]"),
        Some("fluent-bit")
    );
    let mut by_image = Harness::<DefenseEvasion>::new().pod_spec(
        "daemonsets",
        "ops",
        "x",
        falco("docker.io/timberio/vector:0.40", &[]),
    );
    assert_eq!(
        by_image
            .audit_event(delete("daemonsets", "ops", "x"))?
            .len(),
        1
    );
    let mut own = Harness::<DefenseEvasion>::new().setting("agents", ["sentry"]);
    let found = own.audit_events([
        delete("daemonsets", "ops", "sentry-node"),
        delete("daemonsets", "falco", "falco"),
    ])?;
    assert_eq!(found.len(), 1);
    let mut unusable = Harness::<DefenseEvasion>::new().setting("agents", ["-"]);
    assert!(unusable.configure().is_err());
    Ok(())
}

#[test]
fn ignores_upgrades_restarts_and_changes_by_installer() -> Result<(), TestError> {
    for (workload, user) in [
        (falco("falcosecurity/falco:0.41", &["-pk"]), "bob"),
        (
            falco("mirror.example.com/falcosecurity/falco:0.41", &["-x"]),
            "bob",
        ),
        (falco("falcosecurity/falco:0.40", &["-x"]), "alice"),
        (Workload::default(), "bob"),
    ] {
        let found = installed("alice").audit_event(patch(workload.clone()).user(user))?;
        assert!(found.is_empty(), "{workload:?}");
    }
    // An update holds the whole object, and here is none to compare it with.
    let update = Request::new("update", "daemonsets")
        .namespace("falco")
        .name("falco")
        .workload(falco("falcosecurity/falco:0.41", &["-x"]));
    assert!(judged([update])?.is_empty());
    let applied = patch(falco("example.com/team/agent:1", &[]))
        .user(ARGO_CD)
        .uri("/apis/apps/v1/namespaces/falco/daemonsets/falco?fieldManager=argocd&force=true");
    assert!(judged([applied])?.is_empty());
    Ok(())
}

#[test]
fn reports_agent_that_is_made_useless() -> Result<(), TestError> {
    let mut nowhere = Workload::default();
    nowhere.node_selector.push(Attribute {
        key: "non-existing".to_owned(),
        value: "true".to_owned(),
    });
    let mut linux = Workload::default();
    linux.node_selector.push(Attribute {
        key: "kubernetes.io/os".to_owned(),
        value: "linux".to_owned(),
    });
    let image = falco("busybox:1", &[]);
    let idle = falco("falcosecurity/falco:0.40", &["sleep", "infinity"]);
    let other = falco("falcosecurity/falco:0.40", &["--disable-source", "syscall"]);
    let stopped = Workload {
        replicas: Some(0),
        ..Workload::default()
    };
    for (workload, user, severity) in [
        (&nowhere, "alice", Some(6.0)),
        (&linux, "alice", None),
        (&image, "bob", Some(6.0)),
        (&image, ARGO_CD, Some(5.0)),
        (&idle, "bob", Some(6.0)),
        (&other, "bob", Some(3.0)),
        (&stopped, "bob", Some(6.0)),
    ] {
        let found = installed("alice").audit_event(patch(workload.clone()).user(user))?;
        assert_eq!(
            severities(&found),
            Vec::from_iter(severity),
            "{workload:?} {user}"
        );
    }
    let own = installed(ARGO_CD).audit_event(patch(image.clone()).user(ARGO_CD))?;
    assert_eq!(types_and_severities(&own), [(AGENT_DISABLED, 3.0)]);
    // Without a known object, the container's name identifies the agent.
    let unknown = judged([patch(image)])?;
    assert_eq!(
        unknown[0].evidence("requestObject.spec.template.spec.containers[falco].image"),
        Some("busybox:1")
    );
    Ok(())
}

#[test]
fn agent_configuration_is_low_and_other_configuration_ignored() -> Result<(), TestError> {
    let patch = |name: &str| {
        AuditLine::new(
            "patch",
            &format!("/api/v1/namespaces/falco/configmaps/{name}"),
        )
        .request(r#"{"data": {"rules.yaml": ""}}"#)
    };
    let owner = r#"{"metadata": {"annotations": {"owner": "it"}}}"#;
    for (line, severity) in [
        (patch("falco-rules"), Some(3.0)),
        (patch("falco-rules").user(ARGO_CD, &[]), None),
        (
            patch("falco-rules")
                .user(ARGO_CD, &[])
                .user_agent("curl/8.5.0"),
            Some(3.0),
        ),
        (patch("falco-rules").request(owner), None),
        (patch("web"), None),
    ] {
        let found = Harness::<DefenseEvasion>::new().audit_lines(&line.to_string())?;
        let expected: Vec<_> = severity
            .map(|severity| (AGENT_DISABLED, severity))
            .into_iter()
            .collect();
        assert_eq!(types_and_severities(&found), expected, "{line}");
    }
    let found = judged([delete("configmaps", "logging", "fluent-bit")])?;
    assert_eq!(types_and_severities(&found), [(AGENT_DISABLED, 3.0)]);
    Ok(())
}

#[test]
fn reports_deleted_network_policies() -> Result<(), TestError> {
    let policy = || delete("networkpolicies", "shop", "deny").api_group("networking.k8s.io");
    for (request, severities) in [
        (policy(), vec![5.0]),
        (policy().user(ARGO_CD), vec![3.0]),
        (policy().code(403), vec![3.0]),
        (
            policy().user(CONTROLLER).group("system:serviceaccounts"),
            vec![],
        ),
        (
            Request::new("deletecollection", "ciliumnetworkpolicies").namespace("shop"),
            vec![5.0],
        ),
    ] {
        let found = judged([request.clone()])?;
        let found: Vec<f64> = found.iter().map(|finding| finding.severity).collect();
        assert_eq!(found, severities, "{request:?}");
    }
    Ok(())
}

#[test]
fn policy_deleted_with_its_release_is_low() -> Result<(), TestError> {
    let policy = |second| delete("networkpolicies", "shop", "web").at(Duration::from_secs(second));
    let found = judged([
        delete("deployments", "shop", "web"),
        policy(10),
        policy(500),
    ])?;
    assert_eq!(
        types_and_severities(&found),
        [(NETWORK_POLICY_DELETED, 3.0), (NETWORK_POLICY_DELETED, 5.0)]
    );
    Ok(())
}

#[test]
fn reports_policies_that_open_namespace() -> Result<(), TestError> {
    let open = r#"{"podSelector":{},"ingress":[{}],"policyTypes":["Ingress"]}"#;
    let egress = r#"{"podSelector":{},"egress":[{}],"policyTypes":["Egress"]}"#;
    let ports = r#"{"podSelector":{},"ingress":[{"ports":[{"port":443}]}]}"#;
    let some = r#"{"podSelector":{"matchLabels":{"app":"web"}},"ingress":[{}]}"#;
    let deny = r#"{"podSelector":{},"policyTypes":["Ingress"]}"#;
    for (verb, user, spec, severity) in [
        ("create", "alice", open, Some(4.0)),
        ("update", "alice", open, Some(5.0)),
        ("patch", "alice", open, Some(5.0)),
        ("create", ARGO_CD, open, Some(3.0)),
        ("create", "alice", egress, Some(3.0)),
        ("create", "alice", ports, None),
        ("create", "alice", some, None),
        ("create", "alice", deny, None),
    ] {
        let line = policy(verb, user, "p", spec);
        let found = Harness::<DefenseEvasion>::new().audit_line(&line)?;
        assert_eq!(
            severities(&found),
            Vec::from_iter(severity),
            "{verb} {user} {spec}"
        );
        if let Some(finding) = found.first() {
            assert_eq!(finding.finding_type, NETWORK_POLICY_WEAKENED);
        }
    }
    Ok(())
}

#[test]
fn deleted_limits_are_low_and_reported_once_a_day() -> Result<(), TestError> {
    let found = judged([
        delete("resourcequotas", "shop", "q"),
        delete("resourcequotas", "shop", "r"),
        delete("limitranges", "shop", "l"),
    ])?;
    assert_eq!(
        types_and_severities(&found),
        [(LIMITS_REMOVED, 2.0), (LIMITS_REMOVED, 2.0)]
    );
    Ok(())
}

#[test]
fn reports_disabled_audit_log() -> Result<(), TestError> {
    let merge = |profile: &str| format!(r#"{{"spec":{{"audit":{{"profile":"{profile}"}}}}}}"#);
    let json = r#"[{"op":"replace","path":"/spec/audit/profile","value":"None"}]"#;
    let rules = r#"{"spec":{"audit":{"profile":"Default","customRules":[{"group":"system:authenticated","profile":"None"}]}}}"#;
    for (user, body, code, severity) in [
        ("kube:admin", merge("None"), 200, Some(7.0)),
        ("kube:admin", json.to_owned(), 200, Some(7.0)),
        ("kube:admin", rules.to_owned(), 200, Some(6.0)),
        ("kube:admin", merge("None"), 403, Some(3.0)),
        ("kube:admin", merge("WriteRequestBodies"), 200, None),
        (
            "kube:admin",
            r#"{"spec":{"encryption":{"type":"None"}}}"#.to_owned(),
            200,
            None,
        ),
        (ARGO_CD, merge("None"), 200, Some(5.0)),
    ] {
        let line = format!(
            r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request","auditID":"a","stage":"ResponseComplete","requestURI":"/apis/config.openshift.io/v1/apiservers/cluster","verb":"patch","user":{{"username":"{user}"}},"sourceIPs":["10.0.0.1"],"objectRef":{{"resource":"apiservers","name":"cluster","apiGroup":"config.openshift.io","apiVersion":"v1"}},"responseStatus":{{"code":{code}}},"requestObject":{body},"requestReceivedTimestamp":"2025-01-01T00:00:00.000000Z","stageTimestamp":"2025-01-01T00:00:00.000000Z"}}"#
        );
        let found = Harness::<DefenseEvasion>::new().audit_line(&line)?;
        let expected: Vec<_> = severity
            .map(|severity| (AUDIT_DISABLED, severity))
            .into_iter()
            .collect();
        assert_eq!(types_and_severities(&found), expected, "{user} {body}");
    }
    Ok(())
}

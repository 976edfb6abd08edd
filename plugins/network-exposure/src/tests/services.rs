//! Services.

use wardline_sdk::contract::{Container, Facts, ServiceFacts, Workload};
use wardline_sdk::testing::{Harness, Request, TestError, types_and_severities};

use super::{ARGO_CD, judged, pair, service, with};
use crate::NetworkExposure;
use crate::types::{DASHBOARD, EXTERNAL_IPS, KUBEFLOW, SELECTOR_CHANGED, SERVICE_EXPOSED};

fn put(verb: &str, namespace: &str, name: &str, facts: ServiceFacts) -> Request {
    Request::new(verb, "services")
        .namespace(namespace)
        .name(name)
        .requested(Facts::Service(facts.clone()))
        .resulting(Facts::Service(facts))
}

fn patch(namespace: &str, name: &str, named: ServiceFacts, whole: ServiceFacts) -> Request {
    Request::new("patch", "services")
        .namespace(namespace)
        .name(name)
        .requested(Facts::Service(named))
        .resulting(Facts::Service(whole))
}

fn typed(service_type: &str) -> ServiceFacts {
    ServiceFacts {
        service_type: service_type.to_owned(),
        ..ServiceFacts::default()
    }
}

#[test]
fn reports_dashboards_by_every_exposure() -> Result<(), TestError> {
    let external = ServiceFacts {
        external_ips: vec!["203.0.113.9".to_owned()],
        ..service("ClusterIP", 443)
    };
    for (facts, types) in [
        (service("LoadBalancer", 443), vec![(DASHBOARD, 5.0)]),
        (service("NodePort", 443), vec![(DASHBOARD, 5.0)]),
        (external, vec![(EXTERNAL_IPS, 5.0), (DASHBOARD, 5.0)]),
        (service("ClusterIP", 443), vec![]),
    ] {
        for verb in ["create", "update"] {
            let request = put(
                verb,
                "kubernetes-dashboard",
                "kubernetes-dashboard",
                facts.clone(),
            );
            let found = judged([request.user(ARGO_CD)])?;
            let severities: Vec<_> = types
                .iter()
                .map(|(name, severity)| match *name {
                    EXTERNAL_IPS => (*name, 3.0),
                    _ => (*name, *severity),
                })
                .collect();
            assert_eq!(types_and_severities(&found), severities, "{verb} {facts:?}");
        }
    }
    Ok(())
}

#[test]
fn judges_patch_by_fields_that_it_names() -> Result<(), TestError> {
    let whole = || service("LoadBalancer", 443);
    let name = "kubernetes-dashboard";
    let exposes = with(patch(name, name, typed("LoadBalancer"), whole()), &[], &[]);
    let found = judged([exposes])?;
    assert_eq!(types_and_severities(&found), [(DASHBOARD, 5.0)]);
    assert_eq!(
        found[0].title,
        "Exposure of Kubernetes Dashboard \
         (LoadBalancer kubernetes-dashboard/kubernetes-dashboard) by alice"
    );
    let annotates = with(
        patch(name, name, ServiceFacts::default(), whole()),
        &[],
        &[],
    );
    assert!(judged([annotates])?.is_empty());
    Ok(())
}

#[test]
fn reports_exposed_service_again_after_it_was_closed() -> Result<(), TestError> {
    let open = |user| {
        put(
            "update",
            "kubeflow",
            "centraldashboard",
            service("NodePort", 80),
        )
        .user(user)
    };
    let closed = put(
        "update",
        "kubeflow",
        "centraldashboard",
        service("ClusterIP", 80),
    );
    let deleted = Request::new("delete", "services")
        .namespace("kubeflow")
        .name("centraldashboard");
    let found = judged([
        open("alice"),
        open(ARGO_CD),
        closed,
        open("mallory"),
        deleted,
        open("bob"),
    ])?;
    assert_eq!(types_and_severities(&found), [(KUBEFLOW, 5.0); 3]);
    Ok(())
}

#[test]
fn identifies_software_by_selector_label_and_image() -> Result<(), TestError> {
    let mut selects = service("NodePort", 80);
    selects.selector = vec![pair("k8s-app", "kubernetes-dashboard")];
    let found = judged([put("create", "x", "web", selects)])?;
    assert_eq!(
        found[0].evidence("responseObject.spec.selector[k8s-app]"),
        Some("kubernetes-dashboard")
    );
    let labelled = with(
        put("create", "x", "web", service("NodePort", 80)),
        &[pair("app.kubernetes.io/name", "jenkins")],
        &[],
    );
    assert_eq!(
        types_and_severities(&judged([labelled])?),
        [(SERVICE_EXPOSED, 6.0)]
    );
    let image = |image: &str| Workload {
        containers: vec![Container {
            image: image.to_owned(),
            ..Container::default()
        }],
        ..Workload::default()
    };
    let mut harness = Harness::<NetworkExposure>::new()
        .pod_spec(
            "deployments",
            "x",
            "web",
            image("kubernetesui/dashboard:v2.7.0"),
        )
        .pod_spec(
            "deployments",
            "kubeflow",
            "centraldashboard",
            image("x/y:1"),
        );
    let found = harness.audit_events([
        put("create", "x", "web", service("NodePort", 80)),
        put(
            "create",
            "istio-system",
            "istio-ingressgateway",
            service("LoadBalancer", 80),
        ),
    ])?;
    assert_eq!(
        types_and_severities(&found),
        [(DASHBOARD, 5.0), (KUBEFLOW, 5.0)]
    );
    Ok(())
}

#[test]
fn severity_depends_on_software_port_and_user() -> Result<(), TestError> {
    for (name, port, user, expected) in [
        ("grafana", 3000, "alice", vec![(SERVICE_EXPOSED, 4.0)]),
        ("grafana", 3000, ARGO_CD, vec![(SERVICE_EXPOSED, 3.0)]),
        ("argocd-server", 443, "alice", vec![(SERVICE_EXPOSED, 5.0)]),
        ("db", 5432, "alice", vec![(SERVICE_EXPOSED, 5.0)]),
        ("db", 2379, "alice", vec![(SERVICE_EXPOSED, 6.0)]),
        ("db", 5432, ARGO_CD, vec![(SERVICE_EXPOSED, 3.0)]),
        ("web", 443, "alice", vec![(SERVICE_EXPOSED, 2.0)]),
        (
            "ingress-nginx-controller",
            443,
            "alice",
            vec![(SERVICE_EXPOSED, 1.0)],
        ),
        (
            "billing-gateway",
            8443,
            "alice",
            vec![(SERVICE_EXPOSED, 1.0)],
        ),
        ("traefik", 443, ARGO_CD, vec![(SERVICE_EXPOSED, 1.0)]),
        ("web", 443, "system:kube-controller-manager", vec![]),
    ] {
        let found =
            judged([put("create", "shop", name, service("LoadBalancer", port)).user(user)])?;
        assert_eq!(
            types_and_severities(&found),
            expected,
            "{name} {port} {user}"
        );
    }
    Ok(())
}

#[test]
fn controllers_are_known_by_the_image_of_their_workload() -> Result<(), TestError> {
    for (image, expected) in [
        ("registry.k8s.io/ingress-nginx/controller:v1.12.1", vec![]),
        ("shop/billing:7", vec![(SERVICE_EXPOSED, 1.0)]),
    ] {
        let spec = Workload {
            containers: vec![Container {
                image: image.to_owned(),
                ..Container::default()
            }],
            ..Workload::default()
        };
        let mut harness =
            Harness::<NetworkExposure>::new().pod_spec("deployments", "shop", "web-gateway", spec);
        let request = put(
            "create",
            "shop",
            "web-gateway",
            service("LoadBalancer", 443),
        );
        let found = harness.audit_event(request)?;
        assert_eq!(types_and_severities(&found), expected, "{image}");
    }
    Ok(())
}

#[test]
fn token_of_a_program_in_a_hand_tool_gets_no_discount() -> Result<(), TestError> {
    for (agent, severity) in [
        ("argocd-application-controller/v0.0.0", 3.0),
        ("curl/8.5.0", 5.0),
        ("kubectl/v1.36.2", 5.0),
    ] {
        let request = put("create", "shop", "db", service("LoadBalancer", 5432))
            .user(ARGO_CD)
            .user_agent(agent);
        let found = judged([request])?;
        assert_eq!(
            types_and_severities(&found),
            [(SERVICE_EXPOSED, severity)],
            "{agent}"
        );
    }
    Ok(())
}

#[test]
fn internal_and_limited_services_are_low() -> Result<(), TestError> {
    let internal = with(
        put("create", "data", "pg", service("LoadBalancer", 5432)),
        &[],
        &[pair("networking.gke.io/load-balancer-type", "Internal")],
    );
    let found = judged([internal])?;
    assert_eq!(types_and_severities(&found), [(SERVICE_EXPOSED, 3.0)]);
    let ordinary = with(
        put("create", "data", "web", service("LoadBalancer", 443)),
        &[],
        &[pair("networking.gke.io/load-balancer-type", "Internal")],
    );
    assert!(judged([ordinary])?.is_empty());
    let mut limited = service("LoadBalancer", 5432);
    limited.source_ranges = vec!["198.51.100.0/24".to_owned()];
    let found = judged([put("create", "data", "pg", limited)])?;
    assert_eq!(types_and_severities(&found), [(SERVICE_EXPOSED, 3.0)]);
    let mut dry: wardline_sdk::contract::AuditEvent =
        put("create", "data", "pg", service("LoadBalancer", 5432)).into();
    dry.dry_run = true;
    assert!(judged([dry])?.is_empty());
    let mut trusted = Harness::<NetworkExposure>::new().setting("trusted-users", ["alice"]);
    let request = put("create", "data", "pg", service("LoadBalancer", 5432));
    assert!(trusted.audit_event(request)?.is_empty());
    Ok(())
}

#[test]
fn reports_external_addresses_of_services() -> Result<(), TestError> {
    let mut facts = service("ClusterIP", 443);
    facts.external_ips = vec!["8.8.8.8".to_owned()];
    let found = judged([put("create", "shop", "web", facts)])?;
    assert_eq!(types_and_severities(&found), [(EXTERNAL_IPS, 5.0)]);
    let status = |user: &str| {
        Request::new("patch", "services/status")
            .namespace("shop")
            .name("web")
            .user(user)
            .requested(Facts::Service(ServiceFacts {
                addresses: vec!["8.8.8.8".to_owned()],
                ..ServiceFacts::default()
            }))
    };
    let found = judged([
        status("alice"),
        status("system:serviceaccount:metallb-system:controller"),
        status("system:cloud-controller-manager"),
    ])?;
    assert_eq!(types_and_severities(&found), [(EXTERNAL_IPS, 5.0)]);
    let stolen = status("system:serviceaccount:metallb-system:controller").user_agent("curl/8.5.0");
    let found = judged([stolen])?;
    assert_eq!(types_and_severities(&found), [(EXTERNAL_IPS, 5.0)]);
    assert_eq!(found[0].evidence("userAgent"), Some("curl/8.5.0"));
    Ok(())
}

#[test]
fn reports_redirected_services() -> Result<(), TestError> {
    let selecting = |app: &str| ServiceFacts {
        selector: vec![pair("app", app)],
        ..service("", 80)
    };
    let only = |app: &str| ServiceFacts {
        selector: vec![pair("app", app)],
        ..ServiceFacts::default()
    };
    let change = |app: &str, user: &str| {
        let request = patch("shop", "web", only(app), selecting(app)).user(user);
        with(request, &[], &[])
    };
    let found = judged([change("evil", "alice")])?;
    assert_eq!(types_and_severities(&found), [(SELECTOR_CHANGED, 3.0)]);
    assert!(judged([change("green", ARGO_CD)])?.is_empty());
    let made = with(put("create", "shop", "web", selecting("web")), &[], &[]);
    let same = with(put("update", "shop", "web", selecting("web")), &[], &[]);
    let found = judged([made, same, change("evil", "alice")])?;
    assert_eq!(types_and_severities(&found), [(SELECTOR_CHANGED, 3.0)]);
    assert_eq!(found[0].attribute("before"), Some("app=web"));
    let outside = ServiceFacts {
        external_name: "evil.example.com".to_owned(),
        ..typed("ExternalName")
    };
    let request = patch("shop", "web", outside.clone(), outside);
    let found = judged([with(request, &[], &[])])?;
    assert_eq!(types_and_severities(&found), [(SELECTOR_CHANGED, 5.0)]);
    Ok(())
}

#[test]
fn dashboard_changed_without_bodies_is_low() -> Result<(), TestError> {
    let blind = |verb: &str, name: &str, user: &str| {
        let mut event: wardline_sdk::contract::AuditEvent = Request::new(verb, "services")
            .namespace("kubernetes-dashboard")
            .name(name)
            .user(user)
            .into();
        event.level = wardline_sdk::contract::Level::Metadata;
        event
    };
    let found = judged([
        blind("patch", "kubernetes-dashboard", "alice"),
        blind("patch", "kubernetes-dashboard", "alice"),
        blind("patch", "dashboard-metrics-scraper", "alice"),
        blind(
            "update",
            "kubernetes-dashboard",
            "system:kube-controller-manager",
        ),
    ])?;
    assert_eq!(types_and_severities(&found), [(DASHBOARD, 2.0)]);
    Ok(())
}

#[test]
fn identifies_gateway_of_kubeflow_by_labels() -> Result<(), TestError> {
    let gateway = |labels: &[_]| {
        let whole = service("LoadBalancer", 80);
        let name = "istio-ingressgateway";
        let request = patch("istio-system", name, typed("LoadBalancer"), whole);
        with(request, labels, &[])
    };
    let owner = pair("install.operator.istio.io/owning-resource", "kubeflow");
    let found = judged([gateway(&[owner])])?;
    assert_eq!(types_and_severities(&found), [(KUBEFLOW, 5.0)]);
    let found = judged([gateway(&[pair("istio", "ingressgateway")])])?;
    assert!(found.iter().all(|finding| finding.finding_type != KUBEFLOW));
    Ok(())
}

use super::*;

fn kubelet(user: &str, verb: &str, path: &str) -> AuditEvent {
    let request = Request::new(verb, "nodes/proxy")
        .name("node-1")
        .user(user)
        .uri(&format!("/api/v1/nodes/node-1/proxy{path}"));
    let mut event: AuditEvent = request.into();
    let command = match path.split_once("command=") {
        Some((_, command)) => vec![command.to_owned()],
        None => Vec::new(),
    };
    event.connect = Some(ConnectOptions {
        path: path.to_owned(),
        command,
        ..ConnectOptions::default()
    });
    event
}

#[test]
fn kubelet_requests_are_rated_by_path() {
    let monitoring = "system:serviceaccount:monitoring:prometheus";
    for (user, verb, path, expected) in [
        (
            "alice",
            "get",
            "/pods",
            vec!["PrivilegeEscalation:NodesProxy 5.0"],
        ),
        (
            "alice",
            "get",
            "/configz",
            vec!["PrivilegeEscalation:NodesProxy 5.0"],
        ),
        (
            "alice",
            "get",
            "/containerLogs/shop/web/app",
            vec!["Discovery:NodesProxy 3.0"],
        ),
        (
            "alice",
            "get",
            "/stats/summary",
            vec!["Discovery:NodesProxy 2.0"],
        ),
        (monitoring, "get", "/metrics/cadvisor", vec![]),
        (monitoring, "get", "/stats/summary", vec![]),
        (monitoring, "get", "/pods", vec!["Discovery:NodesProxy 3.0"]),
        (
            monitoring,
            "get",
            "/runningpods/",
            vec!["PrivilegeEscalation:NodesProxy 5.0"],
        ),
        (
            monitoring,
            "get",
            "/logs/",
            vec!["Discovery:NodesProxy 5.0"],
        ),
        (
            "alice",
            "create",
            "/run/shop/web/app?command=id",
            vec!["PrivilegeEscalation:NodesProxy 7.5"],
        ),
        (
            "alice",
            "get",
            "/exec/kube-system/coredns-1/coredns?command=id",
            vec![
                "PrivilegeEscalation:NodesProxy 7.5",
                "Execution:ExecInKubeSystemPod 5.0",
            ],
        ),
    ] {
        assert_eq!(judge(kubelet(user, verb, path)), expected, "{user} {path}");
    }
    let mut master = kubelet("admin", "get", "/configz");
    master.user.groups.push("system:masters".to_owned());
    assert_eq!(judge(master), ["PrivilegeEscalation:NodesProxy 3.0"]);
    let mut denied = kubelet("alice", "get", "/pods");
    if let Some(response) = &mut denied.response {
        response.code = 403;
    }
    assert!(judge(denied).is_empty());
    let mut failed = kubelet("alice", "create", "/run/shop/web/app?command=id");
    if let Some(response) = &mut failed.response {
        response.code = 400;
    }
    assert_eq!(judge(failed), ["PrivilegeEscalation:NodesProxy 3.0"]);
}

#[test]
fn proxied_requests_are_rated_by_target_and_verb() {
    for (verb, resource, namespace, name, expected) in [
        ("get", "services/proxy", "shop", "web:80", vec![]),
        (
            "get",
            "services/proxy",
            "monitoring",
            "prometheus:9090",
            vec![],
        ),
        (
            "get",
            "services/proxy",
            "kube-system",
            "https:dashboard:",
            vec!["LateralMovement:ServiceProxy 3.0"],
        ),
        (
            "get",
            "services/proxy",
            "data",
            "elasticsearch:9200",
            vec!["LateralMovement:ServiceProxy 3.0"],
        ),
        (
            "delete",
            "services/proxy",
            "data",
            "elasticsearch:9200",
            vec!["LateralMovement:ServiceProxy 5.0"],
        ),
        (
            "get",
            "pods/proxy",
            "kube-system",
            "etcd-cp-1:2381",
            vec!["LateralMovement:ServiceProxy 5.0"],
        ),
    ] {
        assert_eq!(
            judge(request(verb, resource, namespace, name)),
            expected,
            "{name}"
        );
    }
}

#[test]
fn port_forwards_are_low_except_to_the_control_plane() {
    for (namespace, pod, user, expected) in [
        ("shop", "web-6d4b75cb6d-hwm2v", "alice", "2.0"),
        ("shop", "web-6d4b75cb6d-hwm2v", SERVICE_ACCOUNT, "3.0"),
        ("data", "postgres-0", "alice", "3.5"),
        ("kube-system", "hubble-ui-1", "alice", "3.5"),
        ("kube-system", "etcd-cp-1", "alice", "5.0"),
    ] {
        let event = request("get", "pods/portforward", namespace, pod)
            .user(user)
            .code(101);
        assert_eq!(
            judge(event),
            [format!("LateralMovement:PortForward {expected}")]
        );
    }
    let denied = request("create", "pods/portforward", "kube-system", "etcd-cp-1").code(403);
    assert!(judge(denied).is_empty());
    // Another pod of the same workload is not reported again.
    let mut harness = Harness::<PodExec>::new();
    let forward = |pod| request("get", "pods/portforward", "shop", pod).code(101);
    let found = harness
        .audit_events([
            forward("web-6d4b75cb6d-hwm2v"),
            forward("web-6d4b75cb6d-zzzzz"),
        ])
        .unwrap();
    assert_eq!(found.len(), 1);
}

#[test]
fn administrative_requests_to_dashboards_and_engines_are_medium() {
    let proxied = |verb: &str, namespace: &str, name: &str, behind: &str| {
        request(verb, "services/proxy", namespace, name).uri(&format!(
            "/api/v1/namespaces/{namespace}/services/{name}/proxy/{behind}"
        ))
    };
    const DASHBOARD: &str = "https:kubernetes-dashboard:";
    for (verb, name, behind, expected) in [
        ("get", DASHBOARD, "", Some(3.0)),
        ("get", DASHBOARD, "api/v1/pod/shop", Some(3.0)),
        ("create", DASHBOARD, "api/v1/login", Some(3.0)),
        ("get", DASHBOARD, "api/v1/secret/vault", Some(5.0)),
        (
            "create",
            "argo-server:2746",
            "api/v1/workflows/argo",
            Some(5.0),
        ),
        ("create", "web:80", "api/v1/orders", None),
    ] {
        let expected: Vec<String> = expected
            .map(|severity| format!("LateralMovement:ServiceProxy {severity:.1}"))
            .into_iter()
            .collect();
        assert_eq!(
            judge(proxied(verb, "tools", name, behind)),
            expected,
            "{verb} {name} {behind}"
        );
    }
}

use wardline_sdk::testing::AuditLine;

use super::*;

fn ephemeral(security: SecurityContext) -> Workload {
    Workload {
        containers: vec![Container {
            name: "debugger-1".to_owned(),
            role: ContainerRole::Ephemeral,
            image: "busybox:1.36".to_owned(),
            target: "app".to_owned(),
            security,
            ..Container::default()
        }],
        ..Workload::default()
    }
}

#[test]
fn ephemeral_containers_are_rated_by_power_and_user() {
    let capability = |name: &str| SecurityContext {
        capabilities_added: vec![name.to_owned()],
        ..SecurityContext::default()
    };
    let privileged = SecurityContext {
        privileged: Some(true),
        ..SecurityContext::default()
    };
    for (namespace, user, security, expected) in [
        ("shop", "alice", capability("SYS_PTRACE"), "3.0"),
        ("shop", "alice", capability("CAP_SYS_ADMIN"), "6.0"),
        ("shop", "alice", privileged, "6.0"),
        ("kube-system", "alice", SecurityContext::default(), "5.0"),
    ] {
        let event = request("patch", "pods/ephemeralcontainers", namespace, "web")
            .user(user)
            .workload(ephemeral(security));
        assert_eq!(
            judge(event),
            [format!("Execution:EphemeralContainer {expected}")]
        );
    }
    // A patch by a service account is a change, unlike a whole object that it sends again.
    let patch = r#"{"spec":{"ephemeralContainers":[{"name":"debugger","image":"busybox"}]}}"#;
    let by_service_account = AuditLine::new(
        "patch",
        "/api/v1/namespaces/shop/pods/web/ephemeralcontainers",
    )
    .user(SERVICE_ACCOUNT, &[])
    .request(patch)
    .to_string();
    let found = Harness::<PodExec>::new()
        .audit_line(&by_service_account)
        .unwrap();
    assert_eq!(shown(&found), ["Execution:EphemeralContainer 5.0"]);
    // Without bodies in the log, the request alone counts.
    let bare = request("patch", "pods/ephemeralcontainers", "shop", "web");
    assert_eq!(judge(bare), ["Execution:EphemeralContainer 3.0"]);
    let denied = request("patch", "pods/ephemeralcontainers", "shop", "web").code(403);
    assert!(judge(denied).is_empty());
    // The same object sent again.
    let mut harness = Harness::<PodExec>::new().pod_spec(
        "pods",
        "shop",
        "web",
        ephemeral(SecurityContext::default()),
    );
    let again = request("update", "pods/ephemeralcontainers", "shop", "web")
        .workload(ephemeral(SecurityContext::default()));
    assert!(harness.audit_event(again).unwrap().is_empty());
}

#[test]
fn node_debug_pods_are_reported_with_and_without_bodies() {
    let pod = Workload {
        host_pid: true,
        node_name: "node-1".to_owned(),
        volumes: vec![Volume {
            name: "host-root".to_owned(),
            kind: "hostPath".to_owned(),
            source: "/".to_owned(),
            ..Volume::default()
        }],
        ..Workload::default()
    };
    let name = "node-debugger-node-1-x7k2p";
    let event = request("create", "pods", "default", name)
        .code(201)
        .workload(pod);
    let mut harness = Harness::<PodExec>::new();
    let found = harness.audit_event(event).unwrap();
    assert_eq!(shown(&found), ["PrivilegeEscalation:NodeDebugPod 5.0"]);
    assert_eq!(found[0].dedup_key, "alice/node-1");
    assert_eq!(
        found[0].evidence("requestObject.spec.hostPID"),
        Some("true")
    );
    let bare = request("create", "pods", "default", name).code(201);
    assert_eq!(judge(bare), ["PrivilegeEscalation:NodeDebugPod 5.0"]);
    assert!(judge(request("create", "pods", "default", "debug").code(201)).is_empty());
}

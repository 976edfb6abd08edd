use super::*;

#[test]
fn ordinary_work_is_not_reported() {
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
        request("create", "deployments", "shop", "web")
            .code(403)
            .workload(app(&DOWNLOAD)),
    ] {
        assert_eq!(judge(event.clone()), Vec::<String>::new(), "{event:?}");
    }
}

#[test]
fn pods_that_a_controller_creates_without_an_owner_are_reported() {
    let event = request("create", "pods", "shop", "web-1")
        .user("system:serviceaccount:kube-system:replicaset-controller")
        .group("system:serviceaccounts")
        .workload(app(&DOWNLOAD));
    assert_eq!(judge(event), ["Execution:SuspiciousWorkloadCommand 6.0"]);
}

#[test]
fn offensive_and_disallowed_images_are_reported() {
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
fn trusted_users_and_namespaces_are_not_reported() {
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

#[test]
fn truncated_requests_of_people_are_reported_once() {
    let cut = |user: &str| {
        let mut event = built(request("create", "deployments", "dev", "agent").user(user));
        event.truncated = true;
        event
    };
    let mut harness = Harness::<SuspiciousWorkloads>::new();
    let mut judged = |event: AuditEvent| found(&mut harness, event);
    assert_eq!(judged(cut("alice")), ["DefenseEvasion:AuditTruncated 3.0"]);
    // Once per person and namespace. Service accounts apply generated objects.
    assert!(judged(cut("alice")).is_empty());
    assert!(judged(cut(ARGO)).is_empty());
    assert!(
        judged(built(
            request("create", "deployments", "dev", "b").user("bob")
        ))
        .is_empty()
    );
}

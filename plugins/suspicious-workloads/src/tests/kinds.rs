use super::*;

#[test]
fn cron_jobs_are_rated_by_user_and_namespace() {
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
    // Another CronJob of the same user in the namespace is not reported.
    let mut harness = Harness::<SuspiciousWorkloads>::new();
    let both = [
        new("shop", "alice"),
        request("create", "cronjobs", "shop", "y").workload(app(&[])),
    ];
    assert_eq!(harness.audit_events(both.map(built)).unwrap().len(), 1);
}

#[test]
fn cron_jobs_with_another_program_are_reported() {
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
fn new_daemon_sets_of_people_are_reported() {
    let new = |user| {
        request("create", "daemonsets", "monitoring", "x")
            .user(user)
            .workload(app(&[]))
    };
    assert_eq!(judge(new("alice")), ["Persistence:DaemonSet 3.0"]);
    assert!(judge(new(ARGO)).is_empty());
    // Server-side apply creates one too; a rollout does not.
    let applied = request("patch", "daemonsets", "monitoring", "x")
        .code(201)
        .workload(app(&[]));
    assert_eq!(judge(applied), ["Persistence:DaemonSet 3.0"]);
    assert!(judge(request("patch", "daemonsets", "monitoring", "x").workload(app(&[]))).is_empty());
}

#[test]
fn workloads_in_system_namespaces_are_reported() {
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
    // Managed clusters install their own components; `system:admin` is a person.
    assert!(judge(new("kube-system", "system:addon-manager")).is_empty());
    assert_eq!(
        judge(new("kube-system", "system:admin")),
        [format!("{system} 3.0")]
    );
    let bare = request("create", "pods", "kube-system", "x");
    assert_eq!(judge(bare), [format!("{system} 3.0")]);
}

#[test]
fn disguised_workloads_are_reported() {
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

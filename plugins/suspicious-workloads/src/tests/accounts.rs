use super::*;

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
fn strong_service_accounts_are_rated_by_user_and_kind() {
    let strong = |severity: &str| {
        vec![format!(
            "PrivilegeEscalation:PrivilegedServiceAccountPod {severity}"
        )]
    };
    let new = |resource: &str, namespace: &str, account: &str| {
        request("create", resource, namespace, "x").workload(with_account(account))
    };
    let admin = |request: Request| {
        let reason = "RBAC: allowed by ClusterRoleBinding \"a\" of ClusterRole \"cluster-admin\" \
            to Group \"ops\"";
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
    // A deployer installs the program together with its account.
    let synced = |labels: &[(&str, &str)]| {
        let mut event: AuditEvent = new("deployments", "ops", "robot").user(ARGO).into();
        let object = event.requested.as_mut().unwrap();
        object.labels = labels.iter().map(|(key, value)| pair(key, value)).collect();
        shown(&bound("robot").audit_event(event).unwrap())
    };
    assert_eq!(
        synced(&[("argocd.argoproj.io/instance", "runner")]),
        strong("3.0")
    );
    assert_eq!(synced(&[("app", "runner")]), strong("5.0"));
    // A chart's own account, by a name that anybody may choose.
    let own = request("create", "deployments", "ops", "robot-web").workload(with_account("robot"));
    assert_eq!(
        shown(&bound("robot").audit_event(own).unwrap()),
        strong("2.0")
    );
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
    // A service account that creates pods with its own account gains nothing.
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
    // The account is unchanged.
    let mut harness = bound("robot").pod_spec("deployments", "ops", "x", with_account("robot"));
    let again = request("update", "deployments", "ops", "x").workload(with_account("robot"));
    assert!(harness.audit_event(again).unwrap().is_empty());
}

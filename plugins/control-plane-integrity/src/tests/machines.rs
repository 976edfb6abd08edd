use wardline_sdk::testing::{AuditLine, Harness, TestError, summary};

use super::judge;
use crate::ControlPlaneIntegrity;

#[test]
fn node_changes_are_rated() -> Result<(), TestError> {
    let patch = |path: &str, body: &str| {
        AuditLine::new("patch", &format!("/api/v1/nodes/{path}")).request(body)
    };
    let addresses =
        r#"{"status": {"addresses": [{"type": "InternalIP", "address": "203.0.113.9"}]}}"#;
    let label = r#"{"metadata": {"labels": {"node-role.kubernetes.io/control-plane": ""}}}"#;
    for (line, expected) in [
        (patch("n1/status", addresses), vec![("NodeTampered", 5.0)]),
        (
            patch("n1/status", addresses).user("system:node:n1", &["system:nodes"]),
            vec![],
        ),
        (
            patch(
                "n1/status",
                r#"{"status": {"capacity": {"example.com/x": "1"}}}"#,
            ),
            vec![("NodeTampered", 3.0)],
        ),
        (
            patch(
                "n1/status",
                r#"{"status": {"capacity": {"example.com/x": "1"}}}"#,
            )
            .user("system:serviceaccount:gpu:plugin", &[]),
            vec![],
        ),
        (patch("n1", label), vec![("NodeTampered", 3.0)]),
        (
            patch("n1", r#"{"metadata": {"labels": {"disk": "ssd"}}}"#),
            vec![],
        ),
        // kubeadm join.
        (
            patch(
                "n1",
                r#"{"metadata": {"labels": {"node-role.kubernetes.io/control-plane": ""}}, "spec": {"taints": [{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}]}}"#,
            ),
            vec![],
        ),
        // kubectl cordon.
        (patch("n1", r#"{"spec": {"unschedulable": true}}"#), vec![]),
        (
            AuditLine::new("create", "/api/v1/nodes")
                .request(r#"{"kind": "Node", "metadata": {"name": "rogue"}}"#),
            vec![("NodeTampered", 3.0)],
        ),
    ] {
        assert_eq!(
            summary(&judge(std::slice::from_ref(&line))?),
            expected,
            "{line}"
        );
    }
    let untaint = patch("n1", r#"{"spec": {"taints": null}}"#).response(
        r#"{"kind": "Node", "metadata": {"name": "n1", "labels": {"node-role.kubernetes.io/control-plane": ""}}, "spec": {}}"#,
    );
    assert_eq!(summary(&judge(&[untaint])?), [("NodeTampered", 3.0)]);
    Ok(())
}

fn api_server(flags: &str) -> AuditLine {
    AuditLine::new("create", "/api/v1/namespaces/kube-system/pods")
        .user("system:node:cp-1", &["system:nodes"])
        .request(&format!(
            r#"{{"metadata": {{"name": "kube-apiserver-cp-1", "annotations": {{"kubernetes.io/config.mirror": "x"}}}}, "spec": {{"containers": [{{"name": "kube-apiserver", "image": "registry.k8s.io/kube-apiserver:v1", "command": ["kube-apiserver", "--authorization-mode=Node,RBAC", {flags}]}}]}}}}"#
        ))
}

#[test]
fn insecure_flags_are_rated() -> Result<(), TestError> {
    for (flags, expected) in [
        (r#""--secure-port=6443""#, None),
        (r#""--enable-admission-plugins=NodeRestriction""#, None),
        (r#""--authorization-mode=AlwaysAllow""#, Some(8.0)),
        (r#""--authorization-mode", "RBAC,AlwaysAllow""#, Some(8.0)),
        (r#""--insecure-port=8080""#, Some(8.0)),
        (r#""--insecure-port=0""#, None),
        (r#""--anonymous-auth=true""#, Some(3.0)),
        (r#""--token-auth-file=/x""#, Some(5.0)),
        (r#""--disable-admission-plugins=PodSecurity""#, Some(5.5)),
    ] {
        let found = judge(&[api_server(flags)])?;
        assert_eq!(
            found.first().map(|finding| finding.severity),
            expected,
            "{flags}"
        );
    }
    Ok(())
}

#[test]
fn flags_are_compared_with_their_previous_state() -> Result<(), TestError> {
    let audited = api_server(r#""--audit-log-path=/var/log/audit.log""#);
    let silent = api_server(r#""--secure-port=6443""#);
    assert_eq!(
        summary(&judge(&[audited.clone(), silent])?),
        [("StaticPodChanged", 6.5)]
    );
    let more = api_server(r#""--audit-log-path=/var/log/audit.log", "--v=4""#);
    assert_eq!(summary(&judge(&[audited, more])?), []);
    let open = api_server(r#""--anonymous-auth=true""#);
    let again = api_server(r#""--anonymous-auth=true", "--v=2""#);
    assert_eq!(judge(&[open, again])?.len(), 1);
    Ok(())
}

#[test]
fn leases_of_other_owners_are_rated() -> Result<(), TestError> {
    let write = |verb: &str, name: &str, user: &str| {
        AuditLine::new(
            verb,
            &format!("/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/{name}"),
        )
        .user(user, &[])
        .request(r#"{"spec": {"holderIdentity": "x"}}"#)
    };
    for (line, expected) in [
        (
            write("patch", "kube-scheduler", "alice"),
            vec![("LeaderElectionTamper", 5.0)],
        ),
        (
            write("delete", "kube-scheduler", "alice"),
            vec![("LeaderElectionTamper", 3.0)],
        ),
        (
            write(
                "update",
                "cluster-autoscaler",
                "system:serviceaccount:argocd:server",
            ),
            vec![("LeaderElectionTamper", 5.0)],
        ),
        (
            write(
                "update",
                "kube-scheduler",
                "system:serviceaccount:kube-system:coredns",
            ),
            vec![("LeaderElectionTamper", 3.0)],
        ),
        (
            write("update", "kube-scheduler", "system:kube-scheduler"),
            vec![],
        ),
        (
            write(
                "update",
                "cluster-autoscaler",
                "system:serviceaccount:kube-system:cluster-autoscaler",
            ),
            vec![],
        ),
        (
            write(
                "update",
                "kube-scheduler",
                "system:serviceaccount:kube-scheduler:kube",
            ),
            vec![("LeaderElectionTamper", 5.0)],
        ),
        (
            write(
                "update",
                "cluster-autoscaler",
                "system:serviceaccount:tools:e",
            ),
            vec![("LeaderElectionTamper", 5.0)],
        ),
        (
            write(
                "update",
                "cluster-autoscaler",
                "system:serviceaccount:autoscaler:web",
            ),
            vec![("LeaderElectionTamper", 2.0)],
        ),
        (
            write(
                "update",
                "cert-manager-controller",
                "system:serviceaccount:cert-manager:cert-manager",
            ),
            vec![],
        ),
        (write("update", "my-operator", "alice"), vec![]),
    ] {
        assert_eq!(
            summary(&judge(std::slice::from_ref(&line))?),
            expected,
            "{line}"
        );
    }
    Ok(())
}

#[test]
fn service_account_changes_are_rated() -> Result<(), TestError> {
    let patch = |path: &str, body: &str| {
        AuditLine::new("patch", &format!("/api/v1/namespaces/{path}")).request(body)
    };
    let role =
        r#"{"metadata": {"annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/x"}}}"#;
    for (line, expected) in [
        (
            patch(
                "shop/serviceaccounts/default",
                r#"{"imagePullSecrets": [{"name": "r"}]}"#,
            ),
            vec![("ServiceAccountModified", 3.0)],
        ),
        (
            patch(
                "shop/serviceaccounts/web",
                r#"{"secrets": [{"name": "r"}]}"#,
            ),
            vec![("ServiceAccountModified", 3.0)],
        ),
        (
            patch("shop/serviceaccounts/web", role),
            vec![("ServiceAccountModified", 3.0)],
        ),
        (
            patch("kube-system/serviceaccounts/web", role),
            vec![("ServiceAccountModified", 4.5)],
        ),
        (
            patch(
                "shop/serviceaccounts/web",
                r#"{"metadata": {"labels": {"a": "b"}}}"#,
            ),
            vec![],
        ),
        (
            patch("shop/serviceaccounts/web", role)
                .user("system:serviceaccount:argocd:server", &[]),
            vec![],
        ),
        (
            patch("kube-system/serviceaccounts/web", role)
                .user("system:serviceaccount:argocd:server", &[])
                .user_agent("curl/8.5.0"),
            vec![("ServiceAccountModified", 4.5)],
        ),
        // Labels lower, and do not silence.
        (
            patch(
                "kube-system/serviceaccounts/web",
                r#"{"metadata": {"labels": {"helm.sh/chart": "web-1"}, "annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/x"}}}"#,
            ),
            vec![("ServiceAccountModified", 3.0)],
        ),
    ] {
        assert_eq!(
            summary(&judge(std::slice::from_ref(&line))?),
            expected,
            "{line}"
        );
    }
    Ok(())
}

#[test]
fn trusted_users_are_not_reported() -> Result<(), TestError> {
    let line = AuditLine::new("delete", "/apis/kyverno.io/v1/clusterpolicies/x").to_string();
    let found = Harness::<ControlPlaneIntegrity>::new()
        .setting("trusted-users", &["alice"] as &[&str])
        .audit_lines(&line)?;
    assert_eq!(summary(&found), []);
    Ok(())
}

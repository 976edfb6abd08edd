use wardline_sdk::testing::{AuditLine, TestError, summary};

use super::judge;

fn patch(namespace: &str, name: &str, data: &str) -> AuditLine {
    AuditLine::new(
        "patch",
        &format!("/api/v1/namespaces/{namespace}/configmaps/{name}"),
    )
    .request(&format!(r#"{{"data": {data}}}"#))
    .response(&format!(
        r#"{{"kind": "ConfigMap", "metadata": {{"name": "{name}"}}, "data": {data}}}"#
    ))
}

#[test]
fn trust_config_maps_are_rated() -> Result<(), TestError> {
    let map = |groups: &str| {
        let data = format!(
            r#"{{"mapRoles": "- rolearn: arn:aws:iam::1:role/x\n  groups: [{groups}]\n"}}"#
        );
        patch("kube-system", "aws-auth", &data)
    };
    for (line, expected) in [
        (map("system:masters"), vec![("AwsAuthModified", 6.5)]),
        (map("developers"), vec![("AwsAuthModified", 5.0)]),
        (
            map("system:bootstrappers, system:nodes"),
            vec![("AwsAuthModified", 3.0)],
        ),
        (map("system:masters").user("eks:node-manager", &[]), vec![]),
        (
            AuditLine::new(
                "delete",
                "/api/v1/namespaces/kube-system/configmaps/aws-auth",
            ),
            vec![("AwsAuthModified", 4.5)],
        ),
        (
            AuditLine::new(
                "patch",
                "/api/v1/namespaces/kube-system/configmaps/aws-auth",
            )
            .level("Metadata"),
            vec![("AwsAuthModified", 4.5)],
        ),
        (
            patch("kube-public", "cluster-info", r#"{"kubeconfig": "x"}"#),
            vec![("ClusterConfigModified", 4.5)],
        ),
        (
            patch(
                "kube-system",
                "extension-apiserver-authentication",
                r#"{"client-ca-file": "x"}"#,
            ),
            vec![("ClusterConfigModified", 6.0)],
        ),
        (
            patch("kube-system", "kubeadm-config", r#"{"x": "y"}"#),
            vec![("ClusterConfigModified", 3.0)],
        ),
        (
            patch(
                "kube-system",
                "kubelet-config",
                r#"{"kubelet": "authentication:\n  anonymous:\n    enabled: true\n"}"#,
            ),
            vec![("ClusterConfigModified", 5.0)],
        ),
        (
            patch(
                "kube-system",
                "kubelet-config",
                r#"{"kubelet": "authentication:\n  anonymous:\n    enabled: false\n"}"#,
            ),
            vec![("ClusterConfigModified", 3.0)],
        ),
        (patch("kube-system", "other", r#"{"x": "y"}"#), vec![]),
        (
            patch("shop", "aws-auth", r#"{"x": "system:masters"}"#),
            vec![],
        ),
    ] {
        assert_eq!(
            summary(&judge(std::slice::from_ref(&line))?),
            expected,
            "{line}"
        );
    }
    // The second change adds nothing.
    let twice = [
        map("system:masters"),
        map("system:masters").user("bob", &[]),
    ];
    assert_eq!(judge(&twice)?.len(), 1);
    Ok(())
}

#[test]
fn dns_changes_are_rated() -> Result<(), TestError> {
    let corefile = |lines: &str| {
        patch(
            "kube-system",
            "coredns",
            &format!(
                r#"{{"Corefile": ".:53 {{\n  errors\n  kubernetes cluster.local\n{lines}}}\n"}}"#
            ),
        )
    };
    for (line, expected) in [
        (
            corefile("  rewrite name a.example b.example\\n"),
            vec![("DNSTamper", 6.0)],
        ),
        (
            corefile("  forward . 203.0.113.9\\n"),
            vec![("DNSTamper", 6.5)],
        ),
        (
            corefile("  forward . /etc/resolv.conf\\n"),
            vec![("DNSTamper", 3.0)],
        ),
        (
            corefile("  forward . 203.0.113.9\\n").user("system:serviceaccount:kube-system:x", &[]),
            vec![("DNSTamper", 6.5)],
        ),
        (
            corefile("  rewrite name a.example b.example\\n")
                .user("system:serviceaccount:kube-system:x", &[]),
            vec![("DNSTamper", 3.0)],
        ),
        (
            corefile("  rewrite name a.example b.example\\n")
                .user("system:serviceaccount:kube-system:x", &[])
                .user_agent("curl/8.5.0"),
            vec![("DNSTamper", 6.0)],
        ),
        (
            corefile("  forward . /etc/resolv.conf\\n")
                .user("system:serviceaccount:kube-system:x", &[]),
            vec![],
        ),
        (
            corefile("  forward . 203.0.113.9\\n").user("eks:addon-manager", &[]),
            vec![],
        ),
        (
            AuditLine::new(
                "update",
                "/api/v1/namespaces/kube-system/configmaps/coredns",
            )
            .level("Metadata"),
            vec![("DNSTamper", 4.5)],
        ),
    ] {
        assert_eq!(
            summary(&judge(std::slice::from_ref(&line))?),
            expected,
            "{line}"
        );
    }
    let before = corefile("  rewrite name a.example b.example\\n").user("eks:addon-manager", &[]);
    let after = corefile("  rewrite name a.example b.example\\n  cache 30\\n");
    assert_eq!(summary(&judge(&[before, after])?), [("DNSTamper", 3.0)]);
    Ok(())
}

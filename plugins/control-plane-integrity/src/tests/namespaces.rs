use wardline_sdk::testing::{AuditLine, TestError, summary};

use super::judge;

const ENFORCE: &str = "pod-security.kubernetes.io/enforce";

fn labelled(level: &str) -> String {
    match level {
        "" => r#"{"kind": "Namespace", "metadata": {"name": "shop"}}"#.to_owned(),
        level => format!(
            r#"{{"kind": "Namespace", "metadata": {{"name": "shop", "labels": {{"{ENFORCE}": "{level}"}}}}}}"#
        ),
    }
}

fn create(level: &str) -> AuditLine {
    AuditLine::new("create", "/api/v1/namespaces")
        .request(&labelled(level))
        .response(&labelled(level))
}

fn patch(value: &str, after: &str) -> AuditLine {
    AuditLine::new("patch", "/api/v1/namespaces/shop")
        .request(&format!(
            r#"{{"metadata": {{"labels": {{"{ENFORCE}": {value}}}}}}}"#
        ))
        .response(&labelled(after))
}

#[test]
fn lowered_levels_are_rated() -> Result<(), TestError> {
    for (before, line, expected) in [
        ("restricted", patch("null", ""), vec![5.5]),
        (
            "restricted",
            patch(r#""privileged""#, "privileged"),
            vec![5.5],
        ),
        ("restricted", patch(r#""baseline""#, "baseline"), vec![4.5]),
        ("baseline", patch(r#""restricted""#, "restricted"), vec![]),
        ("", patch(r#""privileged""#, "privileged"), vec![]),
    ] {
        let found = judge(&[create(before), line.clone()])?;
        let severities: Vec<f64> = found.iter().map(|finding| finding.severity).collect();
        assert_eq!(severities, expected, "{before} {line}");
    }
    Ok(())
}

#[test]
fn changes_without_previous_state_are_rated() -> Result<(), TestError> {
    let removal = AuditLine::new("patch", "/api/v1/namespaces/shop")
        .request(
            r#"[{"op": "remove", "path": "/metadata/labels/pod-security.kubernetes.io~1enforce"}]"#,
        )
        .response(&labelled(""));
    let other = AuditLine::new("patch", "/api/v1/namespaces/shop")
        .request(r#"{"metadata": {"labels": {"env": "dev"}}}"#)
        .response(&labelled(""));
    for (line, expected) in [
        (patch("null", ""), vec![("PodSecurityWeakened", 5.0)]),
        (
            patch(r#""privileged""#, "privileged"),
            vec![("PodSecurityWeakened", 5.0)],
        ),
        (removal, vec![("PodSecurityWeakened", 5.0)]),
        (patch(r#""baseline""#, "baseline"), vec![]),
        (other, vec![]),
        (create("privileged"), vec![("PodSecurityWeakened", 3.0)]),
        (create("restricted"), vec![]),
        (
            patch("null", "").user("system:serviceaccount:openshift-infra:x", &[]),
            vec![],
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
fn openshift_constraints_are_rated() -> Result<(), TestError> {
    let binding = AuditLine::new("create", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings").request(
        r#"{"metadata": {"name": "b"}, "roleRef": {"kind": "ClusterRole", "name": "system:openshift:scc:privileged"}, "subjects": []}"#,
    );
    assert_eq!(summary(&judge(&[binding])?), [("PodSecurityWeakened", 4.5)]);
    let change = AuditLine::new(
        "patch",
        "/apis/security.openshift.io/v1/securitycontextconstraints/restricted",
    )
    .request(r#"{"allowPrivilegedContainer": true}"#);
    let labelled = change
        .clone()
        .request(r#"{"metadata": {"labels": {"owner": "it"}}}"#);
    assert_eq!(summary(&judge(&[labelled])?), []);
    assert_eq!(
        summary(&judge(std::slice::from_ref(&change))?),
        [("PodSecurityWeakened", 4.5)]
    );
    let operator = change.user(
        "system:serviceaccount:openshift-cluster-version:default",
        &[],
    );
    assert_eq!(summary(&judge(&[operator])?), []);
    Ok(())
}

use wardline_sdk::testing::{AuditLine, TestError, summary};

use super::judge;

const KYVERNO: &str = "/apis/kyverno.io/v1/clusterpolicies";
const ROBOT: &str = "system:serviceaccount:argocd:argocd-application-controller";

fn namespace(name: &str) -> AuditLine {
    let body = format!(r#"{{"kind": "Namespace", "metadata": {{"name": "{name}"}}}}"#);
    AuditLine::new("create", "/api/v1/namespaces")
        .request(&body)
        .response(&body)
}

#[test]
fn lookalike_namespaces_are_reported() -> Result<(), TestError> {
    for (line, expected) in [
        (
            namespace("kube-systern"),
            vec![("NamespaceMasquerade", 5.0)],
        ),
        (namespace("kube-monitoring"), vec![]),
        (
            namespace("kube-systern").user("eks:addon-manager", &[]),
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
fn webhooks_of_an_installation_are_low() -> Result<(), TestError> {
    let hook = |client: &str| {
        let body = format!(
            r#"{{"kind": "MutatingWebhookConfiguration", "metadata": {{"name": "h"}}, "webhooks": [
                {{"name": "h.io", "clientConfig": {client}, "rules": [{{"resources": ["pods"]}}]}}]}}"#
        );
        AuditLine::new(
            "create",
            "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
        )
        .request(&body)
        .response(&body)
    };
    let service = r#"{"service": {"namespace": "istio-system", "name": "istiod"}}"#;
    let created = |lines: &[AuditLine]| -> Result<Vec<f64>, TestError> {
        Ok(judge(lines)?.iter().map(|one| one.severity).collect())
    };
    assert_eq!(created(&[hook(service)])?, [4.5]);
    assert_eq!(created(&[namespace("istio-system"), hook(service)])?, [3.0]);
    assert_eq!(created(&[namespace("shop"), hook(service)])?, [4.5]);
    let other = namespace("istio-system").user("bob", &[]);
    assert_eq!(created(&[other, hook(service)])?, [4.5]);
    // Software that is installed in the cluster does not answer from outside.
    let outside = hook(r#"{"url": "https://evil.example/x"}"#);
    assert_eq!(created(&[namespace("istio-system"), outside])?, [6.5]);
    Ok(())
}

#[test]
fn weakened_engine_policies_are_reported() -> Result<(), TestError> {
    let body = |action: &str| {
        format!(
            r#"{{"kind": "ClusterPolicy", "metadata": {{"name": "p"}}, "spec": {{"validationFailureAction": "{action}"}}}}"#
        )
    };
    let made = |action: &str| {
        AuditLine::new("create", KYVERNO)
            .request(&body(action))
            .response(&body(action))
    };
    let sent = |action: &str| {
        AuditLine::new("update", &format!("{KYVERNO}/p"))
            .request(&body(action))
            .response(&body(action))
    };
    let patched = |patch: &str, action: &str| {
        AuditLine::new("patch", &format!("{KYVERNO}/p"))
            .request(patch)
            .response(&body(action))
    };
    let merge = r#"{"spec": {"validationFailureAction": "Audit"}}"#;
    let json = r#"[{"op": "replace", "path": "/spec/validationFailureAction", "value": "Audit"}]"#;
    let weakened = vec![("AdmissionPolicyDeleted", 5.0)];
    for (lines, expected) in [
        (vec![patched(merge, "Audit")], weakened.clone()),
        (vec![patched(json, "Audit")], weakened.clone()),
        (vec![made("Enforce"), sent("Audit")], weakened),
        // Unchanged, unknown before, new, stricter, and unrelated.
        (vec![made("Audit"), patched(merge, "Audit")], vec![]),
        (vec![sent("Audit")], vec![]),
        (vec![made("Audit")], vec![]),
        (vec![made("Audit"), sent("Enforce")], vec![]),
        (
            vec![patched(
                r#"{"metadata": {"labels": {"a": "Audit"}}}"#,
                "Audit",
            )],
            vec![],
        ),
    ] {
        assert_eq!(summary(&judge(&lines)?), expected, "{lines:?}");
    }
    Ok(())
}

#[test]
fn policy_exceptions_are_rated() -> Result<(), TestError> {
    let exception = AuditLine::new(
        "create",
        "/apis/kyverno.io/v2/namespaces/dev/policyexceptions",
    )
    .request(
        r#"{"kind": "PolicyException", "metadata": {"name": "x"}, "spec": {"exceptions": [{"policyName": "p", "ruleNames": ["*"]}]}}"#,
    );
    for (line, severity) in [
        (exception.clone(), 4.5),
        (exception.user(ROBOT, &["system:serviceaccounts"]), 3.0),
    ] {
        assert_eq!(
            summary(&judge(&[line])?),
            [("AdmissionPolicyDeleted", severity)]
        );
    }
    Ok(())
}

use wardline_sdk::testing::{AuditLine, TestError, summary};

use super::judge;

const MUTATING: &str = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";

fn configuration(client: &str, policy: &str, more: &str) -> String {
    format!(
        r#"{{"kind": "MutatingWebhookConfiguration", "metadata": {{"name": "hook" {more}}}, "webhooks": [{{"name": "h.example", "clientConfig": {client}, "failurePolicy": "{policy}", "rules": [{{"operations": ["CREATE"], "apiGroups": [""], "resources": ["pods"]}}]}}]}}"#
    )
}

const OUTSIDE: &str = r#"{"url": "https://hooks.attacker.example/mutate"}"#;
const INSIDE: &str = r#"{"service": {"namespace": "vault", "name": "injector"}}"#;

fn create(client: &str, more: &str) -> AuditLine {
    let body = configuration(client, "Fail", more);
    AuditLine::new("create", MUTATING)
        .request(&body)
        .response(&body)
}

#[test]
fn created_webhooks_are_rated() -> Result<(), TestError> {
    let helm = r#", "annotations": {"meta.helm.sh/release-name": "vault"}"#;
    for (line, expected) in [
        (create(OUTSIDE, ""), 6.5),
        (create(OUTSIDE, helm), 4.5),
        (create(INSIDE, ""), 4.5),
        (create(INSIDE, helm), 3.0),
        (
            create(INSIDE, "").user("system:serviceaccount:vault:injector", &[]),
            3.0,
        ),
        (
            create(INSIDE, "").user("system:serviceaccount:kube-system:x", &[]),
            3.0,
        ),
    ] {
        let found = judge(std::slice::from_ref(&line))?;
        assert_eq!(
            summary(&found),
            [("AdmissionWebhookCreated", expected)],
            "{line}"
        );
    }
    let bare = AuditLine::new("create", &format!("{MUTATING}/hook")).level("Metadata");
    assert_eq!(
        summary(&judge(&[bare])?),
        [("AdmissionWebhookCreated", 3.0)]
    );
    Ok(())
}

fn change(verb: &str, request: &str, response: &str) -> AuditLine {
    AuditLine::new(verb, &format!("{MUTATING}/hook"))
        .request(request)
        .response(response)
}

#[test]
fn patches_of_webhooks_are_judged_by_what_they_name() -> Result<(), TestError> {
    for (request, response, expected) in [
        (
            r#"[{"op": "replace", "path": "/webhooks/0/clientConfig/url", "value": "https://198.51.100.77/m"}]"#.to_owned(),
            configuration(r#"{"url": "https://198.51.100.77/m"}"#, "Fail", ""),
            vec![("AdmissionWebhookModified", 6.5)],
        ),
        (
            r#"[{"op": "replace", "path": "/webhooks/0/failurePolicy", "value": "Ignore"}]"#.to_owned(),
            configuration(INSIDE, "Ignore", ""),
            vec![("AdmissionWebhookModified", 5.0)],
        ),
        (
            r#"[{"op": "remove", "path": "/webhooks/1"}]"#.to_owned(),
            configuration(INSIDE, "Fail", ""),
            vec![("AdmissionWebhookModified", 5.0)],
        ),
        (
            r#"{"webhooks": [{"name": "h.example", "namespaceSelector": {"matchLabels": {"never": "x"}}}]}"#.to_owned(),
            configuration(INSIDE, "Fail", ""),
            vec![("AdmissionWebhookModified", 4.5)],
        ),
        // As cert-manager's injector does.
        (
            r#"{"webhooks": [{"name": "h.example", "clientConfig": {"caBundle": "AAAA"}}]}"#.to_owned(),
            configuration(INSIDE, "Fail", ""),
            vec![],
        ),
        (
            r#"{"metadata": {"labels": {"a": "b"}}}"#.to_owned(),
            configuration(INSIDE, "Ignore", ""),
            vec![],
        ),
    ] {
        let found = judge(&[change("patch", &request, &response)])?;
        assert_eq!(summary(&found), expected, "{request}");
    }
    Ok(())
}

#[test]
fn webhooks_are_compared_with_their_previous_state() -> Result<(), TestError> {
    let modified = |client: &str, policy: &str, user: &str| {
        let body = configuration(client, policy, "");
        change("update", &body, &body).user(user, &[])
    };
    let other = r#"{"service": {"namespace": "shop", "name": "web"}}"#;
    for (line, expected) in [
        (modified(INSIDE, "Fail", "alice"), vec![]),
        (
            modified(other, "Fail", "alice"),
            vec![("AdmissionWebhookModified", 5.0)],
        ),
        (
            modified(OUTSIDE, "Fail", "alice"),
            vec![("AdmissionWebhookModified", 6.5)],
        ),
        (
            modified(INSIDE, "Ignore", "alice"),
            vec![("AdmissionWebhookModified", 5.0)],
        ),
        // The Kubernetes operator itself.
        (
            modified(INSIDE, "Ignore", "system:serviceaccount:vault:injector"),
            vec![],
        ),
    ] {
        let before = create(INSIDE, "").user("system:serviceaccount:vault:injector", &[]);
        let found = judge(&[before, line.clone()])?;
        assert_eq!(summary(&found)[1..], expected, "{line}");
    }
    Ok(())
}

#[test]
fn deleted_policies_are_rated() -> Result<(), TestError> {
    const GROUP: &str = "/apis/admissionregistration.k8s.io/v1";
    let delete = |path: &str| AuditLine::new("delete", &format!("{GROUP}/{path}"));
    for (line, expected) in [
        (
            delete("validatingwebhookconfigurations/x"),
            vec![("AdmissionPolicyDeleted", 5.0)],
        ),
        (
            delete("validatingadmissionpolicybindings/x").level("Metadata"),
            vec![("AdmissionPolicyDeleted", 5.0)],
        ),
        (
            AuditLine::new(
                "deletecollection",
                &format!("{GROUP}/validatingadmissionpolicies"),
            ),
            vec![("AdmissionPolicyDeleted", 5.5)],
        ),
        (
            AuditLine::new("delete", "/apis/kyverno.io/v1/clusterpolicies/x"),
            vec![("AdmissionPolicyDeleted", 5.0)],
        ),
        (
            delete("validatingwebhookconfigurations/x")
                .user("system:serviceaccount:istio:istiod", &[]),
            vec![("AdmissionPolicyDeleted", 3.0)],
        ),
        (
            delete("validatingwebhookconfigurations/x").user(
                "system:serviceaccount:kube-system:generic-garbage-collector",
                &[],
            ),
            vec![],
        ),
        (
            delete("validatingwebhookconfigurations/x").answer(403, "no"),
            vec![],
        ),
        (
            delete("validatingwebhookconfigurations/x?dryRun=All"),
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
fn weakened_policies_are_reported() -> Result<(), TestError> {
    const POLICIES: &str = "/apis/admissionregistration.k8s.io/v1";
    let patch = |path: &str, kind: &str, spec: &str| {
        AuditLine::new("patch", &format!("{POLICIES}/{path}"))
            .request(&format!(r#"{{"spec": {spec}}}"#))
            .response(&format!(
                r#"{{"kind": "{kind}", "metadata": {{"name": "x"}}, "spec": {spec}}}"#
            ))
    };
    let policy = "ValidatingAdmissionPolicy";
    for (line, expected) in [
        (
            patch(
                "validatingadmissionpolicies/x",
                policy,
                r#"{"matchConstraints": {"excludeResourceRules": [{"resources": ["pods"]}]}}"#,
            ),
            true,
        ),
        (
            patch(
                "validatingadmissionpolicies/x",
                policy,
                r#"{"failurePolicy": "Ignore"}"#,
            ),
            true,
        ),
        (
            patch(
                "validatingadmissionpolicies/x",
                policy,
                r#"{"failurePolicy": "Fail"}"#,
            ),
            false,
        ),
        (
            patch(
                "validatingadmissionpolicies/x",
                policy,
                r#"{"validations": [{"expression": "true"}]}"#,
            ),
            true,
        ),
        (
            patch(
                "validatingadmissionpolicies/x",
                policy,
                r#"{"validations": [{"expression": "object.x == 1"}]}"#,
            ),
            false,
        ),
        (
            patch(
                "validatingadmissionpolicybindings/x",
                "ValidatingAdmissionPolicyBinding",
                r#"{"validationActions": ["Audit"]}"#,
            ),
            true,
        ),
        (
            patch(
                "validatingadmissionpolicybindings/x",
                "ValidatingAdmissionPolicyBinding",
                r#"{"validationActions": ["Deny"]}"#,
            ),
            false,
        ),
    ] {
        let found = judge(std::slice::from_ref(&line))?;
        assert_eq!(!found.is_empty(), expected, "{line}");
    }
    Ok(())
}

#[test]
fn new_mutating_policy_is_low() -> Result<(), TestError> {
    let line = AuditLine::new(
        "create",
        "/apis/admissionregistration.k8s.io/v1beta1/mutatingadmissionpolicies",
    )
    .request(
        r#"{"kind": "MutatingAdmissionPolicy", "metadata": {"name": "sidecar"}, "spec": {"failurePolicy": "Ignore", "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression": "[]"}}]}}"#,
    );
    assert_eq!(
        summary(&judge(&[line])?),
        [("AdmissionWebhookCreated", 3.0)]
    );
    Ok(())
}

#[test]
fn whole_objects_without_previous_state_are_not_reported() -> Result<(), TestError> {
    let whole = configuration(INSIDE, "Ignore", "");
    let applied = change("patch", &whole, &whole).user("system:serviceaccount:deploy:robot", &[]);
    assert_eq!(summary(&judge(&[applied])?), []);
    let policy = r#"{"kind": "ValidatingAdmissionPolicy", "metadata": {"name": "x"}, "spec": {"failurePolicy": "Fail", "matchConstraints": {}}}"#;
    let apply = |agent: &str| {
        AuditLine::new(
            "patch",
            "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/x",
        )
        .user("system:serviceaccount:deploy:robot", &[])
        .user_agent(agent)
        .request(policy)
        .response(policy)
    };
    assert_eq!(summary(&judge(&[apply("a"), apply("b")])?), []);
    Ok(())
}

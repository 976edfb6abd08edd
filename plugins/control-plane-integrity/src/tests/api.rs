use wardline_sdk::testing::{AuditLine, TestError, summary};

use super::judge;

fn service(name: &str, namespace: &str, service: &str, more: &str) -> AuditLine {
    let group = name.split_once('.').unwrap().1;
    let body = format!(
        r#"{{"kind": "APIService", "metadata": {{"name": "{name}"}}, "spec": {{"group": "{group}", "version": "v1beta1", "service": {{"namespace": "{namespace}", "name": "{service}"}} {more}}}}}"#
    );
    AuditLine::new("create", "/apis/apiregistration.k8s.io/v1/apiservices")
        .request(&body)
        .response(&body)
}

const INSECURE: &str = r#", "insecureSkipTLSVerify": true"#;

#[test]
fn api_services_are_rated() -> Result<(), TestError> {
    for (line, expected) in [
        (
            service("v1beta1.metrics.k8s.io", "shop", "web", INSECURE),
            5.0,
        ),
        (
            service(
                "v1beta1.metrics.k8s.io",
                "kube-system",
                "metrics-server",
                INSECURE,
            ),
            3.0,
        ),
        (
            service("v1.rbac.authorization.k8s.io", "shop", "web", ""),
            6.5,
        ),
        (service("v1.example.com", "shop", "web", INSECURE), 5.0),
        (service("v1.example.com", "shop", "web", ""), 3.0),
    ] {
        assert_eq!(
            summary(&judge(std::slice::from_ref(&line))?),
            [("APIServiceCreated", expected)],
            "{line}"
        );
    }
    let patch = AuditLine::new(
        "patch",
        "/apis/apiregistration.k8s.io/v1/apiservices/v1.example.com",
    )
    .request(r#"{"spec": {"service": {"namespace": "shop", "name": "evil"}}}"#);
    let found = judge(&[service("v1.example.com", "shop", "web", ""), patch])?;
    assert_eq!(
        summary(&found),
        [("APIServiceCreated", 3.0), ("APIServiceCreated", 6.5)]
    );
    let bare = AuditLine::new(
        "create",
        "/apis/apiregistration.k8s.io/v1/apiservices/v1.example.com",
    )
    .level("Metadata");
    assert_eq!(summary(&judge(&[bare])?), [("APIServiceCreated", 3.0)]);
    let own = service("v1.example.com", "", "", "").user("system:apiserver", &["system:masters"]);
    assert_eq!(summary(&judge(&[own])?), []);
    Ok(())
}

#[test]
fn conversion_webhooks_are_rated() -> Result<(), TestError> {
    let definition = |client: &str, more: &str| {
        let body = format!(
            r#"{{"kind": "CustomResourceDefinition", "metadata": {{"name": "w.example.com" {more}}}, "spec": {{"group": "example.com", "names": {{"plural": "w"}}, "conversion": {{"strategy": "Webhook", "webhook": {{"clientConfig": {client}}}}}}}}}"#
        );
        AuditLine::new(
            "create",
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
        )
        .request(&body)
        .response(&body)
    };
    let inside = r#"{"service": {"namespace": "ops", "name": "operator"}}"#;
    let outside = r#"{"url": "https://evil.example/convert"}"#;
    let helm = r#", "labels": {"helm.sh/chart": "x"}"#;
    assert_eq!(
        summary(&judge(&[definition(outside, "")])?),
        [("ConversionWebhookSet", 6.0)]
    );
    assert_eq!(
        summary(&judge(&[definition(inside, "")])?),
        [("ConversionWebhookSet", 3.0)]
    );
    assert_eq!(summary(&judge(&[definition(inside, helm)])?), []);
    Ok(())
}

//! Ingresses and routes.

use std::time::Duration;

use wardline_sdk::contract::{AuditEvent, ConfigMapFacts, Facts, IngressFacts, IngressRule};
use wardline_sdk::testing::{Harness, Request, TestError, severities, types_and_severities};

use super::{ARGO_CD, judged, pair, rule, with};
use crate::NetworkExposure;
use crate::types::{
    DASHBOARD, HARDENING_DISABLED, HOST_TAKEOVER, INGRESS_SNIPPET, INGRESS_WITHOUT_TLS,
    SERVICE_EXPOSED,
};

fn facts(rules: Vec<IngressRule>, has_tls: bool) -> IngressFacts {
    IngressFacts {
        rules,
        has_tls,
        ..IngressFacts::default()
    }
}

fn put(verb: &str, namespace: &str, name: &str, facts: IngressFacts) -> Request {
    Request::new(verb, "ingresses")
        .api_group("networking.k8s.io")
        .namespace(namespace)
        .name(name)
        .requested(Facts::Ingress(facts.clone()))
        .resulting(Facts::Ingress(facts))
}

fn annotated(key: &str, value: &str) -> AuditEvent {
    let web = facts(vec![rule("a.example.com", "/", "web")], true);
    with(put("create", "shop", "web", web), &[], &[pair(key, value)])
}

#[test]
fn reports_consoles_behind_ingress() -> Result<(), TestError> {
    for (service, has_tls, user, expected) in [
        (
            "kubernetes-dashboard",
            true,
            "alice",
            vec![(DASHBOARD, 5.0)],
        ),
        ("argocd-server", true, "alice", vec![(SERVICE_EXPOSED, 3.0)]),
        (
            "argocd-server",
            false,
            "alice",
            vec![(SERVICE_EXPOSED, 5.0), (INGRESS_WITHOUT_TLS, 2.0)],
        ),
        ("grafana", true, ARGO_CD, vec![(SERVICE_EXPOSED, 3.0)]),
        ("web", false, "alice", vec![(INGRESS_WITHOUT_TLS, 2.0)]),
        ("web", true, "alice", vec![]),
    ] {
        let ingress = facts(vec![rule("a.example.com", "/", service)], has_tls);
        let found = judged([put("create", "x", "i", ingress).user(user)])?;
        assert_eq!(
            types_and_severities(&found),
            expected,
            "{service} {has_tls} {user}"
        );
    }
    Ok(())
}

#[test]
fn console_with_login_or_internal_class_is_low() -> Result<(), TestError> {
    let dashboard = || {
        facts(
            vec![rule("d.example.com", "/", "kubernetes-dashboard")],
            true,
        )
    };
    let login = pair(
        "nginx.ingress.kubernetes.io/auth-url",
        "https://sso.example.com/auth",
    );
    let found = judged([with(put("create", "x", "d", dashboard()), &[], &[login])])?;
    assert_eq!(types_and_severities(&found), [(DASHBOARD, 3.0)]);
    for (class, scheme, severity) in [
        ("alb", None, 3.0),
        ("alb", Some("internet-facing"), 5.0),
        // Anybody may choose the name of a class.
        ("nginx-internal", None, 3.0),
        ("nginx", None, 5.0),
    ] {
        let ingress = IngressFacts {
            class: class.to_owned(),
            ..dashboard()
        };
        let scheme: Vec<_> = scheme
            .map(|scheme| pair("alb.ingress.kubernetes.io/scheme", scheme))
            .into_iter()
            .collect();
        let found = judged([with(put("create", "x", "d", ingress), &[], &scheme)])?;
        assert_eq!(
            types_and_severities(&found),
            [(DASHBOARD, severity)],
            "{class}"
        );
    }
    Ok(())
}

#[test]
fn ignores_tls_by_annotation_and_acme_challenges() -> Result<(), TestError> {
    let plain = |path: &str| facts(vec![rule("a.example.com", path, "web")], false);
    let certificate = pair("alb.ingress.kubernetes.io/certificate-arn", "arn:x");
    let solver = pair("acme.cert-manager.io/http01-solver", "true");
    let found = judged([
        with(put("create", "shop", "a", plain("/")), &[], &[certificate]),
        with(
            put(
                "create",
                "shop",
                "c",
                plain("/.well-known/acme-challenge/x"),
            ),
            &[],
            &[],
        ),
    ])?;
    assert!(found.is_empty(), "{found:?}");
    // The label, or one rule for challenges, excuses no others.
    let both = facts(
        vec![
            rule("a.example.com", "/.well-known/acme-challenge/x", "web"),
            rule("a.example.com", "/", "web"),
        ],
        false,
    );
    for ingress in [plain("/"), both] {
        let request = with(
            put("create", "shop", "b", ingress),
            std::slice::from_ref(&solver),
            &[],
        );
        let found = judged([request])?;
        assert_eq!(types_and_severities(&found), [(INGRESS_WITHOUT_TLS, 2.0)]);
    }
    Ok(())
}

#[test]
fn reports_removed_tls_and_ignores_reapply() -> Result<(), TestError> {
    let rules = || vec![rule("a.example.com", "/", "web")];
    let removed = with(
        Request::new("patch", "ingresses")
            .api_group("networking.k8s.io")
            .namespace("shop")
            .name("web")
            .requested(Facts::Ingress(IngressFacts::default()))
            .resulting(Facts::Ingress(facts(rules(), false))),
        &[],
        &[],
    );
    assert!(judged([removed.clone()])?.is_empty());
    let made = put("create", "shop", "web", facts(rules(), true))
        .id("made")
        .into();
    let again = put("update", "shop", "web", facts(rules(), false)).into();
    let found = judged([made, removed, again])?;
    assert_eq!(types_and_severities(&found), [(INGRESS_WITHOUT_TLS, 2.0)]);
    Ok(())
}

#[test]
fn reports_snippets_and_values_that_break_out() -> Result<(), TestError> {
    for (key, value, severity) in [
        (
            "configuration-snippet",
            "more_set_headers \"X: y\";",
            Some(3.0),
        ),
        (
            "server-snippet",
            "location /x { content_by_lua 'os.execute()'; }",
            Some(7.0),
        ),
        (
            "auth-url",
            "http://a/#;}}\nssl_engine /proc/1/fd/9;",
            Some(8.0),
        ),
        ("auth-url", "https://sso.example.com/auth", None),
        ("proxy-body-size", "10m", None),
    ] {
        let key = format!("nginx.ingress.kubernetes.io/{key}");
        let found = judged([annotated(&key, value)])?;
        assert_eq!(severities(&found), Vec::from_iter(severity), "{key}");
        assert!(
            found
                .iter()
                .all(|finding| finding.finding_type == INGRESS_SNIPPET)
        );
    }
    assert!(
        judged([annotated(
            "example.com/configuration-snippet",
            "alias /etc/;"
        )])?
        .is_empty()
    );
    let path = facts(
        vec![rule("a.example.com", "/x;}\nalias /etc/;", "web")],
        true,
    );
    let found = judged([put("create", "shop", "web", path)])?;
    assert_eq!(types_and_severities(&found), [(INGRESS_SNIPPET, 8.0)]);
    Ok(())
}

#[test]
fn reports_same_snippet_once() -> Result<(), TestError> {
    let key = "nginx.ingress.kubernetes.io/configuration-snippet";
    let mut first = annotated(key, "add_header a b;");
    first.audit_id = "1".to_owned();
    let mut second = annotated(key, "add_header a b;");
    second.audit_id = "2".to_owned();
    let mut third = annotated(key, "add_header a c;");
    third.audit_id = "3".to_owned();
    assert_eq!(judged([first, second, third])?.len(), 2);
    Ok(())
}

#[test]
fn reports_injections_in_dry_runs_and_rejected_requests() -> Result<(), TestError> {
    let key = "nginx.ingress.kubernetes.io/auth-url";
    let attack = "http://a/#;}}}\nssl_engine /proc/1/fd/9;";
    for (value, dry_run, code, severity) in [
        (attack, true, 201, Some(8.0)),
        (attack, false, 400, Some(6.0)),
        (attack, true, 403, Some(6.0)),
        ("https://sso.example.com/auth", true, 201, None),
        ("https://sso.example.com/auth", false, 422, None),
    ] {
        let web = facts(vec![rule("a.example.com", "/", "web")], false);
        let request = put("create", "shop", "web", web).code(code);
        let mut event = with(request, &[], &[pair(key, value)]);
        event.dry_run = dry_run;
        let found = judged([event])?;
        assert_eq!(
            severities(&found),
            Vec::from_iter(severity),
            "{value} {code}"
        );
    }
    // A snippet runs only once the ingress is stored.
    let mut event = annotated(
        "nginx.ingress.kubernetes.io/server-snippet",
        "content_by_lua 'os.execute()';",
    );
    event.dry_run = true;
    assert!(judged([event])?.is_empty());
    Ok(())
}

#[test]
fn reports_controller_that_allows_code_in_annotations() -> Result<(), TestError> {
    let config = |verb: &str, key: &str, value: &str| {
        Request::new(verb, "configmaps")
            .namespace("ingress-nginx")
            .name("ingress-nginx-controller")
            .requested(Facts::ConfigMap(ConfigMapFacts {
                data: vec![pair(key, value)],
                ..ConfigMapFacts::default()
            }))
    };
    for (verb, key, value, user, severity) in [
        (
            "patch",
            "allow-snippet-annotations",
            "true",
            "alice",
            Some(5.0),
        ),
        (
            "update",
            "annotations-risk-level",
            "Critical",
            "alice",
            Some(5.0),
        ),
        (
            "create",
            "allow-snippet-annotations",
            "true",
            "alice",
            Some(3.0),
        ),
        (
            "patch",
            "allow-snippet-annotations",
            "true",
            ARGO_CD,
            Some(3.0),
        ),
        ("patch", "annotations-risk-level", "High", "alice", None),
        ("patch", "allow-snippet-annotations", "false", "alice", None),
        ("patch", "proxy-body-size", "10m", "alice", None),
    ] {
        let found = judged([config(verb, key, value).user(user)])?;
        let found: Vec<_> = types_and_severities(&found);
        let expected: Vec<_> = severity
            .map(|severity| (HARDENING_DISABLED, severity))
            .into_iter()
            .collect();
        assert_eq!(found, expected, "{verb} {key} {value} {user}");
    }
    let on = || config("update", "allow-snippet-annotations", "true");
    let off = config("update", "allow-snippet-annotations", "false");
    assert_eq!(judged([on(), on(), off, on()])?.len(), 2);
    let elsewhere = on().namespace("shop").name("web");
    assert!(judged([elsewhere])?.is_empty());
    Ok(())
}

#[test]
fn reports_login_path_claimed_within_site_of_another_namespace() -> Result<(), TestError> {
    let claim = |namespace: &str, path: &str| {
        let ingress = facts(vec![rule("pay.example.com", path, "web")], true);
        put("create", namespace, "web", ingress)
    };
    for (served, claimed, user, expected) in [
        ("/", "/login", "alice", Some(5.0)),
        ("/app", "/app/v1/auth", "alice", Some(5.0)),
        ("/", "/login", ARGO_CD, Some(3.0)),
        ("/", "/api", "alice", None),
        ("/app", "/login", "alice", None),
    ] {
        let found = judged([claim("pay", served), claim("evil", claimed).user(user)])?;
        assert_eq!(
            severities(&found),
            Vec::from_iter(expected),
            "{served} {claimed}"
        );
    }
    assert!(judged([claim("pay", "/"), claim("pay", "/login")])?.is_empty());
    let found = judged([claim("pay", "/"), claim("evil", "/login")])?;
    assert_eq!(
        found[0].title,
        "Host pay.example.com/login of namespace pay was claimed for evil by alice"
    );
    Ok(())
}

#[test]
fn host_belongs_to_the_first_namespace() -> Result<(), TestError> {
    let claim = |namespace: &str, host: &str, path: &str| {
        put(
            "create",
            namespace,
            "web",
            facts(vec![rule(host, path, "web")], true),
        )
    };
    let found = judged([
        claim("shop", "shop.example.com", ""),
        claim("shop", "shop.example.com", "/"),
        claim("shop-api", "shop.example.com", "/api"),
        claim("evil", "shop.example.com", "/"),
        claim("other", "other.example.com", "/"),
    ])?;
    assert_eq!(types_and_severities(&found), [(HOST_TAKEOVER, 5.0)]);
    assert_eq!(
        found[0].title,
        "Host shop.example.com/ of namespace shop was claimed for evil by alice"
    );
    let by_argo_cd = judged([
        claim("shop", "shop.example.com", "/"),
        claim("evil", "shop.example.com", "/").user(ARGO_CD),
    ])?;
    assert_eq!(types_and_severities(&by_argo_cd), [(HOST_TAKEOVER, 3.0)]);
    Ok(())
}

#[test]
fn host_is_free_after_its_ingress_or_namespace_is_deleted() -> Result<(), TestError> {
    let claim = |namespace: &str, second| {
        put(
            "create",
            namespace,
            "web",
            facts(vec![rule("a.example.com", "/", "web")], true),
        )
        .at(Duration::from_secs(second))
    };
    let gone = |verb: &str, name: &str| {
        Request::new(verb, "ingresses")
            .namespace("old")
            .name(name)
            .at(Duration::from_secs(10))
    };
    assert!(judged([claim("old", 0), gone("delete", "web"), claim("new", 20)])?.is_empty());
    let cleared = gone("deletecollection", "")
        .user("system:serviceaccount:kube-system:namespace-controller")
        .group("system:serviceaccounts");
    assert!(judged([claim("old", 0), cleared, claim("new", 20)])?.is_empty());
    assert_eq!(judged([claim("old", 0), claim("new", 20)])?.len(), 1);
    Ok(())
}

#[test]
fn reports_routes_to_consoles() -> Result<(), TestError> {
    let line = |resource: &str, group: &str, spec: &str| {
        format!(
            r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"{resource}","stage":"ResponseComplete","requestURI":"/apis/{group}/v1/namespaces/x/{resource}","verb":"create","user":{{"username":"alice"}},"sourceIPs":["10.0.0.1"],"objectRef":{{"resource":"{resource}","namespace":"x","name":"r","apiGroup":"{group}","apiVersion":"v1"}},"responseStatus":{{"code":201}},"requestObject":{{"apiVersion":"{group}/v1","metadata":{{"name":"r"}},"spec":{spec}}},"requestReceivedTimestamp":"2025-01-01T00:00:00.000000Z","stageTimestamp":"2025-01-01T00:00:00.000000Z"}}"#
        )
    };
    for (resource, group, spec, expected) in [
        (
            "httproutes",
            "gateway.networking.k8s.io",
            r#"{"rules":[{"backendRefs":[{"name":"kubernetes-dashboard","port":443}]}]}"#,
            Some((DASHBOARD, 5.0)),
        ),
        (
            "ingressroutes",
            "traefik.io",
            r#"{"routes":[{"match":"Host(`a`)","services":[{"name":"grafana"}]}]}"#,
            Some((SERVICE_EXPOSED, 3.0)),
        ),
        (
            "routes",
            "route.openshift.io",
            r#"{"to":{"kind":"Service","name":"argocd-server"}}"#,
            Some((SERVICE_EXPOSED, 3.0)),
        ),
        (
            "httproutes",
            "gateway.networking.k8s.io",
            r#"{"rules":[{"backendRefs":[{"name":"web"}]}]}"#,
            None,
        ),
    ] {
        let found = Harness::<NetworkExposure>::new().audit_line(&line(resource, group, spec))?;
        assert_eq!(
            types_and_severities(&found),
            Vec::from_iter(expected),
            "{spec}"
        );
    }
    Ok(())
}

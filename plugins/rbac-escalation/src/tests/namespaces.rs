//! Roles of one namespace, and objects of which the log contains only the name.

use std::time::Duration;

use wardline_sdk::testing::{AuditLine, TestError, summary};

use super::{EVERYTHING, HARMLESS, RBAC, judge};

const ROBOT: &str = "system:serviceaccount:flux-system:kustomize-controller";

/// Permissions whose holder becomes more within the namespace.
const POWERS: [&str; 12] = [
    r#"{"verbs": ["*"], "apiGroups": [""], "resources": ["secrets"]}"#,
    r#"{"verbs": ["get", "list"], "apiGroups": [""], "resources": ["*"]}"#,
    r#"{"verbs": ["get", "list"], "apiGroups": ["*"], "resources": ["*"]}"#,
    r#"{"verbs": ["watch"], "apiGroups": [""], "resources": ["secrets"]}"#,
    r#"{"verbs": ["create"], "apiGroups": ["rbac.authorization.k8s.io"], "resources": ["rolebindings"]}"#,
    r#"{"verbs": ["patch"], "apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles"]}"#,
    r#"{"verbs": ["create"], "apiGroups": [""], "resources": ["pods/exec"]}"#,
    r#"{"verbs": ["patch"], "apiGroups": [""], "resources": ["pods/ephemeralcontainers"]}"#,
    r#"{"verbs": ["create"], "apiGroups": [""], "resources": ["pods"]}"#,
    r#"{"verbs": ["update"], "apiGroups": ["apps"], "resources": ["statefulsets"]}"#,
    r#"{"verbs": ["create"], "apiGroups": ["batch"], "resources": ["cronjobs"]}"#,
    r#"{"verbs": ["*"], "apiGroups": [""], "resources": ["configmaps"]}"#,
];

fn role(verb: &str, namespace: &str, name: &str, rules: &str, labels: &str) -> AuditLine {
    let path = format!("{RBAC}/namespaces/{namespace}/roles");
    let uri = match verb {
        "create" => path,
        _ => format!("{path}/{name}"),
    };
    let body = format!(
        r#"{{"kind": "Role", "metadata": {{"name": "{name}", "labels": {{{labels}}}}}, "rules": [{rules}]}}"#
    );
    AuditLine::new(verb, &uri).request(&body).response(&body)
}

#[test]
fn power_within_a_namespace_is_low() -> Result<(), TestError> {
    for rules in POWERS {
        let made = role("create", "market", "till", rules, "");
        assert_eq!(
            summary(&judge(&[made])?),
            [("DangerousRole", 2.0)],
            "{rules}"
        );
        let before = role("create", "market", "till", HARMLESS, "");
        let widened = role("update", "market", "till", rules, "");
        assert_eq!(
            summary(&judge(&[before, widened])?),
            [("RoleWidened", 2.0)],
            "{rules}"
        );
    }
    for rules in [
        HARMLESS,
        r#"{"verbs": ["*"], "apiGroups": ["example.com"], "resources": ["*"]}"#,
        r#"{"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["till"]}"#,
        r#"{"verbs": ["get"], "apiGroups": [""], "resources": ["nodes/proxy"]}"#,
    ] {
        assert_eq!(
            summary(&judge(&[role("create", "market", "till", rules, "")])?),
            [],
            "{rules}"
        );
    }
    Ok(())
}

#[test]
fn power_within_a_namespace_is_told_once_and_hides_nothing() -> Result<(), TestError> {
    let made =
        |name: &str, namespace: &str, rules: &str| role("create", namespace, name, rules, "");
    let found = judge(&[
        made("a", "market", POWERS[0]),
        made("b", "market", POWERS[4]),
        made("c", "bank", POWERS[0]),
        made("d", "market", EVERYTHING),
        made("e", "market", POWERS[0]).user("bob", &[]),
    ])?;
    assert_eq!(
        summary(&found),
        [
            ("DangerousRole", 2.0),
            ("DangerousRole", 2.0),
            ("DangerousRole", 3.0),
            ("DangerousRole", 2.0)
        ]
    );
    Ok(())
}

#[test]
fn labels_of_packages_lower_and_hide_nothing() -> Result<(), TestError> {
    let labelled = |name: &str| {
        role(
            "create",
            "market",
            name,
            POWERS[0],
            r#""helm.sh/chart": "till-1""#,
        )
    };
    let plain = role("create", "market", "c", POWERS[0], "");
    assert_eq!(
        summary(&judge(&[
            labelled("a"),
            labelled("b"),
            plain,
            labelled("d")
        ])?),
        [("DangerousRole", 1.0), ("DangerousRole", 2.0)]
    );
    Ok(())
}

#[test]
fn installers_platform_and_repetitions_are_quiet() -> Result<(), TestError> {
    let plain = || role("create", "market", "till", POWERS[0], "");
    let robot = |line: AuditLine| line.user(ROBOT, &[]);
    let namespace = AuditLine::new("create", "/api/v1/namespaces")
        .request(r#"{"kind": "Namespace", "metadata": {"name": "market"}}"#);
    for (lines, reason) in [
        (
            vec![namespace, plain().at(Duration::from_secs(60))],
            "installer",
        ),
        (
            vec![plain().user("system:serviceaccount:kube-system:addon", &[])],
            "platform",
        ),
        (
            vec![robot(role("update", "market", "till", POWERS[0], ""))],
            "sent again, unknown before",
        ),
    ] {
        let found = judge(&lines)?;
        let found: Vec<_> = summary(&found)
            .into_iter()
            .filter(|(name, _)| *name != "RBACWriteByServiceAccount")
            .collect();
        assert_eq!(found, [], "{reason}");
    }
    let again = role("update", "market", "till", POWERS[0], "").at(Duration::from_secs(9));
    assert_eq!(judge(&[plain(), again])?.len(), 1);
    Ok(())
}

#[test]
fn objects_without_bodies_are_low_where_the_cluster_runs() -> Result<(), TestError> {
    let path = |resource: &str, namespace: &str| match namespace {
        "" => format!("{RBAC}/{resource}"),
        _ => format!("{RBAC}/namespaces/{namespace}/{resource}"),
    };
    for (resource, namespace, expected) in [
        ("clusterroles", "", Some("DangerousRole")),
        ("clusterrolebindings", "", Some("AdminRoleBinding")),
        ("roles", "kube-system", Some("DangerousRole")),
        ("rolebindings", "kube-system", Some("AdminRoleBinding")),
        ("roles", "openshift-etcd", Some("DangerousRole")),
        ("rolebindings", "default", Some("AdminRoleBinding")),
        ("roles", "default", Some("DangerousRole")),
        ("roles", "market", None),
        ("rolebindings", "market", None),
    ] {
        let expected: Vec<_> = expected.into_iter().map(|name| (name, 2.0)).collect();
        let line = AuditLine::new("create", &path(resource, namespace)).level("Metadata");
        assert_eq!(
            summary(&judge(std::slice::from_ref(&line))?),
            expected,
            "{resource} in {namespace}"
        );
        for user in [
            "system:serviceaccount:kube-system:clusterrole-aggregation-controller",
            "system:serviceaccount:kube-system:addon",
            "system:node:n1",
        ] {
            let by = line.clone().user(user, &[]);
            assert_eq!(summary(&judge(&[by])?), [], "{user}");
        }
        for verb in ["update", "patch"] {
            let uri = format!("{}/till", path(resource, namespace));
            let found = judge(&[AuditLine::new(verb, &uri).level("Metadata")])?;
            assert_eq!(found.len(), expected.len(), "{verb} {resource}");
        }
    }
    // Once for each object.
    let line = AuditLine::new("update", &format!("{RBAC}/clusterroles/till")).level("Metadata");
    let again = line.clone().at(Duration::from_secs(9));
    assert_eq!(judge(&[line, again])?.len(), 1);
    Ok(())
}

#[test]
fn names_do_not_excuse_escalation() -> Result<(), TestError> {
    let named = |verb: &str, name: &str| {
        format!(
            r#"{{"verbs": ["{verb}"], "apiGroups": ["rbac.authorization.k8s.io"], "resources": ["clusterroles"], "resourceNames": ["{name}"]}}"#
        )
    };
    for (rules, severity) in [
        (named("bind", "cluster-admin"), Some(5.5)),
        (named("escalate", "till"), Some(5.5)),
        (named("bind", "till-viewer"), None),
    ] {
        let found = judge(&[super::role("create", "till", &rules)])?;
        assert_eq!(found.first().map(|one| one.severity), severity, "{rules}");
    }
    Ok(())
}

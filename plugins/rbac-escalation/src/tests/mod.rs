mod bindings;
mod excuses;
mod hidden;
mod namespaces;
mod requests;
mod roles;

use wardline_sdk::testing::{AuditLine, RaisedFinding, TestError, judge_lines};

use crate::RbacEscalation;

const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1";

const ADMIN: &str = r#""roleRef": {"kind": "ClusterRole", "name": "cluster-admin"}"#;

fn judge(lines: &[AuditLine]) -> Result<Vec<RaisedFinding>, TestError> {
    judge_lines::<RbacEscalation>(lines)
}

fn binding(path: &str, role: &str, subjects: &str) -> AuditLine {
    AuditLine::new("create", &format!("{RBAC}/{path}")).request(&format!(
        r#"{{"kind": "ClusterRoleBinding", "metadata": {{"name": "b"}}, {role}, "subjects": [{subjects}]}}"#
    ))
}

fn account(namespace: &str, name: &str) -> String {
    format!(r#"{{"kind": "ServiceAccount", "namespace": "{namespace}", "name": "{name}"}}"#)
}

fn person(name: &str) -> String {
    format!(r#"{{"kind": "User", "name": "{name}"}}"#)
}

fn role(verb: &str, name: &str, rules: &str) -> AuditLine {
    let uri = match verb {
        "create" => format!("{RBAC}/clusterroles"),
        _ => format!("{RBAC}/clusterroles/{name}"),
    };
    let body = format!(
        r#"{{"kind": "ClusterRole", "metadata": {{"name": "{name}"}}, "rules": [{rules}]}}"#
    );
    AuditLine::new(verb, &uri).request(&body).response(&body)
}

const EVERYTHING: &str = r#"{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}"#;

const HARMLESS: &str = r#"{"verbs": ["get"], "apiGroups": [""], "resources": ["configmaps"]}"#;

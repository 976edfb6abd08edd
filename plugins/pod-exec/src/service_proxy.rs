//! HTTP requests that the API server forwards to pods and services.
//!
//! They come from the API server's address and bypass network policies. Dashboards are often used
//! this way; control-plane components and data stores seldom are.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::namespace::is_sensitive;
use wardline_sdk::rules::severity::{LOW, MEDIUM};

use crate::pods::{is_control_plane, is_database, workload};
use crate::settings::Tuning;

/// Parts of the names of services that change the cluster with their own permissions on behalf of
/// their users: dashboards, workflow engines, deployers.
const ADMINISTRATION: [&str; 12] = [
    "argo-server",
    "argo-workflows",
    "argocd-server",
    "headlamp",
    "jenkins",
    "kubernetes-dashboard",
    "ml-pipeline",
    "portainer",
    "rancher",
    "tekton-dashboard",
    "tiller-deploy",
    "weave-scope",
];

const PROXY: &str = "LateralMovement:Kubernetes/ServiceProxy";

const CRITICAL_TARGET: SeverityRule = SeverityRule::new(
    MEDIUM,
    "the target is a control-plane component, or stores data and the request writes",
);
const ADMIN_ACTION: SeverityRule = SeverityRule::new(
    MEDIUM,
    "the target administers the cluster (a dashboard, a workflow engine, a deployer) and the request \
     writes or reads secrets, logins excepted",
);

pub fn judge(
    event: AuditEvent<'_>,
    tuning: &Tuning,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let namespace = event.namespace();
    let name = bare(event.name());
    let is_pod = event.resource_is("pods", "proxy");
    let target = if is_pod { workload(name) } else { name };
    let controls = is_pod && is_control_plane(namespace, name);
    let keeps_data = is_database(name);
    let administers = is_administration(target);
    if tuning.trusts(event, namespace)
        || !(controls || keeps_data || administers || is_sensitive(namespace))
    {
        return Ok(());
    }
    let writes = !matches!(event.verb(), "get" | "list" | "watch" | "head" | "options");
    let is_admin_action =
        administers && (writes || reads_secrets(event.path())) && !is_login(event.path());
    let severity = if controls || (keeps_data && writes) {
        CRITICAL_TARGET.severity
    } else if is_admin_action {
        ADMIN_ACTION.severity
    } else {
        LOW
    };
    let member = format!("{writes}/{is_admin_action}/{namespace}/{target}");
    if !tuning.is_news(event, PROXY, &member, severity)? {
        return Ok(());
    }
    let username = event.user().username();
    findings.raise(
        Finding::new(PROXY)
            .on(event)
            .field(&event, AuditField::RequestUri)
            .field(&event, AuditField::Verb)
            .field(&event, AuditField::Code)
            .severity(severity)
            .dedup_key(format!("{username}/{namespace}/{target}/{severity}"))
            .title(format!(
                "The API server's proxy to {namespace}/{name} was used by {username}"
            )),
    );
    Ok(())
}

/// Whether a pod or service of this name administers the cluster for its users.
fn is_administration(name: &str) -> bool {
    ADMINISTRATION.iter().any(|word| name.contains(word))
}

/// Whether the path behind the proxy reads secrets: `/api/v1/secret/NAMESPACE` in Kubernetes
/// Dashboard.
fn reads_secrets(path: &str) -> bool {
    behind_proxy(path)
        .split('/')
        .any(|part| matches!(part, "secret" | "secrets"))
}

/// Whether the request is a login, which is a POST that changes nothing: `/api/v1/login` in
/// Kubernetes Dashboard, `/api/v1/session` in Argo CD.
fn is_login(path: &str) -> bool {
    let last = behind_proxy(path).rsplit('/').next();
    matches!(last, Some("login" | "session" | "refresh"))
}

/// Returns the part of the path that the target receives.
fn behind_proxy(path: &str) -> &str {
    path.split_once("/proxy/").map_or("", |(_, behind)| behind)
}

/// Returns the name in `[https:]NAME[:PORT]`.
fn bare(name: &str) -> &str {
    let mut parts = name.split(':');
    match (parts.next(), parts.next()) {
        (Some("http" | "https" | ""), Some(name)) => name,
        (Some(name), _) => name,
        (None, _) => name,
    }
}

pub fn finding_type() -> FindingType {
    FindingType::new(PROXY, LOW)
        .title("A critical service was accessed through the API server's proxy")
        .description(
            "The API server forwarded an HTTP request to a pod or service that runs or \
             administers the cluster, or stores data. To the target, the request comes from the \
             control plane, and network policies do not see its sender.",
        )
        .technique("T1090")
        .technique("T1210")
        .remediation(
            "If the user should not have this access, remove `pods/proxy` and `services/proxy` \
             from the user's roles. If it was not intended, revoke the user's credentials and \
             examine the log of the target.",
        )
        .false_positives(
            "Dashboards, and desktop clients that query Prometheus in kube-system. They are \
             reported once per user and target within `remember` (service accounts: \
             `remember-robots`).",
        )
        .severity_rules([CRITICAL_TARGET, ADMIN_ACTION])
        .tuning("Add users to `trusted-users` or namespaces to `trusted-namespaces`.")
        .aggregated_by("actor, namespace, target, and severity")
        .reference(
            "https://kubernetes.io/docs/tasks/access-application-cluster/access-cluster-services/",
        )
        .reference("https://attack.mitre.org/techniques/T1090/")
}

#[cfg(test)]
mod tests {
    use super::{bare, is_login, reads_secrets};

    #[test]
    fn secrets_and_logins_are_recognized_by_path() {
        let path = |behind: &str| format!("/api/v1/namespaces/n/services/s/proxy/{behind}");
        assert!(reads_secrets(&path("api/v1/secret/vault")));
        assert!(!reads_secrets(&path("api/v1/pod/vault")));
        assert!(!reads_secrets(
            "/api/v1/namespaces/secrets/services/s/proxy"
        ));
        assert!(is_login(&path("api/v1/login")));
        assert!(!is_login(&path("api/v1/workflows/argo")));
    }

    #[test]
    fn scheme_and_port_are_removed_from_names() {
        for (name, expected) in [
            ("web", "web"),
            ("web:80", "web"),
            ("https:web:443", "web"),
            ("https:web:", "web"),
            (":web:", "web"),
            ("", ""),
        ] {
            assert_eq!(bare(name), expected, "{name}");
        }
    }
}

//! HTTP requests that the API server passes on to pods and services.
//!
//! They come from the API server's address and pass by network policies. Dashboards are used
//! this way; what runs the cluster or keeps its secrets seldom is.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::namespace::is_sensitive;

use crate::pods::{is_control_plane, is_database, workload};
use crate::settings::Tuning;

/// Words of the names of services that do in the cluster what they are told, with rights of their
/// own: dashboards, engines of workflows, deployers.
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
    let orders = administers && (writes || reads_secrets(event.path())) && !is_login(event.path());
    let severity = if controls || (keeps_data && writes) || orders {
        5.0
    } else {
        3.0
    };
    let member = format!("{writes}/{orders}/{namespace}/{target}");
    if !tuning.is_news(event, PROXY, &member)? {
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
                "{username} reached {namespace}/{name} through the API server"
            )),
    );
    Ok(())
}

/// Whether what has this name administers the cluster for who asks it.
fn is_administration(name: &str) -> bool {
    ADMINISTRATION.iter().any(|word| name.contains(word))
}

/// Whether a path behind the proxy is that of secrets: `/api/v1/secret/NAMESPACE` in
/// Kubernetes Dashboard.
fn reads_secrets(path: &str) -> bool {
    behind_proxy(path)
        .split('/')
        .any(|part| matches!(part, "secret" | "secrets"))
}

/// Whether somebody signs in, which is a POST without being an order: `/api/v1/login` in
/// Kubernetes Dashboard, `/api/v1/session` in Argo CD.
fn is_login(path: &str) -> bool {
    let last = behind_proxy(path).rsplit('/').next();
    matches!(last, Some("login" | "session" | "refresh"))
}

fn behind_proxy(path: &str) -> &str {
    path.split_once("/proxy/").map_or("", |(_, behind)| behind)
}

/// The name in `[https:]NAME[:PORT]`.
fn bare(name: &str) -> &str {
    let mut parts = name.split(':');
    match (parts.next(), parts.next()) {
        (Some("http" | "https" | ""), Some(name)) => name,
        (Some(name), _) => name,
        (None, _) => name,
    }
}

pub fn finding_type() -> FindingType {
    FindingType::new(PROXY, 3.0)
        .title("A part of the cluster was reached through the API server")
        .description(
            "The API server passed an HTTP request on to a pod or service that runs or administers the \
             cluster or keeps its data. To its target it comes from the control plane; network policies do not see who \
             sent it.",
        )
        .technique("T1090")
        .technique("T1210")
        .remediation(
            "If the user should not reach this, take `pods/proxy` and `services/proxy` from them. If it \
             was not intended, revoke the user's credentials and look at the log of the target.",
        )
        .false_positives(
            "Dashboards, and desktop clients that ask Prometheus in kube-system: reported once a day for \
             each account and target.",
        )
        .severity_rule("5.0 if the target is a part of the control plane, or keeps data and is written to")
        .severity_rule("5.0 if it administers the cluster (a dashboard, an engine of workflows, a deployer) and is given an order or asked for secrets")
        .tuning("Add users to `trusted-users` or namespaces to `trusted-namespaces`.")
        .aggregated_by("actor, namespace, target and severity")
        .reference("https://kubernetes.io/docs/tasks/access-application-cluster/access-cluster-services/")
        .reference("https://attack.mitre.org/techniques/T1090/")
}

#[cfg(test)]
mod tests {
    use super::{bare, is_login, reads_secrets};

    #[test]
    fn paths_behind_the_proxy() {
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
    fn names_may_say_scheme_and_port() {
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

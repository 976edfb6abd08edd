//! HTTP requests that the API server passes on to pods and services.
//!
//! They come from the API server's address and pass by network policies. Dashboards are used
//! this way; what runs the cluster or keeps its secrets seldom is.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::namespace::is_sensitive;

use crate::pods::{is_control_plane, is_database, workload};
use crate::settings::Tuning;

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
    if tuning.trusts(event, namespace) || !(controls || keeps_data || is_sensitive(namespace)) {
        return Ok(());
    }
    let writes = !matches!(event.verb(), "get" | "list" | "watch" | "head" | "options");
    let severity = if controls || (keeps_data && writes) {
        5.0
    } else {
        3.0
    };
    let member = format!("{writes}/{namespace}/{target}");
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
            .dedup_key(format!("{username}/{namespace}/{target}"))
            .title(format!(
                "{username} reached {namespace}/{name} through the API server"
            )),
    );
    Ok(())
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
            "The API server passed an HTTP request on to a pod or service that runs the cluster or keeps \
             its data. To its target it comes from the control plane; network policies do not see who \
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
        .tuning("Add users to `trusted-users` or namespaces to `trusted-namespaces`.")
        .aggregated_by("actor, namespace and target")
        .attribute("covers", "A47")
        .reference("https://kubernetes.io/docs/tasks/access-application-cluster/access-cluster-services/")
        .reference("https://attack.mitre.org/techniques/T1090/")
}

#[cfg(test)]
mod tests {
    use super::bare;

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

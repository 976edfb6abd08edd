//! User agents that do not fit the user.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::{LOW, MEDIUM};
use wardline_sdk::rules::time::{DAY, KNOWN};
use wardline_sdk::rules::{Told, address, agent, namespace};
use wardline_sdk::state;

use crate::request::{self, is_authenticated};

const SPOOFED: &str = "DefenseEvasion:Kubernetes/UserAgentSpoofed";
const UNUSUAL: &str = "Discovery:Kubernetes/UnusualUserAgent";

const BY_SERVICE_ACCOUNT: SeverityRule =
    SeverityRule::new(LOW, "a service account made the request");
const NOT_PROBING: SeverityRule = SeverityRule::new(
    LOW,
    "fewer than 3 different requests were made within 10 minutes, fewer than 2 were denied, or none \
     was for secrets",
);

/// Period over which the requests of an account are counted.
const WINDOW: Duration = Duration::from_secs(600);

/// Raises a finding if the user agent does not fit the user.
///
/// # Errors
/// Returns [`DetectError`] if a call to the host's state fails.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    if !is_authenticated(event) {
        return Ok(());
    }
    spoofed(event, findings)?;
    unusual(event, findings)
}

/// Judges the user agent of a component in a request of another identity.
fn spoofed(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let user = event.user();
    let Some(component) = agent::component(event.user_agent()) else {
        return Ok(());
    };
    let is_plain = match user.service_account() {
        // Control-plane components that run as pods.
        Some((name, _)) => {
            !namespace::is_sensitive(name)
                // Control planes of virtual clusters run as pods, and list and watch all day.
                && (is_exploring(event) || address::public_source(event).is_some())
        }
        // Some managed services give all kubelets one certificate with a name of its own, which
        // kube-proxy and network plugins use too.
        None if user.is_kubelet() => !matches!(component, "kubelet" | "kube-proxy"),
        // Some installers give components a certificate of `system:masters`.
        None => user.is_person() && !user.is_master(),
    };
    let severity = if user.is_service_account() {
        BY_SERVICE_ACCOUNT.severity
    } else {
        MEDIUM
    };
    if !is_plain || !Told::by_actor(event, "spoofed").is_news(component, severity, DAY)? {
        return Ok(());
    }
    findings.raise(
        Finding::new(SPOOFED)
            .on(event)
            .field(&event, AuditField::UserAgent)
            .field(&event, AuditField::Username)
            .field(&event, AuditField::SourceIps)
            .field(&event, AuditField::RequestUri)
            .field(&event, AuditField::Code)
            .severity(severity)
            .dedup_key(format!("{}/{component}", user.username()))
            .title(format!(
                "User agent of {component} was used by {}",
                user.username()
            )),
    );
    Ok(())
}

/// Judges a command-line tool that uses the token of a workload.
fn unusual(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let user = event.user();
    // Other rules report these.
    if address::public_source(event).is_some() || event.impersonated_user().is_some() {
        return Ok(());
    }
    if !user.is_service_account() {
        return Ok(());
    }
    let Some(tool) = agent::hand_tool(event.user_agent()) else {
        return Ok(());
    };
    let seen = state::actor(event)
        .key(format!("looked/{tool}"))
        .window(WINDOW, 50)
        .observe(&format!(
            "{} {}",
            if event.denied() { "refused" } else { "allowed" },
            request::text(event)
        ))?;
    let denied = seen
        .members()
        .iter()
        .filter(|member| member.starts_with("refused "))
        .count();
    let secrets = seen
        .members()
        .iter()
        .any(|member| member.contains("list secrets") || is_refused(member, " secrets"));
    // A working script is denied nothing, and a broken one is denied one request.
    let is_probing = denied >= 2 && secrets && seen.distinct() >= 3;
    let (severity, keep) = if is_probing {
        (MEDIUM, DAY)
    } else {
        (NOT_PROBING.severity, KNOWN)
    };
    if !Told::by_actor(event, "unusual").is_news(tool, severity, keep)? {
        return Ok(());
    }
    findings.raise(
        Finding::new(UNUSUAL)
            .on(event)
            .events(seen.events().iter().copied())
            .field(&event, AuditField::UserAgent)
            .field(&event, AuditField::Username)
            .field(&event, AuditField::SourceIps)
            .evidence(event, "requests", seen.members().join(", "))
            .severity(severity)
            .dedup_key(format!("{}/{tool}/{is_probing}", user.username()))
            .title(format!("Token of {} was used with {tool}", user.username())),
    );
    Ok(())
}

fn is_refused(member: &str, text: &str) -> bool {
    member.starts_with("refused ") && member.contains(text)
}

/// Whether a request explores the cluster, or takes what the exploration is for.
fn is_exploring(event: AuditEvent<'_>) -> bool {
    let Some(object) = event.object() else {
        return event.denied();
    };
    let is_rbac = object.api_group() == "rbac.authorization.k8s.io";
    let is_running = matches!(
        object.subresource(),
        "exec" | "attach" | "ephemeralcontainers"
    );
    let is_system_secret = object.resource() == "secrets"
        && object.namespace() == "kube-system"
        && matches!(event.verb(), "create" | "update" | "patch");
    let is_listing = event.verb() == "list"
        && (is_rbac
            || matches!(
                object.resource(),
                "namespaces" | "nodes" | "secrets" | "serviceaccounts"
            ));
    let is_asking = matches!(
        object.resource(),
        "selfsubjectreviews" | "selfsubjectrulesreviews" | "selfsubjectaccessreviews"
    );
    event.denied() || is_rbac || is_running || is_listing || is_asking || is_system_secret
}

/// The finding type of this rule.
pub fn spoofed_type() -> FindingType {
    FindingType::new(SPOOFED, MEDIUM)
        .title("A component's user agent was used by another identity")
        .description(
            "A request by a person or an ordinary workload has the user agent of a kubelet, a scheduler, or \
             another component, which hides it among routine requests. The rule sees requests that were \
             denied, came from public addresses, ran commands in pods, or changed roles and bindings.",
        )
        .technique("T1036")
        .remediation("Ask the owner of the account, and search the audit log for its other requests.")
        .false_positives(
            "Control planes of virtual clusters that run as ordinary pods: Low. Components to which an \
             unusual installer gave the user name of a person.",
        )
        .severity_rules([BY_SERVICE_ACCOUNT])
        .tuning("Add the users of programs that send such a user agent to `trusted-users`.")
        .aggregated_by("actor and component")
        .reference("https://attack.mitre.org/techniques/T1036/")
}

/// The finding type of this rule.
pub fn unusual_type() -> FindingType {
    FindingType::new(UNUSUAL, MEDIUM)
        .title("A workload token was used with a command-line tool")
        .description(
            "The token of a service account was used with kubectl, curl, or a Python script to explore the \
             cluster. Workloads use client libraries and know which objects they need.",
        )
        .technique("T1613")
        .technique("T1528")
        .remediation(
            "Find the pod that the token is bound to (`user.extra`), and who can run commands there. If the \
             use was not intended, delete the pod, and find out how it was entered.",
        )
        .false_positives(
            "Build jobs and scripts in images that call kubectl or curl: Low, once in 30 days per account \
             and tool.",
        )
        .severity_rules([NOT_PROBING])
        .tuning("Add accounts whose pods use such tools to `trusted-users`.")
        .aggregated_by("actor, tool, and whether it probed")
        .reference("https://attack.mitre.org/techniques/T1613/")
}

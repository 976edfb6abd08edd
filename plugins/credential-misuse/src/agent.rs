//! User agents that give somebody away.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::{address, agent, namespace};
use wardline_sdk::state;

use crate::{DAY, KNOWN, LOW, is_known, request};

const SPOOFED: &str = "DefenseEvasion:Kubernetes/UserAgentSpoofed";
const UNUSUAL: &str = "Discovery:Kubernetes/UnusualUserAgent";

/// How long what an account looks at counts together.
const WINDOW: Duration = Duration::from_secs(600);

/// Raises a finding if a user agent does not go with who has it.
///
/// # Errors
/// If the host does not keep what is remembered.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    if !is_known(event) {
        return Ok(());
    }
    spoofed(event, findings)?;
    unusual(event, findings)
}

/// A component's name for somebody who is no component.
fn spoofed(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let user = event.user();
    let Some(component) = agent::component(event.user_agent()) else {
        return Ok(());
    };
    let is_plain = match user.service_account() {
        // Parts of the control plane that run as pods.
        Some((name, _)) => !namespace::is_sensitive(name),
        // Some installers give components a certificate of `system:masters`.
        None => user.is_person() && !user.is_master(),
    };
    if !is_plain
        || !state::actor(event)
            .key("spoofed")
            .first_seen(component, DAY)?
    {
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
            .severity(if user.is_person() { 5.0 } else { LOW })
            .dedup_key(format!("{}/{component}", user.username()))
            .title(format!("{} calls itself {component}", user.username())),
    );
    Ok(())
}

/// A tool of people with the token of a workload, that looks around.
fn unusual(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let user = event.user();
    // Other rules tell these.
    if address::public_source(event).is_some() || event.impersonated_user().is_some() {
        return Ok(());
    }
    let Some((namespace, _)) = user.service_account() else {
        return Ok(());
    };
    let Some(tool) = agent::hand_tool(event.user_agent()) else {
        return Ok(());
    };
    let seen = state::actor(event)
        .key(format!("looked/{tool}"))
        .window(WINDOW, 50)
        .observe(&format!(
            "{} {}",
            if event.denied() { "refused" } else { "allowed" },
            request(event)
        ))?;
    let refused = seen
        .members()
        .iter()
        .filter(|member| member.starts_with("refused "))
        .count();
    let secrets = seen
        .members()
        .iter()
        .any(|member| member.contains(" secrets"));
    // A script that works is refused nothing, and one that does not is refused one thing.
    let is_probing = refused >= 2 && secrets && seen.distinct() >= 3;
    let place = state::actor(event).key("unusual");
    let is_new = if is_probing {
        place.first_seen(&format!("{tool} probing"), DAY)?
    } else {
        place.first_seen(tool, KNOWN)?
    };
    if !is_new {
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
            .severity(if is_probing { 5.0 } else { LOW })
            .dedup_key(format!("{}/{tool}/{is_probing}", user.username()))
            .title(format!(
                "{tool} looks around with the token of {} in {namespace}",
                user.username()
            )),
    );
    Ok(())
}

/// The type, with all that an operator needs to know.
pub fn spoofed_type() -> FindingType {
    FindingType::new(SPOOFED, 5.0)
        .title("Somebody calls itself a component of Kubernetes")
        .description(
            "A request that a person or an ordinary workload authenticated has the user agent of a kubelet, \
             a scheduler or another component: so that it is overlooked. Looked for in requests that were \
             refused, came from public addresses, ran commands in pods or changed roles and bindings.",
        )
        .technique("T1036")
        .remediation("Ask the owner of the account, and look at everything else that it did.")
        .false_positives(
            "Control planes of virtual clusters that run as ordinary pods: Low. Components that an unusual \
             installer gave a person's kind of user name.",
        )
        .severity_rule("3.0 if a service account did it")
        .tuning("Name programs of yours that call themselves so by their user in `trusted-users`.")
        .aggregated_by("actor and component")
        .reference("https://attack.mitre.org/techniques/T1036/")
}

/// The type, with all that an operator needs to know.
pub fn unusual_type() -> FindingType {
    FindingType::new(UNUSUAL, 5.0)
        .title("A tool looks around with the token of a workload")
        .description(
            "kubectl, curl or a Python script used the token of a service account to ask what there is and \
             what it may do. Programs use client libraries and know what they need.",
        )
        .technique("T1613")
        .technique("T1528")
        .remediation(
            "See which pod the token is bound to (`user.extra`), and who can run commands there. If it was \
             not meant, delete the pod, and look for how somebody got in.",
        )
        .false_positives(
            "Build robots and scripts in images that call kubectl or curl: Low, once for each account and \
             tool in 30 days.",
        )
        .severity_rule("3.0 unless at least 2 of 3 different requests within 10 minutes were refused, with secrets among them")
        .tuning("Name accounts whose pods use such tools in `trusted-users`.")
        .aggregated_by("actor, tool, and whether it was refused much")
        .reference("https://attack.mitre.org/techniques/T1613/")
}

//! Service accounts that are made where the cluster's own are, and what follows.
//!
//! One among forty in `kube-system` is not noticed. Add-ons make theirs there as well, with
//! roles of their own; what they do not do is to bind `cluster-admin` and take a token.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::{namespace, outcome};
use wardline_sdk::state;

use crate::{KNOWN, LOW, privilege};

const FOUND: &str = "Persistence:Kubernetes/ServiceAccountCreated";
const ACCOUNT: &str = "kubernetes.io/service-account.name";

/// Remembers a service account, and raises a finding if it is in a namespace of the cluster's
/// own.
///
/// # Errors
/// If the host does not keep what is remembered.
pub fn created(
    event: AuditEvent<'_>,
    follow_up: Duration,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let user = event.user();
    let name = format!("{}/{}", event.namespace(), event.name());
    if event.changed_something() && !event.name().is_empty() {
        made(event, &name, follow_up).observe("created")?;
    }
    if !namespace::is_sensitive(event.namespace())
        || user.is_anonymous()
        || !state::actor(event).key("accounts").first_seen("", KNOWN)?
    {
        return Ok(());
    }
    findings.raise(
        Finding::new(FOUND)
            .on(event)
            .field(&event, AuditField::Username)
            .field(&event, AuditField::Namespace)
            .field(&event, AuditField::Name)
            .field(&event, AuditField::Code)
            .severity(LOW)
            .dedup_key(format!("{}/{}", user.username(), event.namespace()))
            .title(format!(
                "{} {} service account {name}",
                user.username(),
                outcome::did(event, "made", "make")
            )),
    );
    Ok(())
}

/// Raises a finding if who has just made a service account makes an administrator of it, and
/// takes a token of it.
///
/// # Errors
/// If the host does not keep what is remembered.
pub fn followed(
    event: AuditEvent<'_>,
    follow_up: Duration,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    if !event.changed_something() || !event.user().is_person() {
        return Ok(());
    }
    for (account, step) in steps(event) {
        let window = made(event, &account, follow_up);
        let seen = window.observe(step)?;
        let has = |step| seen.members().iter().any(|member| member == step);
        if !has("created") {
            // Not made lately, or by somebody else.
            window.clear()?;
            continue;
        }
        let is_system = account
            .split_once('/')
            .is_some_and(|(name, _)| namespace::is_sensitive(name));
        let severity = match (has("administrator"), has("token")) {
            (true, true) => 6.0,
            (true, false) | (false, true) if is_system => 5.0,
            _ => continue,
        };
        findings.raise(
            Finding::new(FOUND)
                .on(event)
                .events(seen.events().iter().copied())
                .field(&event, AuditField::Username)
                .field(&event, AuditField::Verb)
                .field(&event, AuditField::RequestUri)
                .evidence(event, "steps", seen.members().join(", "))
                .severity(severity)
                .dedup_key(format!("{}/{account}", event.user().username()))
                .title(format!(
                    "{} made service account {account}, then: {}",
                    event.user().username(),
                    seen.members().get(1..).unwrap_or_default().join(", ")
                )),
        );
    }
    Ok(())
}

fn made(event: AuditEvent<'_>, account: &str, length: Duration) -> state::SlidingWindow {
    state::actor(event)
        .key(format!("made/{account}"))
        .window(length, 8)
}

/// The service accounts, as `NAMESPACE/NAME`, that a request gives all rights to or takes a
/// token of.
fn steps(event: AuditEvent<'_>) -> Vec<(String, &'static str)> {
    if event.resource_is("serviceaccounts", "token") {
        return vec![(format!("{}/{}", event.namespace(), event.name()), "token")];
    }
    let object = event.object_facts();
    match event.facts() {
        Facts::Secret(secret) if secret.secret_type() == "kubernetes.io/service-account-token" => {
            let account = object.and_then(|object| object.annotations().get(ACCOUNT));
            account
                .map(|name| (format!("{}/{name}", event.namespace()), "token"))
                .into_iter()
                .collect()
        }
        Facts::Binding(binding) if privilege::is_admin_role(binding.role_name()) => binding
            .subjects()
            .filter(|subject| subject.kind() == "ServiceAccount")
            .map(|subject| {
                let account = format!("{}/{}", subject.namespace(), subject.name());
                (account, "administrator")
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// The type, with all that an operator needs to know.
pub fn finding_type() -> FindingType {
    FindingType::new(FOUND, 5.0)
        .title("A service account was made where the cluster's own are")
        .description(
            "A service account was created in a namespace that runs the cluster, or was made an \
             administrator and had its token taken minutes after it was created.",
        )
        .technique("T1136")
        .technique("T1098.006")
        .remediation(
            "Ask what it is for. If nobody knows, delete its bindings and the account: its tokens end with \
             it. Then look for what was done with them.",
        )
        .false_positives(
            "Add-ons, installed by hand or by a robot: Low, once in 30 days for each account that does so. \
             `argocd cluster add` and its like do all three steps; they hand the cluster to another.",
        )
        .severity_rule("3.0 for the account alone")
        .severity_rule("5.0 if in such a namespace it is also bound to an administrator's role, or its token is taken")
        .severity_rule("6.0 for all three")
        .tuning("Name robots in `trusted-users`, or shorten `follow-up`.")
        .aggregated_by("actor and service account")
        .reference("https://attack.mitre.org/techniques/T1136/")
}

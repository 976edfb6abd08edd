//! Service accounts that are created in system namespaces, or made administrators at once.
//!
//! One account among forty in `kube-system` goes unnoticed. Add-ons create theirs there as well,
//! with roles of their own, but do not bind `cluster-admin` and request a token.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::{LOW, MEDIUM};
use wardline_sdk::rules::time::KNOWN;
use wardline_sdk::rules::{Told, agent, namespace, outcome};
use wardline_sdk::state;

use crate::privilege;

const FINDING_TYPE: &str = "Persistence:Kubernetes/ServiceAccountCreated";

const ALL_STEPS: SeverityRule = SeverityRule::new(
    6.0,
    "a person, or a service account with kubectl, curl, or a similar tool, created it, bound it to an \
     administrator role, and requested its token within \
     `follow-up`",
);
const ONE_STEP: SeverityRule = SeverityRule::new(
    MEDIUM,
    "only one of the last two steps was taken, and it is in a system namespace",
);
const ONLY_CREATED: SeverityRule =
    SeverityRule::new(LOW, "it was only created, in a system namespace");

/// The annotation of a secret that names the service account of its token.
const ACCOUNT: &str = "kubernetes.io/service-account.name";

/// Remembers a new service account, and raises a finding if its namespace is a sensitive one.
///
/// # Errors
/// Returns [`DetectError`] if a call to the host's state fails.
pub fn created(
    event: AuditEvent<'_>,
    follow_up: Duration,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let user = event.user();
    let name = format!("{}/{}", event.namespace(), event.name());
    if event.changed_something() && !event.name().is_empty() {
        steps_window(event, &name, follow_up).observe("created")?;
    }
    if !namespace::is_sensitive(event.namespace())
        || user.is_anonymous()
        || !Told::by_actor(event, "accounts").is_news(event.namespace(), ONLY_CREATED, KNOWN)?
    {
        return Ok(());
    }
    findings.raise(
        Finding::new(FINDING_TYPE)
            .on(event)
            .field(&event, AuditField::Username)
            .field(&event, AuditField::Namespace)
            .field(&event, AuditField::Name)
            .field(&event, AuditField::Code)
            .severity(ONLY_CREATED)
            .dedup_key(format!("{}/{}", user.username(), event.namespace()))
            .title(format!(
                "Creation of service account {name} by {}{}",
                user.username(),
                outcome::suffix(event)
            )),
    );
    Ok(())
}

/// Raises a finding if the person who created a service account makes it an administrator, or
/// requests its token, within `follow_up`.
///
/// # Errors
/// Returns [`DetectError`] if a call to the host's state fails.
pub fn followed(
    event: AuditEvent<'_>,
    follow_up: Duration,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    // Robots take these steps for the software that they install, with their own programs.
    let by_hand = event.user().is_person() || agent::hand_tool(event.user_agent()).is_some();
    if !event.changed_something() || !by_hand {
        return Ok(());
    }
    for (account, step) in steps(event) {
        let window = steps_window(event, &account, follow_up);
        let seen = window.observe(step)?;
        let has = |step| seen.members().iter().any(|member| member == step);
        if !has("created") {
            // Created earlier, or by another identity.
            window.clear()?;
            continue;
        }
        let is_system = account
            .split_once('/')
            .is_some_and(|(name, _)| namespace::is_sensitive(name));
        let (severity, follow_ups) = match (has("administrator"), has("token")) {
            (true, true) => (ALL_STEPS, "bound to an admin role and issued a token"),
            (true, false) if is_system => (ONE_STEP, "bound to an admin role"),
            (false, true) if is_system => (ONE_STEP, "issued a token"),
            _ => continue,
        };
        findings.raise(
            Finding::new(FINDING_TYPE)
                .on(event)
                .events(seen.events().iter().copied())
                .field(&event, AuditField::Username)
                .field(&event, AuditField::Verb)
                .field(&event, AuditField::RequestUri)
                .evidence(event, "steps", seen.members().join(", "))
                .severity(severity)
                .dedup_key(format!("{}/{account}", event.user().username()))
                .title(format!(
                    "Service account {account} was created by {}, then {follow_ups}",
                    event.user().username()
                )),
        );
    }
    Ok(())
}

fn steps_window(event: AuditEvent<'_>, account: &str, length: Duration) -> state::SlidingWindow {
    state::actor(event)
        .key(format!("made/{account}"))
        .window(length, 8)
}

/// Returns the service accounts, as `NAMESPACE/NAME`, that a request makes administrators or
/// requests a token for, each with that step.
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

/// The finding type of this rule.
pub fn finding_type() -> FindingType {
    FindingType::new(FINDING_TYPE, MEDIUM)
        .title("A service account was created in a system namespace or made admin")
        .description(
            "A service account was created in a namespace of the cluster's own components, or was created, \
             bound to an administrator role, and issued a token within minutes. Attackers hide their \
             access in such accounts.",
        )
        .technique("T1136")
        .technique("T1098.006")
        .remediation(
            "Ask the author for the purpose. If there is none, delete the bindings and the account, which \
             also invalidates its tokens. Search the audit log for requests of the account.",
        )
        .false_positives(
            "Add-ons that are installed by hand or by automation: Low, once in 30 days per actor. Tools \
             such as `argocd cluster add` take all three steps; they give another system control of the \
             cluster.",
        )
        .severity_rules([ALL_STEPS, ONE_STEP, ONLY_CREATED])
        .tuning("Add automation accounts to `trusted-users`, or shorten `follow-up`.")
        .aggregated_by("actor and service account")
        .reference("https://attack.mitre.org/techniques/T1136/")
}

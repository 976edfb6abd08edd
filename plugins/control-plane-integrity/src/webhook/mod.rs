//! Admission webhooks, whose servers see, change, or reject writes to the cluster (ATT&CK T1546,
//! T1557).

mod hook;
mod types;
mod weakened;

use std::collections::BTreeSet;

use hook::{Hook, Reach, endpoint, line, parse, reach};
pub use types::{CREATED, MODIFIED, MUTATING_POLICY, types};
use types::{INSTALLED, MUTATES, OTHER, OUTSIDE, OWN, PACKAGED_OUTSIDE, VALIDATES};
use wardline_sdk::prelude::*;
use wardline_sdk::rules::{Installs, ObjectChange, Requester};
use wardline_sdk::view::{ObjectFacts, Webhook};
use weakened::{compared, named, redirected};

use crate::endpoint::is_outside;
use crate::memory::Memory;
use crate::report::{UNSEEN, Weakness, report, title, weaknesses};

/// Judges a request that created or changed a webhook configuration.
pub fn judge(
    change: &ObjectChange<'_>,
    memory: Memory,
    installs: Installs,
) -> Result<Option<Finding>, DetectError> {
    let event = change.event;
    let before = memory.before(event)?.map(|text| parse(&text));
    let change = &change.with_known_previous(before.is_some());
    learn(event, memory)?;
    if change.requester == Requester::ControlPlane {
        return Ok(None);
    }
    let has_hooks = |object: ObjectFacts<'_>| webhooks(object).next().is_some();
    let Some((object, path)) = change.object(has_hooks, "webhooks") else {
        return Ok(unseen(change));
    };
    let hooks: Vec<Webhook<'_>> = webhooks(object).collect();
    if change.is_new {
        let is_installed = is_installed(event, &hooks, installs)?;
        return Ok(created(change, &hooks, path, is_installed));
    }
    let found = match (before, event.resulting()) {
        (Some(before), Some(resulting)) if has_hooks(resulting) => {
            let hooks: Vec<Webhook<'_>> = webhooks(resulting).collect();
            compared(&before, &hooks, "responseObject", false)
        }
        (Some(before), _) => compared(&before, &hooks, path, object.partial()),
        (None, _) if !change.is_whole => named(change, &hooks, path),
        // A whole object whose previous state is unknown.
        (None, _) => hooks
            .iter()
            .enumerate()
            .filter(|(_, hook)| is_outside(hook.url()))
            .map(|(index, hook)| redirected(index, *hook, path))
            .collect(),
    };
    // Kubernetes operators manage their own webhooks.
    if is_own(event, &hooks) {
        return Ok(None);
    }
    let rate = |severity| change.severity(severity);
    Ok(weaknesses(change, MODIFIED, &name_of(event), found, rate))
}

/// Whether all webhooks of a stored configuration call services of one namespace.
pub fn calls_only(stored: &str, namespace: &str) -> bool {
    let hooks = parse(stored);
    let prefix = format!("the service {namespace}/");
    !hooks.is_empty() && hooks.iter().all(|hook| hook.endpoint.starts_with(&prefix))
}

/// Stores the webhooks as they are after a request.
pub fn learn(event: AuditEvent<'_>, memory: Memory) -> Result<(), DetectError> {
    let whole = event
        .resulting()
        .or_else(|| event.requested().filter(|object| !object.partial()));
    let Some(object) = whole else { return Ok(()) };
    let lines: Vec<String> = webhooks(object)
        .map(|hook| line(&Hook::new(hook)))
        .collect();
    if lines.is_empty() {
        return Ok(());
    }
    memory.set(event, &lines.join("\n"))
}

fn webhooks(object: ObjectFacts<'_>) -> impl Iterator<Item = Webhook<'_>> {
    match object.facts() {
        Facts::Webhooks(hooks) => Some(hooks),
        _ => None,
    }
    .into_iter()
    .flatten()
}

fn name_of(event: AuditEvent<'_>) -> String {
    let kind = match event.resource().as_str() {
        "mutatingwebhookconfigurations" => "MutatingWebhookConfiguration",
        _ => "ValidatingWebhookConfiguration",
    };
    format!("{kind} {}", event.name())
}

fn created(
    change: &ObjectChange<'_>,
    hooks: &[Webhook<'_>],
    path: &str,
    is_installed: bool,
) -> Option<Finding> {
    let is_mutating = change.event.resource() == "mutatingwebhookconfigurations";
    let found: Vec<Weakness> = hooks
        .iter()
        .enumerate()
        .map(|(index, hook)| {
            if is_outside(hook.url()) {
                return Weakness::new(
                    format!("{path}.webhooks[{index}].clientConfig.url"),
                    hook.url(),
                    format!("it calls {}", hook.url()),
                    OUTSIDE,
                );
            }
            let endpoint = endpoint(*hook);
            let severity = match (is_mutating, reach(*hook)) {
                (true, Reach::Workloads | Reach::Secrets) => MUTATES,
                (false, Reach::Secrets) => VALIDATES,
                _ => OTHER,
            };
            Weakness::new(
                format!("{path}.webhooks[{index}].clientConfig"),
                &endpoint,
                format!("it calls {endpoint}"),
                severity,
            )
        })
        .collect();
    let is_outside = hooks.iter().any(|hook| is_outside(hook.url()));
    let rate = |severity: f64| match (is_outside, change.is_routine()) {
        // Packages that are installed in the cluster do not answer from outside.
        (true, true) => PACKAGED_OUTSIDE.apply(severity),
        (true, false) => severity,
        (false, _) if is_own(change.event, hooks) => OWN.apply(severity),
        (false, _) if is_installed => INSTALLED.apply(severity),
        (false, _) => change.severity(severity),
    };
    weaknesses(change, CREATED, &name_of(change.event), found, rate)
}

/// Judges a change whose content the audit log does not have.
fn unseen(change: &ObjectChange<'_>) -> Option<Finding> {
    let event = change.event;
    if !change.is_unseen() || !change.requester.is_foreign() {
        return None;
    }
    let finding_type = if change.is_new { CREATED } else { MODIFIED };
    let title = format!("{} (content not logged)", title(change, &name_of(event)));
    Some(report(change, finding_type, UNSEEN, title))
}

/// The most namespaces whose services the webhooks of an installation call.
const MAX_NAMESPACES: usize = 16;

/// Whether all webhooks call services of namespaces that their author created for an
/// installation.
fn is_installed(
    event: AuditEvent<'_>,
    hooks: &[Webhook<'_>],
    installs: Installs,
) -> Result<bool, DetectError> {
    if hooks.iter().any(|hook| !hook.url().is_empty()) {
        return Ok(false);
    }
    let namespaces: BTreeSet<&str> = hooks.iter().map(|hook| hook.service_namespace()).collect();
    // A package is installed in a few namespaces, and each takes calls of the host.
    if namespaces.len() > MAX_NAMESPACES {
        return Ok(false);
    }
    for namespace in namespaces {
        if !installs.is_own(event, namespace)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether a service account wrote webhooks that call services of its own namespace.
fn is_own(event: AuditEvent<'_>, hooks: &[Webhook<'_>]) -> bool {
    let Some((home, _)) = event.user().service_account() else {
        return false;
    };
    // With the copied token of an operator, nothing is the operator's own.
    if !Requester::is_program(event) {
        return false;
    }
    let whole: Vec<Webhook<'_>> = event.resulting().into_iter().flat_map(webhooks).collect();
    let hooks = if whole.is_empty() { hooks } else { &whole };
    event.impersonated_user().is_none()
        && hooks
            .iter()
            .all(|hook| hook.url().is_empty() && hook.service_namespace() == home)
}

//! Admission webhooks: whoever answers them sees, changes or refuses what is written to the
//! cluster (ATT&CK T1546, T1557).

mod hook;
mod types;
mod weakened;

use hook::{Hook, Reach, endpoint, line, parse, reach};
pub use types::types;
use wardline_sdk::prelude::*;
use wardline_sdk::rules::{Installs, ObjectChange, Requester};
use wardline_sdk::view::{ObjectFacts, Webhook};
use weakened::{compared, named, redirected};

use crate::endpoint::is_outside;
use crate::memory::Memory;
use crate::report::{LOW, Weakness, report, weaknesses};

pub const CREATED: &str = "Persistence:Kubernetes/AdmissionWebhookCreated";
pub const MODIFIED: &str = "Persistence:Kubernetes/AdmissionWebhookModified";

/// The finding of a request that made or changed a webhook configuration, if any.
pub fn judge(
    change: &ObjectChange<'_>,
    memory: Memory,
    installs: Installs,
) -> Result<Option<Finding>, DetectError> {
    let event = change.event;
    let before = memory.before(event)?.map(|text| parse(&text));
    let change = &change.compared(before.is_some());
    learn(event, memory)?;
    if change.requester == Requester::ControlPlane {
        return Ok(None);
    }
    let has_hooks = |object: ObjectFacts<'_>| webhooks(object).next().is_some();
    let Some((object, place)) = change.object(has_hooks, "webhooks") else {
        return Ok(unseen(change));
    };
    let hooks: Vec<Webhook<'_>> = webhooks(object).collect();
    if change.is_new {
        let is_installed = is_installed(event, &hooks, installs)?;
        return Ok(created(change, &hooks, place, is_installed));
    }
    let found = match (before, event.resulting()) {
        (Some(before), Some(resulting)) if has_hooks(resulting) => {
            let hooks: Vec<Webhook<'_>> = webhooks(resulting).collect();
            compared(&before, &hooks, "responseObject", false)
        }
        (Some(before), _) => compared(&before, &hooks, place, object.partial()),
        (None, _) if !change.is_whole => named(change, &hooks, place),
        // A whole object of which the log has not told before.
        (None, _) => hooks
            .iter()
            .enumerate()
            .filter(|(_, hook)| is_outside(hook.url()))
            .map(|(index, hook)| redirected(index, *hook, place))
            .collect(),
    };
    // Operators keep their own webhooks as they need them.
    if is_own(event, &hooks) {
        return Ok(None);
    }
    let rate = |severity| change.severity(severity);
    Ok(weaknesses(change, MODIFIED, &what(event), found, rate))
}

/// Whether all webhooks of a configuration, as it was kept, call services of one namespace.
pub fn calls_only(kept: &str, namespace: &str) -> bool {
    let hooks = parse(kept);
    let prefix = format!("the service {namespace}/");
    !hooks.is_empty() && hooks.iter().all(|hook| hook.endpoint.starts_with(&prefix))
}

/// Keeps what the webhooks are after a request.
pub fn learn(event: AuditEvent<'_>, memory: Memory) -> Result<(), DetectError> {
    let whole = event
        .resulting()
        .or_else(|| event.requested().filter(|object| !object.partial()));
    let Some(object) = whole else { return Ok(()) };
    let lines: Vec<String> = webhooks(object).map(|hook| line(&Hook::of(hook))).collect();
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

fn what(event: AuditEvent<'_>) -> String {
    format!(
        "the {} {}",
        event.resource().trim_end_matches('s'),
        event.name()
    )
}

fn created(
    change: &ObjectChange<'_>,
    hooks: &[Webhook<'_>],
    place: &str,
    is_installed: bool,
) -> Option<Finding> {
    let is_mutating = change.event.resource() == "mutatingwebhookconfigurations";
    let found: Vec<Weakness> = hooks
        .iter()
        .enumerate()
        .map(|(index, hook)| {
            if is_outside(hook.url()) {
                return Weakness::new(
                    format!("{place}.webhooks[{index}].clientConfig.url"),
                    hook.url(),
                    format!(
                        "{} calls {} outside of the cluster",
                        hook.name(),
                        hook.url()
                    ),
                    6.5,
                );
            }
            let endpoint = endpoint(*hook);
            let severity = match (is_mutating, reach(*hook)) {
                (true, Reach::Workloads | Reach::Secrets) => 4.5,
                (false, Reach::Secrets) => 4.0,
                _ => LOW,
            };
            Weakness::new(
                format!("{place}.webhooks[{index}].clientConfig"),
                &endpoint,
                format!("{} calls {endpoint}", hook.name()),
                severity,
            )
        })
        .collect();
    let is_outside = hooks.iter().any(|hook| is_outside(hook.url()));
    let rate = |severity: f64| match (is_outside, change.is_routine()) {
        // No package that is installed in a cluster answers from elsewhere.
        (true, true) => severity.min(4.5),
        (true, false) => severity,
        (false, _) if is_own(change.event, hooks) || is_installed => severity.min(LOW),
        (false, _) => change.severity(severity),
    };
    weaknesses(change, CREATED, &what(change.event), found, rate)
}

/// A change of which the log has no more than the name.
fn unseen(change: &ObjectChange<'_>) -> Option<Finding> {
    let event = change.event;
    if !change.is_unseen() || !change.requester.is_foreign() {
        return None;
    }
    let kind = if change.is_new { CREATED } else { MODIFIED };
    let title = format!(
        "{} wrote {}; the log does not have what is in it",
        event.user().username(),
        what(event)
    );
    Some(report(change, kind, LOW, title))
}

/// Whether all webhooks call services of namespaces that their author made for what they
/// install.
fn is_installed(
    event: AuditEvent<'_>,
    hooks: &[Webhook<'_>],
    installs: Installs,
) -> Result<bool, DetectError> {
    for hook in hooks {
        if !hook.url().is_empty() || !installs.is_own(event, hook.service_namespace())? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether a service account writes webhooks that call services of its own namespace.
fn is_own(event: AuditEvent<'_>, hooks: &[Webhook<'_>]) -> bool {
    let Some((home, _)) = event.user().service_account() else {
        return false;
    };
    let whole: Vec<Webhook<'_>> = event.resulting().into_iter().flat_map(webhooks).collect();
    let hooks = if whole.is_empty() { hooks } else { &whole };
    event.impersonated_user().is_none()
        && hooks
            .iter()
            .all(|hook| hook.url().is_empty() && hook.service_namespace() == home)
}

//! Admission webhooks: whoever answers them sees, changes or refuses what is written to the
//! cluster (ATT&CK T1546, T1557).

use wardline_sdk::prelude::*;
use wardline_sdk::rules::{ObjectChange, Requester};
use wardline_sdk::view::{ObjectFacts, Webhook};

use crate::endpoint::is_outside;
use crate::memory::{Memory, SEPARATOR};
use crate::report::{LOW, ROUTINE, TUNING, Weakness, report, weaknesses};

pub const CREATED: &str = "Persistence:Kubernetes/AdmissionWebhookCreated";
pub const MODIFIED: &str = "Persistence:Kubernetes/AdmissionWebhookModified";

/// What of a webhook matters from one change to the next.
#[derive(Debug, Clone, PartialEq)]
struct Hook {
    name: String,
    endpoint: String,
    policy: String,
    selectors: String,
}

/// The finding of a request that made or changed a webhook configuration, if any.
pub fn judge(change: &ObjectChange<'_>, memory: Memory) -> Result<Option<Finding>, DetectError> {
    let event = change.event;
    let before = memory.before(event)?.map(|text| parse(&text));
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
        return Ok(created(change, &hooks, place));
    }
    let found = match (before, event.resulting()) {
        (Some(before), Some(resulting)) if has_hooks(resulting) => {
            let hooks: Vec<Webhook<'_>> = webhooks(resulting).collect();
            compared(&before, &hooks, "responseObject", false)
        }
        (Some(before), _) => compared(&before, &hooks, place, object.partial()),
        (None, _) if event.verb() == "patch" => named(change, &hooks, place),
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

fn created(change: &ObjectChange<'_>, hooks: &[Webhook<'_>], place: &str) -> Option<Finding> {
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
        (false, _) if is_own(change.event, hooks) => LOW,
        (false, _) => change.severity(severity),
    };
    weaknesses(change, CREATED, &what(change.event), found, rate)
}

/// What became worse, where it is known what was.
fn compared(before: &[Hook], hooks: &[Webhook<'_>], place: &str, partial: bool) -> Vec<Weakness> {
    let mut found = Vec::new();
    for (index, hook) in hooks.iter().enumerate() {
        let now = Hook::of(*hook);
        let Some(old) = before.iter().find(|old| old.name == now.name) else {
            if is_outside(hook.url()) || !partial {
                found.push(redirected(index, *hook, place));
            }
            continue;
        };
        if !now.endpoint.is_empty() && now.endpoint != old.endpoint {
            found.push(redirected(index, *hook, place));
        }
        if now.policy == "Ignore" && old.policy != "Ignore" {
            found.push(ignoring(index, *hook, place));
        }
        let names_selectors = !partial || !now.selectors.trim_matches(SEPARATOR).is_empty();
        if names_selectors && now.selectors != old.selectors {
            found.push(narrowed(index, *hook, place));
        }
    }
    if !partial {
        for old in before {
            if !hooks.iter().any(|hook| hook.name() == old.name) {
                found.push(Weakness::new(
                    format!("{place}.webhooks"),
                    format!("without {}", old.name),
                    format!("{} is gone", old.name),
                    5.0,
                ));
            }
        }
    }
    found
}

/// What a patch names, where it is not known what was.
fn named(change: &ObjectChange<'_>, hooks: &[Webhook<'_>], place: &str) -> Vec<Weakness> {
    let mut found = Vec::new();
    // `{"op": "remove", "path": "/webhooks/0"}`; more than these few are in no configuration.
    if place == "responseObject"
        && (0..16).any(|index| change.json_patch_names(&format!("webhooks/{index}\"")))
        && change.event.requested().is_some()
    {
        found.push(Weakness::new(
            "requestObject",
            "a JSON patch of /webhooks",
            "a webhook is gone or moved",
            5.0,
        ));
    }
    for (index, hook) in hooks.iter().enumerate() {
        // Of a patch there are facts of what it puts, and the others are empty; of what a JSON
        // patch takes away or moves there is the object that it led to.
        let names = |field: &str| {
            place == "requestObject"
                || change.json_patch_names(&format!("webhooks/{index}/{field}"))
        };
        if !endpoint(*hook).is_empty() && names("clientConfig/url") | names("clientConfig/service")
        {
            found.push(redirected(index, *hook, place));
        }
        if hook.failure_policy() == "Ignore" && names("failurePolicy") {
            found.push(ignoring(index, *hook, place));
        }
        let has_selectors = !selectors(*hook).trim_matches(SEPARATOR).is_empty();
        if has_selectors
            && ["namespaceSelector", "objectSelector", "matchConditions"]
                .iter()
                .any(|field| names(field))
        {
            found.push(narrowed(index, *hook, place));
        }
    }
    found
}

fn redirected(index: usize, hook: Webhook<'_>, place: &str) -> Weakness {
    let endpoint = endpoint(hook);
    let (field, severity) = if hook.url().is_empty() {
        ("service", 5.0)
    } else if is_outside(hook.url()) {
        ("url", 6.5)
    } else {
        ("url", 5.0)
    };
    Weakness::new(
        format!("{place}.webhooks[{index}].clientConfig.{field}"),
        &endpoint,
        format!("{} now calls {endpoint}", name(hook)),
        severity,
    )
}

fn ignoring(index: usize, hook: Webhook<'_>, place: &str) -> Weakness {
    Weakness::new(
        format!("{place}.webhooks[{index}].failurePolicy"),
        hook.failure_policy(),
        format!("requests pass where {} does not answer", name(hook)),
        5.0,
    )
}

fn narrowed(index: usize, hook: Webhook<'_>, place: &str) -> Weakness {
    Weakness::new(
        format!("{place}.webhooks[{index}].namespaceSelector"),
        selectors(hook).replace(SEPARATOR, " "),
        format!("{} is asked for other objects than before", name(hook)),
        4.5,
    )
}

/// A change of which the log has no more than the name.
fn unseen(change: &ObjectChange<'_>) -> Option<Finding> {
    let event = change.event;
    if event.level() != wardline_sdk::contract::Level::Metadata || !change.requester.is_foreign() {
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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    Secrets,
    Workloads,
    Other,
}

fn reach(hook: Webhook<'_>) -> Reach {
    let holds = |names: &[&str]| {
        hook.rules().any(|rule| {
            rule.resources()
                .any(|resource| names.contains(&resource) || matches!(resource, "*" | "*/*"))
        })
    };
    if holds(&["secrets", "serviceaccounts/token"]) {
        Reach::Secrets
    } else if holds(&[
        "pods",
        "deployments",
        "daemonsets",
        "statefulsets",
        "replicasets",
        "jobs",
        "cronjobs",
    ]) {
        Reach::Workloads
    } else {
        Reach::Other
    }
}

fn endpoint(hook: Webhook<'_>) -> String {
    match (hook.url(), hook.service_name()) {
        ("", "") => String::new(),
        ("", service) => format!("the service {}/{service}", hook.service_namespace()),
        (url, _) => url.to_owned(),
    }
}

/// A JSON patch names a webhook by its place.
fn name(hook: Webhook<'_>) -> &str {
    match hook.name() {
        "" => "a webhook",
        name => name,
    }
}

fn selectors(hook: Webhook<'_>) -> String {
    // `{}` selects all, as nothing does.
    let selector = |text: &str| match text {
        "{}" | "null" => String::new(),
        text => text.to_owned(),
    };
    format!(
        "{}{SEPARATOR}{}{SEPARATOR}{}",
        selector(hook.namespace_selector()),
        selector(hook.object_selector()),
        hook.match_conditions().join(" && ")
    )
}

impl Hook {
    fn of(hook: Webhook<'_>) -> Self {
        Self {
            name: hook.name().to_owned(),
            endpoint: endpoint(hook),
            policy: hook.failure_policy().to_owned(),
            selectors: selectors(hook),
        }
    }
}

fn line(hook: &Hook) -> String {
    format!(
        "{}{SEPARATOR}{}{SEPARATOR}{}{SEPARATOR}{}",
        hook.name, hook.endpoint, hook.policy, hook.selectors
    )
    .replace('\n', " ")
}

fn parse(text: &str) -> Vec<Hook> {
    text.lines()
        .filter_map(|line| {
            let mut fields = line.splitn(4, SEPARATOR).map(str::to_owned);
            Some(Hook {
                name: fields.next()?,
                endpoint: fields.next()?,
                policy: fields.next()?,
                selectors: fields.next()?,
            })
        })
        .collect()
}

pub fn types() -> [FindingType; 2] {
    let common = |finding: FindingType| {
        finding
            .technique("T1546")
            .technique("T1557")
            .severity_rule(ROUTINE)
            .severity_rule("3.0 if the log does not have what is in it (level Metadata)")
            .remediation(
                "Find out who answers at that address, and whether the change was meant. Put the \
                 configuration back, and look at the objects that were written while it was in force: \
                 images, environment and service accounts of pods may have been changed.",
            )
            .tuning(TUNING)
            .aggregated_by("actor and webhook configuration")
            .attribute("covers", "A60")
            .reference("https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/")
            .reference("https://kubernetes.io/blog/2022/01/19/secure-your-admission-controllers-and-webhooks/")
    };
    [
        common(FindingType::new(CREATED, 4.5))
            .title("An admission webhook was made")
            .description(
                "The API server now shows what is written to it to somebody else, who may change it \
                 (a mutating webhook) or refuse it.",
            )
            .severity_rule("6.5 if it calls an address outside of the cluster; 4.5 if a package says it does")
            .severity_rule("4.5 if it may change pods, workloads or secrets; 4.0 if it only sees secrets; 3.0 otherwise")
            .severity_rule("3.0 if a service account makes it for a service of its own namespace")
            .false_positives("Policy engines, service meshes and secret injectors, installed from plain manifests."),
        common(FindingType::new(MODIFIED, 5.0))
            .title("An admission webhook was changed for the worse")
            .description(
                "A webhook that was there calls somebody else, lets requests pass when it does not \
                 answer, is asked for fewer objects, or is gone from its configuration.",
            )
            .technique("T1562.001")
            .severity_rule("6.5 if it now calls an address outside of the cluster; 5.0 for another inside")
            .severity_rule("5.0 for failurePolicy Ignore or a removed webhook; 4.5 for other selectors or conditions")
            .severity_rule("not reported where an operator changes webhooks that call its own namespace, or the certificate alone changes")
            .false_positives("Emergencies: a webhook that is down is set to Ignore so that pods start again."),
    ]
}

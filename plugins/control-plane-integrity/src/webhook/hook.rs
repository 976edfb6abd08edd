//! What of a webhook matters, and how it is kept.

use wardline_sdk::view::Webhook;

use crate::memory::SEPARATOR;

/// What of a webhook matters from one change to the next.
#[derive(Debug, Clone, PartialEq)]
pub struct Hook {
    pub name: String,
    pub endpoint: String,
    pub policy: String,
    pub selectors: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    Secrets,
    Workloads,
    Other,
}

pub fn reach(hook: Webhook<'_>) -> Reach {
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

pub fn endpoint(hook: Webhook<'_>) -> String {
    match (hook.url(), hook.service_name()) {
        ("", "") => String::new(),
        ("", service) => format!("the service {}/{service}", hook.service_namespace()),
        (url, _) => url.to_owned(),
    }
}

/// A JSON patch names a webhook by its place.
pub fn name(hook: Webhook<'_>) -> &str {
    match hook.name() {
        "" => "a webhook",
        name => name,
    }
}

pub fn selectors(hook: Webhook<'_>) -> String {
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
    /// What matters of a webhook.
    pub fn of(hook: Webhook<'_>) -> Self {
        Self {
            name: hook.name().to_owned(),
            endpoint: endpoint(hook),
            policy: hook.failure_policy().to_owned(),
            selectors: selectors(hook),
        }
    }
}

pub fn line(hook: &Hook) -> String {
    format!(
        "{}{SEPARATOR}{}{SEPARATOR}{}{SEPARATOR}{}",
        hook.name, hook.endpoint, hook.policy, hook.selectors
    )
    .replace('\n', " ")
}

pub fn parse(text: &str) -> Vec<Hook> {
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

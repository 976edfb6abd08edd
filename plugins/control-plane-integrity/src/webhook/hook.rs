//! The parts of a webhook that the rules compare, and their stored form.

use wardline_sdk::view::Webhook;

use crate::memory::SEPARATOR;

/// The parts of a webhook that are compared from one change to the next.
#[derive(Debug, Clone, PartialEq)]
pub struct Hook {
    pub name: String,
    pub endpoint: String,
    pub policy: String,
    pub selectors: String,
}

/// The most sensitive objects that a webhook receives.
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

/// Returns the name of a webhook for titles; a JSON patch gives its index only.
pub fn name(hook: Webhook<'_>) -> &str {
    match hook.name() {
        "" => "a webhook",
        name => name,
    }
}

pub fn selectors(hook: Webhook<'_>) -> String {
    // `{}` selects everything, as does a missing selector.
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
    /// Extracts the compared parts of a webhook.
    pub fn new(hook: Webhook<'_>) -> Self {
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

//! Weaknesses that a change introduced into existing webhooks.

use std::collections::{BTreeMap, BTreeSet};

use wardline_sdk::rules::{JsonPatch, ObjectChange};
use wardline_sdk::view::Webhook;

use super::hook::{Hook, endpoint, name, selectors};
use super::types::{IGNORES, NARROWED, REDIRECTED, REDIRECTED_OUTSIDE, REMOVED};
use crate::endpoint::is_outside;
use crate::memory::SEPARATOR;
use crate::report::Weakness;

/// Returns the weaknesses relative to a known previous state.
pub fn compared(
    before: &[Hook],
    hooks: &[Webhook<'_>],
    path: &str,
    partial: bool,
) -> Vec<Weakness> {
    let mut found = Vec::new();
    let known: BTreeMap<&str, &Hook> = before.iter().map(|old| (old.name.as_str(), old)).collect();
    for (index, hook) in hooks.iter().enumerate() {
        let now = Hook::new(*hook);
        let Some(old) = known.get(now.name.as_str()) else {
            if is_outside(hook.url()) || !partial {
                found.push(redirected(index, *hook, path));
            }
            continue;
        };
        if !now.endpoint.is_empty() && now.endpoint != old.endpoint {
            found.push(redirected(index, *hook, path));
        }
        if now.policy == "Ignore" && old.policy != "Ignore" {
            found.push(ignoring(index, *hook, path));
        }
        let names_selectors = !partial || !now.selectors.trim_matches(SEPARATOR).is_empty();
        if names_selectors && now.selectors != old.selectors {
            found.push(narrowed(index, *hook, path));
        }
    }
    if !partial {
        let names: BTreeSet<&str> = hooks.iter().map(|hook| hook.name()).collect();
        for old in before {
            if !names.contains(old.name.as_str()) {
                found.push(Weakness::new(
                    format!("{path}.webhooks"),
                    format!("without {}", old.name),
                    format!("{} was removed", old.name),
                    REMOVED,
                ));
            }
        }
    }
    found
}

/// Returns the weaknesses that a patch names, if the previous state is unknown.
pub fn named(change: &ObjectChange<'_>, hooks: &[Webhook<'_>], path: &str) -> Vec<Weakness> {
    let mut found = Vec::new();
    let patch = (path != "requestObject").then(|| JsonPatch::from_event(change.event));
    let removes = |patch: &JsonPatch| patch.removes_from("webhooks");
    if patch.as_ref().is_some_and(removes) && change.event.requested().is_some() {
        found.push(Weakness::new(
            "requestObject",
            "a JSON patch of /webhooks",
            "a webhook was removed or moved",
            REMOVED,
        ));
    }
    for (index, hook) in hooks.iter().enumerate() {
        // Facts of a patch hold only the fields that it sets. Removals and moves of a JSON patch
        // leave none, so the hooks are then those of the resulting object.
        let names = |field: &str| {
            let is_named = |patch: &JsonPatch| patch.names(&format!("webhooks/{index}/{field}"));
            patch.as_ref().is_none_or(is_named)
        };
        if !endpoint(*hook).is_empty()
            && (names("clientConfig/url") || names("clientConfig/service"))
        {
            found.push(redirected(index, *hook, path));
        }
        if hook.failure_policy() == "Ignore" && names("failurePolicy") {
            found.push(ignoring(index, *hook, path));
        }
        let has_selectors = !selectors(*hook).trim_matches(SEPARATOR).is_empty();
        if has_selectors
            && ["namespaceSelector", "objectSelector", "matchConditions"]
                .iter()
                .any(|field| names(field))
        {
            found.push(narrowed(index, *hook, path));
        }
    }
    found
}

pub fn redirected(index: usize, hook: Webhook<'_>, path: &str) -> Weakness {
    let endpoint = endpoint(hook);
    let (field, severity) = if hook.url().is_empty() {
        ("service", REDIRECTED)
    } else if is_outside(hook.url()) {
        ("url", REDIRECTED_OUTSIDE)
    } else {
        ("url", REDIRECTED)
    };
    Weakness::new(
        format!("{path}.webhooks[{index}].clientConfig.{field}"),
        &endpoint,
        format!("{} now calls {endpoint}", name(hook)),
        severity,
    )
}

fn ignoring(index: usize, hook: Webhook<'_>, path: &str) -> Weakness {
    Weakness::new(
        format!("{path}.webhooks[{index}].failurePolicy"),
        hook.failure_policy(),
        format!("requests pass if {} fails", name(hook)),
        IGNORES,
    )
}

fn narrowed(index: usize, hook: Webhook<'_>, path: &str) -> Weakness {
    Weakness::new(
        format!("{path}.webhooks[{index}].namespaceSelector"),
        selectors(hook).replace(SEPARATOR, " "),
        format!("selectors of {} were changed", name(hook)),
        NARROWED,
    )
}

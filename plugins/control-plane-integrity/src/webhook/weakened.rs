//! What became worse of webhooks that were there.

use wardline_sdk::rules::ObjectChange;
use wardline_sdk::view::Webhook;

use super::hook::{Hook, endpoint, name, selectors};
use crate::endpoint::is_outside;
use crate::memory::SEPARATOR;
use crate::report::Weakness;

/// What became worse, where it is known what was.
pub fn compared(
    before: &[Hook],
    hooks: &[Webhook<'_>],
    place: &str,
    partial: bool,
) -> Vec<Weakness> {
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
pub fn named(change: &ObjectChange<'_>, hooks: &[Webhook<'_>], place: &str) -> Vec<Weakness> {
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

pub fn redirected(index: usize, hook: Webhook<'_>, place: &str) -> Weakness {
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

//! Policies of Kyverno and Gatekeeper that are told to refuse less.
//!
//! The host has no facts of them: what a rule asks is read from the request itself, which is
//! rare enough.

use wardline_sdk::prelude::*;
use wardline_sdk::raw;
use wardline_sdk::rules::ObjectChange;

use crate::memory::Memory;
use crate::policy::DELETED;
use crate::report::{Weakness, weaknesses};

/// What a policy does with what it finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    /// It is refused.
    Deny,
    /// It is noted.
    Note,
}

/// Where an action stands, from the object on
/// (<https://kyverno.io/docs/policy-types/cluster-policy/policy-settings/>,
/// <https://open-policy-agent.github.io/gatekeeper/website/docs/violations/>).
const ACTIONS: [&str; 3] = [
    "/spec/validationFailureAction",
    "/spec/enforcementAction",
    "/spec/validationActions",
];

/// The finding of a change to one of their objects, if any.
pub fn judge(change: &ObjectChange<'_>, memory: Memory) -> Result<Option<Finding>, DetectError> {
    let event = change.event;
    if event
        .object()
        .is_some_and(|object| !object.subresource().is_empty())
    {
        return Ok(None);
    }
    if event.resource().starts_with("policyexceptions") {
        return Ok(exception(change));
    }
    let before = memory.before(event)?;
    let now = action(event, "responseObject").or_else(|| {
        // A patch need not hold all.
        change.is_whole.then(|| action(event, "requestObject"))?
    });
    if let Some((_, now)) = &now {
        memory.set(event, &format!("{now:?}"))?;
    }
    if change.is_new || !change.requester.is_foreign() {
        return Ok(None);
    }
    let denied = before.map(|before| before == format!("{:?}", Action::Deny));
    let asked = action(event, "requestObject");
    let found = match (asked, denied) {
        (Some((field, Action::Note)), Some(true)) => Some((field, 5.0)),
        // A patch names what it changes.
        (Some((field, Action::Note)), None) if !change.is_whole => Some((field, 5.0)),
        (None, known) if known != Some(false) && patches_note(change) => {
            Some(("requestObject".to_owned(), 5.0))
        }
        _ => None,
    };
    let Some((field, severity)) = found else {
        return Ok(None);
    };
    let weakness = Weakness::new(
        field,
        "Audit, Warn or dryrun",
        "it no longer refuses anything",
        severity,
    );
    let what = format!("{} {}", event.resource(), event.name());
    let rate = |severity| change.compared(denied.is_some()).severity(severity);
    Ok(weaknesses(change, DELETED, &what, vec![weakness], rate))
}

/// An exception from policies (<https://kyverno.io/docs/exceptions/>). Its author need not be
/// who administers the policies.
fn exception(change: &ObjectChange<'_>) -> Option<Finding> {
    let event = change.event;
    if !change.requester.is_foreign() {
        return None;
    }
    let policies = raw::json(event, "/requestObject/spec/exceptions")
        .ok()
        .flatten()
        .unwrap_or_default();
    let weakness = Weakness::new(
        "requestObject.spec.exceptions",
        policies,
        "policies no longer hold for what it names",
        4.5,
    );
    let what = match event.namespace() {
        "" => format!("the exception {}", event.name()),
        namespace => format!("the exception {namespace}/{}", event.name()),
    };
    let rate = |severity: f64| match event.user().service_account() {
        // Deployers bring exceptions with the software that needs them.
        Some(_) => severity.min(crate::report::LOW),
        None => change.severity(severity),
    };
    weaknesses(change, DELETED, &what, vec![weakness], rate)
}

/// The action in an object of the event, with where it stands.
fn action(event: AuditEvent<'_>, object: &str) -> Option<(String, Action)> {
    ACTIONS.into_iter().find_map(|pointer| {
        let text = raw::json(event, &format!("/{object}{pointer}")).ok()??;
        let field = format!("{object}{}", pointer.replace('/', "."));
        Some((field, of_text(&text)?))
    })
}

/// An action or a list of them, as JSON.
fn of_text(text: &str) -> Option<Action> {
    let lower = text.to_ascii_lowercase();
    let holds = |words: &[&str]| {
        words
            .iter()
            .any(|word| lower.contains(&format!("\"{word}\"")))
    };
    if holds(&["enforce", "deny"]) {
        Some(Action::Deny)
    } else if holds(&["audit", "warn", "dryrun"]) {
        Some(Action::Note)
    } else {
        None
    }
}

/// Whether a JSON patch sets an action to one that refuses nothing, also of a single rule
/// (`spec/rules/0/validate/failureAction`).
fn patches_note(change: &ObjectChange<'_>) -> bool {
    let names = [
        "spec/validationFailureAction",
        "spec/enforcementAction",
        "spec/rules/",
    ];
    if change.event.verb() != "patch" || change.is_unseen() {
        return false;
    }
    names.iter().any(|name| change.json_patch_names(name))
        && matches!(
            raw::json(change.event, "/requestObject"),
            Ok(Some(patch)) if patch.to_ascii_lowercase().contains("action")
                && of_text(&patch) == Some(Action::Note)
        )
}

#[cfg(test)]
mod tests {
    use super::{Action, of_text};

    #[test]
    fn actions() {
        assert_eq!(of_text(r#""Audit""#), Some(Action::Note));
        assert_eq!(of_text(r#""audit""#), Some(Action::Note));
        assert_eq!(of_text(r#""dryrun""#), Some(Action::Note));
        assert_eq!(of_text(r#"["Audit", "Deny"]"#), Some(Action::Deny));
        assert_eq!(of_text(r#""Enforce""#), Some(Action::Deny));
        assert_eq!(of_text("7"), None);
    }
}

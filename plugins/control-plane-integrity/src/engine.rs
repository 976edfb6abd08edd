//! Policies of Kyverno and Gatekeeper that stop denying violations.
//!
//! The host extracts no facts from these objects, so the rules read the request body. Such requests
//! are rare.

use wardline_sdk::prelude::*;
use wardline_sdk::raw;
use wardline_sdk::rules::{JsonPatch, ObjectChange, Requester};

use crate::memory::Memory;
use crate::policy::{DELETED, ENGINE, EXCEPTION, EXCEPTION_BY_SERVICE_ACCOUNT};
use crate::report::{Weakness, weaknesses};

/// The action that a policy takes on a violation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    /// Deny the request.
    Deny,
    /// Record the violation.
    Note,
}

/// JSON pointers to the action within the object
/// (<https://kyverno.io/docs/policy-types/cluster-policy/policy-settings/>,
/// <https://open-policy-agent.github.io/gatekeeper/website/docs/violations/>).
const ACTIONS: [&str; 3] = [
    "/spec/validationFailureAction",
    "/spec/enforcementAction",
    "/spec/validationActions",
];

/// Judges a change to a policy or to a policy exception.
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
        // A patch may hold only part of the object.
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
        (Some((field, Action::Note)), Some(true)) => Some(field),
        // A patch names only fields that it changes.
        (Some((field, Action::Note)), None) if !change.is_whole => Some(field),
        (None, known) if known != Some(false) && patches_note(change) => {
            Some("requestObject".to_owned())
        }
        _ => None,
    };
    let Some(field) = found else {
        return Ok(None);
    };
    let weakness = Weakness::new(
        field,
        "Audit, Warn or dryrun",
        "violations are no longer denied",
        ENGINE,
    );
    let object = format!("Policy {}/{}", event.resource(), event.name());
    let rate = |severity| {
        change
            .with_known_previous(denied.is_some())
            .severity(severity)
    };
    Ok(weaknesses(change, DELETED, &object, vec![weakness], rate))
}

/// Judges a policy exception (<https://kyverno.io/docs/exceptions/>). Its author is not
/// necessarily an administrator of the policies.
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
        "policies no longer apply to its resources",
        EXCEPTION,
    );
    let object = match event.namespace() {
        "" => format!("Policy exception {}", event.name()),
        namespace => format!("Policy exception {namespace}/{}", event.name()),
    };
    let rate = |severity: f64| match Requester::is_program(event) {
        // Deployment tools install exceptions with the software that needs them.
        true => EXCEPTION_BY_SERVICE_ACCOUNT.apply(severity),
        false => change.severity(severity),
    };
    weaknesses(change, DELETED, &object, vec![weakness], rate)
}

/// Returns the action in an object of the event, with the path of its field.
fn action(event: AuditEvent<'_>, object: &str) -> Option<(String, Action)> {
    ACTIONS.into_iter().find_map(|pointer| {
        let text = raw::json(event, &format!("/{object}{pointer}")).ok()??;
        let field = format!("{object}{}", pointer.replace('/', "."));
        Some((field, parse_action(&text)?))
    })
}

/// Parses an action, or a list of actions, from JSON.
fn parse_action(text: &str) -> Option<Action> {
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

/// Whether a JSON patch sets an action to one that denies nothing, for the policy or for a single
/// rule (`spec/rules/0/validate/failureAction`).
fn patches_note(change: &ObjectChange<'_>) -> bool {
    let paths = [
        "spec/validationFailureAction",
        "spec/enforcementAction",
        "spec/rules",
    ];
    if change.event.verb() != "patch" || change.is_unseen() {
        return false;
    }
    let patch = JsonPatch::from_event(change.event);
    paths.iter().any(|path| patch.names(path))
        && matches!(
            raw::json(change.event, "/requestObject"),
            Ok(Some(patch)) if patch.to_ascii_lowercase().contains("action")
                && parse_action(&patch) == Some(Action::Note)
        )
}

#[cfg(test)]
mod tests {
    use super::{Action, parse_action};

    #[test]
    fn actions_are_parsed_from_json() {
        assert_eq!(parse_action(r#""Audit""#), Some(Action::Note));
        assert_eq!(parse_action(r#""audit""#), Some(Action::Note));
        assert_eq!(parse_action(r#""dryrun""#), Some(Action::Note));
        assert_eq!(parse_action(r#"["Audit", "Deny"]"#), Some(Action::Deny));
        assert_eq!(parse_action(r#""Enforce""#), Some(Action::Deny));
        assert_eq!(parse_action("7"), None);
    }
}

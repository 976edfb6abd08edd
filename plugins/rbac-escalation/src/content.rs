//! The content of roles and bindings, as far as the audit log has shown it.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::{JsonPatch, ObjectChange};
use wardline_sdk::view::ObjectFacts;
use wardline_sdk::{raw, state, text};

/// Fields of roles and bindings that are their content.
const FIELDS: [&str; 4] = ["rules", "aggregationRule", "subjects", "roleRef"];

/// Annotation with which the API server restores a default role at its start
/// (<https://kubernetes.io/docs/reference/access-authn-authz/rbac/#auto-reconciliation>).
const AUTOUPDATE: &str = "rbac.authorization.kubernetes.io/autoupdate";

/// Prefix of the labels that add a role's rules to others.
const AGGREGATES: &str = "rbac.authorization.k8s.io/aggregate-to-";

/// The parts of the content that a request changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// The fields that it names.
    Fields(Vec<String>),
    /// Nothing of it.
    Nothing,
    /// The log does not tell.
    Unseen,
}

/// Returns what a request changed, and remembers the content for the next one.
///
/// # Errors
/// Returns [`DetectError`] if the host does not keep the state.
pub fn changed(change: &ObjectChange<'_>, keep: Duration) -> Result<Changed, DetectError> {
    let event = change.event;
    let before = known(event).get_text()?;
    let after = learn(event, keep)?;
    // A whole object may be as it was, and so may what a patch names.
    if before.is_some() && before == after {
        return Ok(Changed::Nothing);
    }
    if is_absent(event, "/requestObject") && is_absent(event, "/responseObject") {
        return Ok(Changed::Unseen);
    }
    let mut fields = named_metadata(event);
    if change.is_only_metadata() {
        return Ok(match fields.is_empty() {
            true => Changed::Nothing,
            false => Changed::Fields(fields),
        });
    }
    let patch = (event.verb() == "patch").then(|| JsonPatch::from_event(event));
    let named = FIELDS.into_iter().filter(|field| {
        !is_absent(event, &format!("/requestObject/{field}"))
            || patch.as_ref().is_some_and(|patch| patch.names(field))
    });
    fields.extend(named.map(str::to_owned));
    // A patch in a form that the rule does not follow may have changed anything.
    Ok(Changed::Fields(fields))
}

/// Remembers the content of the object after a request, and returns its digest if the log has it.
///
/// # Errors
/// Returns [`DetectError`] if the host does not keep the state.
pub fn learn(event: AuditEvent<'_>, keep: Duration) -> Result<Option<String>, DetectError> {
    let whole = match (event.resulting(), event.requested()) {
        (Some(resulting), _) => Some(("responseObject", resulting)),
        (None, Some(requested)) if !requested.partial() => Some(("requestObject", requested)),
        _ => None,
    };
    let digest = whole.and_then(|(body, object)| digest(event, body, object));
    match &digest {
        Some(digest) => known(event).set_text(digest, keep)?,
        // The content is another one now, and unknown.
        None if event.changed_something() => known(event).delete()?,
        None => {}
    }
    Ok(digest)
}

/// Forgets a deleted object.
///
/// # Errors
/// Returns [`DetectError`] if the host refuses.
pub fn forget(event: AuditEvent<'_>) -> Result<(), DetectError> {
    Ok(known(event).delete()?)
}

fn known(event: AuditEvent<'_>) -> state::Value {
    let place = format!(
        "{}:{}/{}",
        event.resource(),
        event.namespace(),
        event.name()
    );
    state::cluster(event).key(format!("content:{place}"))
}

/// Whether the log has no value at a pointer. A value that is too large is there.
fn is_absent(event: AuditEvent<'_>, pointer: &str) -> bool {
    matches!(raw::json(event, pointer), Ok(None))
}

/// Returns a digest of the content in a body, or none if it is too large to be read.
fn digest(event: AuditEvent<'_>, body: &str, object: ObjectFacts<'_>) -> Option<String> {
    let mut hasher = DefaultHasher::new();
    for field in FIELDS {
        raw::json(event, &format!("/{body}/{field}"))
            .ok()?
            .hash(&mut hasher);
    }
    object.annotations().get(AUTOUPDATE).hash(&mut hasher);
    let mut labels: Vec<(&str, &str)> = object
        .labels()
        .filter(|label| label.key().starts_with(AGGREGATES))
        .map(|label| (label.key(), label.value()))
        .collect();
    labels.sort_unstable();
    labels.hash(&mut hasher);
    // Bodies of requests leave out what the API server fills in.
    Some(format!("{body}:{:016x}", hasher.finish()))
}

/// Returns the keys of metadata that a patch names and that change what the object does. Removals
/// have no facts, so the text is searched.
fn named_metadata(event: AuditEvent<'_>) -> Vec<String> {
    if event.verb() != "patch" {
        return Vec::new();
    }
    let body = raw::json(event, "/requestObject").ok().flatten();
    // A JSON patch writes `~1` for a slash, and JSON may escape any letter.
    let text = body
        .unwrap_or_default()
        .replace("~1", "/")
        .replace("\\/", "/");
    let is_escaped = text::contains(&text, "\\u");
    [AUTOUPDATE, AGGREGATES]
        .into_iter()
        .filter(|key| is_escaped || text::contains(&text, key))
        .map(str::to_owned)
        .collect()
}

//! Objects that an actor made itself a short while ago.

use std::time::Duration;

use super::time::HOUR;
use crate::state::{self, StateError};
use crate::{AuditEvent, raw};

/// The objects that actors made within the last hours, as far as the log has shown it.
///
/// An actor that clears up its own objects destroys nothing of others: a pipeline deletes its
/// preview environments, a person the pods of a trial. Objects are remembered by resource,
/// namespace, and name, and by UID, so that an object that somebody else made under the same name
/// is not excused.
///
/// The detector must subscribe to `create` and `patch` of the resources, since server-side apply
/// creates objects with a patch.
#[derive(Debug, Clone, Copy)]
pub struct Made {
    keep: Duration,
}

impl Made {
    /// The period for which objects are remembered by default.
    pub const RECENT: Duration = Duration::from_secs(HOUR.as_secs() * 12);

    /// Remembers objects for `keep`.
    #[must_use]
    pub const fn new(keep: Duration) -> Self {
        Self { keep }
    }

    /// Remembers the object that the request made, if it made one. Returns whether it did.
    ///
    /// # Errors
    /// Returns a [`StateError`] if the host cannot store it.
    pub fn observe(self, event: AuditEvent<'_>) -> Result<bool, StateError> {
        let is_new =
            event.verb() == "create" || (event.verb() == "patch" && event.code() == Some(201));
        if !is_new || !event.changed_something() {
            return Ok(false);
        }
        let is_object = event
            .object()
            .is_some_and(|object| object.subresource().is_empty());
        if !is_object || event.name().is_empty() {
            return Ok(false);
        }
        let uid = event.resulting().map_or("", |object| object.uid());
        made(event).set_text(uid, self.keep)?;
        Ok(true)
    }

    /// Returns whether the request is for an object that its actor made within the period.
    ///
    /// # Errors
    /// Returns a [`StateError`] if the host cannot read the state.
    pub fn is_own(self, event: AuditEvent<'_>) -> Result<bool, StateError> {
        if event.name().is_empty() {
            return Ok(false);
        }
        let Some(known) = made(event).get_text()? else {
            return Ok(false);
        };
        let uid = uid(event);
        Ok(known.is_empty() || uid.is_empty() || uid == known)
    }

    /// Does the same as [`Self::is_own`] for a deletion, after which the name is forgotten: an
    /// object that gets it later is another one.
    ///
    /// # Errors
    /// Returns a [`StateError`] if the host cannot read or store the state.
    pub fn take(self, event: AuditEvent<'_>) -> Result<bool, StateError> {
        let is_own = self.is_own(event)?;
        if is_own && event.changed_something() {
            made(event).delete()?;
        }
        Ok(is_own)
    }
}

/// Returns the UID of the object that a request is for: from the request's target, from the object
/// in the response, or from the `Status` that answers a deletion. Empty if the log has none.
fn uid(event: AuditEvent<'_>) -> String {
    let target = event.object().map_or("", |object| object.uid());
    let resulting = event.resulting().map_or("", |object| object.uid());
    if let Some(uid) = [target, resulting].into_iter().find(|uid| !uid.is_empty()) {
        return uid.to_owned();
    }
    match raw::json(event, "/responseObject/details/uid") {
        Ok(Some(uid)) => uid.trim_matches('"').to_owned(),
        Ok(None) | Err(_) => String::new(),
    }
}

fn made(event: AuditEvent<'_>) -> state::Value {
    let (group, resource) = event
        .object()
        .map_or(("", ""), |object| (object.api_group(), object.resource()));
    // The target of a new Namespace names no namespace, that of an existing one does.
    let namespace = match resource {
        "namespaces" => "",
        _ => event.namespace(),
    };
    state::actor(event).key(format!(
        "made/{resource}.{group}/{namespace}/{}",
        event.name()
    ))
}

#[cfg(all(test, feature = "testing"))]
mod tests;

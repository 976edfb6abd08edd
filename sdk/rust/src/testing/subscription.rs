//! Which events a descriptor subscribes to (`wit/v0.1/lifecycle.wit`).

use super::further;
use crate::contract::{
    AuditEvent, AuditSubscription, Descriptor, ObjectReference, RuntimeEvent, RuntimeSubscription,
    Signal, SignalSubscription,
};

const OUTCOMES: [&str; 4] = ["success", "denied", "failure", "unknown"];
const PLACES: [&str; 2] = ["container", "host"];

/// Says what a host could not serve in the subscriptions.
pub(super) fn check(descriptor: &Descriptor) -> Result<(), String> {
    let of_audit = descriptor.audit.iter().flat_map(|it| &it.attributes);
    let unknown = of_audit
        .filter(|attribute| !further::is_known(attribute))
        .chain(descriptor.runtime.iter().flat_map(|it| &it.attributes))
        .chain(descriptor.signals.iter().flat_map(|it| &it.attributes))
        .next();
    if let Some(attribute) = unknown {
        return Err(format!(
            "this version does not know the condition `{}`",
            attribute.key
        ));
    }
    let outcomes = descriptor.audit.iter().flat_map(|it| &it.outcomes);
    let places = descriptor.runtime.iter().flat_map(|it| &it.places);
    if let Some(outcome) = outcomes
        .into_iter()
        .find(|text| !OUTCOMES.contains(&text.as_str()))
    {
        return Err(format!(
            "`{outcome}` is no outcome (success, denied, failure or unknown)"
        ));
    }
    if let Some(place) = places
        .into_iter()
        .find(|text| !PLACES.contains(&text.as_str()))
    {
        return Err(format!("`{place}` is no place (container or host)"));
    }
    if descriptor.audit.is_empty() && descriptor.runtime.is_empty() && descriptor.signals.is_empty()
    {
        return Err("it subscribes to nothing".to_owned());
    }
    Ok(())
}

/// Exactly, or as a prefix where the condition ends in `*`.
fn matches(condition: &str, text: &str) -> bool {
    match condition.strip_suffix('*') {
        Some(prefix) => text.starts_with(prefix),
        None => condition == text,
    }
}

/// Whether one condition holds, or there is none.
fn any(conditions: &[String], text: &str) -> bool {
    conditions.is_empty() || conditions.iter().any(|condition| matches(condition, text))
}

/// Like [`any`], for an event that has several such texts.
fn any_of<'t>(conditions: &[String], mut texts: impl Iterator<Item = &'t String>) -> bool {
    conditions.is_empty() || texts.any(|text| any(conditions, text))
}

pub(super) fn audit(descriptor: &Descriptor, event: &AuditEvent, first_answer: bool) -> bool {
    descriptor.audit.iter().any(|wanted| {
        let stage = if wanted.stages.is_empty() {
            first_answer
        } else {
            wanted.stages.contains(&event.stage)
        };
        stage
            && any(&wanted.verbs, &event.verb)
            && target(wanted, event)
            && any(&wanted.outcomes, outcome(event))
            && user(wanted, event)
            && further::is_met(&wanted.attributes, event)
    })
}

fn outcome(event: &AuditEvent) -> &'static str {
    match event.response.as_ref().map(|response| response.code) {
        None | Some(0) => "unknown",
        Some(401 | 403) => "denied",
        Some(code) if code < 400 => "success",
        Some(_) => "failure",
    }
}

fn target(wanted: &AuditSubscription, event: &AuditEvent) -> bool {
    let Some(object) = &event.object else {
        let path = event.request_uri.split('?').next().unwrap_or_default();
        return if wanted.paths.is_empty() {
            wanted.resources.is_empty()
                && wanted.api_groups.is_empty()
                && wanted.namespaces.is_empty()
                && wanted.names.is_empty()
        } else {
            any(&wanted.paths, path)
        };
    };
    let is_resource = if wanted.resources.is_empty() {
        wanted.paths.is_empty()
    } else {
        wanted.resources.iter().any(|text| resource(text, object))
    };
    is_resource
        && any(&wanted.api_groups, &object.api_group)
        && any(&wanted.namespaces, &object.namespace)
        && any(&wanted.names, &object.name)
}

fn resource(condition: &str, object: &ObjectReference) -> bool {
    match condition.split_once('/') {
        None if condition == "*" => true,
        None => object.subresource.is_empty() && matches(condition, &object.resource),
        Some((resource, "*")) => resource == object.resource,
        Some((resource, subresource)) => {
            subresource == object.subresource && matches(resource, &object.resource)
        }
    }
}

/// Both who asked and whose rights were used count.
fn user(wanted: &AuditSubscription, event: &AuditEvent) -> bool {
    let users = || std::iter::once(&event.user).chain(&event.impersonated_user);
    any_of(&wanted.usernames, users().map(|user| &user.username))
        && any_of(&wanted.groups, users().flat_map(|user| &user.groups))
}

pub(super) fn runtime(descriptor: &Descriptor, event: &RuntimeEvent) -> bool {
    descriptor
        .runtime
        .iter()
        .any(|wanted| runtime_matches(wanted, event))
}

fn runtime_matches(wanted: &RuntimeSubscription, event: &RuntimeEvent) -> bool {
    let place = match event.container {
        Some(_) => "container",
        None => "host",
    };
    let files = event
        .file
        .iter()
        .flat_map(|file| [&file.path, &file.new_path]);
    let port = event.network.as_ref().map(|network| network.remote_port);
    let asked = event.dns.as_ref().map(|message| message.name.as_str());
    any(&wanted.actions, &event.action)
        && any(&wanted.executables, &event.process.executable)
        && any_of(&wanted.paths, files.filter(|path| !path.is_empty()))
        && (wanted.ports.is_empty() || port.is_some_and(|port| wanted.ports.contains(&port)))
        && (wanted.domains.is_empty()
            || asked.is_some_and(|name| wanted.domains.iter().any(|text| domain(text, name))))
        && any_of(
            &wanted.namespaces,
            event.pod.iter().map(|pod| &pod.namespace),
        )
        && any(&wanted.places, place)
}

/// A leading `*.` matches every name below; case and a dot at the end say nothing.
fn domain(condition: &str, name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let condition = condition.trim_end_matches('.').to_ascii_lowercase();
    match condition.strip_prefix("*.") {
        Some(above) => name
            .strip_suffix(above)
            .is_some_and(|rest| rest.len() > 1 && rest.ends_with('.')),
        None => matches(&condition, &name),
    }
}

pub(super) fn signal(descriptor: &Descriptor, signal: &Signal) -> bool {
    // A detector never sees what it raised itself.
    signal.detector != descriptor.name
        && descriptor
            .signals
            .iter()
            .any(|wanted| signal_matches(wanted, signal))
}

fn signal_matches(wanted: &SignalSubscription, signal: &Signal) -> bool {
    any(&wanted.finding_types, &signal.finding_type) && signal.severity >= wanted.minimum_severity
}

#[cfg(test)]
mod tests;

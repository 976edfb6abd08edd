//! Hosts that an ingress of another namespace takes.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::words::has_words;
use wardline_sdk::state;
use wardline_sdk::view::IngressFacts;

use crate::types::HOST_TAKEOVER;
use crate::{KEEP, path, place};

const LOW: f64 = 3.0;

/// Words in paths to which users send passwords and tokens.
const LOGIN: [&str; 9] = [
    "login", "signin", "sign-in", "logon", "auth", "sso", "session", "token", "account",
];
/// How many parts of a path are looked at for who serves what it lies in.
const DEPTH: usize = 8;

/// Remembers which namespace serves which host and path, and raises a finding if another one
/// claims it.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let Facts::Ingress(ingress) = event.facts() else {
        return Ok(());
    };
    let now = event.time().seconds();
    let mut own = Vec::new();
    let mut taken = Vec::new();
    for route in routes(ingress) {
        let key = format!("host {route}");
        match owner(event, &route)? {
            Some(owner) if owner != event.namespace() => {
                taken.push((route, owner));
                continue;
            }
            Some(_) => {}
            None => {
                let around = served_around(event, &route)?;
                taken.extend(around.map(|owner| (route.clone(), owner)));
            }
        }
        let owner = format!("{} {now}", event.namespace());
        state::cluster(event).key(key).set_text(&owner, KEEP)?;
        own.push(route);
    }
    let claims = state::cluster(event).key(format!("hosts {}", path(event)));
    claims.set_text(&own.join("\n"), KEEP)?;
    let user = event.actor();
    let Some((route, owner)) = taken.first() else {
        return Ok(());
    };
    let is_new = state::cluster(event)
        .key(format!("taken {}", path(event)))
        .first_seen(route, KEEP)?;
    if !is_new {
        return Ok(());
    }
    let mut finding = Finding::new(HOST_TAKEOVER)
        .on(event)
        .evidence(event, format!("{}.spec.rules[].host", place(event)), route)
        .attribute("served-by", owner)
        .field(&event, AuditField::Username)
        .field(&event, AuditField::Namespace)
        .dedup_key(format!("{} {route}", event.namespace()))
        .title(format!(
            "{} claimed {route}, which {owner} serves, for {}",
            user.username(),
            event.namespace()
        ));
    if user.service_account().is_some() {
        finding = finding.severity(LOW);
    }
    findings.raise(finding);
    Ok(())
}

/// The namespace that serves a path which a login of this one lies in: the longer path wins,
/// and gets the passwords. Teams that share a host divide its other paths all day.
fn served_around(event: AuditEvent<'_>, route: &str) -> Result<Option<String>, DetectError> {
    let (host, path) = route.split_once('/').unwrap_or((route, ""));
    if !LOGIN.iter().any(|words| has_words(path, words)) {
        return Ok(None);
    }
    let ends = path.match_indices('/').map(|(end, _)| end).take(DEPTH);
    let parents: Vec<&str> = std::iter::once("")
        .chain(ends.filter_map(|end| path.get(..end)))
        .collect();
    for parent in parents.into_iter().rev() {
        let owner = owner(event, &format!("{host}/{parent}"))?;
        if owner.is_some() {
            return Ok(owner.filter(|owner| owner != event.namespace()));
        }
    }
    Ok(None)
}

/// The namespace that serves a route.
fn owner(event: AuditEvent<'_>, route: &str) -> Result<Option<String>, DetectError> {
    let known = state::cluster(event)
        .key(format!("host {route}"))
        .get_text()?;
    match known.as_deref().and_then(|known| known.split_once(' ')) {
        Some((namespace, since)) if !is_cleared(event, namespace, since)? => {
            Ok(Some(namespace.to_owned()))
        }
        _ => Ok(None),
    }
}

/// Forgets what an ingress that is gone has served, or all of a namespace.
pub fn forget(event: AuditEvent<'_>) -> Result<(), DetectError> {
    if event.verb() == "deletecollection" {
        let now = event.time().seconds().to_string();
        state::cluster(event)
            .key(format!("cleared {}", event.namespace()))
            .set_text(&now, KEEP)?;
        return Ok(());
    }
    let claims = state::cluster(event).key(format!("hosts {}", path(event)));
    for route in claims.get_text()?.unwrap_or_default().lines() {
        state::cluster(event)
            .key(format!("host {route}"))
            .delete()?;
    }
    for kind in ["hosts", "ingress", "snippet"] {
        state::cluster(event)
            .key(format!("{kind} {}", path(event)))
            .delete()?;
    }
    Ok(())
}

/// Whether all ingresses of a namespace went after it claimed something.
fn is_cleared(event: AuditEvent<'_>, namespace: &str, since: &str) -> Result<bool, DetectError> {
    let cleared = state::cluster(event)
        .key(format!("cleared {namespace}"))
        .get_text()?
        .and_then(|text| text.parse::<u64>().ok());
    Ok(cleared >= since.parse::<u64>().ok())
}

/// Host and path of each rule that names a host.
fn routes(ingress: IngressFacts<'_>) -> Vec<String> {
    ingress
        .rules()
        .filter(|rule| !rule.host().is_empty())
        .map(|rule| match rule.path() {
            "" => format!("{}/", rule.host()),
            path => format!("{}{path}", rule.host()),
        })
        .collect()
}

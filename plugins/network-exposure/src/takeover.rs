//! Hosts that an ingress of another namespace takes over.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::words::has_words;
use wardline_sdk::state;
use wardline_sdk::view::IngressFacts;

use crate::object::{KEEP, facts_body, path};
use crate::types::HOST_TAKEOVER;
use crate::types::traffic::CLAIMED_BY_SERVICE_ACCOUNT;

/// Words in paths to which users send passwords and tokens.
const LOGIN: [&str; 9] = [
    "login", "signin", "sign-in", "logon", "auth", "sso", "session", "token", "account",
];
/// Maximum number of parent paths whose owners are looked up.
const MAX_PARENTS: usize = 8;

/// Remembers the namespace that serves each host and path, and raises a finding if another
/// namespace claims one.
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
                let parent = parent_owner(event, &route)?;
                taken.extend(parent.map(|owner| (route.clone(), owner)));
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
        .evidence(
            event,
            format!("{}.spec.rules[].host", facts_body(event)),
            route,
        )
        .attribute("served-by", owner)
        .field(&event, AuditField::Username)
        .field(&event, AuditField::Namespace)
        .dedup_key(format!("{} {route}", event.namespace()))
        .title(format!(
            "Host {route} of namespace {owner} was claimed for {} by {}",
            event.namespace(),
            user.username()
        ));
    if user.is_service_account() {
        finding = finding.severity(CLAIMED_BY_SERVICE_ACCOUNT);
    }
    findings.raise(finding);
    Ok(())
}

/// Returns the other namespace that serves the parent path of a login path. The longer path
/// wins, and receives the passwords. Paths other than logins do not count, since teams that share
/// a host divide them.
fn parent_owner(event: AuditEvent<'_>, route: &str) -> Result<Option<String>, DetectError> {
    let (host, path) = route.split_once('/').unwrap_or((route, ""));
    if !LOGIN.iter().any(|words| has_words(path, words)) {
        return Ok(None);
    }
    let ends = path
        .match_indices('/')
        .map(|(end, _)| end)
        .take(MAX_PARENTS);
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

/// Returns the namespace that serves a route.
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

/// Forgets the routes of a deleted ingress, or of all ingresses of a namespace.
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

/// Returns whether all ingresses of a namespace were deleted after it claimed a route.
fn is_cleared(event: AuditEvent<'_>, namespace: &str, since: &str) -> Result<bool, DetectError> {
    let cleared = state::cluster(event)
        .key(format!("cleared {namespace}"))
        .get_text()?
        .and_then(|text| text.parse::<u64>().ok());
    Ok(cleared >= since.parse::<u64>().ok())
}

/// Returns host and path of each rule that names a host.
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

//! Hosts that an ingress of another namespace takes over.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::MEDIUM;
use wardline_sdk::rules::words::Names;
use wardline_sdk::rules::{Requester, Told};
use wardline_sdk::state;
use wardline_sdk::view::IngressFacts;

use crate::object::{KEEP, facts_body, path};
use crate::types::HOST_TAKEOVER;
use crate::types::traffic::CLAIMED_BY_SERVICE_ACCOUNT;

/// Words in paths to which users send passwords and tokens.
static LOGIN: LazyLock<Names> = LazyLock::new(|| {
    Names::new([
        "login", "signin", "sign-in", "logon", "auth", "sso", "session", "token", "account",
    ])
});
/// Maximum number of parent paths of a route whose owners are looked up.
const MAX_PARENTS: usize = 8;
/// Maximum number of routes of an ingress whose owners are looked up. An object has at most 1.5 MiB (etcd's
/// `--max-request-bytes`).
const MAX_ROUTES: usize = 12_000;
/// Maximum number of lookups of parent paths for an ingress.
const MAX_PARENT_LOOKUPS: usize = 10_000;

/// Remembers the namespace that serves each host and path, and raises a finding if another
/// namespace claims one.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let Facts::Ingress(ingress) = event.facts() else {
        return Ok(());
    };
    let now = event.time().seconds();
    let mut owners = Owners::new(event);
    let mut own = Vec::new();
    let mut taken = Vec::new();
    for route in routes(ingress).into_iter().take(MAX_ROUTES) {
        let key = format!("host {route}");
        match owners.of(&route)? {
            Some(owner) if owner != event.namespace() => {
                taken.push((route, owner));
                continue;
            }
            Some(_) => {}
            None => {
                let parent = owners.of_parent(&route)?;
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
    let severity = if Requester::is_program(event) {
        CLAIMED_BY_SERVICE_ACCOUNT.severity
    } else {
        MEDIUM
    };
    let claim = format!("{} {route}", path(event));
    if !Told::in_cluster(event, "taken").is_news(&claim, severity, KEEP)? {
        return Ok(());
    }
    let finding = Finding::new(HOST_TAKEOVER)
        .on(event)
        .severity(severity)
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
    findings.raise(finding);
    Ok(())
}

/// The namespaces that serve routes, each looked up once for an event.
struct Owners<'a> {
    event: AuditEvent<'a>,
    parents: BTreeMap<String, Option<String>>,
    /// When all ingresses of a namespace were last deleted.
    cleared: BTreeMap<String, Option<u64>>,
}

impl<'a> Owners<'a> {
    fn new(event: AuditEvent<'a>) -> Self {
        Self {
            event,
            parents: BTreeMap::new(),
            cleared: BTreeMap::new(),
        }
    }

    /// Returns the namespace that serves a route.
    fn of(&mut self, route: &str) -> Result<Option<String>, DetectError> {
        let known = state::cluster(self.event)
            .key(format!("host {route}"))
            .get_text()?;
        match known.as_deref().and_then(|known| known.split_once(' ')) {
            Some((namespace, since)) if !self.is_cleared(namespace, since)? => {
                Ok(Some(namespace.to_owned()))
            }
            _ => Ok(None),
        }
    }

    /// Returns the other namespace that serves the parent path of a login path. The longer path
    /// wins, and receives the passwords. Paths other than logins do not count, since teams that share
    /// a host divide them.
    fn of_parent(&mut self, route: &str) -> Result<Option<String>, DetectError> {
        let (host, path) = route.split_once('/').unwrap_or((route, ""));
        if !LOGIN.has_one(path) {
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
            let parent = format!("{host}/{parent}");
            let owner = match self.parents.get(&parent) {
                Some(owner) => owner.clone(),
                None if self.parents.len() >= MAX_PARENT_LOOKUPS => return Ok(None),
                None => {
                    let owner = self.of(&parent)?;
                    self.parents.insert(parent, owner.clone());
                    owner
                }
            };
            if owner.is_some() {
                return Ok(owner.filter(|owner| owner != self.event.namespace()));
            }
        }
        Ok(None)
    }

    /// Returns whether all ingresses of a namespace were deleted after it claimed a route.
    fn is_cleared(&mut self, namespace: &str, since: &str) -> Result<bool, DetectError> {
        let cleared = match self.cleared.get(namespace) {
            Some(cleared) => *cleared,
            None => {
                let cleared = state::cluster(self.event)
                    .key(format!("cleared {namespace}"))
                    .get_text()?
                    .and_then(|text| text.parse::<u64>().ok());
                self.cleared.insert(namespace.to_owned(), cleared);
                cleared
            }
        };
        Ok(cleared >= since.parse::<u64>().ok())
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

//! Hosts that an ingress of another namespace takes.

use wardline_sdk::prelude::*;
use wardline_sdk::state;
use wardline_sdk::view::IngressFacts;

use crate::types::HOST_TAKEOVER;
use crate::{KEEP, path, place};

const LOW: f64 = 3.0;

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
        let owner = state::cluster(event).key(&*key).get_text()?;
        match owner.as_deref().and_then(|owner| owner.split_once(' ')) {
            Some((namespace, since))
                if namespace != event.namespace() && !is_cleared(event, namespace, since)? =>
            {
                taken.push((route, namespace.to_owned()));
            }
            _ => {
                let owner = format!("{} {now}", event.namespace());
                state::cluster(event).key(key).set_text(&owner, KEEP)?;
                own.push(route);
            }
        }
    }
    let claims = state::cluster(event).key(format!("hosts {}", path(event)));
    claims.set_text(&own.join("\n"), KEEP)?;
    let Some((route, owner)) = taken.first() else {
        return Ok(());
    };
    let is_new = state::cluster(event)
        .key(format!("taken {}", path(event)))
        .first_seen(route, KEEP)?;
    if !is_new {
        return Ok(());
    }
    let user = event.actor();
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

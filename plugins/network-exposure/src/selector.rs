//! Services that are pointed at other pods, or at another name.

use wardline_sdk::prelude::*;
use wardline_sdk::state;
use wardline_sdk::view::ServiceFacts;

use crate::types::SELECTOR_CHANGED;
use crate::{KEEP, path};

const ELSEWHERE: f64 = 5.0;

/// Remembers what a service selects, and raises a finding if that changes.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let (Some(requested), Facts::Service(whole)) = (event.requested(), event.facts()) else {
        return Ok(());
    };
    let Facts::Service(named) = requested.facts() else {
        return Ok(());
    };
    let known = state::cluster(event).key(format!("selector {}", path(event)));
    let before = known.get_text()?;
    let now = target(whole);
    known.set_text(&now, KEEP)?;
    let names_target = !named.selector().is_empty() || !named.external_name().is_empty();
    let changed = match &before {
        Some(before) => *before != now,
        // A patch is made to change something; a whole object, with its ports, may be as it
        // was.
        None => requested.partial() && named.ports().is_empty(),
    };
    if event.verb() == "create" || !changed || !names_target {
        return Ok(());
    }
    let is_robot = event.actor().service_account().is_some();
    // Progressive delivery moves services between versions all day.
    let goes_outside = !named.external_name().is_empty();
    if is_robot && !goes_outside {
        return Ok(());
    }
    let user = event.actor().username();
    let field = if goes_outside {
        "requestObject.spec.externalName"
    } else {
        "requestObject.spec.selector"
    };
    let mut finding = Finding::new(SELECTOR_CHANGED)
        .on(event)
        .evidence(event, field, &now)
        .field(&event, AuditField::Username)
        .field(&event, AuditField::Namespace)
        .field(&event, AuditField::Name)
        .dedup_key(path(event))
        .title(format!(
            "{user} pointed the service {} at {now}",
            path(event)
        ));
    if let Some(before) = before {
        finding = finding.attribute("before", before);
    }
    if goes_outside && !is_robot {
        finding = finding.severity(ELSEWHERE);
    }
    findings.raise(finding);
    Ok(())
}

fn target(service: ServiceFacts<'_>) -> String {
    if !service.external_name().is_empty() {
        return service.external_name().to_owned();
    }
    let mut labels: Vec<String> = service
        .selector()
        .map(|label| format!("{}={}", label.key(), label.value()))
        .collect();
    labels.sort();
    labels.join(",")
}

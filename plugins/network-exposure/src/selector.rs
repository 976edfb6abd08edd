//! Services that are redirected to other pods or to an external name.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::Requester;
use wardline_sdk::state;
use wardline_sdk::view::ServiceFacts;

use crate::object::{KEEP, path};
use crate::types::SELECTOR_CHANGED;
use crate::types::traffic::OUTSIDE;

/// Remembers the target of a service, and raises a finding if it changes.
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
        // A patch changes something; a whole object, which has ports, may be unchanged.
        None => requested.partial() && named.ports().is_empty(),
    };
    if event.verb() == "create" || !changed || !names_target {
        return Ok(());
    }
    let goes_outside = !named.external_name().is_empty();
    // Progressive delivery switches services between versions all day.
    let is_program = Requester::is_program(event);
    if is_program && !goes_outside {
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
            "Service {} was redirected to {now} by {user}",
            path(event)
        ));
    if let Some(before) = before {
        finding = finding.attribute("before", before);
    }
    if goes_outside && !is_program {
        finding = finding.severity(OUTSIDE);
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

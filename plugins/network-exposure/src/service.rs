//! Exposed services.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::{Requester, agent};
use wardline_sdk::state;
use wardline_sdk::view::{Level, ServiceFacts};

use crate::backend::Backend;
use crate::object::{KEEP, facts_body, path};
use crate::ports;
use crate::reach::Reach;
use crate::software::{self, SoftwareKind};
use crate::types::exposure::{
    ADDRESSES_BY_SERVICE_ACCOUNT, EXPOSED_BY_SERVICE_ACCOUNT, LIMITED, STATUS, UNSEEN,
};
use crate::types::{self, EXTERNAL_IPS};

/// Judges a service that was created or changed.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    if event.level() == Level::Metadata {
        return judge_metadata(event, findings);
    }
    let (Some(requested), Facts::Service(whole)) = (event.requested(), event.facts()) else {
        return Ok(());
    };
    let Facts::Service(named) = requested.facts() else {
        return Ok(());
    };
    let known = state::cluster(event).key(format!("service {}", path(event)));
    let object = event.object_facts().unwrap_or(requested);
    let Some(reach) = Reach::from_service(whole, object) else {
        known.delete()?;
        return Ok(());
    };
    // A patch that does not name the exposure did not cause it.
    if requested.partial() && !names_exposure(named) {
        return Ok(());
    }
    let backend = Backend::from_service(event, whole);
    let name = backend.as_ref().map_or("", |backend| backend.software.name);
    let external = whole.external_ips().join(", ");
    let now = format!(
        "{} {name} {external} {} {}",
        reach.how, reach.is_limited, reach.is_internal
    );
    if !known.replace_text(&now, KEEP)? {
        return Ok(());
    }
    if !external.is_empty() {
        findings.raise(external_ips(
            event,
            &format!("{}.spec.externalIPs", facts_body(event)),
            &external,
        ));
    }
    match backend {
        Some(backend) => findings.raise(of_software(event, &reach, &backend)),
        None if reach.how == "externalIPs" => {}
        None => findings.raise(ports::judge(event, whole, &reach)),
    }
    Ok(())
}

/// Judges a service whose body the audit policy omitted. A changed dashboard service may have
/// been exposed or closed; only the cluster shows which.
fn judge_metadata(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let name = event.name();
    let software = software::identify(name)
        .or_else(|| software::of_namespace(event.namespace(), name))
        .filter(|software| {
            matches!(
                software.kind,
                SoftwareKind::Dashboard | SoftwareKind::Kubeflow
            )
        });
    let Some(software) = software else {
        return Ok(());
    };
    let user = event.actor().username();
    let known = state::cluster(event).key(format!("service {}", path(event)));
    if !known.replace_text(user, KEEP)? {
        return Ok(());
    }
    findings.raise(
        Finding::new(types::exposed(software.kind))
            .on(event)
            .field(&event, AuditField::Name)
            .field(&event, AuditField::Namespace)
            .field(&event, AuditField::Verb)
            .field(&event, AuditField::Username)
            .evidence(event, "level", "Metadata")
            .severity(UNSEEN)
            .attribute("software", software.name)
            .dedup_key(path(event))
            .title(format!(
                "Unknown change of service {} ({}) by {user}",
                path(event),
                software.name
            )),
    );
    Ok(())
}

/// Judges a status. A load balancer address in it redirects traffic for that address to the
/// service (CVE-2020-8554). Controllers of load balancers write it with service accounts and
/// programs of their own; kubectl or curl suggests a stolen credential.
pub fn judge_status(event: AuditEvent<'_>, findings: &mut Findings) {
    let user = event.actor();
    let tool = agent::hand_tool(event.user_agent());
    if !user.is_person() && !user.is_anonymous() && tool.is_none() {
        return;
    }
    if let Some(Facts::Service(named)) = event.requested().map(|object| object.facts()) {
        let addresses = named.addresses().join(", ");
        if !addresses.is_empty() {
            findings.raise(
                external_ips(
                    event,
                    "requestObject.status.loadBalancer.ingress",
                    &addresses,
                )
                .field(&event, AuditField::UserAgent)
                .severity(STATUS),
            );
        }
    }
}

/// Forgets a deleted service.
pub fn forget(event: AuditEvent<'_>) -> Result<(), DetectError> {
    for kind in ["service", "selector"] {
        state::cluster(event)
            .key(format!("{kind} {}", path(event)))
            .delete()?;
    }
    Ok(())
}

fn names_exposure(named: ServiceFacts<'_>) -> bool {
    !named.service_type().is_empty()
        || !named.external_ips().is_empty()
        || !named.ports().is_empty()
        || !named.selector().is_empty()
        || !named.source_ranges().is_empty()
}

fn of_software(event: AuditEvent<'_>, reach: &Reach, backend: &Backend) -> Finding {
    let kind = backend.software.kind;
    let finding_type = types::exposed(kind);
    let is_guardduty = finding_type != types::SERVICE_EXPOSED;
    let severity = if reach.is_limited || reach.is_internal {
        LIMITED.severity
    } else if !is_guardduty && Requester::is_program(event) {
        EXPOSED_BY_SERVICE_ACCOUNT.severity
    } else {
        kind.severity()
    };
    let finding = Finding::new(finding_type)
        .on(event)
        .evidence(
            event,
            format!("{}.{}", facts_body(event), reach.field),
            &reach.value,
        )
        .field(&event, AuditField::Username)
        .field(&event, AuditField::Namespace)
        .field(&event, AuditField::Name)
        .severity(severity)
        .attribute("software", backend.software.name)
        .dedup_key(path(event))
        .title(format!(
            "Exposure of {} ({} {}) by {}",
            backend.software.name,
            reach.how,
            path(event),
            event.actor().username()
        ));
    backend.add_to(finding, event)
}

fn external_ips(event: AuditEvent<'_>, field: &str, addresses: &str) -> Finding {
    let user = event.actor().username();
    let mut finding = Finding::new(EXTERNAL_IPS)
        .on(event)
        .evidence(event, field, addresses)
        .field(&event, AuditField::Username)
        .field(&event, AuditField::Namespace)
        .field(&event, AuditField::Name)
        .dedup_key(path(event))
        .title(format!(
            "External addresses {addresses} were assigned to service {} by {user}",
            path(event)
        ));
    if Requester::is_program(event) {
        finding = finding.severity(ADDRESSES_BY_SERVICE_ACCOUNT);
    }
    finding
}

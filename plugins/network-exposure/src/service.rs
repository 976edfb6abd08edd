//! Services that are opened.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::agent;
use wardline_sdk::state;
use wardline_sdk::view::{Level, ServiceFacts};

use crate::backend::Backend;
use crate::reach::Reach;
use crate::software::{self, Kind};
use crate::types::{self, EXTERNAL_IPS};
use crate::{is_news, path, place, ports};

const LOW: f64 = 3.0;
const UNKNOWN: f64 = 2.0;
const STATUS: f64 = 5.0;

/// Judges a service that was made or changed.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    if event.level() == Level::Metadata {
        return blind(event, findings);
    }
    let (Some(requested), Facts::Service(whole)) = (event.requested(), event.facts()) else {
        return Ok(());
    };
    let Facts::Service(named) = requested.facts() else {
        return Ok(());
    };
    let key = format!("service {}", path(event));
    let object = event.object_facts().unwrap_or(requested);
    let Some(reach) = Reach::of(whole, object) else {
        state::cluster(event).key(&*key).delete()?;
        return Ok(());
    };
    // A patch that leaves the exposure alone is not who exposed it.
    if requested.partial() && !names_exposure(named) {
        return Ok(());
    }
    let backend = Backend::of_service(event, whole);
    let name = backend.as_ref().map_or("", |backend| backend.software.name);
    let external = whole.external_ips().join(", ");
    let now = format!("{} {name} {external} {}", reach.how, reach.is_limited);
    if !is_news(event, &key, &now)? {
        return Ok(());
    }
    if !external.is_empty() {
        findings.raise(external_ips(
            event,
            &format!("{}.spec.externalIPs", place(event)),
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

/// Judges a service of which the audit policy kept no more than its name: that of a dashboard
/// is changed to be exposed or to be closed, and which of them, only the cluster can tell.
fn blind(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let name = event.name();
    let software = software::identify(name)
        .or_else(|| software::of_namespace(event.namespace(), name))
        .filter(|software| matches!(software.kind, Kind::Dashboard | Kind::Kubeflow));
    let Some(software) = software else {
        return Ok(());
    };
    let user = event.actor().username();
    if !is_news(event, &format!("service {}", path(event)), user)? {
        return Ok(());
    }
    findings.raise(
        Finding::new(types::of(software.kind))
            .on(event)
            .field(&event, AuditField::Name)
            .field(&event, AuditField::Namespace)
            .field(&event, AuditField::Verb)
            .field(&event, AuditField::Username)
            .evidence(event, "level", "Metadata")
            .severity(UNKNOWN)
            .attribute("software", software.name)
            .dedup_key(path(event))
            .title(format!(
                "{user} changed the service {} of {}; the audit policy left out how",
                path(event),
                software.name
            )),
    );
    Ok(())
}

/// Judges a status: who writes the address of a load balancer sends what others send there to
/// the service (CVE-2020-8554). Controllers of load balancers have service accounts, and
/// programs of their own: with kubectl or curl such an account is somebody else's.
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

/// Forgets a service that is gone.
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

/// Whether a service account asked: GitOps and operators make what others decided.
pub fn is_robot(event: AuditEvent<'_>) -> bool {
    event.actor().service_account().is_some()
}

fn of_software(event: AuditEvent<'_>, reach: &Reach, backend: &Backend) -> Finding {
    let kind = backend.software.kind;
    let finding_type = types::of(kind);
    let is_guardduty = finding_type != types::SERVICE_EXPOSED;
    let severity = if reach.is_limited || (!is_guardduty && is_robot(event)) {
        LOW
    } else {
        kind.severity()
    };
    let finding = Finding::new(finding_type)
        .on(event)
        .evidence(
            event,
            format!("{}.{}", place(event), reach.field),
            &reach.value,
        )
        .field(&event, AuditField::Username)
        .field(&event, AuditField::Namespace)
        .field(&event, AuditField::Name)
        .severity(severity)
        .attribute("software", backend.software.name)
        .dedup_key(path(event))
        .title(format!(
            "{} exposed {} by the service {}: {}",
            event.actor().username(),
            backend.software.name,
            path(event),
            reach.how
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
            "{user} had the service {} answer for {addresses}",
            path(event)
        ));
    if is_robot(event) {
        finding = finding.severity(LOW);
    }
    finding
}

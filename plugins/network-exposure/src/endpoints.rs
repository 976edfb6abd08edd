//! Addresses behind a service that were not written by a controller.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::address::is_public;
use wardline_sdk::rules::severity::MEDIUM;
use wardline_sdk::rules::time::KNOWN;
use wardline_sdk::rules::{Requester, Told};
use wardline_sdk::state;
use wardline_sdk::view::{EndpointsFacts, Level, ObjectFacts};

use crate::object::{KEEP, path};
use crate::types::ENDPOINTS_HIJACKED;
use crate::types::traffic::{
    ENDPOINTS_BY_SERVICE_ACCOUNT, MANAGED, MANAGED_UNSEEN, NEW_PRIVATE, UNMANAGED_UNSEEN,
};

/// Label in which an EndpointSlice names its service.
const SERVICE_NAME: &str = "kubernetes.io/service-name";
/// Label in which a controller claims an EndpointSlice.
const SLICE_MANAGER: &str = "endpointslice.kubernetes.io/managed-by";
const MANAGED_BY: [&str; 2] = [SLICE_MANAGER, "endpoints.kubernetes.io/managed-by"];
const SLICE_CONTROLLER: &str = "endpointslice-controller.k8s.io";
const CONTROLLERS: [&str; 3] = [
    SLICE_CONTROLLER,
    "endpointslicemirroring-controller.k8s.io",
    "endpoint-controller",
];
/// Annotation of the endpoints controller.
const TRIGGER: &str = "endpoints.kubernetes.io/last-change-trigger-time";

/// Annotations of leader elections in Endpoints: client-go's old election, Patroni, and similar
/// software.
const LEADERS: [&str; 4] = [
    "control-plane.alpha.kubernetes.io/leader",
    "leader",
    "acquireTime",
    "history",
];
/// Labels of leader elections in Endpoints.
const LEADER_LABELS: [&str; 3] = ["cluster-name", "application", "stolon-cluster"];

/// Remembers that a controller manages the addresses of a service. An EndpointSlice that mirrors
/// Endpoints does not prove that, since the Endpoints may be written by hand.
pub fn remember(event: AuditEvent<'_>) -> Result<(), DetectError> {
    let service = service(event);
    let keeps = event.resource_is("endpoints", "")
        || [event.resulting(), event.requested()]
            .into_iter()
            .flatten()
            .any(|object| object.labels().get(SLICE_MANAGER) == Some(SLICE_CONTROLLER));
    if keeps && event.actor().is_control_plane() && !service.is_empty() {
        state::cluster(event)
            .key(format!("managed {}/{service}", event.namespace()))
            .set(b"", KEEP)?;
    }
    Ok(())
}

/// Judges addresses that an actor other than the control plane wrote.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let user = event.actor();
    // The API server writes its own endpoints, and cloud controllers with certificates write
    // others.
    let is_other_component = user.is_system() && !user.is_service_account() && !user.is_kubelet();
    if is_other_component && Requester::from_event(event) != Requester::Person {
        return Ok(());
    }
    if event.level() == Level::Metadata {
        return judge_metadata(event, findings);
    }
    let Some(requested) = event.requested() else {
        return Ok(());
    };
    let Facts::Endpoints(named) = requested.facts() else {
        return Ok(());
    };
    if named.addresses().is_empty() {
        return Ok(());
    }
    let service = service(event);
    let is_managed = is_known_as_managed(event, &service)?
        || [event.resulting(), event.requested()]
            .into_iter()
            .flatten()
            .any(is_claimed_by_controller);
    let is_program = Requester::is_program(event);
    let goes_outside = named.addresses().any(is_public);
    // Software elects its leader in Endpoints of its own, which no controller manages.
    if is_program && !is_managed && !goes_outside && is_leader_election(event) {
        return Ok(());
    }
    let severity = match (is_managed, is_program) {
        (true, _) => MANAGED.severity,
        (false, true) => ENDPOINTS_BY_SERVICE_ACCOUNT.severity,
        (false, false) if event.verb() == "create" && !goes_outside => NEW_PRIVATE.severity,
        (false, false) => MEDIUM,
    };
    let mut finding = finding(event, named, &service, is_managed).severity(severity);
    if is_program && !is_managed {
        // Kubernetes operators that manage endpoints write many, so one finding suffices.
        if !Told::by_actor(event, "endpoints").is_news("", severity, KNOWN)? {
            return Ok(());
        }
        finding = finding.dedup_key(user.username());
    }
    findings.raise(finding);
    Ok(())
}

/// Judges a request whose body the audit policy omitted. Programs are excluded, since
/// controllers write endpoints all day.
fn judge_metadata(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let user = event.actor();
    if Requester::is_program(event) {
        return Ok(());
    }
    let severity = if is_known_as_managed(event, event.name())? {
        MANAGED_UNSEEN
    } else {
        UNMANAGED_UNSEEN
    };
    findings.raise(
        Finding::new(ENDPOINTS_HIJACKED)
            .on(event)
            .field(&event, AuditField::Username)
            .field(&event, AuditField::Verb)
            .field(&event, AuditField::RequestUri)
            .evidence(event, "level", "Metadata")
            .severity(severity)
            .dedup_key(format!("{} {}", user.username(), path(event)))
            .title(format!(
                "Endpoints {} were written with unknown addresses by {}",
                path(event),
                user.username()
            )),
    );
    Ok(())
}

fn is_known_as_managed(event: AuditEvent<'_>, service: &str) -> Result<bool, DetectError> {
    let managed = state::cluster(event).key(format!("managed {}/{service}", event.namespace()));
    Ok(managed.get()?.is_some())
}

fn finding(
    event: AuditEvent<'_>,
    named: EndpointsFacts<'_>,
    service: &str,
    is_managed: bool,
) -> Finding {
    let user = event.actor().username();
    let addresses = named.addresses().join(", ");
    let field = if event.resource_is("endpoints", "") {
        "requestObject.subsets[].addresses[].ip"
    } else {
        "requestObject.endpoints[].addresses"
    };
    Finding::new(ENDPOINTS_HIJACKED)
        .on(event)
        .evidence(event, field, &addresses)
        .attribute("managed", is_managed)
        .field(&event, AuditField::Username)
        .field(&event, AuditField::Verb)
        .field(&event, AuditField::Namespace)
        .field(&event, AuditField::Name)
        .dedup_key(format!("{user} {}/{service}", event.namespace()))
        .title(format!(
            "Service {}/{service} was redirected to {addresses} by {user}",
            event.namespace()
        ))
}

fn service(event: AuditEvent<'_>) -> String {
    if event.resource_is("endpoints", "") {
        return event.name().to_owned();
    }
    let named = [event.resulting(), event.requested()]
        .into_iter()
        .flatten()
        .find_map(|object| object.labels().get(SERVICE_NAME));
    named.unwrap_or(event.name()).to_owned()
}

fn is_claimed_by_controller(object: ObjectFacts<'_>) -> bool {
    let labels = object.labels();
    MANAGED_BY
        .iter()
        .filter_map(|key| labels.get(key))
        .any(|value| CONTROLLERS.contains(&value))
        || object.annotations().has(TRIGGER)
}

fn is_leader_election(event: AuditEvent<'_>) -> bool {
    [event.resulting(), event.requested()]
        .into_iter()
        .flatten()
        .any(|object| {
            LEADERS.iter().any(|key| object.annotations().has(key))
                || LEADER_LABELS.iter().any(|key| object.labels().has(key))
        })
}

//! Who answers for API groups and converts objects between their versions (ATT&CK T1557).

use wardline_sdk::prelude::*;
use wardline_sdk::rules::{ObjectChange, Requester};
use wardline_sdk::view::{ApiServiceFacts, CustomResourceDefinition, ObjectFacts};

use crate::endpoint::is_outside;
use crate::memory::Memory;
use crate::report::{LOW, ROUTINE, TUNING, Weakness, report, weaknesses};

pub const CREATED: &str = "Persistence:Kubernetes/APIServiceCreated";
pub const CONVERSION: &str = "Persistence:Kubernetes/ConversionWebhookSet";

/// Groups that are meant to be answered by an add-on
/// (<https://kubernetes.io/docs/tasks/debug/debug-cluster/resource-metrics-pipeline/>).
const METRICS: [&str; 3] = [
    "metrics.k8s.io",
    "custom.metrics.k8s.io",
    "external.metrics.k8s.io",
];

/// Namespaces and services that answer for metrics by their usual manifests, which skip the
/// check of the certificate.
const METRICS_SERVERS: [&str; 6] = [
    "metrics-server",
    "prometheus-adapter",
    "keda-operator-metrics-apiserver",
    "keda-metrics-apiserver",
    "datadog-cluster-agent-metrics-api",
    "custom-metrics-stackdriver-adapter",
];

/// The finding of an APIService, if any.
pub fn judge(change: &ObjectChange<'_>, memory: Memory) -> Result<Option<Finding>, DetectError> {
    let event = change.event;
    let before = memory.before(event)?;
    let change = &change.compared(before.is_some());
    let after = event
        .resulting()
        .or_else(|| event.requested().filter(|object| !object.partial()))
        .and_then(api_service);
    if let Some(service) = after {
        memory.set(event, &target(service))?;
    }
    // The API server registers its own groups and those of CustomResourceDefinitions.
    if change.requester == Requester::ControlPlane {
        return Ok(None);
    }
    if change.is_unseen() && change.requester.is_foreign() {
        let title = format!(
            "{} wrote ({}) the APIService {}; the log does not have who answers for it",
            event.user().username(),
            event.verb(),
            event.name()
        );
        return Ok(Some(report(change, CREATED, LOW, title)));
    }
    let tells = |object: ObjectFacts<'_>| {
        api_service(object).is_some_and(|service| !service.service_name().is_empty())
    };
    let Some((object, place)) = change.object(tells, "spec") else {
        return Ok(None);
    };
    let Some(service) = api_service(object) else {
        return Ok(None);
    };
    let now = target(service);
    if before.as_deref() == Some(now.as_str()) {
        return Ok(None);
    }
    let group = event
        .name()
        .split_once('.')
        .map_or(service.group(), |(_, group)| group);
    let is_usual = METRICS.contains(&group) && METRICS_SERVERS.contains(&service.service_name());
    let severity = match (&before, is_kubernetes(group)) {
        _ if is_usual => LOW,
        // Another answered before; an empty one is the API server itself.
        (Some(_), _) | (None, true) => 6.5,
        (None, false) if METRICS.contains(&group) || service.insecure_skip_tls_verify() => 5.0,
        // Another answered, of whom the log has not told.
        (None, false) if !change.is_new && change.requester == Requester::Person => 5.0,
        (None, false) => LOW,
    };
    let mut found = vec![Weakness::new(
        format!("{place}.spec.service"),
        &now,
        format!("{now} answers for it"),
        severity,
    )];
    if service.insecure_skip_tls_verify() {
        found.push(Weakness::new(
            format!("{place}.spec.insecureSkipTLSVerify"),
            "true",
            "its certificate is not checked",
            LOW,
        ));
    }
    let rate = |severity| change.severity(severity);
    let what = format!("the APIService {}", event.name());
    Ok(weaknesses(change, CREATED, &what, found, rate))
}

/// The finding of a CustomResourceDefinition whose objects somebody else converts, if any.
pub fn conversion(
    change: &ObjectChange<'_>,
    memory: Memory,
) -> Result<Option<Finding>, DetectError> {
    let event = change.event;
    let before = memory.before(event)?;
    let change = &change.compared(before.is_some());
    let after = event.resulting().and_then(definition);
    if let Some(definition) = after {
        memory.set(event, &converter(definition))?;
    }
    if change.requester == Requester::ControlPlane {
        return Ok(None);
    }
    let tells = |object: ObjectFacts<'_>| {
        definition(object).is_some_and(|definition| !converter(definition).is_empty())
    };
    let Some((object, place)) = change.object(tells, "spec/conversion") else {
        return Ok(None);
    };
    let Some(definition) = definition(object) else {
        return Ok(None);
    };
    let now = converter(definition);
    let is_outside = is_outside(definition.conversion_url());
    let is_person = change.requester == Requester::Person && !change.is_routine();
    if before.as_deref() == Some(now.as_str()) || !(is_outside || is_person) {
        return Ok(None);
    }
    let severity = match (is_outside, &before) {
        (true, _) => 6.0,
        // A definition that had none, or another, is given one by hand.
        (false, Some(_)) => 4.5,
        (false, None) => LOW,
    };
    let found = vec![Weakness::new(
        format!("{place}.spec.conversion.webhook.clientConfig"),
        &now,
        format!("{now} converts its objects"),
        severity,
    )];
    let rate = |severity| change.severity(severity);
    let what = format!("the CustomResourceDefinition {}", event.name());
    Ok(weaknesses(change, CONVERSION, &what, found, rate))
}

fn api_service(object: ObjectFacts<'_>) -> Option<ApiServiceFacts<'_>> {
    match object.facts() {
        Facts::ApiService(service) => Some(service),
        _ => None,
    }
}

fn definition(object: ObjectFacts<'_>) -> Option<CustomResourceDefinition<'_>> {
    match object.facts() {
        Facts::CustomResourceDefinition(definition) => Some(definition),
        _ => None,
    }
}

fn target(service: ApiServiceFacts<'_>) -> String {
    match service.service_name() {
        "" => "the API server itself".to_owned(),
        name => format!("the service {}/{name}", service.service_namespace()),
    }
}

fn converter(definition: CustomResourceDefinition<'_>) -> String {
    match (
        definition.conversion_url(),
        definition.conversion_service_name(),
    ) {
        ("", "") => String::new(),
        ("", name) => format!(
            "the service {}/{name}",
            definition.conversion_service_namespace()
        ),
        (url, _) => url.to_owned(),
    }
}

/// Whether Kubernetes itself answers for a group. Names below `k8s.io` are protected
/// (<https://kubernetes.io/docs/reference/using-api/api-concepts/>); those below `x-k8s.io`, and
/// some of its own projects', are not of the API server.
fn is_kubernetes(group: &str) -> bool {
    const GROUPS: [&str; 20] = [
        "apps",
        "batch",
        "autoscaling",
        "policy",
        "extensions",
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "apiregistration.k8s.io",
        "authentication.k8s.io",
        "authorization.k8s.io",
        "certificates.k8s.io",
        "coordination.k8s.io",
        "discovery.k8s.io",
        "events.k8s.io",
        "flowcontrol.apiserver.k8s.io",
        "networking.k8s.io",
        "node.k8s.io",
        "rbac.authorization.k8s.io",
        "scheduling.k8s.io",
        "storage.k8s.io",
    ];
    group.is_empty() || GROUPS.contains(&group)
}

pub fn types() -> [FindingType; 2] {
    let common = |finding: FindingType| {
        finding
            .technique("T1557")
            .severity_rule(ROUTINE)
            .tuning(TUNING)
            .attribute("tactic", "TA0003")
    };
    [
        common(FindingType::new(CREATED, 5.0))
            .title("Somebody else answers for an API group")
            .description(
                "An APIService sends all requests for a group, with the names of who makes them, to a \
                 service: it sees them, and answers what it likes.",
            )
            .severity_rule("6.5 if Kubernetes or another service answered for the group before")
            .severity_rule("5.0 for metrics by an unusual service, if the certificate is not checked, and if a person changed one of which the log has not told")
            .severity_rule("3.0 for the usual servers of metrics, for other groups of its own, and if the log does not have who answers (level Metadata)")
            .remediation(
                "Delete the APIService unless it is meant, put back the one that was there, and look at \
                 what the pods of the service do. Rotate credentials that were sent to it.",
            )
            .false_positives("Aggregated API servers of add-ons, installed from plain manifests.")
            .aggregated_by("actor and APIService")
            .reference("https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/"),
        common(FindingType::new(CONVERSION, 4.5))
            .title("Somebody else converts the objects of a definition")
            .description(
                "A conversion webhook sees every object of the definition when it is read or written, and \
                 may change it.",
            )
            .severity_rule("6.0 if it calls an address outside of the cluster")
            .severity_rule("4.5 if a person gives one to a definition that is known; 3.0 to others")
            .severity_rule("not reported for a service inside where a package, an operator or the platform sets it")
            .remediation("Take the conversion out of the definition unless it is meant, and look at its objects.")
            .false_positives("Operators installed by hand from plain manifests.")
            .aggregated_by("actor and CustomResourceDefinition")
            .reference("https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/"),
    ]
}

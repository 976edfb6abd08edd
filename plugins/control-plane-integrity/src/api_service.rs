//! Backends of API groups, and webhooks that convert objects between versions (ATT&CK T1557).

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::{LOW, MEDIUM};
use wardline_sdk::rules::{ObjectChange, Requester};
use wardline_sdk::view::{ApiServiceFacts, CustomResourceDefinition, ObjectFacts};

use crate::endpoint::is_outside;
use crate::memory::Memory;
use crate::report::{TUNING, UNSEEN, Weakness, report, title, weaknesses};

pub const CREATED: &str = "Persistence:Kubernetes/APIServiceCreated";
pub const CONVERSION: &str = "Persistence:Kubernetes/ConversionWebhookSet";

const TAKEN_OVER: SeverityRule = SeverityRule::new(
    6.5,
    "Kubernetes (whoever sends it) or another service served the group before",
);
const UNUSUAL_METRICS: SeverityRule =
    SeverityRule::new(MEDIUM, "an unusual service serves metrics");
const INSECURE: SeverityRule = SeverityRule::new(MEDIUM, "TLS verification is off");
const UNKNOWN_BACKEND: SeverityRule = SeverityRule::new(
    MEDIUM,
    "a person changed an APIService whose previous backend is unknown",
);
const USUAL_METRICS: SeverityRule = SeverityRule::new(LOW, "a usual metrics server serves metrics");
const OTHER_GROUP: SeverityRule = SeverityRule::new(LOW, "no rule above applies");

const CONVERTED_OUTSIDE: SeverityRule =
    SeverityRule::new(6.0, "it calls an address outside the cluster");
const KNOWN_DEFINITION: SeverityRule = SeverityRule::new(
    4.5,
    "a person adds or replaces it on a definition whose previous state is known",
);
const OTHER_DEFINITION: SeverityRule =
    SeverityRule::new(LOW, "a person sets it on another definition");

/// Groups that an add-on is meant to serve
/// (<https://kubernetes.io/docs/tasks/debug/debug-cluster/resource-metrics-pipeline/>).
const METRICS: [&str; 3] = [
    "metrics.k8s.io",
    "custom.metrics.k8s.io",
    "external.metrics.k8s.io",
];

/// Services that serve the metrics groups in the usual manifests, which turn off TLS verification.
const METRICS_SERVERS: [&str; 6] = [
    "metrics-server",
    "prometheus-adapter",
    "keda-operator-metrics-apiserver",
    "keda-metrics-apiserver",
    "datadog-cluster-agent-metrics-api",
    "custom-metrics-stackdriver-adapter",
];

/// Judges a request that created or changed an APIService.
pub fn judge(change: &ObjectChange<'_>, memory: Memory) -> Result<Option<Finding>, DetectError> {
    let event = change.event;
    let before = memory.before(event)?;
    let change = &change.with_known_previous(before.is_some());
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
        let object = format!("APIService {}", event.name());
        let title = format!("{} (content not logged)", title(change, &object));
        return Ok(Some(report(change, CREATED, UNSEEN, title)));
    }
    let has_service = |object: ObjectFacts<'_>| {
        api_service(object).is_some_and(|service| !service.service_name().is_empty())
    };
    let Some((object, path)) = change.object(has_service, "spec") else {
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
        _ if is_usual => USUAL_METRICS,
        // Another backend served the group, which may be the API server itself.
        (Some(_), _) | (None, true) => TAKEN_OVER,
        (None, false) if METRICS.contains(&group) => UNUSUAL_METRICS,
        (None, false) if service.insecure_skip_tls_verify() => INSECURE,
        // Another backend served the group, but the log has not shown which.
        (None, false) if !change.is_new && change.requester == Requester::Person => UNKNOWN_BACKEND,
        (None, false) => OTHER_GROUP,
    };
    let mut found = vec![Weakness::new(
        format!("{path}.spec.service"),
        &now,
        format!("requests go to {now}"),
        severity,
    )];
    if service.insecure_skip_tls_verify() {
        found.push(Weakness::new(
            format!("{path}.spec.insecureSkipTLSVerify"),
            "true",
            "TLS verification is off",
            LOW,
        ));
    }
    // Nothing but the API server serves these in any cluster, so it cannot have been so before.
    let is_stolen = is_kubernetes(group);
    let rate = |severity| match is_stolen {
        true => severity,
        false => change.severity(severity),
    };
    let object = format!("APIService {}", event.name());
    Ok(weaknesses(change, CREATED, &object, found, rate))
}

/// Judges a CustomResourceDefinition with a conversion webhook.
pub fn conversion(
    change: &ObjectChange<'_>,
    memory: Memory,
) -> Result<Option<Finding>, DetectError> {
    let event = change.event;
    let before = memory.before(event)?;
    let change = &change.with_known_previous(before.is_some());
    let after = event.resulting().and_then(definition);
    if let Some(definition) = after {
        memory.set(event, &converter(definition))?;
    }
    if change.requester == Requester::ControlPlane {
        return Ok(None);
    }
    let has_converter = |object: ObjectFacts<'_>| {
        definition(object).is_some_and(|definition| !converter(definition).is_empty())
    };
    let Some((object, path)) = change.object(has_converter, "spec/conversion") else {
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
        (true, _) => CONVERTED_OUTSIDE,
        (false, Some(_)) => KNOWN_DEFINITION,
        (false, None) => OTHER_DEFINITION,
    };
    let found = vec![Weakness::new(
        format!("{path}.spec.conversion.webhook.clientConfig"),
        &now,
        format!("objects are converted by {now}"),
        severity,
    )];
    let rate = |severity| change.severity(severity);
    let object = format!("CustomResourceDefinition {}", event.name());
    Ok(weaknesses(change, CONVERSION, &object, found, rate))
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

/// Whether Kubernetes itself serves a group. The suffix `k8s.io` is protected
/// (<https://kubernetes.io/docs/reference/using-api/api-concepts/>), but also names groups of
/// Kubernetes projects outside the API server, so the groups are listed.
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
            .severity_rules([
                ObjectChange::PACKAGED,
                ObjectChange::PLATFORM,
                ObjectChange::RESENT,
            ])
            .tuning(TUNING)
            .attribute("tactic", "TA0003")
    };
    [
        common(
            FindingType::new(CREATED, MEDIUM).severity_rules([
                TAKEN_OVER,
                UNUSUAL_METRICS,
                INSECURE,
                UNKNOWN_BACKEND,
                USUAL_METRICS,
                OTHER_GROUP,
                UNSEEN,
            ]),
        )
        .title("An APIService was created or redirected")
        .description(
            "An APIService forwards all requests for an API group to a service, together with the \
             identities of the users. The service sees the requests and decides the responses, which \
             lets an attacker collect credentials and data.",
        )
        .remediation(
            "Ask the author for the reason. Restore the previous APIService, or delete the new one. \
             Inspect the pods of the service, and rotate credentials that were sent to it.",
        )
        .false_positives("Aggregated API servers of add-ons that are installed from plain manifests.")
        .aggregated_by("actor and APIService")
        .reference("https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/"),
        common(
            FindingType::new(CONVERSION, KNOWN_DEFINITION.severity).severity_rules([
                CONVERTED_OUTSIDE,
                KNOWN_DEFINITION,
                OTHER_DEFINITION,
            ]),
        )
        .title("A conversion webhook was set on a CustomResourceDefinition")
        .description(
            "A conversion webhook receives every object of the definition that is read or written in \
             another version, and can change it. Attackers use it to read and alter custom resources.",
        )
        .remediation("Ask the author for the reason. Remove the webhook from the definition, and inspect its objects.")
        .false_positives(
            "Kubernetes operators that are installed by hand from plain manifests. Not reported: webhooks \
             inside the cluster that a package, a service account, or the platform sets.",
        )
        .aggregated_by("actor and CustomResourceDefinition")
        .reference("https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/"),
    ]
}

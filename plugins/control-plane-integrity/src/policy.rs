//! Admission policies that are removed or weakened, and deleted webhooks (ATT&CK T1562.001).

use wardline_sdk::prelude::*;
use wardline_sdk::raw;
use wardline_sdk::rules::severity::{LOW, MEDIUM};
use wardline_sdk::rules::{JsonPatch, ObjectChange, Requester};
use wardline_sdk::text;
use wardline_sdk::view::{AdmissionPolicy, ObjectFacts};

use crate::memory::Memory;
use crate::report::{TUNING, Weakness, report, title, weaknesses};
use crate::webhook;

pub const DELETED: &str = "DefenseEvasion:Kubernetes/AdmissionPolicyDeleted";

/// The rule for a policy of Kyverno or Gatekeeper that denied violations.
pub const ENGINE: SeverityRule = SeverityRule::new(
    MEDIUM,
    "a policy of Kyverno or Gatekeeper no longer denies violations, as shown by a patch or by the \
     previous state",
);
/// The rule for an exception from policies of Kyverno.
pub const EXCEPTION: SeverityRule = SeverityRule::new(
    4.5,
    "a person created or changed an exception from policies of Kyverno",
);
/// The rule for an exception that comes from a deployment tool.
pub const EXCEPTION_BY_SERVICE_ACCOUNT: SeverityRule = SeverityRule::new(
    LOW,
    "a service account created or changed an exception from policies of Kyverno",
);

const ALL_DELETED: SeverityRule = SeverityRule::new(5.5, "a person deleted all objects of a kind");
const ONE_DELETED: SeverityRule = SeverityRule::new(MEDIUM, "a person deleted one");
const IGNORES: SeverityRule = SeverityRule::new(MEDIUM, "a policy ignores failures");
const ALLOWS: SeverityRule = SeverityRule::new(MEDIUM, "a policy no longer denies violations");
const ALWAYS_TRUE: SeverityRule =
    SeverityRule::new(MEDIUM, "a policy has an expression that is always true");
const MATCHES: SeverityRule =
    SeverityRule::new(4.5, "a patch changes the match conditions of a policy");
const DELETED_BY_SERVICE_ACCOUNT: SeverityRule = SeverityRule::new(
    LOW,
    "a service account deleted one, since operators and deployment tools remove what they installed",
);

/// Judges the deletion of webhook configurations, of admission policies and their bindings, and of
/// the policies of Kyverno and Gatekeeper.
pub fn deleted(change: &ObjectChange<'_>, memory: Memory) -> Result<Option<Finding>, DetectError> {
    let event = change.event;
    let before = memory.before(event)?;
    memory.forget(event)?;
    let is_own = event.user().service_account().is_some_and(|(home, _)| {
        // Policy engines recreate their webhooks as policies come and go.
        before.is_some_and(|before| webhook::calls_only(&before, home))
    });
    if is_own && Requester::is_program(event) && event.impersonated_user().is_none() {
        return Ok(None);
    }
    let severity = match (change.requester, event.verb()) {
        (Requester::ControlPlane, _) => return Ok(None),
        (Requester::Person, "deletecollection") => ALL_DELETED,
        (Requester::Person, _) => ONE_DELETED,
        _ => DELETED_BY_SERVICE_ACCOUNT,
    };
    let title = format!(
        "{} deleted by {}",
        match (event.name(), event.namespace()) {
            ("", "") => format!("All {} were", event.resource()),
            ("", namespace) => format!("All {} in {namespace} were", event.resource()),
            (name, _) => format!("{}/{name} was", event.resource()),
        },
        event.user().username(),
    );
    Ok(Some(
        report(change, DELETED, severity, title).field(&event, AuditField::Resource),
    ))
}

/// Judges a change to a ValidatingAdmissionPolicy, a MutatingAdmissionPolicy, or a binding of
/// either.
pub fn judge(change: &ObjectChange<'_>, memory: Memory) -> Result<Option<Finding>, DetectError> {
    let event = change.event;
    let before = memory.before(event)?;
    let change = &change.with_known_previous(before.is_some());
    if let Some(policy) = after(event) {
        memory.set(event, &digest(policy))?;
    }
    if change.requester == Requester::ControlPlane {
        return Ok(None);
    }
    if change.is_new {
        return Ok(mutating(change));
    }
    let is_policy = |object: ObjectFacts<'_>| policy(object).is_some();
    let Some((object, path)) = change.object(is_policy, "spec") else {
        return Ok(None);
    };
    let Some(policy) = policy(object) else {
        return Ok(None);
    };
    let was = |word: &str| before.as_ref().is_none_or(|before| before.contains(word));
    let patch =
        (path != "requestObject" && event.verb() == "patch").then(|| JsonPatch::from_event(event));
    let names = |field: &str| patch.as_ref().is_none_or(|patch| patch.names(field));
    let mut found = Vec::new();
    if policy.failure_policy() == "Ignore" && names("spec/failurePolicy") && was("fail") {
        found.push(Weakness::new(
            format!("{path}.spec.failurePolicy"),
            "Ignore",
            "requests pass if evaluation fails",
            IGNORES,
        ));
    }
    let actions = policy.actions();
    if !actions.is_empty()
        && !actions.contains("Deny")
        && names("spec/validationActions")
        && was("deny")
    {
        found.push(Weakness::new(
            format!("{path}.spec.validationActions"),
            actions.join(", "),
            "violations are no longer denied",
            ALLOWS,
        ));
    }
    if policy.expressions().any(|text| text.trim() == "true") && was("strict") {
        found.push(Weakness::new(
            format!("{path}.spec.validations"),
            "true",
            "an expression is always true",
            ALWAYS_TRUE,
        ));
    }
    if names_matches(change) {
        found.push(Weakness::new(
            "requestObject.spec",
            "matchConstraints, matchConditions or matchResources",
            "match conditions were changed",
            MATCHES,
        ));
    }
    let object = format!("Policy {}/{}", event.resource(), event.name());
    let rate = |severity| change.severity(severity);
    Ok(weaknesses(change, DELETED, &object, found, rate))
}

/// Judges a new MutatingAdmissionPolicy, which changes objects like a webhook, but without a
/// server.
fn mutating(change: &ObjectChange<'_>) -> Option<Finding> {
    let event = change.event;
    if event.resource() != "mutatingadmissionpolicies" || !change.requester.is_foreign() {
        return None;
    }
    let title = title(change, &format!("MutatingAdmissionPolicy {}", event.name()));
    let finding = report(change, webhook::CREATED, webhook::MUTATING_POLICY, title);
    Some(match after(event) {
        Some(policy) => {
            let expressions = policy.expressions().join("; ");
            finding.evidence(event, "requestObject.spec.mutations", expressions)
        }
        None => finding,
    })
}

/// Whether a patch names the match conditions of a policy. Only `spec` is searched, since the
/// annotation of `kubectl apply` repeats the fields.
fn names_matches(change: &ObjectChange<'_>) -> bool {
    const FIELDS: [&str; 3] = ["matchConstraints", "matchConditions", "matchResources"];
    if change.event.verb() != "patch" || change.is_whole || change.event.requested().is_none() {
        return false;
    }
    match raw::json(change.event, "/requestObject/spec") {
        Ok(Some(spec)) => FIELDS
            .iter()
            .any(|field| text::contains(&spec, &format!("\"{field}\""))),
        _ => {
            let patch = JsonPatch::from_event(change.event);
            FIELDS
                .iter()
                .any(|field| patch.names(&format!("spec/{field}")))
        }
    }
}

/// Returns the parts of a policy that are compared from one change to the next, as words.
fn digest(policy: AdmissionPolicy<'_>) -> String {
    let words = [
        ("fail", policy.failure_policy() != "Ignore"),
        ("deny", policy.actions().contains("Deny")),
        (
            "strict",
            !policy.expressions().any(|text| text.trim() == "true"),
        ),
    ];
    let words: Vec<&str> = words
        .into_iter()
        .filter_map(|(word, holds)| holds.then_some(word))
        .collect();
    words.join(" ")
}

fn policy(object: ObjectFacts<'_>) -> Option<AdmissionPolicy<'_>> {
    match object.facts() {
        Facts::AdmissionPolicy(policy) => Some(policy),
        _ => None,
    }
}

/// Returns the policy after the request, if the log has it.
fn after(event: AuditEvent<'_>) -> Option<AdmissionPolicy<'_>> {
    event
        .resulting()
        .or_else(|| event.requested().filter(|object| !object.partial()))
        .and_then(policy)
}

pub fn types() -> [FindingType; 1] {
    [FindingType::new(DELETED, MEDIUM)
        .title("An admission policy or webhook was removed or weakened")
        .description(
            "An admission webhook or policy that rejects dangerous requests was deleted, or changed so \
             that it rejects fewer. Attackers do so before they create objects that it would reject.",
        )
        .technique("T1562.001")
        .severity_rules([
            ALL_DELETED,
            ONE_DELETED,
            IGNORES,
            ALLOWS,
            ALWAYS_TRUE,
            ENGINE,
            MATCHES,
            EXCEPTION,
            EXCEPTION_BY_SERVICE_ACCOUNT,
            DELETED_BY_SERVICE_ACCOUNT,
            ObjectChange::PACKAGED,
            ObjectChange::PLATFORM,
            ObjectChange::RESENT,
        ])
        .remediation(
            "Ask the actor for the reason. Restore the object, and look for objects created since then that \
             it would have rejected.",
        )
        .false_positives(
            "Removal of a policy engine, an injector, or a Kubernetes operator by hand (`helm \
             uninstall`). Not reported: a service account that deletes webhooks known to call its own \
             namespace only.",
        )
        .tuning(TUNING)
        .aggregated_by("actor and object")
        .reference("https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/")
        .reference("https://attack.mitre.org/techniques/T1562/001/")]
}

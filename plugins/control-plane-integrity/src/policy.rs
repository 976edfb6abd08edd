//! Admission policies and webhooks that are removed or weakened (ATT&CK T1562.001).

use wardline_sdk::prelude::*;
use wardline_sdk::raw;
use wardline_sdk::rules::{ObjectChange, Requester};
use wardline_sdk::text;
use wardline_sdk::view::{AdmissionPolicy, ObjectFacts};

use crate::memory::Memory;
use crate::report::{LOW, ROUTINE, TUNING, Weakness, report, weaknesses};
use crate::webhook;

pub const DELETED: &str = "DefenseEvasion:Kubernetes/AdmissionPolicyDeleted";

/// Judges the deletion of what admits requests: webhook configurations, policies and their
/// bindings, and the policies of Kyverno and Gatekeeper.
pub fn deleted(change: &ObjectChange<'_>, memory: Memory) -> Result<Option<Finding>, DetectError> {
    let event = change.event;
    let before = memory.before(event)?;
    memory.forget(event)?;
    let is_own = event.user().service_account().is_some_and(|(home, _)| {
        // Policy engines make their webhooks anew as policies come and go.
        before.is_some_and(|before| webhook::calls_only(&before, home))
    });
    if is_own && event.impersonated_user().is_none() {
        return Ok(None);
    }
    let severity = match (change.requester, event.verb()) {
        (Requester::ControlPlane, _) => return Ok(None),
        (Requester::Person, "deletecollection") => 5.5,
        (Requester::Person, _) => 5.0,
        _ => LOW,
    };
    let title = format!(
        "{} deleted {} {}, which admits or refuses requests",
        event.user().username(),
        event.resource(),
        match (event.name(), event.namespace()) {
            ("", "") => "of the whole cluster",
            ("", namespace) => namespace,
            (name, _) => name,
        },
    );
    Ok(Some(
        report(change, DELETED, severity, title).field(&event, AuditField::Resource),
    ))
}

/// Judges a change to a ValidatingAdmissionPolicy, a MutatingAdmissionPolicy, or a binding of
/// one.
pub fn judge(change: &ObjectChange<'_>, memory: Memory) -> Result<Option<Finding>, DetectError> {
    let event = change.event;
    let before = memory.before(event)?;
    let change = &change.compared(before.is_some());
    if let Some(policy) = after(event) {
        memory.set(event, &digest(policy))?;
    }
    if change.requester == Requester::ControlPlane {
        return Ok(None);
    }
    if change.is_new {
        return Ok(mutating(change));
    }
    let tells = |object: ObjectFacts<'_>| policy(object).is_some();
    let Some((object, place)) = change.object(tells, "spec") else {
        return Ok(None);
    };
    let Some(policy) = policy(object) else {
        return Ok(None);
    };
    let was = |word: &str| before.as_ref().is_none_or(|before| before.contains(word));
    let names = |field: &str| {
        place == "requestObject" || event.verb() != "patch" || change.json_patch_names(field)
    };
    let mut found = Vec::new();
    if policy.failure_policy() == "Ignore" && names("spec/failurePolicy") && was("fail") {
        found.push(Weakness::new(
            format!("{place}.spec.failurePolicy"),
            "Ignore",
            "requests pass where it cannot be evaluated",
            5.0,
        ));
    }
    let actions = policy.actions();
    if !actions.is_empty()
        && !actions.contains("Deny")
        && names("spec/validationActions")
        && was("deny")
    {
        found.push(Weakness::new(
            format!("{place}.spec.validationActions"),
            actions.join(", "),
            "it no longer denies",
            5.0,
        ));
    }
    if policy.expressions().any(|text| text.trim() == "true") && was("strict") {
        found.push(Weakness::new(
            format!("{place}.spec.validations"),
            "true",
            "one of its expressions holds for everything",
            5.0,
        ));
    }
    if names_matches(change) {
        found.push(Weakness::new(
            "requestObject.spec",
            "matchConstraints, matchConditions or matchResources",
            "it is asked for other objects than before",
            4.5,
        ));
    }
    let what = format!("{} {}", event.resource(), event.name());
    let rate = |severity| change.severity(severity);
    Ok(weaknesses(change, DELETED, &what, found, rate))
}

/// A policy that changes what is written, without any server: a webhook by other means.
fn mutating(change: &ObjectChange<'_>) -> Option<Finding> {
    let event = change.event;
    if event.resource() != "mutatingadmissionpolicies" || !change.requester.is_foreign() {
        return None;
    }
    let title = format!(
        "{} made the MutatingAdmissionPolicy {}, which changes what is written",
        event.user().username(),
        event.name()
    );
    let finding = report(change, webhook::CREATED, LOW, title);
    Some(match after(event) {
        Some(policy) => {
            let expressions = policy.expressions().join("; ");
            finding.evidence(event, "requestObject.spec.mutations", expressions)
        }
        None => finding,
    })
}

/// Whether a patch names what a policy is asked for. The annotation of `kubectl apply` is not
/// below `spec`.
fn names_matches(change: &ObjectChange<'_>) -> bool {
    const FIELDS: [&str; 3] = ["matchConstraints", "matchConditions", "matchResources"];
    if change.event.verb() != "patch" || change.is_whole || change.event.requested().is_none() {
        return false;
    }
    match raw::json(change.event, "/requestObject/spec") {
        Ok(Some(spec)) => FIELDS
            .iter()
            .any(|field| text::contains(&spec, &format!("\"{field}\""))),
        _ => FIELDS
            .iter()
            .any(|field| change.json_patch_names(&format!("spec/{field}"))),
    }
}

/// What of a policy matters from one change to the next.
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

/// The policy after the request, where the log tells.
fn after(event: AuditEvent<'_>) -> Option<AdmissionPolicy<'_>> {
    event
        .resulting()
        .or_else(|| event.requested().filter(|object| !object.partial()))
        .and_then(policy)
}

pub fn types() -> [FindingType; 1] {
    [FindingType::new(DELETED, 5.0)
        .title("An admission policy or webhook was removed or weakened")
        .description(
            "What refuses dangerous requests was deleted, or changed so that it refuses less. Attackers \
             do so before they make what it forbids.",
        )
        .technique("T1562.001")
        .severity_rule("5.0 if a person deleted one, 5.5 if they deleted all")
        .severity_rule("3.0 if a service account did: operators and deployers remove what they installed; not reported where it is known to call the account's own namespace alone")
        .severity_rule("5.0 if a policy now ignores failures, no longer denies, or holds for everything; 4.5 if a patch changes what it is asked for")
        .severity_rule("5.0 if a policy of Kyverno or Gatekeeper no longer denies: if a patch says so, or the log has told that it did; 4.5 for an exception from policies of Kyverno, 3.0 if a service account makes it")
        .severity_rule(ROUTINE)
        .remediation(
            "Ask who did it whether it was meant. Put it back, and look for what was made in the \
             meantime that it would have refused.",
        )
        .false_positives(
            "Uninstalling a policy engine, an injector or an operator by hand (`helm uninstall`).",
        )
        .tuning(TUNING)
        .aggregated_by("actor and object")
        .reference("https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/")
        .reference("https://attack.mitre.org/techniques/T1562/001/")]
}

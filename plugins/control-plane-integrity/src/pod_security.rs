//! What keeps privileged pods out of namespaces (ATT&CK T1562.001): the labels of Pod Security
//! Admission, and OpenShift's security context constraints.

use wardline_sdk::prelude::*;
use wardline_sdk::raw;
use wardline_sdk::rules::{ObjectChange, Requester};
use wardline_sdk::view::ObjectFacts;

use crate::memory::Memory;
use crate::report::{LOW, ROUTINE, TUNING, Weakness, report, weaknesses};

pub const WEAKENED: &str = "DefenseEvasion:Kubernetes/PodSecurityWeakened";

const ENFORCE: &str = "pod-security.kubernetes.io/enforce";

/// Labels with which policy engines leave a namespace out
/// (<https://open-policy-agent.github.io/gatekeeper/website/docs/exempt-namespaces/>).
const EXEMPT: [&str; 1] = ["admission.gatekeeper.sh/ignore"];

/// Constraints of OpenShift that let pods reach their node
/// (<https://docs.openshift.com/container-platform/latest/authentication/managing-security-context-constraints.html>).
const CONSTRAINTS: [(&str, f64); 6] = [
    ("privileged", 4.5),
    ("hostaccess", 4.0),
    ("hostmount-anyuid", 4.0),
    ("hostnetwork", LOW),
    ("hostnetwork-v2", LOW),
    ("anyuid", LOW),
];

/// The finding of a change to a namespace, if any.
pub fn judge(change: &ObjectChange<'_>, memory: Memory) -> Result<Option<Finding>, DetectError> {
    let event = change.event;
    let before = memory.before(event)?;
    let change = &change.compared(before.is_some());
    let whole = event
        .resulting()
        .or_else(|| event.requested().filter(|object| !object.partial()));
    let now = whole.map(level);
    if let Some(now) = now {
        memory.set(event, now)?;
    }
    // The namespace controller, OpenShift's label syncer.
    if !change.requester.is_foreign() {
        return Ok(None);
    }
    let mut found = Vec::new();
    let now = now
        .or_else(|| event.requested().map(level))
        .unwrap_or_default();
    let field = format!("requestObject.metadata.labels[{ENFORCE}]");
    let says = |was: &str| {
        format!(
            "it enforces {} in place of {}",
            name(now),
            if was == "?" { "what it did" } else { name(was) }
        )
    };
    match before {
        // Namespaces of agents are made so; who makes more and more is told once.
        _ if change.is_new && now != "privileged" => {}
        _ if change.is_new => found.extend(
            memory
                .is_first(event, "privileged namespace")?
                .then(|| Weakness::new(field, now, "it lets every pod in", LOW)),
        ),
        Some(before) if rank(now) < rank(&before) => {
            let severity = if rank(now) == 0 { 5.5 } else { 4.5 };
            found.push(Weakness::new(field, now, says(&before), severity));
        }
        Some(_) => {}
        None if rank(now) == 0 && names_label(event) => {
            found.push(Weakness::new(field, now, says("?"), 5.0));
        }
        None => {}
    }
    let labelled = event.requested().into_iter().flat_map(|object| {
        EXEMPT
            .into_iter()
            .filter(move |label| !change.is_new && object.labels().has(label))
    });
    for label in labelled {
        found.push(Weakness::new(
            format!("requestObject.metadata.labels[{label}]"),
            "",
            "a policy engine leaves it out",
            5.0,
        ));
    }
    let rate = |severity| change.severity(severity);
    let what = format!("the namespace {}", event.name());
    Ok(weaknesses(change, WEAKENED, &what, found, rate))
}

/// The finding of a change to a SecurityContextConstraints, or of a binding to the role of one.
pub fn constraints(change: &ObjectChange<'_>) -> Option<Finding> {
    let event = change.event;
    if !change.requester.is_foreign() {
        return None;
    }
    if event.resource() == "securitycontextconstraints" {
        let severity = if change.requester == Requester::Person {
            4.5
        } else {
            LOW
        };
        let title = format!(
            "{} changed ({}) the security context constraint {}",
            event.user().username(),
            event.verb(),
            event.name()
        );
        return Some(report(change, WEAKENED, change.severity(severity), title));
    }
    let role = event
        .requested()
        .or_else(|| event.resulting())
        .and_then(role)?;
    let constraint = role.strip_prefix("system:openshift:scc:")?;
    let (_, severity) = CONSTRAINTS.iter().find(|(name, _)| *name == constraint)?;
    let found = vec![Weakness::new(
        "requestObject.roleRef.name",
        role,
        format!("it lets pods use the constraint {constraint}"),
        *severity,
    )];
    let what = format!(
        "the {} {}",
        event.resource().trim_end_matches('s'),
        event.name()
    );
    weaknesses(change, WEAKENED, &what, found, |severity| {
        change.severity(severity)
    })
}

fn role(object: ObjectFacts<'_>) -> Option<&str> {
    match object.facts() {
        Facts::Binding(binding) => Some(binding.role_name()),
        _ => None,
    }
}

fn level(object: ObjectFacts<'_>) -> &str {
    object.labels().get(ENFORCE).unwrap_or_default()
}

fn name(level: &str) -> &str {
    if level.is_empty() { "nothing" } else { level }
}

/// How much a level keeps out (<https://kubernetes.io/docs/concepts/security/pod-security-standards/>);
/// without the label the cluster's default counts, which is privileged unless it was set.
fn rank(level: &str) -> u8 {
    match level {
        "restricted" => 2,
        "baseline" => 1,
        _ => 0,
    }
}

/// Whether a patch names the label: with a value, with null, or in the notation of JSON
/// pointers.
fn names_label(event: AuditEvent<'_>) -> bool {
    event.verb() == "patch"
        && (event
            .requested()
            .is_some_and(|object| object.labels().has(ENFORCE))
            || raw::json(event, "/requestObject")
                .ok()
                .flatten()
                .is_some_and(|patch| {
                    [
                        "pod-security.kubernetes.io/enforce\"",
                        "pod-security.kubernetes.io~1enforce\"",
                    ]
                    .iter()
                    .any(|label| wardline_sdk::text::contains(&patch, label))
                }))
}

pub fn types() -> [FindingType; 1] {
    [FindingType::new(WEAKENED, 5.0)
        .title("Less keeps privileged pods out of a namespace")
        .description(
            "The level that Pod Security Admission enforces in a namespace was lowered or taken off, a \
             policy engine was told to leave it out, or a constraint of OpenShift was opened.",
        )
        .technique("T1562.001")
        .severity_rule("5.5 if nothing is enforced any more, 4.5 if baseline is in place of restricted")
        .severity_rule("5.0 if a patch sets it to nothing and the log has not told what it was; 5.0 for the label of a policy engine")
        .severity_rule("3.0 for a new namespace that enforces nothing, once for each actor")
        .severity_rule("OpenShift: 4.5 for the constraint privileged and for changes to constraints; 4.0 for those that open the node's files; 3.0 for others")
        .severity_rule(ROUTINE)
        .remediation(
            "Put the label back, and look at the pods that were made in the namespace since. Let nobody \
             who makes workloads change namespaces.",
        )
        .false_positives("Agents that need the node are given a namespace of their own with the level privileged.")
        .tuning(TUNING)
        .aggregated_by("actor and namespace, or actor and constraint")
        .reference("https://kubernetes.io/docs/concepts/security/pod-security-admission/")]
}

//! Weakened protection against privileged pods (ATT&CK T1562.001): labels of Pod Security
//! Admission, exemptions from Gatekeeper, and OpenShift's security context constraints.

use wardline_sdk::prelude::*;
use wardline_sdk::raw;
use wardline_sdk::rules::severity::{LOW, MEDIUM};
use wardline_sdk::rules::{ObjectChange, Requester};
use wardline_sdk::view::ObjectFacts;

use crate::memory::Memory;
use crate::report::{TUNING, Weakness, report, title, weaknesses};

pub const WEAKENED: &str = "DefenseEvasion:Kubernetes/PodSecurityWeakened";

const REMOVED: SeverityRule = SeverityRule::new(5.5, "nothing is enforced any longer");
const PATCHED: SeverityRule = SeverityRule::new(
    MEDIUM,
    "a patch sets the level to none or privileged and the previous level is unknown",
);
const EXEMPTED: SeverityRule = SeverityRule::new(
    MEDIUM,
    "an existing namespace received the exemption label of a policy engine",
);
const LOWERED: SeverityRule = SeverityRule::new(4.5, "restricted became baseline");
const PRIVILEGED: SeverityRule =
    SeverityRule::new(4.5, "a binding permits the OpenShift constraint privileged");
const CHANGED_BY_PERSON: SeverityRule =
    SeverityRule::new(4.5, "a person changed an OpenShift constraint");
const HOST_ACCESS: SeverityRule = SeverityRule::new(
    4.0,
    "a binding permits the OpenShift constraint hostaccess or hostmount-anyuid",
);
const ANY_USER: SeverityRule = SeverityRule::new(
    LOW,
    "a binding permits the OpenShift constraint hostnetwork, hostnetwork-v2, or anyuid",
);
const CHANGED_BY_SERVICE_ACCOUNT: SeverityRule =
    SeverityRule::new(LOW, "a service account changed an OpenShift constraint");
const NEW: SeverityRule = SeverityRule::new(
    LOW,
    "a new namespace is privileged, once per actor within `remember`",
);

const ENFORCE: &str = "pod-security.kubernetes.io/enforce";

/// Labels that exempt a namespace from a policy engine
/// (<https://open-policy-agent.github.io/gatekeeper/website/docs/exempt-namespaces/>).
const EXEMPT: [&str; 1] = ["admission.gatekeeper.sh/ignore"];

/// OpenShift constraints that let pods access their node, each with its severity
/// (<https://docs.openshift.com/container-platform/latest/authentication/managing-security-context-constraints.html>).
const CONSTRAINTS: [(&str, SeverityRule); 6] = [
    ("privileged", PRIVILEGED),
    ("hostaccess", HOST_ACCESS),
    ("hostmount-anyuid", HOST_ACCESS),
    ("hostnetwork", ANY_USER),
    ("hostnetwork-v2", ANY_USER),
    ("anyuid", ANY_USER),
];

/// Judges a request that created or changed a namespace.
pub fn judge(change: &ObjectChange<'_>, memory: Memory) -> Result<Option<Finding>, DetectError> {
    let event = change.event;
    let before = memory.before(event)?;
    let change = &change.with_known_previous(before.is_some());
    let whole = event
        .resulting()
        .or_else(|| event.requested().filter(|object| !object.partial()));
    let now = whole.map(level);
    if let Some(now) = now {
        memory.set(event, now)?;
    }
    // For example the namespace controller, or OpenShift's label syncer.
    if !change.requester.is_foreign() {
        return Ok(None);
    }
    let mut found = Vec::new();
    let now = now
        .or_else(|| event.requested().map(level))
        .unwrap_or_default();
    let field = format!("requestObject.metadata.labels[{ENFORCE}]");
    let lowered = |before: &str| {
        format!(
            "enforcement was lowered from {} to {}",
            level_name(before),
            level_name(now)
        )
    };
    match before {
        // Namespaces of node agents are created so; each actor is reported once.
        _ if change.is_new && now != "privileged" => {}
        _ if change.is_new => found.extend(
            memory
                .is_news(event, "privileged namespace", NEW)?
                .then(|| Weakness::new(field, now, "every pod is admitted", NEW)),
        ),
        Some(before) if rank(now) < rank(&before) => {
            let severity = if rank(now) == 0 { REMOVED } else { LOWERED };
            found.push(Weakness::new(field, now, lowered(&before), severity));
        }
        Some(_) => {}
        None if rank(now) == 0 && names_label(event) => {
            let summary = format!("enforcement was set to {}", level_name(now));
            found.push(Weakness::new(field, now, summary, PATCHED));
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
            "a policy engine exempts it",
            EXEMPTED,
        ));
    }
    let rate = |severity| change.severity(severity);
    let object = format!("Namespace {}", event.name());
    Ok(weaknesses(change, WEAKENED, &object, found, rate))
}

/// Judges a change to a SecurityContextConstraints, or a binding to the role that permits one.
pub fn constraints(change: &ObjectChange<'_>) -> Option<Finding> {
    let event = change.event;
    if !change.requester.is_foreign() {
        return None;
    }
    if event.resource() == "securitycontextconstraints" {
        if change.is_only_metadata() {
            return None;
        }
        let severity = if change.requester == Requester::Person {
            CHANGED_BY_PERSON
        } else {
            CHANGED_BY_SERVICE_ACCOUNT
        };
        let title = title(
            change,
            &format!("SecurityContextConstraints {}", event.name()),
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
        format!("pods may use the constraint {constraint}"),
        *severity,
    )];
    let object = match event.namespace() {
        "" => format!("ClusterRoleBinding {}", event.name()),
        namespace => format!("RoleBinding {namespace}/{}", event.name()),
    };
    weaknesses(change, WEAKENED, &object, found, |severity| {
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

fn level_name(level: &str) -> &str {
    if level.is_empty() { "none" } else { level }
}

/// Returns the strictness of a level (<https://kubernetes.io/docs/concepts/security/pod-security-standards/>);
/// without the label the default of the cluster applies, which is privileged unless configured.
fn rank(level: &str) -> u8 {
    match level {
        "restricted" => 2,
        "baseline" => 1,
        _ => 0,
    }
}

/// Whether a patch names the label: with a value, with null, or as a JSON pointer.
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
    [FindingType::new(WEAKENED, MEDIUM)
        .title("Pod security enforcement was lowered")
        .description(
            "The level that Pod Security Admission enforces in a namespace was lowered or removed, the \
             namespace was exempted from a policy engine, or an OpenShift constraint was opened. Attackers \
             do so before they start privileged pods.",
        )
        .technique("T1562.001")
        .severity_rules([
            REMOVED,
            PATCHED,
            EXEMPTED,
            LOWERED,
            PRIVILEGED,
            CHANGED_BY_PERSON,
            HOST_ACCESS,
            ANY_USER,
            CHANGED_BY_SERVICE_ACCOUNT,
            NEW,
            ObjectChange::PACKAGED,
            ObjectChange::RESENT,
        ])
        .remediation(
            "Restore the label or the constraint, and inspect the pods that were created in the namespace \
             since then. Remove write access to namespaces from users who deploy workloads.",
        )
        .false_positives("Node agents that run in a namespace of their own with the level privileged.")
        .tuning(TUNING)
        .aggregated_by("actor and namespace, or actor and constraint")
        .reference("https://kubernetes.io/docs/concepts/security/pod-security-admission/")]
}

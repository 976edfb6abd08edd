//! Finding types of webhooks.

use wardline_sdk::FindingType;
use wardline_sdk::rules::ObjectChange;
use wardline_sdk::rules::severity::{LOW, MEDIUM, SeverityRule};

use crate::report::{TUNING, UNSEEN};

pub const CREATED: &str = "Persistence:Kubernetes/AdmissionWebhookCreated";
pub const MODIFIED: &str = "Persistence:Kubernetes/AdmissionWebhookModified";

// The rules of `CREATED`.
pub const OUTSIDE: SeverityRule = SeverityRule::new(6.5, "it calls an address outside the cluster");
pub const PACKAGED_OUTSIDE: SeverityRule = SeverityRule::at_most(
    4.5,
    "it calls an address outside the cluster and has the labels of a package or comes from the \
     platform",
);
pub const MUTATES: SeverityRule = SeverityRule::new(4.5, "it mutates pods, workloads, or secrets");
pub const VALIDATES: SeverityRule =
    SeverityRule::new(4.0, "it validates secrets, and therefore sees them");
pub const OTHER: SeverityRule = SeverityRule::new(LOW, "it receives other objects only");
pub const INSTALLED: SeverityRule = SeverityRule::new(
    LOW,
    "it calls services of a namespace that its author created, within `install-window` for a \
     person or `remember` for a service account",
);
pub const OWN: SeverityRule = SeverityRule::new(
    LOW,
    "a service account creates it for a service of its own namespace",
);
/// The rule for a MutatingAdmissionPolicy, which changes objects without a server.
pub const MUTATING_POLICY: SeverityRule = SeverityRule::new(LOW, "it is a MutatingAdmissionPolicy");

// The rules of `MODIFIED`.
pub const REDIRECTED_OUTSIDE: SeverityRule =
    SeverityRule::new(6.5, "it calls a different address outside the cluster");
pub const REDIRECTED: SeverityRule =
    SeverityRule::new(MEDIUM, "it calls a different address inside the cluster");
pub const IGNORES: SeverityRule = SeverityRule::new(MEDIUM, "its `failurePolicy` became `Ignore`");
pub const REMOVED: SeverityRule = SeverityRule::new(MEDIUM, "a webhook was removed");
pub const NARROWED: SeverityRule =
    SeverityRule::new(4.5, "its selectors or match conditions were changed");

pub fn types() -> [FindingType; 2] {
    let common = |finding: FindingType| {
        finding
            .technique("T1546")
            .technique("T1557")
            .severity_rules([UNSEEN, ObjectChange::PACKAGED, ObjectChange::PLATFORM])
            .remediation(
                "Find out who operates the endpoint, and ask the author whether the change was intended. \
                 Restore the configuration. Inspect objects that were written while it was in force: \
                 images, environment, and service accounts of pods may have been changed.",
            )
            .tuning(TUNING)
            .aggregated_by("actor and webhook configuration")
            .reference("https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/")
            .reference("https://kubernetes.io/blog/2022/01/19/secure-your-admission-controllers-and-webhooks/")
    };
    [
        common(
            FindingType::new(CREATED, MUTATES.severity).severity_rules([
                OUTSIDE,
                PACKAGED_OUTSIDE,
                MUTATES,
                VALIDATES,
                OTHER,
                INSTALLED,
                OWN,
                MUTATING_POLICY,
            ]),
        )
        .title("An admission webhook was created")
        .description(
            "The API server sends objects that are written to a new webhook, which can change them (a \
             mutating webhook) or reject them. Attackers use this to read secrets and to inject \
             containers.",
        )
        .false_positives("Policy engines, service meshes, and secret injectors that are installed from plain manifests."),
        common(
            FindingType::new(MODIFIED, MEDIUM).severity_rules([
                REDIRECTED_OUTSIDE,
                REDIRECTED,
                IGNORES,
                REMOVED,
                NARROWED,
                ObjectChange::RESENT,
            ]),
        )
        .title("An admission webhook was redirected or weakened")
        .description(
            "An existing webhook calls a different endpoint, lets requests pass if it fails, receives \
             fewer objects, or was removed from its configuration. Attackers do so to pass admission or \
             to intercept objects.",
        )
        .technique("T1562.001")
        .false_positives(
            "Emergencies: a webhook that is down is set to `Ignore` so that pods start again. Not \
             reported: certificate renewals, and Kubernetes operators that change webhooks of their own \
             namespace.",
        ),
    ]
}

//! Finding types of webhooks.

use wardline_sdk::FindingType;

use crate::report::{PACKAGED, PLATFORM, RESENT, TUNING};

pub const CREATED: &str = "Persistence:Kubernetes/AdmissionWebhookCreated";
pub const MODIFIED: &str = "Persistence:Kubernetes/AdmissionWebhookModified";

pub fn types() -> [FindingType; 2] {
    let common = |finding: FindingType| {
        finding
            .technique("T1546")
            .technique("T1557")
            .severity_rule("3.0 if the log does not have the content (level Metadata)")
            .severity_rule(PACKAGED)
            .severity_rule(PLATFORM)
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
            FindingType::new(CREATED, 4.5)
                .severity_rule("6.5 if it calls an address outside the cluster; 4.5 if it then has the labels of a package or comes from the platform")
                .severity_rule("4.5 if it mutates pods, workloads, or secrets")
                .severity_rule("4.0 if it validates secrets, and therefore sees them")
                .severity_rule("3.0 if it receives other objects only")
                .severity_rule("3.0 if it calls services of a namespace that its author created, within `install-window` for a person or `remember` for a service account")
                .severity_rule("3.0 if a service account creates it for a service of its own namespace")
                .severity_rule("3.0 for a MutatingAdmissionPolicy"),
        )
        .title("An admission webhook was created")
        .description(
            "The API server sends objects that are written to a new webhook, which can change them (a \
             mutating webhook) or reject them. Attackers use this to read secrets and to inject \
             containers.",
        )
        .false_positives("Policy engines, service meshes, and secret injectors that are installed from plain manifests."),
        common(
            FindingType::new(MODIFIED, 5.0)
                .severity_rule("6.5 if it calls a different address outside the cluster; 5.0 if it calls a different one inside")
                .severity_rule("5.0 if its `failurePolicy` became `Ignore`, or a webhook was removed")
                .severity_rule("4.5 if its selectors or match conditions were changed")
                .severity_rule(RESENT),
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

//! The types of findings about webhooks.

use wardline_sdk::FindingType;

use super::{CREATED, MODIFIED};
use crate::report::{ROUTINE, TUNING};

pub fn types() -> [FindingType; 2] {
    let common = |finding: FindingType| {
        finding
            .technique("T1546")
            .technique("T1557")
            .severity_rule(ROUTINE)
            .severity_rule("3.0 if the log does not have what is in it (level Metadata)")
            .remediation(
                "Find out who answers at that address, and whether the change was meant. Put the \
                 configuration back, and look at the objects that were written while it was in force: \
                 images, environment and service accounts of pods may have been changed.",
            )
            .tuning(TUNING)
            .aggregated_by("actor and webhook configuration")
            .reference("https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/")
            .reference("https://kubernetes.io/blog/2022/01/19/secure-your-admission-controllers-and-webhooks/")
    };
    [
        common(FindingType::new(CREATED, 4.5))
            .title("An admission webhook was made")
            .description(
                "The API server now shows what is written to it to somebody else, who may change it \
                 (a mutating webhook) or refuse it.",
            )
            .severity_rule("6.5 if it calls an address outside of the cluster; 4.5 if a package says it does")
            .severity_rule("4.5 if it may change pods, workloads or secrets; 4.0 if it only sees secrets; 3.0 otherwise")
            .severity_rule("3.0 if it calls services of a namespace that its author made: within `install-window` if they are a person, at any time if it is an operator")
            .severity_rule("3.0 if a service account makes it for a service of its own namespace; 3.0 for a MutatingAdmissionPolicy")
            .false_positives("Policy engines, service meshes and secret injectors, installed from plain manifests."),
        common(FindingType::new(MODIFIED, 5.0))
            .title("An admission webhook was changed for the worse")
            .description(
                "A webhook that was there calls somebody else, lets requests pass when it does not \
                 answer, is asked for fewer objects, or is gone from its configuration.",
            )
            .technique("T1562.001")
            .severity_rule("6.5 if it now calls an address outside of the cluster; 5.0 for another inside")
            .severity_rule("5.0 for failurePolicy Ignore or a removed webhook; 4.5 for other selectors or conditions")
            .severity_rule("not reported where an operator changes webhooks that call its own namespace, or the certificate alone changes")
            .false_positives("Emergencies: a webhook that is down is set to Ignore so that pods start again."),
    ]
}

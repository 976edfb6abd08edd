//! Finding types about reviews of others and about lists of all ConfigMaps.

use wardline_sdk::FindingType;
use wardline_sdk::rules::severity::{LOW, MEDIUM};

use super::{
    CONFIG_MAP_SWEEP, OTHERS_BY_PERSON, OTHERS_PROBE, OTHERS_UNSEEN, REVIEWED_BY_PERSON, REVOKE,
    TOKEN_REVIEWS,
};

/// Returns the type for reviews of the rights of other subjects.
pub fn others_probe() -> FindingType {
    FindingType::new(OTHERS_PROBE, MEDIUM)
        .title("An account checked the permissions of many subjects")
        .description(
            "SubjectAccessReviews show which account may read secrets or run commands. The actor reviewed \
             the rights of one subject after another, which tells an attacker whose credential is worth \
             stealing.",
        )
        .technique("T1069")
        .technique("T1087")
        .remediation(REVOKE)
        .false_positives(
            "People who audit rights (`kubectl auth can-i --as` is impersonation and does not count). \
             Aggregated API servers, proxies, and webhooks use service accounts, which are not reported \
             unless they use kubectl, curl, or a similar tool.",
        )
        .severity_rules([OTHERS_BY_PERSON, OTHERS_UNSEEN])
        .tuning("Raise `subjects`, or shorten `window`. Add auditors to `trusted-users`.")
        .aggregated_by("actor")
        .reference("https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/subject-access-review-v1/")
}

/// Returns the type for token reviews in numbers.
pub fn token_reviews() -> FindingType {
    FindingType::new(TOKEN_REVIEWS, MEDIUM)
        .title("Many tokens were reviewed by a person or a script")
        .description(
            "A TokenReview shows whether a token is valid, and whose it is. An attacker who found tokens \
             tests them in this way without making a request with them.",
        )
        .technique("T1528")
        .remediation(
            "Ask the owner of the account. If nobody can explain it, remove `create` on tokenreviews from \
             the account (`system:auth-delegator`), and replace the tokens of workloads that it can reach.",
        )
        .false_positives(
            "Secret stores and webhooks that review tokens with a user of their own. Programs with service \
             accounts are not reported unless they use curl, Python, or kubectl.",
        )
        .severity_rules([REVIEWED_BY_PERSON])
        .tuning("Raise `token-reviews`, or shorten `window`. Add users of secret stores to `trusted-users`.")
        .aggregated_by("actor")
        .reference("https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/")
}

/// Returns the type for lists of the ConfigMaps of all namespaces.
pub fn config_map_sweep() -> FindingType {
    FindingType::new(CONFIG_MAP_SWEEP, LOW)
        .title("The ConfigMaps of all namespaces were listed by hand")
        .description(
            "A script, or a service account with kubectl, listed all ConfigMaps of the cluster. ConfigMaps \
             contain addresses, configuration, and often credentials.",
        )
        .technique("T1552.007")
        .technique("T1213")
        .remediation(REVOKE)
        .false_positives(
            "Scripts of administrators, reported once a day. Controllers, and people with kubectl, are not \
             reported.",
        )
        .tuning("Add accounts of such scripts to `trusted-users`.")
        .aggregated_by("actor and tool")
        .reference("https://attack.mitre.org/techniques/T1552/007/")
}

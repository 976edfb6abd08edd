//! What is asked about others, and read of everything.

use wardline_sdk::FindingType;

use super::{CONFIG_MAP_SWEEP, OTHERS_PROBE, REVOKE, TOKEN_REVIEWS};

pub fn others_probe() -> FindingType {
    FindingType::new(OTHERS_PROBE, 5.0)
        .title("An account asked what many others may do")
        .description(
            "SubjectAccessReviews tell whose credential opens what: which account reads secrets, which runs \
             commands. Somebody asked about one account after the other.",
        )
        .technique("T1069")
        .technique("T1087")
        .remediation(REVOKE)
        .false_positives(
            "People who review rights (`kubectl auth can-i --as` is impersonation and not this). Aggregated \
             API servers, proxies and webhooks ask with service accounts, which are left out unless they \
             use kubectl, curl or their like.",
        )
        .severity_rule("3.0 if a person asked, unless it was about twice as many and a right that leads to all others")
        .severity_rule("3.0 if the audit policy kept only metadata and a person asked twice as often")
        .tuning("`subjects`, `window`; `trusted-users` for auditors")
        .aggregated_by("actor")
        .reference("https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/subject-access-review-v1/")
}

pub fn token_reviews() -> FindingType {
    FindingType::new(TOKEN_REVIEWS, 5.0)
        .title("Many tokens were reviewed by hand")
        .description(
            "A TokenReview says whether a token is good, and whose it is. Who has found tokens tries them \
             out that way, without leaving a request of theirs.",
        )
        .technique("T1528")
        .remediation(
            "Ask the owner of the account. If nobody knows, take `create` on tokenreviews from it \
             (`system:auth-delegator`), and replace the tokens of workloads that the account can reach.",
        )
        .false_positives(
            "Secret stores and webhooks that have tokens reviewed with a user of their own; programs of \
             service accounts are left out unless they use curl, Python or kubectl.",
        )
        .severity_rule("3.0 if a person, or a robot with a person's kind of credential, did it")
        .tuning("`token-reviews`, `window`; `trusted-users`")
        .aggregated_by("actor")
        .reference("https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/")
}

pub fn config_map_sweep() -> FindingType {
    FindingType::new(CONFIG_MAP_SWEEP, 3.0)
        .title("The ConfigMaps of all namespaces were read by hand")
        .description(
            "ConfigMaps hold addresses, configuration and often credentials. A script, or a service account \
             with kubectl, read all of them at once.",
        )
        .technique("T1552.007")
        .technique("T1213")
        .remediation(REVOKE)
        .false_positives("Scripts of administrators: once a day. Controllers and people with kubectl are not found.")
        .tuning("`trusted-users`")
        .aggregated_by("actor and tool")
        .reference("https://attack.mitre.org/techniques/T1552/007/")
}

//! ATT&CK tactics of API calls.
//!
//! GuardDuty names the tactic in its finding types and does not say which API call has which
//! tactic. This table does. It follows GuardDuty's own tester where that tells: creating a service
//! account is Impact (<https://github.com/awslabs/amazon-guardduty-tester>). Its order matters: the first row that matches an API call applies.
//!
//! | Tactic | Requests |
//! |---|---|
//! | Defense evasion (TA0005) | deleting events; deleting or changing admission webhooks, admission policies, network policies, quotas, and limit ranges; reading while impersonating another user |
//! | Credential access (TA0006) | reading secrets; requesting tokens, token reviews, and certificates |
//! | Persistence (TA0003) | creating or changing roles, bindings, secrets, webhooks, API services, and workloads that restart themselves (DaemonSet, CronJob); changing service accounts; approving certificates; changing the IAM mapping of EKS (`aws-auth`) |
//! | Discovery (TA0007) | all other reads, and access reviews |
//! | Impact (TA0040) | all other changes, creating service accounts among them, and everything that runs commands, including through the kubelet |

use crate::AuditEvent;

/// The tactic of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tactic {
    /// TA0006.
    CredentialAccess,
    /// TA0005.
    DefenseEvasion,
    /// TA0007.
    Discovery,
    /// TA0040.
    Impact,
    /// TA0003.
    Persistence,
}

impl Tactic {
    /// All tactics.
    pub const ALL: [Self; 5] = [
        Self::CredentialAccess,
        Self::DefenseEvasion,
        Self::Discovery,
        Self::Impact,
        Self::Persistence,
    ];

    /// Returns the part of a finding type before the colon.
    #[must_use]
    pub fn purpose(self) -> &'static str {
        match self {
            Self::CredentialAccess => "CredentialAccess",
            Self::DefenseEvasion => "DefenseEvasion",
            Self::Discovery => "Discovery",
            Self::Impact => "Impact",
            Self::Persistence => "Persistence",
        }
    }

    /// Returns the ATT&CK technique that fits most API calls of the tactic.
    #[must_use]
    pub fn technique(self) -> &'static str {
        match self {
            Self::CredentialAccess => "T1552.007",
            Self::DefenseEvasion => "T1562",
            Self::Discovery => "T1613",
            Self::Impact => "T1485",
            Self::Persistence => "T1098",
        }
    }

    /// Returns the tactic of a request.
    #[must_use]
    pub fn from_event(event: AuditEvent<'_>) -> Self {
        let asked = Self::without_impersonation(event);
        // Impersonation hides the identity of a reader; other tactics do not depend on the identity.
        if asked == Self::Discovery && event.impersonated_user().is_some() {
            Self::DefenseEvasion
        } else {
            asked
        }
    }

    fn without_impersonation(event: AuditEvent<'_>) -> Self {
        let Some(object) = event.object() else {
            return if is_reading(event.verb()) {
                Self::Discovery
            } else {
                Self::Impact
            };
        };
        if event.kubelet_command().is_some() {
            return Self::Impact;
        }
        // Maps IAM roles to users and groups
        // (https://docs.aws.amazon.com/eks/latest/userguide/auth-configmap.html).
        let is_aws_auth = object.resource() == "configmaps"
            && (object.namespace(), object.name()) == ("kube-system", "aws-auth");
        if is_aws_auth && !is_reading(event.verb()) {
            return Self::Persistence;
        }
        of_request(event.verb(), object.resource(), object.subresource())
    }
}

fn is_reading(verb: &str) -> bool {
    matches!(verb, "get" | "list" | "watch" | "head" | "options")
}

fn of_request(verb: &str, resource: &str, subresource: &str) -> Tactic {
    let deletes = matches!(verb, "delete" | "deletecollection");
    let edits = matches!(verb, "update" | "patch");
    match (resource, subresource) {
        ("events", _) if deletes => Tactic::DefenseEvasion,
        (
            "validatingwebhookconfigurations"
            | "mutatingwebhookconfigurations"
            | "validatingadmissionpolicies"
            | "validatingadmissionpolicybindings"
            | "mutatingadmissionpolicies"
            | "mutatingadmissionpolicybindings"
            | "networkpolicies"
            | "resourcequotas"
            | "limitranges",
            _,
        ) if deletes || edits => Tactic::DefenseEvasion,

        ("serviceaccounts", "token") | ("tokenreviews", _) => Tactic::CredentialAccess,
        ("secrets", _) if is_reading(verb) => Tactic::CredentialAccess,
        ("certificatesigningrequests", "") if verb == "create" => Tactic::CredentialAccess,

        ("certificatesigningrequests", "approval") => Tactic::Persistence,
        ("serviceaccounts", "") if verb == "create" => Tactic::Impact,
        (
            "roles"
            | "clusterroles"
            | "rolebindings"
            | "clusterrolebindings"
            | "serviceaccounts"
            | "secrets"
            | "validatingwebhookconfigurations"
            | "mutatingwebhookconfigurations"
            | "apiservices"
            | "daemonsets"
            | "cronjobs",
            "",
        ) if edits || verb == "create" => Tactic::Persistence,

        // Clients that speak WebSocket use GET.
        ("pods", "exec" | "attach" | "portforward") => Tactic::Impact,
        (
            "selfsubjectaccessreviews"
            | "selfsubjectrulesreviews"
            | "selfsubjectreviews"
            | "subjectaccessreviews"
            | "localsubjectaccessreviews",
            _,
        ) => Tactic::Discovery,
        _ if is_reading(verb) => Tactic::Discovery,
        _ => Tactic::Impact,
    }
}

#[cfg(test)]
mod tests {
    use super::{Tactic, of_request};

    #[test]
    fn first_matching_row_applies() {
        for (verb, resource, subresource, tactic) in [
            ("get", "secrets", "", Tactic::CredentialAccess),
            ("watch", "secrets", "", Tactic::CredentialAccess),
            ("create", "secrets", "", Tactic::Persistence),
            ("delete", "secrets", "", Tactic::Impact),
            (
                "create",
                "serviceaccounts",
                "token",
                Tactic::CredentialAccess,
            ),
            ("create", "serviceaccounts", "", Tactic::Impact),
            ("patch", "serviceaccounts", "", Tactic::Persistence),
            ("list", "serviceaccounts", "", Tactic::Discovery),
            ("deletecollection", "events", "", Tactic::DefenseEvasion),
            ("list", "events", "", Tactic::Discovery),
            (
                "create",
                "mutatingwebhookconfigurations",
                "",
                Tactic::Persistence,
            ),
            (
                "patch",
                "mutatingwebhookconfigurations",
                "",
                Tactic::DefenseEvasion,
            ),
            ("delete", "networkpolicies", "", Tactic::DefenseEvasion),
            ("create", "networkpolicies", "", Tactic::Impact),
            ("patch", "clusterrolebindings", "", Tactic::Persistence),
            ("create", "daemonsets", "", Tactic::Persistence),
            ("update", "daemonsets", "status", Tactic::Impact),
            ("create", "pods", "", Tactic::Impact),
            ("delete", "pods", "", Tactic::Impact),
            ("get", "pods", "exec", Tactic::Impact),
            ("get", "pods", "log", Tactic::Discovery),
            ("create", "selfsubjectaccessreviews", "", Tactic::Discovery),
            ("get", "nodes", "proxy", Tactic::Discovery),
            ("create", "nodes", "proxy", Tactic::Impact),
        ] {
            assert_eq!(
                of_request(verb, resource, subresource),
                tactic,
                "{verb} {resource}/{subresource}"
            );
        }
    }
}

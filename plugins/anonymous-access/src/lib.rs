//! Allowed requests without authentication, and bindings that grant permissions to
//! unauthenticated users.
//!
//! Types and severities follow Amazon GuardDuty's EKS Protection
//! (<https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-finding-types-eks-audit-logs.html>);
//! [`wardline_sdk::rules::tactic`] maps requests to tactics.

mod grant;

#[cfg(test)]
mod tests;

use grant::{GRANTED, PUBLIC_KEYS};
use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::{HIGH, MEDIUM};
use wardline_sdk::rules::tactic::Tactic;
use wardline_sdk::rules::{outcome, public};

const GUARDDUTY: &str =
    "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-finding-types-eks-audit-logs.html";

/// The rule that [`outcome::severity`] applies, since the subscriptions leave out requests that were
/// denied or failed.
const DRY_RUN: SeverityRule = SeverityRule::new(outcome::ATTEMPT, "the request was a dry run");

/// The detector of anonymous requests and grants.
pub struct AnonymousAccess;

impl Detector for AnonymousAccess {
    fn describe() -> Descriptor {
        let access = AuditSubscription::new()
            .usernames(["system:anonymous"])
            .outcomes(["success"]);
        let member = AuditSubscription::new()
            .groups(["system:unauthenticated"])
            .outcomes(["success"]);
        let grant = AuditSubscription::new()
            .verbs(["create", "update", "patch"])
            .api_groups(["rbac.authorization.k8s.io"])
            .resources(["rolebindings", "clusterrolebindings"])
            .outcomes(["success"]);
        let descriptor = Descriptor::new("anonymous-access", env!("CARGO_PKG_VERSION"))
            .description(
                "Finds requests that succeed without authentication, and bindings that grant \
                 permissions to unauthenticated users.",
            )
            .audit(access)
            .audit(member)
            .audit(grant)
            .finding(granted());
        Tactic::ALL
            .into_iter()
            .map(access_type)
            .fold(descriptor, Descriptor::finding)
    }

    fn configure(_: &Settings) -> Result<Self, String> {
        Ok(Self)
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        if event.is_anonymous() && !public::is_public(event) {
            findings.raise(access(event));
        }
        grant::judge(event, findings);
        Ok(())
    }
}

fn access(event: AuditEvent<'_>) -> Finding {
    let tactic = Tactic::from_event(event);
    let target = match event.resource().as_str() {
        "" => event.path().to_owned(),
        resource => resource.to_owned(),
    };
    let mut finding = Finding::new(&finding_type(tactic))
        .on(event)
        .severity(outcome::severity(event, severity(tactic)))
        .dedup_key(event.client_ip())
        .field(&event, AuditField::Username)
        .field(&event, AuditField::Verb)
        .field(&event, AuditField::RequestUri)
        .field(&event, AuditField::Code)
        .title(format!("{}: {} {target}", title(tactic), event.verb()));
    // Names the binding that allowed the request.
    if let Some(reason) = event.annotation("authorization.k8s.io/reason") {
        finding = finding.evidence(event, "annotations[authorization.k8s.io/reason]", reason);
    }
    finding
}

fn finding_type(tactic: Tactic) -> String {
    format!("{}:Kubernetes/SuccessfulAnonymousAccess", tactic.purpose())
}

fn title(tactic: Tactic) -> &'static str {
    match tactic {
        Tactic::CredentialAccess => "Anonymous access to credentials",
        Tactic::DefenseEvasion => "Anonymous change to security controls",
        Tactic::Discovery => "Anonymous discovery of the cluster",
        Tactic::Impact => "Anonymous change to the cluster",
        Tactic::Persistence => "Anonymous change that provides persistence",
    }
}

/// Returns GuardDuty's severity for a tactic.
fn severity(tactic: Tactic) -> f64 {
    if tactic == Tactic::Discovery {
        MEDIUM
    } else {
        HIGH
    }
}

fn access_type(tactic: Tactic) -> FindingType {
    // T1078.001: Default Accounts.
    FindingType::new(&finding_type(tactic), severity(tactic))
        .technique("T1078.001")
        .technique(tactic.technique())
        .title(title(tactic))
        .description(
            "The API server allowed a request that carried no credential. Anyone who can reach the API \
             server can repeat it.",
        )
        .remediation(
            "Remove `system:anonymous` and `system:unauthenticated` from the binding that the evidence \
             names, or delete the binding. Search the audit log for other anonymous requests and revert \
             their changes. Set `--anonymous-auth=false`, or restrict anonymous paths in \
             AuthenticationConfiguration (KEP-4633), and block access to the API server from the internet.",
        )
        .false_positives(
            "Gateways that read from the API server without a credential. Health checks, version \
             requests, and token verification are not reported.",
        )
        .severity_rules([DRY_RUN])
        .tuning("Give a legitimate client a credential; public endpoints are excluded already.")
        .aggregated_by("source address")
        .reference("https://kubernetes.io/docs/reference/access-authn-authz/authentication/#anonymous-requests")
        .reference(GUARDDUTY)
}

fn granted() -> FindingType {
    FindingType::new(GRANTED, HIGH)
        .title("Permissions were granted to unauthenticated users")
        .description(
            "A binding names `system:anonymous` or `system:unauthenticated`. Anyone who can reach the API \
             server has the permissions of its role without a credential.",
        )
        .technique("T1098.006")
        .attribute("tactic", "TA0003")
        .severity_rules([PUBLIC_KEYS])
        .tuning("Bind the role to the accounts that need it.")
        .aggregated_by("resource")
        .remediation(
            "Delete the binding, or remove the subject from it. Ask its author whether it was intended. \
             Search the audit log for anonymous requests since then.",
        )
        .false_positives(
            "Clusters that publish their token keys bind `system:service-account-issuer-discovery`, which \
             is rated Low. The default bindings of `system:public-info-viewer` and of kubeadm's \
             cluster-info are not reported.",
        )
        .reference("https://kubernetes.io/docs/reference/access-authn-authz/rbac/")
        .reference(GUARDDUTY)
}

wardline_sdk::detector!(AnonymousAccess);

//! Requests by nobody in particular that the API server allowed, and rights that are
//! given to everybody.
//!
//! Types and severities are those of Amazon GuardDuty's EKS Protection
//! (<https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-finding-types-eks-audit-logs.html>);
//! [`wardline_sdk::rules::tactic`] says which request means which tactic.

mod grant;

#[cfg(test)]
mod tests;

use grant::GRANTED;
use wardline_sdk::prelude::*;
use wardline_sdk::rules::tactic::Tactic;
use wardline_sdk::rules::{outcome, public};

const GUARDDUTY: &str =
    "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-finding-types-eks-audit-logs.html";

/// The detector.
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
                "Finds requests that succeed without authentication, and bindings that give rights to \
                 everybody.",
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
    let tactic = Tactic::of(event);
    let what = match event.resource().as_str() {
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
        .title(format!(
            "{}: {} {what} without authentication",
            title(tactic),
            event.verb()
        ));
    // Names the binding that let the request in.
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
        Tactic::DefenseEvasion => "Anonymous change to what protects the cluster",
        Tactic::Discovery => "Anonymous reading of the cluster",
        Tactic::Impact => "Anonymous change to the cluster",
        Tactic::Persistence => "Anonymous change that outlasts the request",
    }
}

/// GuardDuty's severities.
fn severity(tactic: Tactic) -> f64 {
    if tactic == Tactic::Discovery {
        5.0
    } else {
        8.0
    }
}

fn access_type(tactic: Tactic) -> FindingType {
    // T1078.001: default accounts.
    FindingType::new(&finding_type(tactic), severity(tactic))
        .technique("T1078.001")
        .technique(tactic.technique())
        .title(title(tactic))
        .description(
            "The API server allowed a request of somebody who showed no credential. Whoever can reach \
             its address can do the same.",
        )
        .remediation(
            "The evidence names the binding that allowed it: remove `system:anonymous` and \
             `system:unauthenticated` from it, or delete it. Then look for what else was done without \
             authentication, and undo it. Consider `--anonymous-auth=false`, or the paths in \
             AuthenticationConfiguration (KEP-4633), and keep the API server's address from the internet.",
        )
        .false_positives(
            "Health checks and token verification by other systems are left out. Gateways that read \
             more than that without a credential show up here; give them one.",
        )
        .severity_rule("3.0 if the request was a dry run")
        .tuning("Give the client a credential: what needs none in every cluster is left out already")
        .aggregated_by("source address")
        .reference("https://kubernetes.io/docs/reference/access-authn-authz/authentication/#anonymous-requests")
        .reference(GUARDDUTY)
}

fn granted() -> FindingType {
    FindingType::new(GRANTED, 8.0)
        .title("Rights were given to everybody")
        .description(
            "A binding now names `system:anonymous` or `system:unauthenticated`: whoever reaches the API \
             server has the rights of its role, without a credential.",
        )
        .technique("T1098.006")
        .attribute("tactic", "TA0003")
        .severity_rule(
            "3.0 if the role is `system:service-account-issuer-discovery`: public keys, and nothing else",
        )
        .tuning("Name the accounts that need the role instead of everybody")
        .aggregated_by("resource")
        .remediation(
            "Delete the binding, or take the subject out of it. Ask who made it whether that was \
             intended, and look in the audit log for anonymous requests since then.",
        )
        .false_positives(
            "The bindings of `system:public-info-viewer` and of kubeadm's cluster-info are left out. \
             Clusters that publish their token keys bind `system:service-account-issuer-discovery`: Low.",
        )
        .reference("https://kubernetes.io/docs/reference/access-authn-authz/rbac/")
        .reference(GUARDDUTY)
}

wardline_sdk::detector!(AnonymousAccess);

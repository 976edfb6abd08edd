//! Issued credentials that give lasting access: tokens, certificates, service accounts.
//!
//! Intruders create credentials of their own, which outlive the way in. Kubelets and controllers
//! obtain credentials all day, so the rules look at other requesters, the identity that a
//! credential is for, and its lifetime.

mod account;
mod certificate;
mod legacy;
mod privilege;
mod secret;
mod token;

use std::time::Duration;

use wardline_sdk::contract::Level;
use wardline_sdk::prelude::*;
use wardline_sdk::rules::TrustedUsers;
use wardline_sdk::rules::time::{MINUTE, days};

/// The detector of issued credentials.
pub struct CredentialIssuance {
    lifetime: Duration,
    follow_up: Duration,
    trusted_users: TrustedUsers,
}

impl Detector for CredentialIssuance {
    fn describe() -> Descriptor {
        let all = AuditSubscription::new;
        Descriptor::new("credential-issuance", env!("CARGO_PKG_VERSION"))
            .description(
                "Finds tokens, certificates, and service accounts that are not created for the \
                 workloads of the cluster.",
            )
            // The token controller completes a secret that another actor created.
            .ordered_by_cluster()
            .remembers(["bindings"])
            .audit(
                all()
                    .verbs(["create", "patch"])
                    .api_groups([""])
                    .resources(["serviceaccounts", "serviceaccounts/token"])
                    .needs_level(Level::Request)
                    .except_control_plane(),
            )
            .audit(
                all()
                    .verbs(["create", "patch"])
                    .api_groups([""])
                    .resources(["secrets"])
                    .outcomes(["success"]),
            )
            .audit(
                all()
                    .verbs(["update"])
                    .api_groups([""])
                    .resources(["secrets"])
                    .usernames([secret::CONTROLLER])
                    .outcomes(["success"]),
            )
            .audit(
                all()
                    .verbs(["create", "update", "patch"])
                    .api_groups(["certificates.k8s.io"])
                    .resources([
                        "certificatesigningrequests",
                        "certificatesigningrequests/approval",
                    ])
                    .needs_level(Level::RequestResponse),
            )
            .audit(
                all()
                    .verbs(["create", "update", "patch"])
                    .api_groups(["rbac.authorization.k8s.io"])
                    .resources(["clusterrolebindings", "rolebindings"])
                    .outcomes(["success"])
                    .needs_level(Level::Request),
            )
            .setting(
                "lifetime",
                "Longest token lifetime that is not reported as unusual.",
                days(2),
            )
            .setting(
                "follow-up",
                "Period after the creation of a service account in which an admin role or a token for it \
                 counts as a follow-up.",
                MINUTE * 15,
            )
            .trusted_users()
            .finding(token::finding_type())
            .finding(secret::finding_type())
            .finding(certificate::finding_type())
            .finding(account::finding_type())
            .finding(legacy::finding_type())
    }

    fn configure(settings: &Settings) -> Result<Self, String> {
        Ok(Self {
            lifetime: settings.duration("lifetime")?,
            follow_up: settings.duration("follow-up")?,
            trusted_users: TrustedUsers::from_settings(settings)?,
        })
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let user = event.user();
        if self.trusted_users.trusts(event) {
            return Ok(());
        }
        let resource = event.resource();
        if user.is_control_plane() {
            return match resource.as_str() {
                "secrets" => secret::filled_in(event, findings),
                _ => Ok(()),
            };
        }
        legacy::judge(event, findings)?;
        match resource.as_str() {
            "serviceaccounts/token" => {
                token::judge(event, self.lifetime, findings)?;
                account::followed(event, self.follow_up, findings)
            }
            "secrets" => {
                secret::judge(event, findings)?;
                account::followed(event, self.follow_up, findings)
            }
            // Server-side apply creates objects with a patch, which is answered with 201.
            "serviceaccounts" if event.verb() == "create" || event.code() == Some(201) => {
                account::created(event, self.follow_up, findings)
            }
            "serviceaccounts" => Ok(()),
            "clusterrolebindings" | "rolebindings" => {
                account::followed(event, self.follow_up, findings)
            }
            _ => certificate::judge(event, findings),
        }
    }
}

wardline_sdk::detector!(CredentialIssuance);

#[cfg(test)]
mod tests;

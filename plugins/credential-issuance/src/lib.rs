//! Credentials that are made to last: tokens, certificates, service accounts.
//!
//! Who has got into a cluster makes a credential of their own, which outlives the way in.
//! Kubelets and controllers get credentials all day; what matters is who else asks for
//! one, for whom, and for how long.

mod account;
mod certificate;
mod legacy;
mod privilege;
mod secret;
mod token;

use std::time::Duration;

use wardline_sdk::contract::Level;
use wardline_sdk::prelude::*;
use wardline_sdk::rules::Patterns;

/// What is worth a line.
const LOW: f64 = 3.0;

/// How long what an account has done once counts as known of it.
const KNOWN: Duration = Duration::from_secs(30 * 24 * 3600);

/// The detector.
pub struct CredentialIssuance {
    lifetime: Duration,
    follow_up: Duration,
    trusted_users: Patterns,
}

impl Detector for CredentialIssuance {
    fn describe() -> Descriptor {
        let all = AuditSubscription::new;
        Descriptor::new("credential-issuance", env!("CARGO_PKG_VERSION"))
            .description(
                "Finds tokens, certificates and service accounts that are made for somebody else than \
                 the workloads of the cluster.",
            )
            // The controller that fills in a token says whose secret it was.
            .ordered_by_cluster()
            .remembers(["bindings"])
            .audit(
                all()
                    .verbs(["create"])
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
                "How long a token may be asked for before that is unusual.",
                Duration::from_secs(48 * 3600),
            )
            .setting(
                "follow-up",
                "How soon after a service account its rights or its token count together with it.",
                Duration::from_secs(900),
            )
            .setting(
                "trusted-users",
                "User names, or beginnings with `*`, that are never reported.",
                &[] as &[&str],
            )
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
            trusted_users: Patterns::of(settings, "trusted-users")?,
        })
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let user = event.user();
        if self.trusted_users.matches(user.username()) {
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
            "serviceaccounts" => account::created(event, self.follow_up, findings),
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

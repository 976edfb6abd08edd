//! Detects requests from addresses on intel lists, and cluster credentials used from the internet.
//!
//! The former are the fifteen caller types of Amazon GuardDuty's EKS Protection
//! (<https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-finding-types-eks-audit-logs.html>),
//! with its severities; [`wardline_sdk::rules::tactic`] maps requests to tactics. As in GuardDuty,
//! only public addresses are looked up.

mod caller;
mod component;
mod list;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::TrustedUsers;
use wardline_sdk::rules::tactic::Tactic;

use list::ListKind;

/// The detector.
pub struct MaliciousCallers {
    trusted_users: TrustedUsers,
}

impl Detector for MaliciousCallers {
    fn describe() -> Descriptor {
        let descriptor = Descriptor::new("malicious-callers", env!("CARGO_PKG_VERSION"))
            .description(
                "Detects requests from addresses on threat lists and from Tor exit nodes, and control-plane \
                 credentials that are used from the internet.",
            )
            .audit(AuditSubscription::new().addresses(["public"]))
            .setting(
                TrustedUsers::SETTING,
                "Users that this detector does not report for requests from the internet; requests from \
                 listed addresses are reported anyway. A trailing `*` matches any suffix.",
                &[] as &[&str],
            )
            .finding(component::finding_type());
        Tactic::ALL
            .into_iter()
            .flat_map(|tactic| ListKind::ALL.map(|kind| (tactic, kind)))
            .map(|(tactic, kind)| caller::finding_type(tactic, kind))
            .fold(descriptor, Descriptor::finding)
    }

    fn configure(settings: &Settings) -> Result<Self, String> {
        Ok(Self {
            trusted_users: TrustedUsers::from_settings(settings)?,
        })
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        caller::judge(event, findings)?;
        component::judge(event, &self.trusted_users, findings)
    }
}

wardline_sdk::detector!(MaliciousCallers);

#[cfg(test)]
mod tests;

//! Many secrets that are read or requested one after the other.
//!
//! A normal request reads one secret. An attacker who does not know the cluster lists namespace
//! after namespace, or guesses names (ATT&CK T1552.007).

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::{LOW, MEDIUM};
use wardline_sdk::rules::time::KNOWN;
use wardline_sdk::state;

use crate::request::{Outcome, SecretRequest};

const ENUMERATION: &str = "CredentialAccess:Kubernetes/SecretEnumeration";

const BY_SERVICE_ACCOUNT: SeverityRule = SeverityRule::new(LOW, "a service account read them");

/// The counts that are reported as enumeration.
#[derive(Debug, Clone, Copy)]
pub struct Thresholds {
    /// Number of different secrets or namespaces that were read, from 2 to 1000.
    pub reads: u32,
    /// Number of different requests that were denied, from 2 to 1000.
    pub denials: u32,
    /// Period over which requests are counted.
    pub window: Duration,
}

/// Counts the requests of an account, and raises a finding at the threshold.
///
/// # Errors
/// Returns [`DetectError`] if the host does not keep the state.
pub fn count(
    thresholds: Thresholds,
    event: AuditEvent<'_>,
    request: &SecretRequest,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let is_service_account = event.user().is_service_account();
    let is_read = request.outcome == Outcome::Allowed;
    let (key, threshold) = if is_read {
        ("reads", thresholds.reads)
    } else {
        ("denials", thresholds.denials)
    };
    // Secrets that a service account has read before do not count again: Kubernetes operators
    // read many when they start.
    if is_read
        && is_service_account
        && !state::actor(event)
            .key("known")
            .first_seen(&request.target, KNOWN)?
    {
        return Ok(());
    }
    let window = state::actor(event)
        .key(key)
        .window(thresholds.window, threshold.saturating_mul(10));
    let Some(seen) = window.burst(&request.target, threshold)? else {
        return Ok(());
    };
    let user = event.user().username();
    let title = if is_read {
        format!(
            "{} different secrets or namespaces were read by {user}",
            seen.distinct()
        )
    } else {
        format!(
            "{user} was denied {} different requests for secrets",
            seen.distinct()
        )
    };
    let mut finding = Finding::new(ENUMERATION)
        .on(event)
        .events(seen.events().iter().copied())
        .field(&event, AuditField::Username)
        .field(&event, AuditField::UserAgent)
        .field(&event, AuditField::Code)
        .evidence(event, "objectRef.namespace/name", seen.members().join(", "))
        .attribute("distinct", seen.distinct())
        .dedup_key(format!("{user}/{key}"))
        .title(title);
    if is_read && is_service_account {
        finding = finding.severity(BY_SERVICE_ACCOUNT);
    }
    findings.raise(finding);
    Ok(())
}

/// Returns the finding type.
pub fn finding_type() -> FindingType {
    FindingType::new(ENUMERATION, MEDIUM)
        .title("Many secrets were read or requested")
        .description(
            "One account read many secrets or namespaces one after the other, or was denied many. \
             Secrets hold the credentials of all workloads in the cluster, which makes them a \
             primary target of attackers.",
        )
        .technique("T1552.007")
        .remediation(
            "Ask the owner of the account whether this was intended. If not, revoke its \
             credentials (delete the pod that a token is bound to, or the bindings of a \
             certificate's user), rotate every secret in the evidence that was read, and grant \
             `get` with `resourceNames` instead of `list`.",
        )
        .false_positives(
            "Backup, secret synchronization, and GitOps tools when they start. They are rated \
             Low, and secrets that they have read are not counted again for 30 days.",
        )
        .severity_rules([BY_SERVICE_ACCOUNT])
        .tuning(
            "Raise `reads` and `denials`, shorten `window`, or add automation to `trusted-users`.",
        )
        .aggregated_by("actor, and reads or denials")
        .reference("https://attack.mitre.org/techniques/T1552/007/")
        .reference(
            "https://kubernetes.io/docs/concepts/security/rbac-good-practices/#listing-secrets",
        )
}

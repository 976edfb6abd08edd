//! Many secrets that are read or requested one after the other.
//!
//! A normal request reads one secret. An attacker who does not know the cluster lists namespace
//! after namespace, or guesses names (ATT&CK T1552.007).

use std::collections::BTreeSet;
use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::{LOW, MEDIUM};
use wardline_sdk::rules::time::KNOWN;
use wardline_sdk::rules::{Told, agent};
use wardline_sdk::state;

use crate::client;
use crate::request::{Outcome, SecretRequest};

const ENUMERATION: &str = "CredentialAccess:Kubernetes/SecretEnumeration";

const BY_SERVICE_ACCOUNT: SeverityRule = SeverityRule::new(
    LOW,
    "a service account read them, and used neither kubectl nor a scripting tool such as curl",
);
const FEW_LISTS: SeverityRule = SeverityRule::new(
    LOW,
    "fewer than `reads` were read, and lists of whole namespaces, which count as four, make up for \
     that; a service account with kubectl did it, or a person with kubectl, oc, k9s, Lens, Headlamp, \
     or a browser and not from a public address",
);
const BY_INSTALLER: SeverityRule = SeverityRule::new(
    LOW,
    "the secrets do not exist, and the user agent is that of Helm, Terraform, or a similar program, \
     which asks for what it is about to create; from four times `denials`",
);

/// Number of secrets that the list of a whole namespace counts as.
const LIST: u32 = 4;
/// Factor for the requests of installers.
const INSTALLER: u32 = 4;
/// Mark of requests for secrets that do not exist.
const MISSING: &str = " (404)";
/// Mark of secrets that the actor created.
const MADE: &str = " (created)";

/// The counts that are reported as enumeration.
#[derive(Debug, Clone, Copy)]
pub struct Thresholds {
    /// Number of different secrets or namespaces that were read, from 2 to 1000.
    pub reads: u32,
    /// Number of different requests that were denied or found no secret, from 2 to 1000.
    pub denials: u32,
    /// Period over which requests are counted.
    pub window: Duration,
}

/// Counts a read of an account, and raises a finding at the threshold.
///
/// # Errors
/// Returns [`DetectError`] if the host does not keep the state.
pub fn count_read(
    thresholds: Thresholds,
    event: AuditEvent<'_>,
    request: &SecretRequest,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let is_service_account = event.user().is_service_account();
    let is_robot = is_service_account && agent::hand_tool(event.user_agent()).is_none();
    // Secrets that a program has read before do not count again: Kubernetes operators read many when
    // they start.
    if is_robot
        && !state::actor(event)
            .key("known")
            .first_seen(&request.target, KNOWN)?
    {
        return Ok(());
    }
    let window = state::actor(event)
        .key("reads")
        .window(thresholds.window, thresholds.reads.saturating_mul(10));
    let seen = window.observe(&request.target)?;
    let has_script = agent::script(event.user_agent()).is_some();
    let severity = if seen.distinct() >= thresholds.reads {
        window.clear()?;
        if is_robot {
            BY_SERVICE_ACCOUNT.severity
        } else {
            MEDIUM
        }
    } else if !is_robot && weight(seen.members()) >= thresholds.reads {
        let is_ordinary = !has_script && (is_service_account || client::is_person_inside(event));
        let severity = if is_ordinary {
            FEW_LISTS.severity
        } else {
            MEDIUM
        };
        // The window is kept, since further reads may follow.
        if !Told::by_actor(event, "lists").is_news("", severity, thresholds.window)? {
            return Ok(());
        }
        severity
    } else {
        return Ok(());
    };
    let user = event.user().username();
    let title = format!(
        "{} different secrets or namespaces were read by {user}",
        seen.distinct()
    );
    findings.raise(cited(event, &seen, "reads", title).severity(severity));
    Ok(())
}

/// Returns the number of secrets that were read at least, if a namespace has [`LIST`] of them.
fn weight(members: &[String]) -> u32 {
    members
        .iter()
        .map(|member| if member.ends_with("/*") { LIST } else { 1 })
        .fold(0, u32::saturating_add)
}

/// Counts a request that was denied, or for a secret that does not exist, and raises a finding at the
/// threshold.
///
/// # Errors
/// Returns [`DetectError`] if the host does not keep the state.
pub fn count_attempt(
    thresholds: Thresholds,
    event: AuditEvent<'_>,
    request: &SecretRequest,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let is_missing = request.outcome == Outcome::Missing;
    let is_installer = is_missing && client::is_installer(event.user_agent());
    let member = match is_missing {
        true => format!("{}{MISSING}", request.target),
        false => request.target.clone(),
    };
    let threshold = match is_installer {
        true => thresholds.denials.saturating_mul(INSTALLER),
        false => thresholds.denials,
    };
    let window = attempts(thresholds, event, is_installer);
    let seen = window.observe(&member)?;
    let tried = tried(seen.members());
    if u32::try_from(tried.len()).is_ok_and(|tried| tried < threshold) {
        return Ok(());
    }
    window.clear()?;
    let user = event.user().username();
    let title = if tried.iter().any(|member| member.ends_with(MISSING)) {
        format!(
            "{} requests for secrets by {user} were denied or found none",
            tried.len()
        )
    } else {
        format!(
            "{user} was denied {} different requests for secrets",
            tried.len()
        )
    };
    let finding = cited(event, &seen, "denials", title);
    findings.raise(match is_installer {
        true => finding.severity(BY_INSTALLER),
        false => finding,
    });
    Ok(())
}

/// Remembers a secret that the actor creates, so that its request for it before is not a guess:
/// `kubectl apply` asks for what it is about to create.
///
/// # Errors
/// Returns [`DetectError`] if the host does not keep the state.
pub fn created(thresholds: Thresholds, event: AuditEvent<'_>) -> Result<(), DetectError> {
    let is_new = event.verb() == "create" || event.code() == Some(201);
    let is_program =
        event.user().is_service_account() && agent::hand_tool(event.user_agent()).is_none();
    if is_new && event.succeeded() && !is_program {
        let member = format!("{}/{}{MADE}", event.namespace(), event.name());
        let is_installer = client::is_installer(event.user_agent());
        attempts(thresholds, event, is_installer).observe(&member)?;
    }
    Ok(())
}

fn attempts(
    thresholds: Thresholds,
    event: AuditEvent<'_>,
    is_installer: bool,
) -> state::SlidingWindow {
    let key = match is_installer {
        true => "attempts of installers",
        false => "denials",
    };
    state::actor(event)
        .key(key)
        .window(thresholds.window, thresholds.denials.saturating_mul(20))
}

/// Returns the requests that were denied, and those for secrets that did not exist and that the
/// actor did not create.
fn tried(members: &[String]) -> Vec<&str> {
    let made: BTreeSet<&str> = members
        .iter()
        .filter_map(|member| member.strip_suffix(MADE))
        .collect();
    members
        .iter()
        .map(String::as_str)
        .filter(|member| !member.ends_with(MADE))
        .filter(|member| {
            member
                .strip_suffix(MISSING)
                .is_none_or(|target| !made.contains(target))
        })
        .collect()
}

fn cited(event: AuditEvent<'_>, seen: &state::Window, key: &str, title: String) -> Finding {
    Finding::new(ENUMERATION)
        .on(event)
        .events(seen.events().iter().copied())
        .field(&event, AuditField::Username)
        .field(&event, AuditField::UserAgent)
        .field(&event, AuditField::Code)
        .evidence(event, "objectRef.namespace/name", seen.members().join(", "))
        .attribute("distinct", seen.distinct())
        .dedup_key(format!("{}/{key}", event.user().username()))
        .title(title)
}

/// Returns the finding type.
pub fn finding_type() -> FindingType {
    FindingType::new(ENUMERATION, MEDIUM)
        .title("Many secrets were read or requested")
        .description(
            "One account read many secrets or namespaces one after the other, was denied many, or \
             guessed the names of many that do not exist. \
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
             Low, and secrets that they have read are not counted again for 30 days. Secrets that \
             the same user creates after asking for them do not count as guesses.",
        )
        .severity_rules([BY_SERVICE_ACCOUNT, FEW_LISTS, BY_INSTALLER])
        .tuning(
            "Raise `reads` and `denials`, shorten `window`, or add automation to `trusted-users`.",
        )
        .aggregated_by("actor, and reads or denials")
        .reference("https://attack.mitre.org/techniques/T1552/007/")
        .reference(
            "https://kubernetes.io/docs/concepts/security/rbac-good-practices/#listing-secrets",
        )
}

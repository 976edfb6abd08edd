//! Requests from listed addresses.

use wardline_sdk::intel::{self, Hit};
use wardline_sdk::prelude::*;
use wardline_sdk::rules::address::{self, Source, is_public};
use wardline_sdk::rules::public;
use wardline_sdk::rules::severity::{HIGH, MEDIUM};
use wardline_sdk::rules::tactic::Tactic;

use crate::list::ListKind;

/// Above Low, unlike for other attempts, since even a denied request shows that a listed address
/// holds a credential that the API server accepts.
const ATTEMPTED: SeverityRule =
    SeverityRule::at_most(MEDIUM, "the request was denied, failed, or was a dry run");

/// Raises a finding for each kind of list that contains one of the request's addresses.
///
/// # Errors
/// Returns a [`DetectError`] if the host cannot look up an address.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    for kind in ListKind::ALL {
        if !concerns(event, kind) {
            continue;
        }
        if let Some((source, hit)) = listed(event, kind)? {
            findings.raise(found(event, kind, source, &hit));
        }
    }
    Ok(())
}

/// Returns whether a request by this user counts for a kind of list. Unauthenticated requests
/// that were denied are internet noise, and reads of public data prove nothing. Other successful
/// ones are `SuccessfulAnonymousAccess` already; GuardDuty excludes them from
/// `MaliciousIPCaller`.
fn concerns(event: AuditEvent<'_>, kind: ListKind) -> bool {
    let user = event.user();
    if user.username().is_empty() {
        return false;
    }
    !user.is_anonymous()
        || (kind != ListKind::Feed && event.succeeded() && !public::is_public(event))
}

/// Returns the first address on a list of the kind, starting with the peer's.
fn listed(event: AuditEvent<'_>, kind: ListKind) -> Result<Option<(Source<'_>, Hit)>, DetectError> {
    for source in address::sources(event).filter(|source| is_public(source.address)) {
        if let Some(hit) = intel::address_in_any(kind.kind(), source.address)? {
            return Ok(Some((source, hit)));
        }
    }
    Ok(None)
}

fn found(event: AuditEvent<'_>, kind: ListKind, source: Source<'_>, hit: &Hit) -> Finding {
    let tactic = Tactic::from_event(event);
    let target = match event.resource() {
        resource if resource.is_empty() => event.path().to_owned(),
        resource => resource,
    };
    let severity = if event.succeeded() && !event.dry_run() {
        severity(tactic)
    } else {
        ATTEMPTED.apply(severity(tactic))
    };
    Finding::new(&kind.finding_type(tactic))
        .on(event)
        .evidence(event, source.path(), source.address)
        .field(&event, AuditField::SourceIps)
        .evidence(event, "intel", format!("{} ({})", hit.entry, hit.list_name))
        .field(&event, AuditField::Username)
        .field(&event, AuditField::Verb)
        .field(&event, AuditField::RequestUri)
        .field(&event, AuditField::Code)
        .severity(severity)
        .title(format!(
            "Request to {} {target} from {} by {}{}",
            event.verb(),
            kind.noun(),
            event.user().username(),
            if source.is_peer {
                ""
            } else {
                " (X-Forwarded-For)"
            },
        ))
        .attribute("address", source.address)
        .attribute("list-name", &hit.list_name)
        .attribute("list-entry", &hit.entry)
        .attribute("can-be-forged", !source.is_peer)
        .dedup_key(format!(
            "{}/{}/{}",
            event.user().username(),
            hit.list_name,
            hit.entry
        ))
}

/// Returns GuardDuty's severity for a tactic.
fn severity(tactic: Tactic) -> f64 {
    match tactic {
        Tactic::Discovery | Tactic::Persistence => MEDIUM,
        Tactic::CredentialAccess | Tactic::DefenseEvasion | Tactic::Impact => HIGH,
    }
}

/// Returns the type for requests of a tactic from addresses on a kind of list.
pub fn finding_type(tactic: Tactic, kind: ListKind) -> FindingType {
    FindingType::new(&kind.finding_type(tactic), severity(tactic))
        .title(&format!(
            "{} request from {}",
            match tactic {
                Tactic::CredentialAccess => "Credential access",
                Tactic::DefenseEvasion => "Defense evasion",
                Tactic::Discovery => "Discovery",
                Tactic::Impact => "Impact",
                Tactic::Persistence => "Persistence",
            },
            kind.noun()
        ))
        .description(match kind {
            ListKind::Custom => {
                "A request came from an address on one of your own threat lists. The request fits the ATT&CK \
                 tactic in the title."
            }
            ListKind::Feed => {
                "A request with a credential that the API server accepts came from an address on a threat \
                 feed. The request fits the ATT&CK tactic in the title, and the credential is probably stolen."
            }
            ListKind::Tor => {
                "A request came through the Tor network, which hides the caller's location. The request fits \
                 the ATT&CK tactic in the title. Cluster credentials that are used through Tor are mostly \
                 stolen."
            }
        })
        .technique("T1078.004")
        .technique(tactic.technique())
        .technique(match kind {
            ListKind::Tor => "T1090.003",
            ListKind::Custom | ListKind::Feed => "T1133",
        })
        .remediation(
            "Ask the owner of the account whether they made the request. If not, revoke the credential \
             (delete the pod or secret of a token, remove the bindings of a certificate's user), review its \
             other requests from the address, and undo them. Restrict access to the API server to known \
             networks.",
        )
        .false_positives(
            "Addresses that changed owners since they were listed, and shared addresses of a VPN or a \
             carrier. An address from X-Forwarded-For (`can-be-forged`) is set by a proxy or the caller. \
             Unauthenticated requests are not reported, except successful ones from Tor or your own lists. \
             Private addresses are not looked up.",
        )
        .severity_rules([ATTEMPTED])
        .tuning("Add your own addresses to a list of the kind `trusted`, which takes precedence over all others.")
        .aggregated_by("actor, list, and entry")
        .reference("https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-finding-types-eks-audit-logs.html")
}

//! Requests from listed addresses.

use wardline_sdk::intel::{self, Hit};
use wardline_sdk::prelude::*;
use wardline_sdk::rules::address::{self, Source, is_public};
use wardline_sdk::rules::public;
use wardline_sdk::rules::tactic::Tactic;

use crate::list::ListKind;

/// The highest severity of a call that did not do what it asked for. Above Low, where other
/// attempts end: that a listed address holds a credential that the API server knows is true
/// of a refused call too.
const ATTEMPT: f64 = 5.0;

/// Raises a finding for each kind of list that has one of the request's addresses.
///
/// # Errors
/// If the host does not look an address up.
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

/// Whether such a call by this user counts. Nobody authenticated: what is refused then is the
/// noise of the internet, and what everybody may read says nothing. What is let in is
/// `SuccessfulAnonymousAccess` already, and GuardDuty leaves it out of `MaliciousIPCaller`.
fn concerns(event: AuditEvent<'_>, kind: ListKind) -> bool {
    let user = event.user();
    if user.username().is_empty() {
        return false;
    }
    !user.is_anonymous()
        || (kind != ListKind::Feed && event.succeeded() && !public::is_public(event))
}

/// The first address that is on a list of the kind, beginning with the peer's.
fn listed(event: AuditEvent<'_>, kind: ListKind) -> Result<Option<(Source<'_>, Hit)>, DetectError> {
    for source in address::sources(event).filter(|source| is_public(source.address)) {
        if let Some(hit) = intel::address_in_any(kind.kind(), source.address)? {
            return Ok(Some((source, hit)));
        }
    }
    Ok(None)
}

fn found(event: AuditEvent<'_>, kind: ListKind, source: Source<'_>, hit: &Hit) -> Finding {
    let tactic = Tactic::of(event);
    let what = match event.resource() {
        resource if resource.is_empty() => event.path().to_owned(),
        resource => resource,
    };
    let severity = if event.succeeded() && !event.dry_run() {
        severity(tactic)
    } else {
        severity(tactic).min(ATTEMPT)
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
            "{} called from {}{}: {} {what}",
            event.user().username(),
            kind.noun(),
            if source.is_peer {
                ""
            } else {
                " (by X-Forwarded-For)"
            },
            event.verb(),
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

/// GuardDuty's severities.
fn severity(tactic: Tactic) -> f64 {
    match tactic {
        Tactic::Discovery | Tactic::Persistence => 5.0,
        Tactic::CredentialAccess | Tactic::DefenseEvasion | Tactic::Impact => 8.0,
    }
}

/// The type for calls of a tactic from addresses on a kind of list.
pub fn finding_type(tactic: Tactic, kind: ListKind) -> FindingType {
    FindingType::new(&kind.finding_type(tactic), severity(tactic))
        .title(&format!(
            "{} from {}",
            match tactic {
                Tactic::CredentialAccess => "Access to credentials",
                Tactic::DefenseEvasion => "A change to what protects the cluster",
                Tactic::Discovery => "Reading of the cluster",
                Tactic::Impact => "A change to the cluster",
                Tactic::Persistence => "A change that outlasts the request",
            },
            kind.noun()
        ))
        .description(match kind {
            ListKind::Custom => {
                "The API server was called from an address that the operator has put on a threat list."
            }
            ListKind::Feed => {
                "The API server was called, with a credential that it accepts, from an address that is \
                 known for attacks."
            }
            ListKind::Tor => {
                "The API server was called through the Tor network, which hides where the caller is. \
                 Credentials of the cluster in use there were mostly stolen."
            }
        })
        .technique("T1078.004")
        .technique(tactic.technique())
        .technique(match kind {
            ListKind::Tor => "T1090.003",
            ListKind::Custom | ListKind::Feed => "T1133",
        })
        .remediation(
            "Ask the owner of the account whether they made the call. If not, revoke the credential \
             (delete the pod or secret of a token, remove the bindings of a certificate's user), look for \
             what else it did from there, and undo it. Let the API server be reached from known networks \
             only.",
        )
        .false_positives(
            "Lists age: an address may have a new owner, and a VPN or a carrier's gateway is shared by \
             many. An address that came by X-Forwarded-For (`can-be-forged`) is what a proxy, or the \
             caller, says. Calls that nobody authenticated are left out, but for those that succeed from \
             Tor or an own list. Private addresses on a list are not looked up.",
        )
        .severity_rule("5.0 if it is higher and the call was refused, failed or was a dry run")
        .tuning("Put addresses of your own on a list of the kind `trusted`, which wins over all others.")
        .aggregated_by("actor, list and entry")
        .reference("https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-finding-types-eks-audit-logs.html")
}

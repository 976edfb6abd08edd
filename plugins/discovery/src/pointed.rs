//! Rights that lead to all others.
//!
//! Who asks for several of them looks for a way up, where a program asks for what it needs
//! (<https://kubernetes.io/docs/concepts/security/rbac-good-practices/#privilege-escalation-risks>).

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::namespace;
use wardline_sdk::state;
use wardline_sdk::view::AccessReview;

use crate::probe::{BURST, LOW, raise};

/// How many different ways up a service account and a person may ask for: consoles ask for a
/// few of them to know what to show.
const ROBOT_LEAST: u32 = 3;
const PERSON_LEAST: u32 = 4;

/// Counts a review, and says whether a finding was raised.
pub fn judge(
    event: AuditEvent<'_>,
    review: Option<AccessReview<'_>>,
    window: Duration,
    findings: &mut Findings,
) -> Result<bool, DetectError> {
    let Some(way) = review.and_then(way_up) else {
        return Ok(false);
    };
    let (least, severity) = if event.actor().is_person() {
        (PERSON_LEAST, LOW)
    } else {
        (ROBOT_LEAST, BURST)
    };
    let ways = state::actor(event).key("ways up").window(window, 50);
    let seen = ways.observe(way)?;
    if seen.distinct() < least {
        return Ok(false);
    }
    ways.clear()?;
    let what = format!(
        "asked for {} rights that lead to all others",
        seen.distinct()
    );
    let asked = seen.members().join(", ");
    raise(event, severity, &what, &asked, Some(&seen), findings);
    Ok(true)
}

/// Whether a review asks for such a right.
pub fn is_powerful(review: AccessReview<'_>) -> bool {
    way_up(review).is_some()
}

/// The way up that a right opens: rights that open the same one have the same name.
fn way_up(review: AccessReview<'_>) -> Option<&'static str> {
    let verb = review.verb();
    match verb {
        "*" => return Some("*"),
        "impersonate" => return Some("impersonate"),
        "escalate" => return Some("escalate"),
        "bind" => return Some("bind"),
        _ => {}
    }
    match (review.resource(), review.subresource()) {
        ("*", _) => Some("*"),
        ("pods", "exec") => Some("pods/exec"),
        ("nodes", "proxy") => Some("nodes/proxy"),
        ("serviceaccounts", "token") => Some("serviceaccounts/token"),
        ("rolebindings" | "clusterrolebindings", "") if verb == "create" => Some("create bindings"),
        ("secrets", "")
            if review.namespace().is_empty() || namespace::is_kubernetes(review.namespace()) =>
        {
            Some("secrets")
        }
        _ => None,
    }
}

//! Reviews of rights that allow privilege escalation
//! (<https://kubernetes.io/docs/concepts/security/rbac-good-practices/#privilege-escalation-risks>).
//!
//! A program reviews the rights that it needs; a review of several of these suggests a search
//! for an escalation path.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::namespace;
use wardline_sdk::state;
use wardline_sdk::view::AccessReview;

use crate::report::raise;
use crate::types::{BURST, BURST_BY_PERSON};

/// Minimum number of different escalation paths for a finding. It is higher for a person,
/// since consoles review a few of these rights to decide what to show.
const MIN_PATHS: u32 = 3;
const MIN_PATHS_OF_PERSON: u32 = 4;

/// Counts a review, and returns whether a finding was raised.
pub fn judge(
    event: AuditEvent<'_>,
    review: Option<AccessReview<'_>>,
    window: Duration,
    findings: &mut Findings,
) -> Result<bool, DetectError> {
    let Some(path) = review.and_then(escalation_path) else {
        return Ok(false);
    };
    let (threshold, severity) = if event.actor().is_person() {
        (MIN_PATHS_OF_PERSON, BURST_BY_PERSON)
    } else {
        (MIN_PATHS, BURST)
    };
    let paths = state::actor(event).key("ways up").window(window, 50);
    let Some(seen) = paths.burst(path, threshold)? else {
        return Ok(false);
    };
    let action = format!(
        "{} rights that allow escalation were checked",
        seen.distinct()
    );
    let reviewed = seen.members().join(", ");
    raise(event, severity, &action, &reviewed, Some(&seen), findings);
    Ok(true)
}

/// Returns whether a review is for a right that allows escalation.
pub fn is_powerful(review: AccessReview<'_>) -> bool {
    escalation_path(review).is_some()
}

/// Returns the name of the escalation path that a right opens; rights that open the same path
/// share a name.
fn escalation_path(review: AccessReview<'_>) -> Option<&'static str> {
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

//! Pods that a controller created for a workload that the audit log has not shown.
//!
//! Only the rules about the contents of pods judge them. Who deployed the workload is unknown.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::UnseenOwner;

use crate::request::WorkloadRequest;
use crate::settings::Tuning;
use crate::{account, command, image, masquerade};

/// Judges a request of the control plane.
///
/// # Errors
/// Returns [`DetectError`] if the host does not keep the state.
pub fn judge(
    event: AuditEvent<'_>,
    tuning: &Tuning,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    if UnseenOwner::from_event(event).is_none() {
        return Ok(());
    }
    let request = WorkloadRequest::from_event(event, tuning);
    command::judge(&request, tuning, findings)?;
    image::judge(&request, tuning, findings)?;
    masquerade::judge(&request, tuning, findings)?;
    account::judge(&request, tuning, findings)
}

//! The same detectors, linked natively: the limit of what a sandbox can reach.

use std::time::Duration;

use wardline_event::model::AuditEvent;
use wardline_sdk::Detector;
use wardline_sdk::testing::Harness;

use crate::log::Log;
use crate::{best, timed};

/// The time that the five default detectors take for the log, with the SDK's stand-in for
/// the host. Reading the log is not in it.
pub fn judge_all(log: &Log) -> Duration {
    let events = events(log);
    judge::<anonymous_access::AnonymousAccess>(&events)
        + judge::<exec_in_kube_system::ExecInKubeSystem>(&events)
        + judge::<exec_in_privileged_pod::ExecInPrivilegedPod>(&events)
        + judge::<privileged_workloads::PrivilegedWorkloads>(&events)
        + judge::<secret_enumeration::SecretEnumeration>(&events)
}

fn events(log: &Log) -> Vec<AuditEvent> {
    let limits = wardline_event::decode::Limits {
        line_bytes: 2 << 20,
        depth: 128,
    };
    let mut events = Vec::new();
    for line in log.lines() {
        wardline_event::decode::decode(line, &limits, &mut |result| {
            events.extend(result.ok().map(|decoded| decoded.event));
        });
    }
    events
}

fn judge<D: Detector>(events: &[AuditEvent]) -> Duration {
    best(|| {
        let events = events.to_vec();
        let mut harness = Harness::<D>::new().batch(64);
        timed(move || harness.audit_events(events).expect("a detector judges"))
    })
}

//! Persistent volumes of sensitive host paths. They give pods access to the path even if Pod
//! Security forbids `hostPath`, because it checks the pod and not the volume behind its claim.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::{ObjectChange, Requester};
use wardline_sdk::view::ObjectFacts;

use crate::host_path::risk;
use crate::types::{VOLUME_BY_PERSON, VOLUME_BY_SERVICE_ACCOUNT};

/// A persistent volume of a sensitive host path.
#[derive(Debug, Clone, PartialEq)]
pub struct SensitiveVolume {
    /// The field of the event that holds the path.
    pub field: String,
    pub path: String,
    pub rule: SeverityRule,
}

/// Judges a request that created a persistent volume, whose path cannot be changed later. Only
/// paths that are at least Medium when writable count: provisioners create volumes of other
/// directories all day.
pub fn judge(event: AuditEvent<'_>) -> Option<SensitiveVolume> {
    let change = ObjectChange::from_event(event);
    let requester = change.requester;
    if !requester.is_foreign() || !change.is_new || !event.changed_something() {
        return None;
    }
    let (field, path) = [
        (event.requested(), "requestObject"),
        (event.resulting(), "responseObject"),
    ]
    .into_iter()
    .find_map(|(object, body)| {
        let (kind, path) = directory(object?)?;
        Some((format!("{body}.spec.{kind}.path"), path))
    })?;
    risk(path, false).filter(|rule| rule.severity >= 4.0)?;
    Some(SensitiveVolume {
        field,
        path: path.to_owned(),
        rule: if requester == Requester::Person {
            VOLUME_BY_PERSON
        } else {
            VOLUME_BY_SERVICE_ACCOUNT
        },
    })
}

/// Returns the kind and the path of a volume on the node's disk.
fn directory(object: ObjectFacts<'_>) -> Option<(&str, &str)> {
    let Facts::PersistentVolume(volume) = object.facts() else {
        return None;
    };
    matches!(volume.kind(), "hostPath" | "local").then_some((volume.kind(), volume.source()))
}

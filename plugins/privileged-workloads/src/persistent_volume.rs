//! Persistent volumes that stand on a directory of the node: a way to it for pods that may not
//! name one, since Pod Security looks at the pod and not at what is behind its claim.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::{ObjectChange, Requester};
use wardline_sdk::view::ObjectFacts;

use crate::host_path::risk;

/// A volume of a sensitive directory.
#[derive(Debug, Clone, PartialEq)]
pub struct SensitiveVolume {
    /// Where the path stands in the event.
    pub field: String,
    pub path: String,
    pub severity: f64,
}

/// Judges a request that made a persistent volume; what it stands on cannot be changed. Only what holds credentials or
/// makes programs run counts: provisioners make volumes of the node's other directories all
/// day, and those of some are below one that does.
pub fn judge(event: AuditEvent<'_>) -> Option<SensitiveVolume> {
    let change = ObjectChange::of(event);
    let requester = change.requester;
    if !requester.is_foreign() || !change.is_new || !event.changed_something() {
        return None;
    }
    let (field, path) = [
        (event.requested(), "requestObject"),
        (event.resulting(), "responseObject"),
    ]
    .into_iter()
    .find_map(|(object, place)| {
        let (kind, path) = directory(object?)?;
        Some((format!("{place}.spec.{kind}.path"), path))
    })?;
    let severity = risk(path, false).filter(|severity| *severity >= 4.0)?;
    Some(SensitiveVolume {
        field,
        path: path.to_owned(),
        severity: if requester == Requester::Person {
            severity
        } else {
            severity.min(3.0)
        },
    })
}

/// The kind and the path of a volume on the node's disk.
fn directory(object: ObjectFacts<'_>) -> Option<(&str, &str)> {
    let Facts::PersistentVolume(volume) = object.facts() else {
        return None;
    };
    matches!(volume.kind(), "hostPath" | "local").then_some((volume.kind(), volume.source()))
}

//! Volumes of pods and of the cluster.

use std::borrow::Cow;

use wardline_event::model::{PersistentVolume, Volume};

use super::read::{at, flag, members, objects, string, text};
use crate::json::Json;

/// The kind of a PersistentVolumeClaim.
pub(super) const CLAIM: &str = "persistentVolumeClaim";

/// The kinds of volumes, each with the field that names its source.
const SOURCES: [(&str, &str); 28] = [
    ("hostPath", "path"),
    ("local", "path"),
    ("secret", "secretName"),
    ("configMap", "name"),
    ("persistentVolumeClaim", "claimName"),
    ("csi", "driver"),
    ("gitRepo", "repository"),
    ("image", "reference"),
    ("emptyDir", "medium"),
    ("nfs", "server"),
    ("iscsi", "targetPortal"),
    ("flexVolume", "driver"),
    ("flocker", "datasetName"),
    ("glusterfs", "path"),
    ("cephfs", "path"),
    ("rbd", "image"),
    ("cinder", "volumeID"),
    ("awsElasticBlockStore", "volumeID"),
    ("gcePersistentDisk", "pdName"),
    ("azureDisk", "diskURI"),
    ("azureFile", "shareName"),
    ("vsphereVolume", "volumePath"),
    ("photonPersistentDisk", "pdID"),
    ("portworxVolume", "volumeID"),
    ("quobyte", "volume"),
    ("scaleIO", "volumeName"),
    ("storageos", "volumeName"),
    ("fc", "lun"),
];

pub(super) fn of_pod<'v, J: Json<'v>>(item: J) -> Volume {
    let found = members(item).find(|(key, _)| key != "name");
    let (kind, volume) = found.unwrap_or((Cow::Borrowed(""), J::absent()));
    Volume {
        name: text(item, "name"),
        source: source(&kind, volume),
        path_type: if kind == "hostPath" {
            text(volume, "type")
        } else {
            String::new()
        },
        read_only: flag(volume, "readOnly"),
        kind: kind.into_owned(),
    }
}

fn source<'v>(kind: &str, volume: impl Json<'v>) -> String {
    match kind {
        "nfs" => format!("{}:{}", text(volume, "server"), text(volume, "path")),
        "projected" => projected(volume),
        "ephemeral" => string(at(
            volume,
            &["volumeClaimTemplate", "spec", "storageClassName"],
        )),
        _ => SOURCES
            .iter()
            .find(|(name, _)| *name == kind)
            .map(|(_, field)| text(volume, field))
            .unwrap_or_default(),
    }
}

/// Returns `KIND:NAME`, or the kind alone, of each source, separated by commas.
fn projected<'v>(volume: impl Json<'v>) -> String {
    let sources = objects(volume, "sources").flat_map(|source| {
        members(source).map(|(kind, value)| match at(value, &["name"]).text() {
            Some(name) => format!("{kind}:{name}"),
            None => kind.into_owned(),
        })
    });
    sources.collect::<Vec<_>>().join(",")
}

pub(super) fn persistent<'v>(body: impl Json<'v>) -> PersistentVolume {
    let spec = at(body, &["spec"]);
    let claim = at(spec, &["claimRef"]);
    let kind = SOURCES
        .iter()
        .map(|(kind, _)| *kind)
        .find(|kind| at(spec, &[kind]).is_object())
        .unwrap_or_default();
    PersistentVolume {
        kind: kind.to_owned(),
        source: source(kind, at(spec, &[kind])),
        claim_namespace: text(claim, "namespace"),
        claim_name: text(claim, "name"),
    }
}

/// Reads a PersistentVolumeClaim; its source is the volume that it is bound to.
pub(super) fn claim<'v>(body: impl Json<'v>) -> PersistentVolume {
    let metadata = at(body, &["metadata"]);
    PersistentVolume {
        kind: CLAIM.to_owned(),
        source: text(at(body, &["spec"]), "volumeName"),
        claim_namespace: text(metadata, "namespace"),
        claim_name: text(metadata, "name"),
    }
}

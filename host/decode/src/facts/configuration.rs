//! Secrets, config maps, nodes, leases, scales, and the options of deletions.

use wardline_event::model::{ConfigMapFacts, DeleteOptions, LeaseFacts, NodeFacts, SecretFacts};

use super::read::{
    at, flag, integer, integer_if_said, keys, objects, pairs, text, texts, texts_of,
};
use crate::json::Json;

/// The longest value of a config map, in bytes.
const VALUE_BYTES: usize = 4096;

/// Reads only the keys of a secret, never its values.
pub(super) fn secret<'v>(body: impl Json<'v>) -> SecretFacts {
    let mut names = keys(body, "data");
    names.extend(keys(body, "stringData"));
    names.sort_unstable();
    names.dedup();
    SecretFacts {
        secret_type: text(body, "type"),
        keys: names,
    }
}

pub(super) fn config_map<'v>(body: impl Json<'v>) -> ConfigMapFacts {
    ConfigMapFacts {
        data: pairs(body, "data", VALUE_BYTES),
        binary_keys: keys(body, "binaryData"),
    }
}

pub(super) fn node<'v>(body: impl Json<'v>) -> NodeFacts {
    let spec = at(body, &["spec"]);
    NodeFacts {
        unschedulable: flag(spec, "unschedulable"),
        provider_id: text(spec, "providerID"),
        taints: objects(spec, "taints").map(taint).collect(),
        addresses: texts_of(at(body, &["status"]), "addresses", "address"),
        pod_cidrs: texts(spec, "podCIDRs"),
    }
}

fn taint<'v>(item: impl Json<'v>) -> String {
    let part = |key| text(item, key);
    format!("{}={}:{}", part("key"), part("value"), part("effect"))
}

/// Reads `spec.replicas`. Go omits a zero, so a missing value is 0 in a whole object; in a
/// patch it means no change.
pub(super) fn scale<'v>(body: impl Json<'v>, partial: bool) -> Option<i64> {
    let said = integer_if_said(at(body, &["spec"]), "replicas");
    if partial {
        said
    } else {
        Some(said.unwrap_or_default())
    }
}

pub(super) fn lease<'v>(body: impl Json<'v>) -> LeaseFacts {
    let spec = at(body, &["spec"]);
    LeaseFacts {
        holder: text(spec, "holderIdentity"),
        duration_seconds: integer(spec, "leaseDurationSeconds"),
        transitions: integer(spec, "leaseTransitions"),
    }
}

/// `orphanDependents` is the older form of `propagationPolicy: Orphan`.
pub(super) fn delete_options<'v>(options: impl Json<'v>) -> DeleteOptions {
    let policy = text(options, "propagationPolicy");
    let orphans = policy.is_empty() && flag(options, "orphanDependents");
    DeleteOptions {
        grace_period_seconds: integer_if_said(options, "gracePeriodSeconds"),
        propagation: if orphans { "Orphan".to_owned() } else { policy },
    }
}

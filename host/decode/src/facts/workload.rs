//! Pods and objects with pod templates.

use std::collections::BTreeMap;

use wardline_event::model::{Attribute, Container, Workload};

use super::container::{containers, security};
use super::read::{
    at, flag, flag_if_said, integer_if_said, objects, pair, pairs, pairs_where, string, text,
    texts_of,
};
use super::{METADATA_BYTES, volume};
use crate::json::Json;

/// The prefix of the annotations for AppArmor profiles, by container, before v1.30.
const APPARMOR_ANNOTATION: &str = "container.apparmor.security.beta.kubernetes.io/";

pub(super) fn pod<'v>(body: impl Json<'v>) -> Workload {
    let annotations = pairs_where(
        at(body, &["metadata"]),
        "annotations",
        METADATA_BYTES,
        |key| key.starts_with(APPARMOR_ANNOTATION),
    );
    let mut workload = spec(at(body, &["spec"]));
    legacy_apparmor(&mut workload.containers, &annotations);
    workload
}

pub(super) fn template<'v>(body: impl Json<'v>) -> Workload {
    let mut workload = from_template(at(body, &["spec", "template"]));
    workload.replicas = integer_if_said(at(body, &["spec"]), "replicas");
    workload
}

pub(super) fn cron_job<'v>(body: impl Json<'v>) -> Workload {
    let mut workload = from_template(at(body, &["spec", "jobTemplate", "spec", "template"]));
    workload.schedule = text(at(body, &["spec"]), "schedule");
    workload
}

pub(super) fn pod_template<'v>(body: impl Json<'v>) -> Workload {
    from_template(at(body, &["template"]))
}

fn from_template<'v>(template: impl Json<'v>) -> Workload {
    let metadata = at(template, &["metadata"]);
    let mut workload = spec(at(template, &["spec"]));
    workload.template_labels = pairs(metadata, "labels", METADATA_BYTES);
    workload.template_annotations = pairs(metadata, "annotations", METADATA_BYTES);
    legacy_apparmor(&mut workload.containers, &workload.template_annotations);
    workload
}

fn spec<'v>(spec: impl Json<'v>) -> Workload {
    let context = at(spec, &["securityContext"]);
    // `serviceAccount` is the older name of the same field.
    let account = ["serviceAccountName", "serviceAccount"].map(|key| text(spec, key));
    Workload {
        containers: containers(spec),
        volumes: objects(spec, "volumes").map(volume::of_pod).collect(),
        host_network: flag(spec, "hostNetwork"),
        host_pid: flag(spec, "hostPID"),
        host_ipc: flag(spec, "hostIPC"),
        host_users: flag_if_said(spec, "hostUsers"),
        share_process_namespace: flag(spec, "shareProcessNamespace"),
        service_account: account
            .into_iter()
            .find(|name| !name.is_empty())
            .unwrap_or_default(),
        automount_service_account_token: flag_if_said(spec, "automountServiceAccountToken"),
        node_name: text(spec, "nodeName"),
        node_selector: pairs(spec, "nodeSelector", METADATA_BYTES),
        tolerations: objects(spec, "tolerations")
            .map(|item| text(item, "key"))
            .collect(),
        priority_class: text(spec, "priorityClassName"),
        runtime_class: text(spec, "runtimeClassName"),
        restart_policy: text(spec, "restartPolicy"),
        security: security(context),
        sysctls: objects(context, "sysctls")
            .map(|item| pair(text(item, "name"), string(at(item, &["value"]))))
            .collect(),
        image_pull_secrets: texts_of(spec, "imagePullSecrets", "name"),
        ..Workload::default()
    }
}

fn legacy_apparmor(containers: &mut [Container], annotations: &[Attribute]) {
    let profiles: BTreeMap<&str, &str> = annotations
        .iter()
        .filter_map(|annotation| {
            let name = annotation.key.strip_prefix(APPARMOR_ANNOTATION)?;
            let profile = match annotation.value.as_str() {
                "unconfined" => "Unconfined",
                "runtime/default" => "RuntimeDefault",
                value if value.starts_with("localhost/") => "Localhost",
                _ => return None,
            };
            Some((name, profile))
        })
        .collect();
    for container in containers {
        // The field takes precedence over the annotation.
        if container.security.apparmor.is_empty()
            && let Some(profile) = profiles.get(container.name.as_str())
        {
            (*profile).clone_into(&mut container.security.apparmor);
        }
    }
}

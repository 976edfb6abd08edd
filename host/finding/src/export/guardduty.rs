//! A finding as GuardDuty exports it: names and nesting follow the API model (`GetFindings`,
//! version 2017-11-28), in the camel case of EventBridge and S3.

use serde_json::{Map, Value, json};

use super::cloud_account::{CloudAccount, address, attribute, cluster, event_ids};
use crate::{Details, Finding, Process, Request, Status, WorkloadDetails};

pub(super) fn finding(finding: &Finding, cloud_account: &CloudAccount) -> Value {
    let (account, region) = (
        cloud_account.account(finding),
        cloud_account.region(finding),
    );
    let detector = CloudAccount::detector_id(finding);
    json!({
        "schemaVersion": "2.0",
        "accountId": account,
        "region": region,
        "partition": "aws",
        "id": finding.id,
        "arn": format!(
            "arn:aws:guardduty:{region}:{account}:detector/{detector}/finding/{}",
            finding.id
        ),
        "type": finding.finding_type,
        "title": finding.title,
        "description": finding.description,
        "severity": finding.severity.score,
        "createdAt": finding.first_seen,
        "updatedAt": finding.last_seen,
        "resource": resource(finding, cloud_account),
        "service": service(finding, &detector),
    })
}

fn resource(finding: &Finding, cloud_account: &CloudAccount) -> Value {
    let actor = &finding.actor;
    let mut user = json!({
        "username": actor.username,
        "uid": actor.uid,
        "groups": actor.groups,
        "sessionName": actor
            .extra
            .iter()
            // The key that the AWS IAM authenticator sets.
            .filter(|pair| pair.key == "sessionName")
            .map(|pair| pair.value.as_str())
            .collect::<Vec<_>>(),
    });
    if let Some(impersonated) = &actor.impersonated {
        put(
            &mut user,
            "impersonatedUser",
            json!({ "username": impersonated, "groups": [] }),
        );
    }
    let mut kubernetes = json!({ "kubernetesUserDetails": user });
    let workload = match &finding.object {
        Some(Details::Workload(workload)) => Some(of_workload(finding, workload)),
        _ if is_of_pod(finding) => Some(json!({
            "name": finding.resource.name,
            "type": finding.resource.resource,
            "namespace": finding.resource.namespace,
        })),
        _ => None,
    };
    if let Some(workload) = workload {
        put(&mut kubernetes, "kubernetesWorkloadDetails", workload);
    }
    json!({
        "resourceType": "EKSCluster",
        "eksClusterDetails": {
            "name": cluster(finding),
            "arn": cloud_account.cluster_arn(finding),
            "tags": [],
        },
        "kubernetesDetails": kubernetes,
    })
}

fn is_of_pod(finding: &Finding) -> bool {
    finding.resource.resource == "pods" && !finding.resource.name.is_empty()
}

fn of_workload(finding: &Finding, workload: &WorkloadDetails) -> Value {
    let containers: Vec<Value> = workload
        .containers
        .iter()
        .map(|container| {
            let mut security = Map::new();
            for (name, value) in [
                ("privileged", container.privileged),
                (
                    "allowPrivilegeEscalation",
                    container.allow_privilege_escalation,
                ),
            ] {
                if let Some(value) = value {
                    security.insert(name.to_owned(), value.into());
                }
            }
            json!({
                "name": container.name,
                "image": container.image,
                "imagePrefix": image_prefix(&container.image),
                "securityContext": security,
                "volumeMounts": container
                    .mounts
                    .iter()
                    .map(|mount| json!({ "name": mount.name, "mountPath": mount.path }))
                    .collect::<Vec<_>>(),
            })
        })
        .collect();
    let volumes: Vec<Value> = workload
        .volumes
        .iter()
        .map(|volume| match &volume.host_path {
            Some(path) => json!({ "name": volume.name, "hostPath": { "path": path } }),
            None => json!({ "name": volume.name }),
        })
        .collect();
    json!({
        "name": workload.name.name,
        "type": finding.resource.resource,
        "uid": workload.name.uid,
        "namespace": workload.name.namespace,
        "hostNetwork": workload.host_network,
        "hostPID": workload.host_pid,
        "hostIPC": workload.host_ipc,
        "serviceAccountName": workload.service_account,
        "containers": containers,
        "volumes": volumes,
    })
}

/// Returns the image without its last path component, which AWS's suppression recipes compare.
fn image_prefix(image: &str) -> &str {
    image.rsplit_once('/').map_or("", |(prefix, _)| prefix)
}

fn service(finding: &Finding, detector: &str) -> Value {
    let mut service = json!({
        "serviceName": "guardduty",
        "detectorId": detector,
        "archived": finding.status == Status::Suppressed,
        "count": finding.count,
        "eventFirstSeen": finding.first_seen,
        "eventLastSeen": finding.last_seen,
        "resourceRole": "TARGET",
        "additionalInfo": { "type": "default", "value": additional(finding) },
    });
    if let Some(request) = &finding.request {
        put(&mut service, "action", action(finding, request));
    }
    if let Some(process) = &finding.process {
        let details = json!({ "process": of_process(process) });
        put(&mut service, "runtimeDetails", details);
    }
    if let Some(list) = attribute(finding, "list-name") {
        put(
            &mut service,
            "evidence",
            json!({ "threatIntelligenceDetails": [{
                "threatListName": list,
                "threatNames": [],
            }] }),
        );
    }
    service
}

/// The fields of `ProcessDetails`.
fn of_process(process: &Process) -> Value {
    let mut details = json!({
        "name": process.name,
        "executablePath": process.executable,
        "pid": process.pid,
        "pwd": process.working_directory,
        "userId": process.uid,
    });
    for (name, value) in [
        ("executableSha256", &process.executable_sha256),
        ("startTime", &process.start_time),
    ] {
        if !value.is_empty() {
            put(&mut details, name, json!(value));
        }
    }
    details
}

fn action(finding: &Finding, request: &Request) -> Value {
    let resource = &finding.resource;
    let mut call = json!({
        "requestUri": request.uri,
        "verb": request.verb,
        "sourceIPs": finding.actor.source_ips,
        "userAgent": finding.actor.user_agent,
    });
    for (name, value) in [
        ("resource", &resource.resource),
        ("subresource", &resource.subresource),
        ("namespace", &resource.namespace),
        ("resourceName", &resource.name),
    ] {
        if !value.is_empty() {
            put(&mut call, name, json!(value));
        }
    }
    if let Some(code) = request.response_code {
        put(&mut call, "statusCode", json!(code));
    }
    if let Some((_, query)) = request.uri.split_once('?') {
        put(&mut call, "parameters", json!(query));
    }
    if let Some(address) = address(finding) {
        let version = if address.contains(':') {
            "ipAddressV6"
        } else {
            "ipAddressV4"
        };
        put(&mut call, "remoteIpDetails", json!({ version: address }));
    }
    let mut action = json!({
        "actionType": "KUBERNETES_API_CALL",
        "kubernetesApiCallAction": call,
    });
    match &finding.object {
        Some(Details::AccessReview(review)) => put(
            &mut action,
            "kubernetesPermissionCheckedDetails",
            json!({
                "verb": review.verb,
                "resource": review.resource,
                "namespace": review.namespace,
                "allowed": review.allowed.unwrap_or_default(),
            }),
        ),
        Some(Details::Binding(binding)) => put(
            &mut action,
            "kubernetesRoleBindingDetails",
            json!({
                "kind": binding.name.kind,
                "name": binding.name.name,
                "uid": binding.name.uid,
                "roleRefName": binding.role_name,
                "roleRefKind": binding.role_kind,
            }),
        ),
        Some(Details::Role(role)) => put(
            &mut action,
            "kubernetesRoleDetails",
            json!({ "kind": role.kind, "name": role.name, "uid": role.uid }),
        ),
        _ => {}
    }
    action
}

/// Values for which GuardDuty has no field, as the JSON text in `additionalInfo.value`.
fn additional(finding: &Finding) -> String {
    let mut info = json!({
        "product": "wardline",
        "detector": finding.detector,
        "evidence": finding.evidence,
        "techniques": finding.techniques,
        "remediation": finding.remediation,
    });
    put(&mut info, event_ids(finding), json!(finding.event_ids));
    if let Some(list) = attribute(finding, "list-name") {
        put(&mut info, "threatListName", json!(list));
    }
    if let Some(suppression) = &finding.suppression {
        put(&mut info, "suppression", json!(suppression));
    }
    info.to_string()
}

fn put(object: &mut Value, key: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}

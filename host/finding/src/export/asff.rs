//! AWS Security Finding Format, version 2018-10-08, within the length limits of
//! `BatchImportFindings`.

use serde_json::{Map, Value, json};

use super::cloud_account::{CloudAccount, address, cluster, cut, event_ids};
use crate::{Details, Finding, Label, Process, Status};

pub(super) fn finding(finding: &Finding, cloud_account: &CloudAccount) -> Value {
    let (account, region) = (
        cloud_account.account(finding),
        cloud_account.region(finding),
    );
    let is_suppressed = finding.status == Status::Suppressed;
    let types = [kind(&finding.finding_type)];
    let severity = json!({
        "Label": label(finding.severity.label),
        "Original": format!("{:.1}", finding.severity.score),
    });
    let mut remediation = json!({ "Text": cut(&finding.remediation, 512) });
    let url = finding
        .references
        .iter()
        .find(|reference| reference.starts_with("https://"));
    if let (Some(url), Some(recommendation)) = (url, remediation.as_object_mut()) {
        recommendation.insert("Url".to_owned(), json!(url));
    }
    let mut asff = json!({
        "SchemaVersion": "2018-10-08",
        "Id": finding.id,
        "ProductArn": format!("arn:aws:securityhub:{region}:{account}:product/{account}/default"),
        "ProductName": "Wardline",
        "CompanyName": "Wardline",
        "GeneratorId": cut(&format!("wardline/{}", finding.detector.name), 512),
        "AwsAccountId": account,
        "Region": region,
        "Types": types,
        "FirstObservedAt": finding.first_seen,
        "LastObservedAt": finding.last_seen,
        "CreatedAt": finding.first_seen,
        "UpdatedAt": finding.last_seen,
        "Severity": severity,
        "Title": cut(&finding.title, 256),
        "Description": cut(&finding.description, 1024),
        "Remediation": { "Recommendation": remediation },
        "ProductFields": product_fields(finding),
        "Resources": resources(finding, cloud_account),
        "RecordState": if is_suppressed { "ARCHIVED" } else { "ACTIVE" },
        "Workflow": { "Status": if is_suppressed { "SUPPRESSED" } else { "NEW" } },
        "FindingProviderFields": { "Severity": severity, "Types": types },
    });
    if let (Some(process), Some(asff)) = (&finding.process, asff.as_object_mut()) {
        asff.insert("Process".to_owned(), of_process(process));
    }
    asff
}

/// The `Process` object, whose texts have at most 64 and 512 characters.
fn of_process(process: &Process) -> Value {
    let mut object = json!({
        "Name": cut(&process.name, 64),
        "Path": cut(&process.executable, 512),
        "Pid": process.pid,
        "ParentPid": process.parent_pid,
    });
    if let (false, Some(object)) = (process.start_time.is_empty(), object.as_object_mut()) {
        object.insert("LaunchedAt".to_owned(), json!(process.start_time));
    }
    object
}

fn label(label: Label) -> &'static str {
    match label {
        Label::Low => "LOW",
        Label::Medium => "MEDIUM",
        Label::High => "HIGH",
        Label::Critical => "CRITICAL",
    }
}

/// `namespace/category/classifier`, as GuardDuty does it: policies are configuration checks, all
/// other types are TTPs in the category of their purpose.
fn kind(finding_type: &str) -> String {
    let classifier = finding_type.replace('/', "-");
    let purpose = finding_type.split(':').next().unwrap_or_default();
    if purpose == "Policy" {
        return format!("Software and Configuration Checks/Policy/{classifier}");
    }
    let mut category = String::with_capacity(purpose.len() + 2);
    for character in purpose.chars() {
        if character.is_ascii_uppercase() && !category.is_empty() {
            category.push(' ');
        }
        category.push(character);
    }
    format!("TTPs/{category}/{classifier}")
}

/// Adds at most 50 fields, with names of at most 128 and values of at most 2,048 characters.
fn product_fields(finding: &Finding) -> Map<String, Value> {
    let mut fields = Map::new();
    let mut add = |name: &str, value: &str| {
        if !value.is_empty() && fields.len() < 50 {
            let name = cut(&format!("wardline/{name}"), 128);
            fields.insert(name, json!(cut(value, 2048)));
        }
    };
    add("type", &finding.finding_type);
    add("count", &finding.count.to_string());
    add("cluster", cluster(finding));
    if let Some(cloud) = &finding.cloud {
        add("cloudProvider", &cloud.provider);
        add("cloudAccount", &cloud.account);
        add("cloudRegion", &cloud.region);
    }
    add("user", &finding.actor.username);
    add(
        "impersonatedUser",
        finding.actor.impersonated.as_deref().unwrap_or_default(),
    );
    add("groups", &finding.actor.groups.join(","));
    add("userAgent", &finding.actor.user_agent);
    add("sourceIps", &finding.actor.source_ips.join(","));
    add("remoteIp", address(finding).unwrap_or_default());
    if let Some(request) = &finding.request {
        add("verb", &request.verb);
        add("requestUri", &request.uri);
        if let Some(code) = request.response_code {
            add("statusCode", &code.to_string());
        }
    }
    if let Some(container) = &finding.container {
        add("containerId", &container.id);
        add("containerImage", &container.image);
    }
    add("node", finding.node.as_deref().unwrap_or_default());
    add(event_ids(finding), &finding.event_ids.join(","));
    add("techniques", &finding.techniques.join(","));
    if let Some(suppression) = &finding.suppression {
        add("suppressedBy", &suppression.rule);
    }
    for attribute in &finding.attributes {
        add(&format!("attribute/{}", attribute.key), &attribute.value);
    }
    for (number, item) in finding.evidence.iter().enumerate().take(20) {
        add(
            &format!("evidence/{number}"),
            &format!("{} = {}", item.field, item.value),
        );
    }
    fields
}

/// The cluster, and the objects in it that the request acted on.
fn resources(finding: &Finding, cloud_account: &CloudAccount) -> Vec<Value> {
    let region = cloud_account.region(finding);
    let arn = cloud_account.cluster_arn(finding);
    let mut resources = vec![json!({
        "Type": "AwsEksCluster",
        "Id": arn,
        "Partition": "aws",
        "Region": region,
        "Details": { "AwsEksCluster": { "Name": cluster(finding), "Arn": arn } },
    })];
    let object = &finding.resource;
    if !object.resource.is_empty() {
        let path: Vec<&str> = [
            &object.namespace,
            &object.resource,
            &object.name,
            &object.subresource,
        ]
        .into_iter()
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
        let mut other = Map::new();
        for (name, value) in [
            ("apiGroup", &object.api_group),
            ("resource", &object.resource),
            ("subresource", &object.subresource),
            ("namespace", &object.namespace),
            ("name", &object.name),
        ] {
            if !value.is_empty() {
                other.insert(name.to_owned(), json!(cut(value, 1024)));
            }
        }
        resources.push(json!({
            "Type": "Other",
            "Id": cut(&format!("{arn}/{}", path.join("/")), 512),
            "Partition": "aws",
            "Region": region,
            "Details": { "Other": other },
        }));
    }
    if let Some(Details::Workload(workload)) = &finding.object {
        resources.extend(workload.containers.iter().take(10).map(|container| {
            json!({
                "Type": "Container",
                "Id": cut(&format!("{arn}/{}/{}", workload.name.name, container.name), 512),
                "Partition": "aws",
                "Region": region,
                "Details": { "Container": {
                    "Name": cut(&container.name, 256),
                    "ImageName": cut(&container.image, 256),
                    "Privileged": container.privileged.unwrap_or_default(),
                } },
            })
        }));
    }
    resources
}

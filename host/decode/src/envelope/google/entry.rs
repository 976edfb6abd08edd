//! Translation of a `LogEntry` into an event.

use std::borrow::Cow;
use std::net::IpAddr;

use super::annotations::Annotations;
use super::names;
use super::resource::Request;
use super::status::status;
use super::uri::uri;
use super::user::{extra, user};
use crate::envelope::object::Object;
use crate::envelope::opener::whole_fault;
use crate::envelope::write::Writer;
use crate::envelope::{CloudScope, Opener};
use crate::reject::{Fault, Reject};

/// The payload type of audit logs.
const AUDIT_LOG: &str = "type.googleapis.com/google.cloud.audit.AuditLog";
/// The service name of the clusters' API servers. `container.googleapis.com` is GKE's own API.
const SERVICE: &str = "k8s.io";

impl Opener<'_, '_> {
    pub(super) fn log_entry(&mut self, entry: &Object<'_>, scope: &CloudScope, depth: usize) {
        if !entry.is_whole {
            return self.reject(whole_fault(entry.bytes), entry.bytes);
        }
        if let Some(renamed) = names::renamed(entry) {
            if let Some(entry) = Object::read(&renamed) {
                self.log_entry(&entry, scope, depth);
            }
            return;
        }
        // The second name is that of BigQuery's tables.
        let payload = entry
            .object("protoPayload")
            .or_else(|| entry.object("protopayload_auditlog"));
        let Some(payload) = payload else {
            // A cluster that is not GKE may send its audit log as any other log. But what a pod prints
            // is never an event.
            if is_of_pod(entry) || !self.inside(entry, scope, depth) {
                self.skip();
            }
            return;
        };
        if payload.text("@type").is_some_and(|name| name != AUDIT_LOG) || !is_of_cluster(&payload) {
            return self.skip();
        }
        let scope = scope_of(entry);
        match event(entry, &payload) {
            Ok(event) => self.give(Cow::Owned(event), &scope),
            Err(fault) => self.reject(fault, entry.bytes),
        }
    }
}

/// Whether an entry is of a cluster's API server. Some exports leave out the name of the service.
fn is_of_cluster(payload: &Object<'_>) -> bool {
    match payload.text("serviceName") {
        Some(service) => service == SERVICE,
        None => payload.text_or_empty("methodName").starts_with("io.k8s."),
    }
}

/// Whether the entry is a line that a container printed.
fn is_of_pod(entry: &Object<'_>) -> bool {
    let resource = entry.object("resource");
    let kind = resource.and_then(|resource| resource.text("type"));
    matches!(kind.as_deref(), Some("k8s_container" | "k8s_pod"))
}

fn scope_of(entry: &Object<'_>) -> CloudScope {
    let labels = entry
        .object("resource")
        .and_then(|resource| resource.object("labels"));
    let label = |key| {
        let labels = labels.as_ref()?;
        labels.text(key).map(|text| text.into_owned())
    };
    let location = label("location").unwrap_or_default();
    // A zone is a region and a letter: `europe-west1-b`.
    let region = match location.rsplit_once('-') {
        Some((region, zone)) if zone.len() == 1 => Some(region.to_owned()),
        _ => None,
    };
    CloudScope {
        provider: "gcp",
        account: label("project_id").unwrap_or_default(),
        cluster: label("cluster_name").unwrap_or_default(),
        zone: region
            .as_ref()
            .map(|_| location.clone())
            .unwrap_or_default(),
        region: region.unwrap_or(location),
    }
}

fn event(entry: &Object<'_>, payload: &Object<'_>) -> Result<Vec<u8>, Fault> {
    let method = payload.text_or_empty("methodName");
    let resource = payload.text_or_empty("resourceName");
    let request = Request::read(&method, &resource).ok_or_else(|| {
        Fault::new(
            Reject::InvalidField,
            "`protoPayload.methodName` is missing or has no verb, expected a name such as \
             \"io.k8s.core.v1.pods.create\"",
        )
    })?;
    let body = names::body(payload, "request", "requestJson");
    let answer = names::body(payload, "response", "responseJson");
    let body = body.as_deref().and_then(Object::read);
    let answer = answer.as_deref().and_then(Object::read);
    let operation = entry.object("operation");

    let mut event = Writer::event();
    event.text("level", level(body.is_some(), answer.is_some()));
    let id = operation
        .as_ref()
        .map(|operation| operation.text_or_empty("id"))
        .filter(|id| !id.is_empty());
    event.text(
        "auditID",
        &id.unwrap_or_else(|| entry.text_or_empty("insertId")),
    );
    event.text("stage", stage(operation.as_ref()));
    event.text("requestURI", &uri(&request, body.as_ref()));
    event.text("verb", request.verb);
    users(&mut event, payload);
    caller(&mut event, payload);
    event.inner("objectRef", request.reference());
    let annotations = Annotations::of(entry, payload);
    event.inner(
        "responseStatus",
        status(payload, &request, answer.as_ref(), annotations.is_forbidden),
    );
    for (key, object) in [("requestObject", &body), ("responseObject", &answer)] {
        if let Some(object) = object {
            event.raw(key, &without_type(object));
        }
    }
    let time = entry
        .text("timestamp")
        .unwrap_or_else(|| entry.text_or_empty("receiveTimestamp"));
    event.text("requestReceivedTimestamp", &time);
    event.text("stageTimestamp", &time);
    event.inner("annotations", annotations.written);
    Ok(event.finish())
}

/// Returns the level of the audit policy at which these bodies are kept.
fn level(has_request: bool, has_response: bool) -> &'static str {
    match (has_request, has_response) {
        (_, true) => "RequestResponse",
        (true, false) => "Request",
        (false, false) => "Metadata",
    }
}

/// Returns the stage. A long-running request has one entry when it begins and one when it
/// ends.
fn stage(operation: Option<&Object<'_>>) -> &'static str {
    let says = |key| operation.and_then(|operation| operation.value::<bool>(key));
    if says("first") == Some(true) && says("last") != Some(true) {
        "ResponseStarted"
    } else {
        "ResponseComplete"
    }
}

fn users(event: &mut Writer, payload: &Object<'_>) {
    let Some(authentication) = payload.object("authenticationInfo") else {
        return;
    };
    // A federated identity has no e-mail address, but a name that begins with `principal://`,
    // which is also its user name in the cluster. For a denied read, both may be missing.
    let name = match authentication.text("principalEmail") {
        Some(name) if !name.is_empty() => name,
        _ => authentication.text_or_empty("principalSubject"),
    };
    event.inner("user", user(&name, extra(&authentication)));
    // The authority selector is what Kubernetes calls impersonation.
    if let Some(other) = authentication.text("authoritySelector")
        && !other.is_empty()
    {
        event.inner("impersonatedUser", user(&other, Writer::object()));
    }
}

fn caller(event: &mut Writer, payload: &Object<'_>) {
    let Some(metadata) = payload.object("requestMetadata") else {
        return;
    };
    let address = metadata.text_or_empty("callerIp");
    if address.parse::<IpAddr>().is_ok() {
        event.texts("sourceIPs", [address.as_ref()]);
    } else {
        // A word such as `private` or `gce-internal-ip`.
        event.text("callerIp", &address);
    }
    let agent = metadata.text_or_empty("callerSuppliedUserAgent");
    event.text("userAgent", &agent);
}

/// Returns the object without `@type`, which the API server did not write.
fn without_type(object: &Object<'_>) -> Vec<u8> {
    let mut rest = Writer::object();
    for (key, value) in object.members().filter(|(key, _)| *key != b"@type") {
        rest.raw_key(&[b"\"", key, b"\""].concat(), value);
    }
    rest.finish()
}

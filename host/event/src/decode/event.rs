//! One audit event.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Reject, connect, facts, time};
use crate::model::{AuditEvent, Attribute, Level, ObjectReference, Response, Stage, User};

/// What a list says of its items.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Envelope {
    pub kind: Option<String>,
    pub api_version: Option<String>,
}

const GROUP: &str = "audit.k8s.io/";
const VERSION: &str = "audit.k8s.io/v1";

/// `audit.k8s.io/v1` `Event`
/// (kubernetes.io/docs/reference/config-api/apiserver-audit.v1).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    kind: Option<Cow<'a, str>>,
    api_version: Option<Cow<'a, str>>,
    level: Option<Cow<'a, str>>,
    #[serde(rename = "auditID")]
    audit_id: Option<String>,
    stage: Option<Cow<'a, str>>,
    #[serde(rename = "requestURI")]
    request_uri: Option<String>,
    verb: Option<String>,
    #[serde(default)]
    user: Option<WireUser>,
    impersonated_user: Option<WireUser>,
    #[serde(rename = "sourceIPs")]
    source_ips: Option<Vec<String>>,
    user_agent: Option<String>,
    object_ref: Option<WireReference>,
    response_status: Option<WireStatus>,
    #[serde(borrow)]
    request_object: Option<&'a RawValue>,
    #[serde(borrow)]
    response_object: Option<&'a RawValue>,
    request_received_timestamp: Option<Cow<'a, str>>,
    stage_timestamp: Option<Cow<'a, str>>,
    annotations: Option<BTreeMap<String, String>>,
    authentication_metadata: Option<BTreeMap<String, Value>>,
}

#[derive(Deserialize, Default)]
struct WireUser {
    username: Option<String>,
    uid: Option<String>,
    groups: Option<Vec<String>>,
    extra: Option<BTreeMap<String, Option<Vec<String>>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireReference {
    resource: Option<String>,
    namespace: Option<String>,
    name: Option<String>,
    uid: Option<String>,
    api_group: Option<String>,
    api_version: Option<String>,
    resource_version: Option<String>,
    subresource: Option<String>,
}

#[derive(Deserialize)]
struct WireStatus {
    code: Option<i64>,
    reason: Option<String>,
    message: Option<String>,
}

type Refusal = (Reject, String);

/// Reads one event; `list` is what the list that it stands in says.
pub(super) fn parse(text: &str, list: &Envelope) -> Result<AuditEvent, Refusal> {
    check_kind(list.kind.as_deref(), list.api_version.as_deref(), "EventList")?;
    let wire: Wire<'_> = serde_json::from_str(text).map_err(|error| refusal(text, &error))?;
    check_kind(wire.kind.as_deref(), wire.api_version.as_deref(), "Event")?;
    if wire.kind.is_none() && list.kind.is_none() && wire.audit_id.is_none() {
        return Err((Reject::NotAnAuditEvent, "it has neither kind nor auditID".into()));
    }
    let request_uri = required(wire.request_uri, "requestURI")?;
    let annotations = attributes(wire.annotations.unwrap_or_default());
    let truncated = annotations
        .iter()
        .any(|pair| pair.key == "audit.k8s.io/truncated" && pair.value == "true");
    let mut event = AuditEvent {
        ref_: 0,
        audit_id: required(wire.audit_id, "auditID")?,
        stage: stage(&required(wire.stage, "stage")?)?,
        level: level(&required(wire.level, "level")?)?,
        request_time: timestamp(wire.request_received_timestamp, "requestReceivedTimestamp")?,
        time: timestamp(wire.stage_timestamp, "stageTimestamp")?,
        verb: required(wire.verb, "verb")?,
        user: user(wire.user.unwrap_or_default()),
        impersonated_user: wire.impersonated_user.map(user),
        source_ips: wire.source_ips.unwrap_or_default(),
        user_agent: wire.user_agent.unwrap_or_default(),
        object: wire.object_ref.map(reference),
        response: wire.response_status.map(response).transpose()?,
        dry_run: connect::is_dry_run(&request_uri),
        truncated,
        requested: None,
        resulting: None,
        connect: None,
        annotations,
        attributes: metadata(wire.authentication_metadata.unwrap_or_default()),
        request_uri,
    };
    event.connect = connect::options(&event);
    event.requested = wire
        .request_object
        .and_then(|body| facts::requested(body.get(), &event));
    event.resulting = wire
        .response_object
        .and_then(|body| facts::resulting(body.get(), &event));
    name_from_answer(&mut event);
    Ok(event)
}

/// Serde says where; what it means depends on whether the text is JSON at all.
fn refusal(text: &str, error: &serde_json::Error) -> Refusal {
    let reason = match error.classify() {
        serde_json::error::Category::Data if error.to_string().starts_with("duplicate") => {
            Reject::Malformed
        }
        serde_json::error::Category::Data if text.starts_with('{') => Reject::InvalidField,
        serde_json::error::Category::Data => Reject::NotAnAuditEvent,
        serde_json::error::Category::Eof => Reject::Incomplete,
        _ => Reject::Malformed,
    };
    let mut detail = error.to_string();
    if detail.len() > 300 {
        let end = (0..=300).rev().find(|at| detail.is_char_boundary(*at));
        detail.truncate(end.unwrap_or_default());
    }
    (reason, detail)
}

fn check_kind(kind: Option<&str>, version: Option<&str>, expected: &str) -> Result<(), Refusal> {
    let short = |text: &str| text.chars().take(80).collect::<String>();
    if let Some(version) = version {
        if !version.starts_with(GROUP) {
            let detail = format!("its apiVersion is `{}`", short(version));
            return Err((Reject::NotAnAuditEvent, detail));
        }
        if version != VERSION {
            let detail = format!("its apiVersion is `{}`; only {VERSION} is read", short(version));
            return Err((Reject::UnsupportedVersion, detail));
        }
    }
    match kind {
        Some(kind) if kind != expected => {
            Err((Reject::NotAnAuditEvent, format!("its kind is `{}`", short(kind))))
        }
        _ => Ok(()),
    }
}

fn required<T>(value: Option<T>, field: &str) -> Result<T, Refusal> {
    value.ok_or_else(|| (Reject::MissingField, format!("it has no {field}")))
}

fn stage(text: &str) -> Result<Stage, Refusal> {
    match text {
        "RequestReceived" => Ok(Stage::RequestReceived),
        "ResponseStarted" => Ok(Stage::ResponseStarted),
        "ResponseComplete" => Ok(Stage::ResponseComplete),
        "Panic" => Ok(Stage::Panic),
        _ => Err((Reject::InvalidField, "stage has an unknown value".into())),
    }
}

fn level(text: &str) -> Result<Level, Refusal> {
    match text {
        "Metadata" => Ok(Level::Metadata),
        "Request" => Ok(Level::Request),
        "RequestResponse" => Ok(Level::RequestResponse),
        _ => Err((Reject::InvalidField, "level has an unknown value".into())),
    }
}

fn timestamp(text: Option<Cow<'_, str>>, field: &str) -> Result<u64, Refusal> {
    time::parse(&text.unwrap_or_default())
        .ok_or_else(|| (Reject::InvalidField, format!("{field} is not an RFC 3339 time")))
}

fn user(wire: WireUser) -> User {
    let extra = wire.extra.unwrap_or_default();
    User {
        username: wire.username.unwrap_or_default(),
        uid: wire.uid.unwrap_or_default(),
        groups: wire.groups.unwrap_or_default(),
        extra: extra
            .into_iter()
            .flat_map(|(key, values)| {
                values.unwrap_or_default().into_iter().map(move |value| Attribute {
                    key: key.clone(),
                    value,
                })
            })
            .collect(),
    }
}

fn reference(wire: WireReference) -> ObjectReference {
    ObjectReference {
        api_group: wire.api_group.unwrap_or_default(),
        api_version: wire.api_version.unwrap_or_default(),
        resource: wire.resource.unwrap_or_default(),
        subresource: wire.subresource.unwrap_or_default(),
        namespace: wire.namespace.unwrap_or_default(),
        name: wire.name.unwrap_or_default(),
        uid: wire.uid.unwrap_or_default(),
        resource_version: wire.resource_version.unwrap_or_default(),
    }
}

fn response(wire: WireStatus) -> Result<Response, Refusal> {
    let code = wire.code.unwrap_or_default();
    Ok(Response {
        code: u16::try_from(code)
            .map_err(|_| (Reject::InvalidField, "responseStatus.code is no HTTP code".into()))?,
        reason: wire.reason.unwrap_or_default(),
        message: wire.message.unwrap_or_default(),
    })
}

fn attributes(map: BTreeMap<String, String>) -> Vec<Attribute> {
    map.into_iter()
        .map(|(key, value)| Attribute { key, value })
        .collect()
}

/// `authenticationMetadata.NAME`, as text (KEP-5284, constrained impersonation).
fn metadata(map: BTreeMap<String, Value>) -> Vec<Attribute> {
    map.into_iter()
        .map(|(key, value)| Attribute {
            key: format!("authenticationMetadata.{key}"),
            value: match value {
                Value::String(text) => text,
                other => other.to_string(),
            },
        })
        .collect()
}

/// The API server makes up the name of an object that was created with a
/// `generateName`; the answer has it.
fn name_from_answer(event: &mut AuditEvent) {
    let (Some(object), Some(resulting)) = (&mut event.object, &event.resulting) else {
        return;
    };
    if event.verb == "create" && object.name.is_empty() && object.subresource.is_empty() {
        object.name.clone_from(&resulting.name);
    }
}

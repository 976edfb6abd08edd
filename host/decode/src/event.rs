//! The fields of `audit.k8s.io/v1` `Event`.

use std::collections::BTreeMap;

use serde_json::error::Category;
use serde_json::value::RawValue;
use wardline_event::model::{
    Attribute, AuditEvent, ConnectOptions, Level, ObjectReference, Response, Stage, User,
};

use super::fields::{field, inside, invalid, part, quoted, required, timestamp};
use super::members::Members;
use super::reject::{Fault, Reject};
use super::text::cut;
use super::{connect, facts, groups};

const GROUP: &str = "audit.k8s.io/";
pub(super) const VERSION: &str = "audit.k8s.io/v1";
const TRUNCATED: &str = "audit.k8s.io/truncated";
/// The longest value of an attribute, in bytes.
pub(super) const ATTRIBUTE_BYTES: usize = 1024;

/// Reads one event; `listed_version` is the API version of the list that contains it.
pub(super) fn read(raw: &str, listed_version: Option<&str>) -> Result<AuditEvent, Fault> {
    let mut members: Members<'_> = serde_json::from_str(raw).map_err(|error| unreadable(&error))?;
    version(&mut members, listed_version)?;

    let audit_id = required(&mut members, "auditID")?;
    let stage = stage(&required(&mut members, "stage")?)?;
    let level = level(&required(&mut members, "level")?)?;
    let verb = required(&mut members, "verb")?;
    let request_uri = required(&mut members, "requestURI")?;
    let annotations: BTreeMap<String, Option<String>> = field(&mut members, "annotations")?;
    let annotations: Vec<_> = annotations.into_iter().map(annotation).collect();
    let (response, details) = response(&mut members)?;
    let mut attributes = Vec::new();
    authentication(&mut members, &mut attributes)?;
    attributes.extend(details.map(|details| attribute("responseStatus.details".into(), details)));

    let mut event = AuditEvent {
        ref_: 0,
        audit_id,
        stage,
        level,
        request_time: timestamp(&mut members, "requestReceivedTimestamp")?,
        time: timestamp(&mut members, "stageTimestamp")?,
        verb,
        user: user(&mut members, "user")?.unwrap_or_default(),
        impersonated_user: user(&mut members, "impersonatedUser")?,
        source_ips: field(&mut members, "sourceIPs")?,
        user_agent: field(&mut members, "userAgent")?,
        object: reference(&mut members)?,
        response,
        request_uri,
        annotations,
        ..AuditEvent::default()
    };
    let requested = members.take("requestObject");
    let mut note = |key: &str, error: &serde_json::Error| {
        attributes.push(Attribute {
            key: key.to_owned(),
            value: cut(&error.to_string(), ATTRIBUTE_BYTES).to_owned(),
        });
    };
    let (resulting, fault) = facts::resulting(&event, members.take("responseObject"));
    event.resulting = resulting;
    if let Some(fault) = fault {
        note("responseObject.unreadable", &fault);
    }
    let facts = |event: &AuditEvent| facts::requested(event, requested);
    let stream = |options: &mut ConnectOptions| facts::stream(options, requested);
    if let Some(fault) = finish(&mut event, facts, stream) {
        note("requestObject.unreadable", &fault);
    }
    for (key, value) in members.rest() {
        attributes.push(attribute(key.into_owned(), value));
    }
    event.attributes = attributes;
    Ok(event)
}

/// Adds the fields that are derived from others, among them the response's object. `stream` adds the
/// options of a stream that are in the request's body. Returns the fault of the request's object.
pub(super) fn finish(
    event: &mut AuditEvent,
    requested: impl FnOnce(&AuditEvent) -> facts::Mended<facts::Requested>,
    stream: impl FnOnce(&mut ConnectOptions),
) -> Option<serde_json::Error> {
    groups::complete(&mut event.user);
    if let Some(user) = &mut event.impersonated_user {
        groups::complete(user);
    }
    event.dry_run = connect::is_dry_run(&event.request_uri);
    event.truncated = event
        .annotations
        .iter()
        .any(|annotation| annotation.key == TRUNCATED && annotation.value == "true");
    // With `generateName`, only the response has the name.
    if let (Some(object), Some(result)) = (&mut event.object, &event.resulting)
        && object.name.is_empty()
        && event.verb == "create"
    {
        object.name.clone_from(&result.name);
    }
    event.connect = event
        .object
        .as_ref()
        .and_then(|object| connect::options(object, &event.request_uri));
    if let Some(options) = &mut event.connect
        && options.command.is_empty()
    {
        stream(options);
    }
    let ((facts, is_dry_run), fault) = requested(event);
    event.requested = facts;
    event.dry_run |= is_dry_run;
    fault
}

/// Converts the error of a text that is not a JSON object.
pub(super) fn unreadable(error: &serde_json::Error) -> Fault {
    let reason = match error.classify() {
        Category::Eof => Reject::Incomplete,
        Category::Data => Reject::NotAnAuditEvent,
        Category::Syntax | Category::Io => Reject::Malformed,
    };
    Fault::new(reason, error.to_string())
}

fn version(members: &mut Members<'_>, listed_version: Option<&str>) -> Result<(), Fault> {
    let kind: Option<String> = field(members, "kind")?;
    let own_version: Option<String> = field(members, "apiVersion")?;
    let version = own_version.as_deref().or(listed_version);
    let other = |detail: String| Err(Fault::new(Reject::NotAnAuditEvent, detail));
    match kind.as_deref() {
        None if members.get("auditID").is_none() => {
            return other("`kind` and `auditID` are missing".into());
        }
        None | Some("Event") => {}
        Some(kind) => return other(format!("`kind` is {}, expected \"Event\"", quoted(kind))),
    }
    match version {
        None | Some(VERSION) => Ok(()),
        Some(version) if version.starts_with(GROUP) => Err(Fault::new(
            Reject::UnsupportedVersion,
            format!(
                "`apiVersion` is {}, only \"{VERSION}\" is supported",
                quoted(version)
            ),
        )),
        Some(version) => other(format!(
            "`apiVersion` is {}, expected \"{VERSION}\"",
            quoted(version)
        )),
    }
}

pub(super) fn stage(text: &str) -> Result<Stage, Fault> {
    Ok(match text {
        "RequestReceived" => Stage::RequestReceived,
        "ResponseStarted" => Stage::ResponseStarted,
        "ResponseComplete" => Stage::ResponseComplete,
        "Panic" => Stage::Panic,
        other => {
            let expected = "RequestReceived, ResponseStarted, ResponseComplete, or Panic";
            return Err(invalid(
                "stage",
                &format!("is {}, expected {expected}", quoted(other)),
            ));
        }
    })
}

pub(super) fn level(text: &str) -> Result<Level, Fault> {
    Ok(match text {
        "Metadata" => Level::Metadata,
        "Request" => Level::Request,
        "RequestResponse" => Level::RequestResponse,
        other => {
            let expected = "Metadata, Request, or RequestResponse";
            return Err(invalid(
                "level",
                &format!("is {}, expected {expected}", quoted(other)),
            ));
        }
    })
}

fn annotation((key, value): (String, Option<String>)) -> Attribute {
    let value = value.unwrap_or_default();
    Attribute { key, value }
}

/// Makes an attribute of a text, or of the JSON of another value, truncated.
fn attribute(key: String, value: &RawValue) -> Attribute {
    let text: Option<String> = serde_json::from_str(value.get()).ok();
    let value = cut(text.as_deref().unwrap_or(value.get()), ATTRIBUTE_BYTES).to_owned();
    Attribute { key, value }
}

fn authentication(members: &mut Members<'_>, into: &mut Vec<Attribute>) -> Result<(), Fault> {
    let name = "authenticationMetadata";
    if let Some(inner) = inside(members, name)? {
        into.extend(
            inner
                .rest()
                .map(|(key, value)| attribute(format!("{name}.{key}"), value)),
        );
    }
    Ok(())
}

type ResponseAndDetails<'a> = (Option<Response>, Option<&'a RawValue>);

fn response<'a>(members: &mut Members<'a>) -> Result<ResponseAndDetails<'a>, Fault> {
    let name = "responseStatus";
    let Some(mut inner) = inside(members, name)? else {
        return Ok((None, None));
    };
    let response = Response {
        code: part(&mut inner, name, "code")?,
        reason: part(&mut inner, name, "reason")?,
        message: part(&mut inner, name, "message")?,
    };
    Ok((Some(response), inner.take("details")))
}

fn user(members: &mut Members<'_>, name: &str) -> Result<Option<User>, Fault> {
    let Some(mut inner) = inside(members, name)? else {
        return Ok(None);
    };
    let extra: BTreeMap<String, Option<Vec<String>>> = part(&mut inner, name, "extra")?;
    Ok(Some(User {
        username: part(&mut inner, name, "username")?,
        uid: part(&mut inner, name, "uid")?,
        groups: part(&mut inner, name, "groups")?,
        extra: extra
            .into_iter()
            .flat_map(|(key, values)| {
                let pair = move |value| Attribute {
                    key: key.clone(),
                    value,
                };
                values.unwrap_or_default().into_iter().map(pair)
            })
            .collect(),
    }))
}

fn reference(members: &mut Members<'_>) -> Result<Option<ObjectReference>, Fault> {
    let name = "objectRef";
    let Some(mut inner) = inside(members, name)? else {
        return Ok(None);
    };
    let mut text = |key| part::<String>(&mut inner, name, key);
    Ok(Some(ObjectReference {
        api_group: text("apiGroup")?,
        api_version: text("apiVersion")?,
        resource: text("resource")?,
        subresource: text("subresource")?,
        namespace: text("namespace")?,
        name: text("name")?,
        uid: text("uid")?,
        resource_version: text("resourceVersion")?,
    }))
}

//! The fields of `audit.k8s.io/v1` `Event`, read from a tree as [`crate::event`] reads
//! them, except that a value of the wrong type gives none.

use std::borrow::Cow;

use wardline_event::model::{
    Attribute, AuditEvent, ConnectOptions, ObjectReference, Response, Timestamp, User,
};

use crate::event::{ATTRIBUTE_BYTES, finish, level, stage};
use crate::json::{Json, Node};
use crate::text::cut;
use crate::{facts, time};

/// The nodes of the fields. A `null` field counts as missing.
struct Fields<'t> {
    audit_id: Node<'t>,
    stage: Node<'t>,
    level: Node<'t>,
    verb: Node<'t>,
    request_uri: Node<'t>,
    user: Node<'t>,
    impersonated_user: Node<'t>,
    source_ips: Node<'t>,
    user_agent: Node<'t>,
    object: Node<'t>,
    response: Node<'t>,
    requested: Node<'t>,
    resulting: Node<'t>,
    request_time: Node<'t>,
    time: Node<'t>,
    annotations: Node<'t>,
    authentication: Node<'t>,
    is_more: bool,
}

impl<'t> Fields<'t> {
    fn of(root: Node<'t>) -> Option<Self> {
        let absent = Node::absent();
        let mut fields = Self {
            audit_id: absent,
            stage: absent,
            level: absent,
            verb: absent,
            request_uri: absent,
            user: absent,
            impersonated_user: absent,
            source_ips: absent,
            user_agent: absent,
            object: absent,
            response: absent,
            requested: absent,
            resulting: absent,
            request_time: absent,
            time: absent,
            annotations: absent,
            authentication: absent,
            is_more: false,
        };
        for (key, value) in root.pairs() {
            let field = match key.text()?.as_ref() {
                // Checked when the head was read.
                "kind" | "apiVersion" => continue,
                "auditID" => &mut fields.audit_id,
                "stage" => &mut fields.stage,
                "level" => &mut fields.level,
                "verb" => &mut fields.verb,
                "requestURI" => &mut fields.request_uri,
                "user" => &mut fields.user,
                "impersonatedUser" => &mut fields.impersonated_user,
                "sourceIPs" => &mut fields.source_ips,
                "userAgent" => &mut fields.user_agent,
                "objectRef" => &mut fields.object,
                "responseStatus" => &mut fields.response,
                "requestObject" => &mut fields.requested,
                "responseObject" => &mut fields.resulting,
                "requestReceivedTimestamp" => &mut fields.request_time,
                "stageTimestamp" => &mut fields.time,
                "annotations" => &mut fields.annotations,
                "authenticationMetadata" => &mut fields.authentication,
                _ => {
                    fields.is_more = true;
                    continue;
                }
            };
            *field = value;
        }
        Some(fields)
    }
}

/// Reads an event whose head was read before.
pub(super) fn read(root: Node<'_>) -> Option<AuditEvent> {
    let fields = Fields::of(root)?;
    let mut attributes = Vec::new();
    if fields.authentication.is_said() {
        if !fields.authentication.is_object() {
            return None;
        }
        for (key, value) in fields.authentication.members() {
            if value.is_said() {
                attributes.push(attribute(format!("authenticationMetadata.{key}"), value)?);
            }
        }
    }
    let response = optional(fields.response, response)?;
    let details = fields.response.get("details");
    if details.is_said() {
        attributes.push(attribute("responseStatus.details".into(), details)?);
    }
    let mut event = AuditEvent {
        audit_id: text(fields.audit_id)?,
        stage: stage(&fields.stage.text()?).ok()?,
        level: level(&fields.level.text()?).ok()?,
        request_time: timestamp(fields.request_time)?,
        time: timestamp(fields.time)?,
        verb: text(fields.verb)?,
        request_uri: text(fields.request_uri)?,
        user: optional(fields.user, user)?.unwrap_or_default(),
        impersonated_user: optional(fields.impersonated_user, user)?,
        source_ips: texts(fields.source_ips)?,
        user_agent: text(fields.user_agent)?,
        object: optional(fields.object, reference)?,
        response,
        annotations: annotations(fields.annotations)?,
        ..AuditEvent::default()
    };
    if event.audit_id.is_empty() || event.verb.is_empty() || event.request_uri.is_empty() {
        return None;
    }
    event.resulting = facts::resulting_in(&event, fields.resulting);
    let body = |event: &AuditEvent| facts::requested_in(event, fields.requested);
    let stream = |options: &mut ConnectOptions| facts::stream_in(options, fields.requested);
    if finish(&mut event, body, stream).is_some() {
        return None;
    }
    if fields.is_more {
        more(root, &mut attributes)?;
    }
    event.attributes = attributes;
    Some(event)
}

/// Adds the fields that the model lacks, in the order of their names.
fn more(root: Node<'_>, attributes: &mut Vec<Attribute>) -> Option<()> {
    for (key, value) in root.members() {
        let is_known = matches!(
            key.as_ref(),
            "kind"
                | "apiVersion"
                | "auditID"
                | "stage"
                | "level"
                | "verb"
                | "requestURI"
                | "user"
                | "impersonatedUser"
                | "sourceIPs"
                | "userAgent"
                | "objectRef"
                | "responseStatus"
                | "requestObject"
                | "responseObject"
                | "requestReceivedTimestamp"
                | "stageTimestamp"
                | "annotations"
                | "authenticationMetadata"
        );
        if !is_known && value.is_said() {
            attributes.push(attribute(key.into_owned(), value)?);
        }
    }
    Some(())
}

/// Reads an optional object. The outer none means that it is present but unreadable.
fn optional<'t, T>(value: Node<'t>, read: fn(Node<'t>) -> Option<T>) -> Option<Option<T>> {
    if !value.is_said() {
        return Some(None);
    }
    if !value.is_object() {
        return None;
    }
    read(value).map(Some)
}

fn text(value: Node<'_>) -> Option<String> {
    if value.is_said() {
        value.text().map(Cow::into_owned)
    } else {
        Some(String::new())
    }
}

fn texts(value: Node<'_>) -> Option<Vec<String>> {
    if !value.is_said() {
        return Some(Vec::new());
    }
    if !value.is_list() {
        return None;
    }
    value
        .items()
        .map(|item| item.text().map(Cow::into_owned))
        .collect()
}

fn timestamp(value: Node<'_>) -> Option<Timestamp> {
    if value.is_said() {
        time::parse(&value.text()?)
    } else {
        Some(0)
    }
}

fn attribute(key: String, value: Node<'_>) -> Option<Attribute> {
    let text = match value.text() {
        Some(text) => text,
        None => Cow::Borrowed(value.raw()?),
    };
    Some(Attribute {
        key,
        value: cut(&text, ATTRIBUTE_BYTES).to_owned(),
    })
}

fn annotations(value: Node<'_>) -> Option<Vec<Attribute>> {
    if !value.is_said() {
        return Some(Vec::new());
    }
    if !value.is_object() {
        return None;
    }
    value
        .members()
        .map(|(key, value)| {
            Some(Attribute {
                key: key.into_owned(),
                value: text(value)?,
            })
        })
        .collect()
}

fn user(value: Node<'_>) -> Option<User> {
    let mut extra = Vec::new();
    let given = value.get("extra");
    if given.is_said() {
        if !given.is_object() {
            return None;
        }
        for (key, values) in given.members() {
            for value in texts(values)? {
                let key = key.clone().into_owned();
                extra.push(Attribute { key, value });
            }
        }
    }
    Some(User {
        username: text(value.get("username"))?,
        uid: text(value.get("uid"))?,
        groups: texts(value.get("groups"))?,
        extra,
    })
}

fn reference(value: Node<'_>) -> Option<ObjectReference> {
    let mut object = ObjectReference::default();
    for (key, value) in value.pairs() {
        let field = match key.text()?.as_ref() {
            "apiGroup" => &mut object.api_group,
            "apiVersion" => &mut object.api_version,
            "resource" => &mut object.resource,
            "subresource" => &mut object.subresource,
            "namespace" => &mut object.namespace,
            "name" => &mut object.name,
            "uid" => &mut object.uid,
            "resourceVersion" => &mut object.resource_version,
            _ => continue,
        };
        *field = text(value)?;
    }
    Some(object)
}

fn response(value: Node<'_>) -> Option<Response> {
    let code = value.get("code");
    Some(Response {
        code: if code.is_said() {
            code.integer()?.try_into().ok()?
        } else {
            0
        },
        reason: text(value.get("reason"))?,
        message: text(value.get("message"))?,
    })
}

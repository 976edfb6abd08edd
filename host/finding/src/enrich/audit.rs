//! The parts of a finding about an audit event.

use wardline_event::model::{Attribute, AuditEvent};

use super::{Parts, cloud, text, texts};
use crate::details::details;
use crate::{Actor, Request, Resource};

pub(super) fn parts(event: &AuditEvent) -> Parts {
    Parts {
        cloud: cloud(&event.attributes),
        actor: actor(event),
        resource: resource(event),
        object: details(event),
        request: Some(Request {
            verb: text(&event.verb),
            uri: text(&event.request_uri),
            response_code: event.response.as_ref().map(|response| response.code),
        }),
        ..Parts::default()
    }
}

fn actor(event: &AuditEvent) -> Actor {
    let user = &event.user;
    Actor {
        username: text(&user.username),
        uid: text(&user.uid),
        groups: texts(&user.groups),
        impersonated: event
            .impersonated_user
            .as_ref()
            .map(|user| text(&user.username)),
        source_ips: texts(&event.source_ips),
        // `SourceIPs` of `k8s.io/apimachinery` puts the address of the connection last.
        peer_ip: event
            .source_ips
            .last()
            .map(|peer| text(peer))
            .unwrap_or_default(),
        user_agent: text(&event.user_agent),
        extra: user
            .extra
            .iter()
            .map(|pair| Attribute {
                key: text(&pair.key),
                value: text(&pair.value),
            })
            .collect(),
    }
}

fn resource(event: &AuditEvent) -> Resource {
    event
        .object
        .as_ref()
        .map(|object| Resource {
            api_group: text(&object.api_group),
            resource: text(&object.resource),
            subresource: text(&object.subresource),
            namespace: text(&object.namespace),
            name: text(&object.name),
        })
        .unwrap_or_default()
}

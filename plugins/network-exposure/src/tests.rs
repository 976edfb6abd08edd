//! Requests that each rule reports, and requests that it ignores.

mod addresses;
mod entrances;
mod excuses;
mod hidden;
mod services;

use wardline_sdk::contract::{Attribute, AuditEvent, IngressRule, ServiceFacts, ServicePort};
use wardline_sdk::testing::{RaisedFinding, Request, TestError, judge};

use super::NetworkExposure;

const ARGO_CD: &str = "system:serviceaccount:argocd:argocd-application-controller";
const CONTROLLER: &str = "system:serviceaccount:kube-system:endpointslice-controller";

fn judged(
    requests: impl IntoIterator<Item = impl Into<AuditEvent>>,
) -> Result<Vec<RaisedFinding>, TestError> {
    judge::<NetworkExposure>(requests)
}

fn pair(key: &str, value: &str) -> Attribute {
    Attribute {
        key: key.to_owned(),
        value: value.to_owned(),
    }
}

fn service(service_type: &str, port: i64) -> ServiceFacts {
    ServiceFacts {
        service_type: service_type.to_owned(),
        ports: vec![ServicePort {
            port,
            ..ServicePort::default()
        }],
        ..ServiceFacts::default()
    }
}

fn rule(host: &str, path: &str, service: &str) -> IngressRule {
    IngressRule {
        host: host.to_owned(),
        path: path.to_owned(),
        service: service.to_owned(),
        port: String::new(),
    }
}

/// Adds labels and annotations to both bodies of a request, and marks a patch as partial.
fn with(request: Request, labels: &[Attribute], annotations: &[Attribute]) -> AuditEvent {
    let mut event: AuditEvent = request.into();
    let is_patch = event.verb == "patch";
    for object in [&mut event.requested, &mut event.resulting]
        .into_iter()
        .flatten()
    {
        object.labels.extend_from_slice(labels);
        object.annotations.extend_from_slice(annotations);
    }
    if let Some(requested) = &mut event.requested {
        requested.partial = is_patch;
    }
    event
}

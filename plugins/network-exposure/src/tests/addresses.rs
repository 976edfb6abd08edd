//! Endpoints and EndpointSlices.

use wardline_sdk::contract::{AuditEvent, EndpointsFacts, Facts, Level};
use wardline_sdk::testing::{Request, TestError, types_and_severities};

use super::{ARGO_CD, CONTROLLER, judged, pair, with};
use crate::types::ENDPOINTS_HIJACKED;

const MANAGER: &str = "endpointslice.kubernetes.io/managed-by";

fn endpoints(verb: &str, resource: &str, name: &str, address: &str) -> Request {
    Request::new(verb, resource)
        .api_group(match resource {
            "endpointslices" => "discovery.k8s.io",
            _ => "",
        })
        .namespace("shop")
        .name(name)
        .requested(Facts::Endpoints(EndpointsFacts {
            addresses: vec![address.to_owned()],
            ..EndpointsFacts::default()
        }))
}

fn slice(verb: &str, name: &str, service: &str) -> AuditEvent {
    with(
        endpoints(verb, "endpointslices", name, "10.244.1.9"),
        &[pair("kubernetes.io/service-name", service)],
        &[],
    )
}

#[test]
fn reports_writes_to_endpoints_that_a_controller_manages() -> Result<(), TestError> {
    let kept = || {
        let mut event = with(
            endpoints("update", "endpointslices", "web-abc", "10.244.1.5"),
            &[
                pair("kubernetes.io/service-name", "web"),
                pair(MANAGER, "endpointslice-controller.k8s.io"),
            ],
            &[],
        );
        event.user.username = CONTROLLER.to_owned();
        event.user.groups.push("system:serviceaccounts".to_owned());
        event
    };
    assert!(judged([kept()])?.is_empty());
    for user in ["alice", ARGO_CD] {
        let mut added = slice("create", "mine", "web");
        added.user.username = user.to_owned();
        let found = judged([kept(), added])?;
        assert_eq!(
            types_and_severities(&found),
            [(ENDPOINTS_HIJACKED, 6.0)],
            "{user}"
        );
        assert_eq!(
            found[0].title,
            format!("Service shop/web was redirected to 10.244.1.9 by {user}")
        );
    }
    let marked = with(
        endpoints("patch", "endpointslices", "web-abc", "10.244.1.9"),
        &[pair(MANAGER, "endpointslice-controller.k8s.io")],
        &[],
    );
    assert_eq!(
        types_and_severities(&judged([marked])?),
        [(ENDPOINTS_HIJACKED, 6.0)]
    );
    Ok(())
}

#[test]
fn mirror_of_endpoints_does_not_make_them_managed() -> Result<(), TestError> {
    let mut mirror = with(
        endpoints("create", "endpointslices", "db-xyz", "10.0.0.5"),
        &[
            pair("kubernetes.io/service-name", "db"),
            pair(MANAGER, "endpointslicemirroring-controller.k8s.io"),
        ],
        &[],
    );
    mirror.user.username =
        "system:serviceaccount:kube-system:endpointslicemirroring-controller".to_owned();
    mirror.user.groups.push("system:serviceaccounts".to_owned());
    let again = endpoints("update", "endpoints", "db", "10.0.0.6").user(ARGO_CD);
    let found = judged([mirror, again.into()])?;
    assert_eq!(types_and_severities(&found), [(ENDPOINTS_HIJACKED, 3.0)]);
    Ok(())
}

#[test]
fn judges_writes_without_bodies_by_name() -> Result<(), TestError> {
    let blind = |user: &str| {
        let mut event: AuditEvent = Request::new("update", "endpoints")
            .namespace("shop")
            .name("web")
            .user(user)
            .into();
        event.level = Level::Metadata;
        event
    };
    let mut controller = blind("system:serviceaccount:kube-system:endpoint-controller");
    controller
        .user
        .groups
        .push("system:serviceaccounts".to_owned());
    let found = judged([blind("alice"), controller, blind("alice"), blind(ARGO_CD)])?;
    assert_eq!(
        types_and_severities(&found),
        [(ENDPOINTS_HIJACKED, 3.0), (ENDPOINTS_HIJACKED, 5.0)]
    );
    Ok(())
}

#[test]
fn reports_endpoints_written_by_hand() -> Result<(), TestError> {
    for (verb, address, user, severities) in [
        ("create", "10.0.0.5", "alice", vec![3.0]),
        ("create", "203.0.113.7", "alice", vec![5.0]),
        ("update", "10.0.0.5", "alice", vec![5.0]),
        ("patch", "10.0.0.5", "alice", vec![5.0]),
        ("update", "10.0.0.5", ARGO_CD, vec![3.0]),
        ("update", "10.0.0.5", "system:apiserver", vec![]),
        (
            "update",
            "10.0.0.5",
            "system:cloud-controller-manager",
            vec![],
        ),
    ] {
        let found = judged([endpoints(verb, "endpoints", "db", address).user(user)])?;
        let found: Vec<f64> = found.iter().map(|finding| finding.severity).collect();
        assert_eq!(found, severities, "{verb} {address} {user}");
    }
    Ok(())
}

#[test]
fn ignores_leader_elections_and_reports_own_endpoints_once() -> Result<(), TestError> {
    let leader = with(
        endpoints("update", "endpoints", "election", "10.0.0.5").user(ARGO_CD),
        &[],
        &[pair("control-plane.alpha.kubernetes.io/leader", "{}")],
    );
    let patroni = with(
        endpoints("patch", "endpoints", "pg", "10.0.0.5").user(ARGO_CD),
        &[pair("application", "spilo")],
        &[],
    );
    assert!(judged([leader, patroni])?.is_empty());
    let own = || endpoints("update", "endpoints", "own", "10.0.0.5").user(ARGO_CD);
    assert_eq!(judged([own(), own(), own()])?.len(), 1);
    let empty = Request::new("patch", "endpoints")
        .namespace("shop")
        .name("web")
        .requested(Facts::Endpoints(EndpointsFacts::default()));
    assert!(judged([empty])?.is_empty());
    Ok(())
}

//! Endpoints and EndpointSlices.

use wardline_sdk::contract::{AuditEvent, EndpointsFacts, Facts, Level};
use wardline_sdk::testing::{Request, TestError};

use super::{CONTROLLER, ROBOT, judged, pair, types_and_severities, with};
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
fn what_a_controller_keeps_is_nobody_elses() -> Result<(), TestError> {
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
    for user in ["alice", ROBOT] {
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
            format!("{user} sent the traffic of the service shop/web to 10.244.1.9")
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
fn a_mirror_of_endpoints_does_not_make_them_a_controllers() -> Result<(), TestError> {
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
    let again = endpoints("update", "endpoints", "db", "10.0.0.6").user(ROBOT);
    let found = judged([mirror, again.into()])?;
    assert_eq!(types_and_severities(&found), [(ENDPOINTS_HIJACKED, 3.0)]);
    Ok(())
}

#[test]
fn without_bodies_a_write_by_a_person_is_judged_by_its_name() -> Result<(), TestError> {
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
    let found = judged([blind("alice"), controller, blind("alice"), blind(ROBOT)])?;
    assert_eq!(
        types_and_severities(&found),
        [(ENDPOINTS_HIJACKED, 3.0), (ENDPOINTS_HIJACKED, 5.0)]
    );
    Ok(())
}

#[test]
fn endpoints_by_hand() -> Result<(), TestError> {
    for (verb, address, user, severities) in [
        ("create", "10.0.0.5", "alice", vec![3.0]),
        ("create", "203.0.113.7", "alice", vec![5.0]),
        ("update", "10.0.0.5", "alice", vec![5.0]),
        ("patch", "10.0.0.5", "alice", vec![5.0]),
        ("update", "10.0.0.5", ROBOT, vec![3.0]),
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
fn leaders_and_a_robots_own_endpoints_are_quiet() -> Result<(), TestError> {
    let leader = with(
        endpoints("update", "endpoints", "election", "10.0.0.5").user(ROBOT),
        &[],
        &[pair("control-plane.alpha.kubernetes.io/leader", "{}")],
    );
    let patroni = with(
        endpoints("patch", "endpoints", "pg", "10.0.0.5").user(ROBOT),
        &[pair("application", "spilo")],
        &[],
    );
    assert!(judged([leader, patroni])?.is_empty());
    let own = || endpoints("update", "endpoints", "own", "10.0.0.5").user(ROBOT);
    assert_eq!(judged([own(), own(), own()])?.len(), 1);
    let empty = Request::new("patch", "endpoints")
        .namespace("shop")
        .name("web")
        .requested(Facts::Endpoints(EndpointsFacts::default()));
    assert!(judged([empty])?.is_empty());
    Ok(())
}

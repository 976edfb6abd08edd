//! Requests that each rule reports, and requests that it ignores.

mod excuses;
mod hidden;

use wardline_sdk::contract::{AuditEvent, ConnectOptions};
use wardline_sdk::testing::{
    Harness, RaisedFinding, Request, TestError, severities, types_and_severities,
};

use super::MaliciousCallers;

fn harness() -> Harness<MaliciousCallers> {
    Harness::new()
        .intel_addresses("own", "threat", ["203.0.113.0/24"])
        .intel_addresses("feed", "threat-feed", ["45.155.205.99", "10.9.9.9"])
        .intel_addresses("exits", "tor", ["185.220.101.34", "203.0.113.9"])
        .intel_addresses("office", "trusted", ["203.0.113.200"])
}

fn found(request: impl Into<AuditEvent>) -> Result<Vec<RaisedFinding>, TestError> {
    harness().audit_event(request)
}

fn from(address: &str) -> Request {
    Request::new("list", "pods").from_address(address)
}

fn through(addresses: &[&str]) -> AuditEvent {
    let mut event: AuditEvent = Request::new("list", "pods").into();
    event.source_ips = addresses.iter().map(ToString::to_string).collect();
    event
}

#[test]
fn each_kind_of_list_has_its_own_type() -> Result<(), TestError> {
    for (address, expected) in [
        (
            "203.0.113.66",
            &["Discovery:Kubernetes/MaliciousIPCaller.Custom"][..],
        ),
        ("45.155.205.99", &["Discovery:Kubernetes/MaliciousIPCaller"]),
        ("185.220.101.34", &["Discovery:Kubernetes/TorIPCaller"]),
        (
            "203.0.113.9",
            &[
                "Discovery:Kubernetes/MaliciousIPCaller.Custom",
                "Discovery:Kubernetes/TorIPCaller",
            ],
        ),
        // A trusted address, a private address, and an address on no list.
        ("203.0.113.200", &[]),
        ("10.9.9.9", &[]),
        ("198.51.100.1", &[]),
    ] {
        let types: Vec<String> = found(from(address))?
            .into_iter()
            .map(|finding| finding.finding_type)
            .collect();
        assert_eq!(types, expected, "{address}");
    }
    Ok(())
}

#[test]
fn severity_follows_the_tactic() -> Result<(), TestError> {
    let tor = "185.220.101.34";
    for (request, purpose, severity) in [
        (Request::new("get", "secrets"), "CredentialAccess", 8.0),
        (Request::new("delete", "events"), "DefenseEvasion", 8.0),
        (Request::path("get", "/api"), "Discovery", 5.0),
        (Request::new("delete", "pods"), "Impact", 8.0),
        (Request::new("create", "daemonsets"), "Persistence", 5.0),
        // Denied or failed requests still show that the address holds a credential.
        (
            Request::new("get", "secrets").code(403),
            "CredentialAccess",
            5.0,
        ),
        (Request::new("delete", "pods").code(404), "Impact", 5.0),
        (
            Request::new("list", "pods").impersonating("root"),
            "DefenseEvasion",
            8.0,
        ),
        (
            Request::new("list", "secrets").impersonating("root"),
            "CredentialAccess",
            8.0,
        ),
    ] {
        let expected = format!("{purpose}:Kubernetes/TorIPCaller");
        let found = found(request.from_address(tor))?;
        assert_eq!(
            types_and_severities(&found),
            [(expected.as_str(), severity)]
        );
    }
    Ok(())
}

#[test]
fn tactic_depends_on_name_and_kubelet_path_too() -> Result<(), TestError> {
    let tor = "185.220.101.34";
    let aws_auth = Request::new("patch", "configmaps")
        .namespace("kube-system")
        .name("aws-auth");
    let mut kubelet: AuditEvent = Request::new("get", "nodes/proxy").from_address(tor).into();
    kubelet.connect = Some(ConnectOptions {
        path: "/run/shop/web-1/app?cmd=id".to_owned(),
        ..ConnectOptions::default()
    });
    let aws_auth: AuditEvent = aws_auth.from_address(tor).into();
    for (event, purpose, severity) in [(aws_auth, "Persistence", 5.0), (kubelet, "Impact", 8.0)] {
        let expected = format!("{purpose}:Kubernetes/TorIPCaller");
        let found = found(event)?;
        assert_eq!(
            types_and_severities(&found),
            [(expected.as_str(), severity)]
        );
    }
    Ok(())
}

#[test]
fn every_address_counts_and_forgeable_ones_are_marked() -> Result<(), TestError> {
    let inside_first = &found(through(&["10.0.8.23", "203.0.113.66"]))?[0];
    assert_eq!(inside_first.evidence("sourceIPs[1]"), Some("203.0.113.66"));
    assert_eq!(inside_first.attribute("can-be-forged"), Some("false"));
    assert_eq!(inside_first.attribute("list-name"), Some("own"));
    assert_eq!(inside_first.attribute("list-entry"), Some("203.0.113.0/24"));
    assert_eq!(inside_first.dedup_key, "alice/own/203.0.113.0/24");

    let proxied = &found(through(&["185.220.101.34", "127.0.0.1"]))?[0];
    assert_eq!(proxied.evidence("sourceIPs[0]"), Some("185.220.101.34"));
    assert_eq!(proxied.attribute("can-be-forged"), Some("true"));

    // A trusted address does not exempt the others.
    let both = found(through(&["203.0.113.200", "203.0.113.66"]))?;
    assert_eq!(both.len(), 1);
    Ok(())
}

#[test]
fn reports_unauthenticated_requests_by_kind_of_list() -> Result<(), TestError> {
    for (address, expected) in [
        ("203.0.113.66", 1),
        ("185.220.101.34", 1),
        ("45.155.205.99", 0),
    ] {
        assert_eq!(
            found(from(address).anonymous())?.len(),
            expected,
            "{address}"
        );
        assert!(found(from(address).anonymous().code(403))?.is_empty());
        let version = Request::path("get", "/version").anonymous();
        assert!(found(version.from_address(address))?.is_empty());
        assert!(found(from(address).user("").code(401))?.is_empty());
    }
    Ok(())
}

#[test]
fn reports_components_and_no_people_from_the_internet() -> Result<(), TestError> {
    let by = |user: &str, agent: &str| {
        Request::new("list", "pods")
            .user(user)
            .user_agent(agent)
            .from_address("198.51.100.7")
    };
    let masters = || by("kubernetes-admin", "kubectl/v1.36.2").group("system:masters");
    for (request, severity) in [
        (by("system:kube-scheduler", "curl/8"), Some(6.0)),
        (by("system:kube-scheduler", "curl/8").code(403), Some(3.0)),
        (
            by("system:kube-scheduler", "kube-scheduler/v1.36.2"),
            Some(3.0),
        ),
        (by("system:kube-proxy", "python-requests/2"), Some(6.0)),
        // They are evidence in BreakGlassIdentity.
        (masters(), None),
        (
            by("kubernetes-admin", "kube-scheduler/v1").group("system:masters"),
            None,
        ),
        (by("alice", "kubectl/v1.36.2"), None),
        (by("eks:node-manager", "eks"), None),
    ] {
        assert_eq!(severities(&found(request)?), Vec::from_iter(severity));
    }
    let component = || by("system:kube-scheduler", "curl/8");
    let mut trusted = harness().setting("trusted-users", ["system:kube-*"]);
    assert!(trusted.audit_event(component())?.is_empty());
    // Once a day for each network.
    let mut again = harness();
    assert_eq!(again.audit_events([component(), component()])?.len(), 1);
    Ok(())
}

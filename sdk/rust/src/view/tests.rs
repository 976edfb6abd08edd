//! Tests of the properties that most rules check.

use std::time::Duration;

use super::{AuditEvent, AuditField, Facts, SecurityContext, Timestamp, User, Workload};
use crate::contract::{self, ObjectReference, Response};

fn with_code(code: u16) -> contract::AuditEvent {
    contract::AuditEvent {
        response: Some(Response {
            code,
            ..Response::default()
        }),
        ..contract::AuditEvent::default()
    }
}

#[test]
fn reads_the_outcome_of_a_request() {
    for (code, succeeded, denied) in [
        (101, true, false),
        (200, true, false),
        (401, false, true),
        (403, false, true),
        (404, false, false),
        (0, false, false),
    ] {
        let event = with_code(code);
        let event = AuditEvent::from(&event);
        assert_eq!(
            (event.succeeded(), event.denied()),
            (succeeded, denied),
            "{code}"
        );
    }
    let mut event = with_code(200);
    event.verb = "patch".to_owned();
    assert!(AuditEvent::from(&event).changed_something());
    event.dry_run = true;
    assert!(!AuditEvent::from(&event).changed_something());
}

fn user(name: &str, groups: &[&str]) -> contract::User {
    contract::User {
        username: name.to_owned(),
        groups: groups.iter().map(|&group| group.to_owned()).collect(),
        ..contract::User::default()
    }
}

#[test]
fn tells_kinds_of_users_apart() {
    let account = user("system:serviceaccount:shop:cart", &[]);
    assert_eq!(
        User::from(&account).service_account(),
        Some(("shop", "cart"))
    );
    assert!(!User::from(&account).is_system());
    assert!(User::from(&user("system:serviceaccount:kube-system:dns", &[])).is_system());
    assert!(User::from(&user("system:anonymous", &[])).is_anonymous());
    assert!(!User::from(&user("system:anonymous", &[])).is_system());
    assert!(!User::from(&user("", &[])).is_anonymous());
    let node = user("system:node:n1", &["system:nodes"]);
    assert_eq!(User::from(&node).node(), Some("n1"));
    assert_eq!(User::from(&user("system:node:n1", &[])).node(), None);
}

#[test]
fn last_address_is_the_peer() {
    let event = contract::AuditEvent {
        source_ips: vec!["203.0.113.1".to_owned(), "10.0.0.1".to_owned()],
        user: user("alice", &["a", "b"]),
        impersonated_user: Some(user("root", &[])),
        request_uri: "/api/v1/pods?watch=1".to_owned(),
        object: Some(ObjectReference {
            resource: "pods".to_owned(),
            subresource: "exec".to_owned(),
            ..ObjectReference::default()
        }),
        ..contract::AuditEvent::default()
    };
    let event = AuditEvent::from(&event);
    assert_eq!(
        (event.claimed_ip(), event.client_ip()),
        ("203.0.113.1", "10.0.0.1")
    );
    assert_eq!(event.actor().username(), "root");
    assert_eq!(event.authenticated_user().username(), "alice");
    assert_eq!(event.path(), "/api/v1/pods");
    assert!(event.resource_is("pods", "exec") && !event.resource_is("pods", ""));
    assert_eq!(event.resource(), "pods/exec");
    assert_eq!(AuditField::Groups.value(event), "a, b");
    assert_eq!(AuditField::SourceIps.value(event), "203.0.113.1, 10.0.0.1");
    assert_eq!(AuditField::Code.value(event), "");
}

#[test]
fn prefers_the_facts_of_the_resulting_object() {
    let with = |facts| {
        Some(contract::ObjectFacts {
            facts,
            ..contract::ObjectFacts::default()
        })
    };
    let mut event = contract::AuditEvent {
        requested: with(contract::Facts::Scale(1)),
        resulting: with(contract::Facts::None),
        ..contract::AuditEvent::default()
    };
    assert!(matches!(AuditEvent::from(&event).facts(), Facts::Scale(1)));
    event.resulting = with(contract::Facts::Scale(2));
    assert!(matches!(AuditEvent::from(&event).facts(), Facts::Scale(2)));
    assert!(AuditEvent::from(&event).workload().is_none());
}

#[test]
fn matches_all_spellings_of_a_capability() {
    let adds = |written: &str, asked| {
        let context = contract::SecurityContext {
            capabilities_added: vec![written.to_owned()],
            ..contract::SecurityContext::default()
        };
        SecurityContext::from(&context).adds_capability(asked)
    };
    assert!(adds("SYS_ADMIN", "CAP_SYS_ADMIN") && adds("cap_sys_admin", "SYS_ADMIN"));
    assert!(adds("ALL", "NET_RAW") && !adds("NET_ADMIN", "NET_RAW"));
}

#[test]
fn recognizes_shared_namespaces_of_the_node() {
    let mut pods = contract::Workload::default();
    assert!(!Workload::from(&pods).shares_host_namespace());
    pods.host_ipc = true;
    assert!(Workload::from(&pods).shares_host_namespace());
}

#[test]
fn elapsed_time_is_not_negative() {
    let at = |seconds: u64| Timestamp::from_nanoseconds(seconds * 1_000_000_000);
    assert_eq!(at(5).since(at(3)), Duration::from_secs(2));
    assert_eq!(at(3).since(at(5)), Duration::ZERO);
    assert!(!at(0).is_known() && at(1).is_known());
}

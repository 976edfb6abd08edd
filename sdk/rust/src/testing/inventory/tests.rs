use super::{Inventory, Known};
use crate::contract::{
    AuditEvent, BindingFacts, Container, DeleteOptions, Facts, SecurityContext, Subject, Workload,
};
use crate::testing::Request;

fn pod(privileged: bool) -> Workload {
    Workload {
        containers: vec![Container {
            name: "main".to_owned(),
            image: "busybox".to_owned(),
            security: SecurityContext {
                privileged: Some(privileged),
                ..SecurityContext::default()
            },
            ..Container::default()
        }],
        ..Workload::default()
    }
}

fn on_pod(verb: &str) -> Request {
    Request::new(verb, "pods").namespace("a").name("p")
}

fn learn(inventory: &mut Inventory, reference: u64, request: Request, actor: &str) {
    let mut event = AuditEvent::from(request);
    event.ref_ = reference;
    inventory.learn(&event, actor);
}

fn privileged(inventory: &Inventory, as_of: u64) -> Option<bool> {
    let spec = inventory.pod_spec(as_of, "pods", "a", "p")?;
    spec.containers.first()?.security.privileged
}

#[test]
fn answers_are_as_things_were_just_before_the_event() {
    let mut inventory = Inventory::default();
    learn(
        &mut inventory,
        1,
        on_pod("create").workload(pod(false)),
        "alice",
    );
    learn(
        &mut inventory,
        5,
        on_pod("update").workload(pod(true)),
        "bob",
    );
    assert_eq!(privileged(&inventory, 1), None);
    assert_eq!(privileged(&inventory, 5), Some(false));
    assert_eq!(privileged(&inventory, 6), Some(true));
    assert_eq!(
        inventory.changed_by(5, "pods", "a", "p").as_deref(),
        Some("alice")
    );
    assert_eq!(
        inventory.changed_by(6, "pods", "a", "p").as_deref(),
        Some("bob")
    );
}

#[test]
fn only_what_was_carried_out_teaches() {
    let mut inventory = Inventory::default();
    learn(
        &mut inventory,
        1,
        on_pod("create").workload(pod(true)).code(403),
        "alice",
    );
    let mut dry: AuditEvent = on_pod("create").workload(pod(true)).into();
    dry.dry_run = true;
    dry.ref_ = 2;
    inventory.learn(&dry, "alice");
    assert_eq!(privileged(&inventory, 9), None);
    // Who reads it has not changed it.
    let read = on_pod("get").resulting(Facts::Workload(pod(true)));
    learn(&mut inventory, 3, read, "carol");
    assert_eq!(privileged(&inventory, 9), Some(true));
    assert_eq!(inventory.changed_by(9, "pods", "a", "p"), None);
}

#[test]
fn a_pod_is_gone_when_its_grace_period_is_over() {
    let mut inventory = Inventory::default();
    inventory.insert("pods", "a", "p", Known::Workload(Box::new(pod(true))));
    learn(&mut inventory, 1, on_pod("delete"), "alice");
    assert_eq!(privileged(&inventory, 2), Some(true));
    let at_once = on_pod("delete").requested(Facts::DeleteOptions(DeleteOptions {
        grace_period_seconds: Some(0),
        ..DeleteOptions::default()
    }));
    learn(&mut inventory, 2, at_once, "system:node:n");
    assert_eq!(privileged(&inventory, 2), Some(true));
    assert_eq!(privileged(&inventory, 3), None);
}

#[test]
fn all_of_a_namespace_can_go_but_not_by_a_selector() {
    let all = || Request::new("deletecollection", "pods").namespace("a");
    let mut inventory = Inventory::default();
    inventory.insert("pods", "a", "p", Known::Workload(Box::new(pod(true))));
    let some = all().uri("/api/v1/namespaces/a/pods?labelSelector=x%3Dy");
    learn(&mut inventory, 1, some, "alice");
    learn(&mut inventory, 2, all().namespace("b"), "alice");
    assert!(inventory.pod_spec(3, "pods", "a", "p").is_some());
    learn(&mut inventory, 3, all(), "alice");
    assert!(inventory.pod_spec(4, "pods", "a", "p").is_none());
}

#[test]
fn a_patch_goes_over_what_was_known() {
    let mut inventory = Inventory::default();
    inventory.insert("pods", "a", "p", Known::Workload(Box::new(pod(true))));
    let mut patch: AuditEvent = on_pod("patch")
        .requested(Facts::Workload(Workload {
            host_pid: true,
            containers: vec![Container {
                name: "main".to_owned(),
                image: "alpine".to_owned(),
                ..Container::default()
            }],
            ..Workload::default()
        }))
        .into();
    patch.requested.as_mut().unwrap().partial = true;
    patch.ref_ = 1;
    inventory.learn(&patch, "alice");
    let after = inventory.pod_spec(2, "pods", "a", "p").unwrap();
    assert!(after.host_pid);
    assert_eq!(after.containers[0].image, "alpine");
    assert_eq!(after.containers[0].security.privileged, Some(true));
}

#[test]
fn bindings_are_found_by_their_subjects() {
    let binding = |namespace: &str, kind: &str, of: &str| BindingFacts {
        namespace: namespace.to_owned(),
        name: "b".to_owned(),
        role_name: "admin".to_owned(),
        subjects: vec![Subject {
            kind: kind.to_owned(),
            namespace: of.to_owned(),
            name: "s".to_owned(),
        }],
        ..BindingFacts::default()
    };
    let mut inventory = Inventory::default();
    for (kind, known) in [
        ("rolebindings", binding("a", "ServiceAccount", "")),
        ("rolebindings", binding("b", "ServiceAccount", "a")),
        ("clusterrolebindings", binding("", "Group", "")),
    ] {
        let namespace = known.namespace.clone();
        inventory.insert(kind, &namespace, "b", Known::Binding(known));
    }
    assert_eq!(inventory.bindings(1, "system:serviceaccount:a:s").len(), 2);
    assert_eq!(inventory.bindings(1, "s").len(), 1);
    assert_eq!(inventory.bindings(1, "system:serviceaccount:b:s").len(), 0);
}

use std::sync::Arc;

use wardline_event::model::{
    Attribute, AuditEvent, BindingFacts, Container, Facts, ObjectFacts, ObjectReference, Response,
    Stage, Subject, Workload,
};

use super::Inventory;

fn event(verb: &str, resource: &str, name: &str, facts: Facts) -> AuditEvent {
    AuditEvent {
        stage: Stage::ResponseComplete,
        verb: verb.into(),
        object: Some(ObjectReference {
            resource: resource.into(),
            namespace: "prod".into(),
            name: name.into(),
            ..ObjectReference::default()
        }),
        response: Some(Response {
            code: 200,
            ..Response::default()
        }),
        requested: Some(ObjectFacts {
            facts,
            ..ObjectFacts::default()
        }),
        ..AuditEvent::default()
    }
}

fn pod(host_pid: bool) -> Facts {
    Facts::Workload(Workload {
        host_pid,
        containers: vec![Container {
            name: "app".into(),
            image: "app:1".into(),
            ..Container::default()
        }],
        ..Workload::default()
    })
}

fn apply(inventory: &Inventory, reference: u64, event: &AuditEvent) {
    apply_in("", inventory, reference, event);
}

fn apply_in(cluster: &str, inventory: &Inventory, reference: u64, event: &AuditEvent) {
    let actor = Arc::from(format!("actor-{reference}"));
    inventory.apply(&Arc::from(cluster), event, reference, &actor);
}

#[test]
fn answers_as_of_just_before_the_event() {
    let inventory = Inventory::new(10);
    apply(&inventory, 1, &event("create", "pods", "a", pod(false)));
    apply(&inventory, 5, &event("update", "pods", "a", pod(true)));
    let host_pid = |as_of| {
        inventory
            .pod_spec("", as_of, "pods", "prod", "a")
            .map(|spec| spec.host_pid)
    };
    assert_eq!(host_pid(1), None);
    assert_eq!(host_pid(5), Some(false));
    assert_eq!(host_pid(6), Some(true));
    assert_eq!(
        inventory.changed_by("", 6, "pods", "prod", "a").as_deref(),
        Some("actor-5")
    );
    inventory.forget_before(7);
    assert_eq!(host_pid(7), Some(true));
}

#[test]
fn patch_that_leaves_the_spec_as_it_is_has_no_author() {
    let inventory = Inventory::new(10);
    let mut restart = event(
        "patch",
        "pods",
        "a",
        Facts::Workload(Workload {
            template_annotations: vec![Attribute {
                key: "kubectl.kubernetes.io/restartedAt".to_owned(),
                value: "now".to_owned(),
            }],
            replicas: Some(3),
            ..Workload::default()
        }),
    );
    restart.resulting = event("update", "pods", "a", pod(true)).requested;
    let author = |as_of| inventory.changed_by("", as_of, "pods", "prod", "a");
    apply(&inventory, 1, &restart);
    assert_eq!(author(2), None, "the spec is known, and not who wrote it");
    assert!(inventory.pod_spec("", 2, "pods", "prod", "a").is_some());
    apply(&inventory, 2, &event("update", "pods", "a", pod(true)));
    apply(&inventory, 3, &restart);
    assert_eq!(author(4).as_deref(), Some("actor-2"));
}

#[test]
fn learns_only_from_successful_requests() {
    let inventory = Inventory::new(10);
    let mut refused = event("create", "pods", "a", pod(true));
    refused.response = Some(Response {
        code: 403,
        ..Response::default()
    });
    apply(&inventory, 1, &refused);
    let mut dry = event("create", "pods", "a", pod(true));
    dry.dry_run = true;
    apply(&inventory, 2, &dry);
    assert!(inventory.pod_spec("", 9, "pods", "prod", "a").is_none());
}

#[test]
fn patch_without_a_response_body_is_merged_into_the_known_object() {
    let inventory = Inventory::new(10);
    apply(&inventory, 1, &event("create", "pods", "a", pod(false)));
    let mut patch = event("patch", "pods", "a", pod(true));
    patch.requested.as_mut().unwrap().partial = true;
    apply(&inventory, 2, &patch);
    let spec = inventory.pod_spec("", 3, "pods", "prod", "a").unwrap();
    assert!(spec.host_pid);
    assert_eq!(spec.containers.len(), 1);
    assert_eq!(spec.containers[0].image, "app:1");
}

#[test]
fn terminating_pod_still_exists() {
    let inventory = Inventory::new(10);
    apply(&inventory, 1, &event("create", "pods", "a", pod(true)));
    apply(&inventory, 2, &event("delete", "pods", "a", Facts::None));
    assert!(inventory.pod_spec("", 3, "pods", "prod", "a").is_some());
    let now = Facts::DeleteOptions(wardline_event::model::DeleteOptions {
        grace_period_seconds: Some(0),
        ..Default::default()
    });
    apply(&inventory, 4, &event("delete", "pods", "a", now));
    assert!(inventory.pod_spec("", 4, "pods", "prod", "a").is_some());
    assert!(inventory.pod_spec("", 5, "pods", "prod", "a").is_none());
    inventory.forget_before(6);
    assert_eq!(inventory.usage(), (0, 0));
}

#[test]
fn finds_bindings_by_the_names_of_their_subjects() {
    let inventory = Inventory::new(10);
    let binding = Facts::Binding(BindingFacts {
        namespace: "prod".into(),
        role_name: "edit".into(),
        subjects: vec![
            Subject {
                kind: "ServiceAccount".into(),
                name: "ci".into(),
                ..Subject::default()
            },
            Subject {
                kind: "Group".into(),
                name: "devs".into(),
                ..Subject::default()
            },
        ],
        ..BindingFacts::default()
    });
    apply(
        &inventory,
        1,
        &event("create", "rolebindings", "b", binding),
    );
    assert_eq!(inventory.bindings("", 2, "devs").len(), 1);
    assert_eq!(
        inventory
            .bindings("", 2, "system:serviceaccount:prod:ci")
            .len(),
        1
    );
    assert!(inventory.bindings("", 1, "devs").is_empty());
    apply(
        &inventory,
        3,
        &event("deletecollection", "rolebindings", "", Facts::None),
    );
    assert!(inventory.bindings("", 4, "devs").is_empty());
    assert_eq!(inventory.bindings("", 3, "devs").len(), 1);
}

/// Whoever deletes nothing, or pods that run on for a while, must not make the host forget them.
#[test]
fn collection_that_may_remain_is_not_forgotten() {
    let inventory = Inventory::new(10);
    for resource in ["pods", "deployments"] {
        apply(&inventory, 1, &event("create", resource, "a", pod(true)));
    }
    for query in [
        "labelSelector=x%3Dy",
        "label%53elector=x%3Dy",
        "fieldSelecto%72=x",
    ] {
        let mut some = event("deletecollection", "deployments", "", Facts::None);
        some.request_uri = format!("/apis/apps/v1/namespaces/prod/deployments?{query}");
        apply(&inventory, 2, &some);
    }
    apply(
        &inventory,
        2,
        &event("deletecollection", "pods", "", Facts::None),
    );
    for resource in ["pods", "deployments"] {
        assert!(inventory.pod_spec("", 3, resource, "prod", "a").is_some());
    }
}

#[test]
fn large_objects_count_several_times() {
    let inventory = Inventory::new(10);
    let pod = |image: &str| {
        Facts::Workload(Workload {
            containers: vec![Container {
                image: image.to_owned(),
                ..Container::default()
            }],
            ..Workload::default()
        })
    };
    let large = "i".repeat(60 << 10);
    for (reference, (name, image)) in [
        ("a", "small"),
        ("b", "small"),
        ("large", large.as_str()),
        ("large-too", large.as_str()),
        // Two others must make room.
        ("a", large.as_str()),
    ]
    .into_iter()
    .enumerate()
    {
        let update = event("update", "pods", name, pod(image));
        apply(&inventory, reference as u64 + 1, &update);
    }
    let is_known = |name| inventory.pod_spec("", 10, "pods", "prod", name).is_some();
    let known = ["a", "b", "large", "large-too"].map(is_known);
    assert_eq!(known, [true, false, false, true]);
    // Small again, so that there is room.
    for (reference, name) in ["a", "large-too", "b", "c"].into_iter().enumerate() {
        let update = event("update", "pods", name, pod("small"));
        apply(&inventory, reference as u64 + 10, &update);
    }
    let usage = inventory.usage();
    assert_eq!(usage.0, 4);
}

#[test]
fn answer_about_a_subject_is_bounded() {
    let inventory = Inventory::new(100_000);
    let user = |name: String| Subject {
        kind: "User".into(),
        name,
        ..Subject::default()
    };
    let mut reference = 0;
    let mut bind = |name: &str, subjects: usize| {
        reference += 1;
        let binding = Facts::Binding(BindingFacts {
            name: name.into(),
            role_name: "edit".into(),
            subjects: (0..subjects)
                .map(|number| user(format!("u{number}")))
                .chain([user("alice".into())])
                .collect(),
            ..BindingFacts::default()
        });
        apply(
            &inventory,
            reference,
            &event("create", "rolebindings", name, binding),
        );
    };
    for number in 0..10 {
        bind(&format!("large-{number}"), super::MAX_SUBJECTS / 4);
    }
    let large = inventory.bindings("", 100_000, "alice");
    assert_eq!(large.len(), 10);
    let total: usize = large.iter().map(|binding| binding.subjects.len()).sum();
    assert!(total <= super::MAX_SUBJECTS + 10, "{total}");
    for binding in &large {
        assert!(binding.subjects.iter().any(|one| one.name == "alice"));
        assert_eq!(binding.role_name, "edit");
    }
    for number in 0..super::MAX_BINDINGS {
        bind(&format!("small-{number}"), 0);
    }
    let many = inventory.bindings("", 100_000, "alice");
    assert_eq!(many.len(), super::MAX_BINDINGS);
}

#[test]
fn restores_saved_objects_and_keeps_the_limit() {
    let inventory = Inventory::new(2);
    for (reference, name) in [(1, "a"), (2, "b"), (3, "c")] {
        apply(
            &inventory,
            reference,
            &event("create", "pods", name, pod(true)),
        );
    }
    assert_eq!(inventory.usage(), (2, 1));
    assert!(inventory.pod_spec("", 4, "pods", "prod", "a").is_none());
    let saved = inventory
        .take_changes()
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)));
    let after = Inventory::new(2);
    assert_eq!(after.restore(saved), 0);
    assert!(after.pod_spec("", 1, "pods", "prod", "c").unwrap().host_pid);
    assert!(after.take_changes().is_empty());
}

#[test]
fn clusters_share_neither_objects_nor_the_limit() {
    let inventory = Inventory::new(2);
    apply_in(
        "east",
        &inventory,
        1,
        &event("create", "pods", "a", pod(true)),
    );
    for (reference, name) in [(2, "a"), (3, "b"), (4, "c")] {
        let created = event("create", "pods", name, pod(false));
        apply_in("west", &inventory, reference, &created);
    }
    assert_eq!(inventory.usage(), (3, 1));
    let host_pid = |inventory: &Inventory, cluster| {
        inventory
            .pod_spec(cluster, 5, "pods", "prod", "a")
            .map(|spec| spec.host_pid)
    };
    assert_eq!(host_pid(&inventory, "east"), Some(true));
    assert_eq!(host_pid(&inventory, "west"), None);
    assert_eq!(host_pid(&inventory, ""), None);
    let saved: Vec<_> = inventory
        .take_changes()
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .collect();
    assert_eq!(saved[0].0, "east/pods/prod/a");
    let after = Inventory::new(2);
    assert_eq!(after.restore(saved), 0);
    assert_eq!(host_pid(&after, "east"), Some(true));
    assert_eq!(after.usage(), (3, 0));
}

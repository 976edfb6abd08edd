//! Facts of bodies that the recorded events lack.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

mod common;

use common::{event, requested, sample};
use serde_json::{Value, json};
use wardline_event::model::{ContainerRole, Facts, ObjectFacts, Workload};

fn workload(object: ObjectFacts) -> Workload {
    match object.facts {
        Facts::Workload(workload) => workload,
        other => panic!("{other:?}"),
    }
}

fn pod_spec() -> Value {
    json!({
        "containers": [{"name": "app", "image": "a", "command": ["sh"], "args": ["-c", "x"],
            "lifecycle": {"postStart": {"exec": {"command": ["sh", "-c", "curl x | sh"]}}},
            "livenessProbe": {"exec": {"command": ["cat", "/ok"]}},
            "env": [
                {"name": "A", "value": "1"},
                {"name": "B", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
                {"name": "C", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
            ],
            "envFrom": [{"secretRef": {"name": "s"}}, {"configMapRef": {"name": "c"}}],
            "ports": [{"containerPort": 80, "hostPort": 8080, "protocol": "TCP"}],
            "resources": {"limits": {"nvidia.com/gpu": 2}, "requests": {"cpu": "10m"}},
            "securityContext": {
                "privileged": true, "procMount": "Unmasked", "runAsUser": 0,
                "capabilities": {"add": ["SYS_ADMIN"], "drop": ["ALL"]},
                "seLinuxOptions": {"type": "spc_t"}, "seccompProfile": {"type": "Unconfined"}},
            "volumeDevices": [{"name": "d", "devicePath": "/dev/sda"}],
            "volumeMounts": [{"name": "h", "mountPath": "/h", "subPath": "x", "mountPropagation": "Bidirectional"}]}],
        "initContainers": [{"name": "init", "image": "b"}],
        "volumes": [
            {"name": "h", "hostPath": {"path": "/", "type": "Directory"}},
            {"name": "n", "nfs": {"server": "10.0.0.1", "path": "/x", "readOnly": true}},
            {"name": "p", "projected": {"sources": [{"secret": {"name": "s"}}, {"serviceAccountToken": {"path": "t"}}]}}],
        "hostPID": true, "hostUsers": false, "serviceAccountName": "sa", "nodeName": "n",
        "tolerations": [{"operator": "Exists"}],
        "securityContext": {"sysctls": [{"name": "kernel.msgmax", "value": "1"}]},
    })
}

#[test]
fn every_workload_kind_has_its_pods() {
    let template = json!({"metadata": {"labels": {"app": "x"}}, "spec": pod_spec()});
    let cases = [
        (
            "",
            "pods",
            json!({"kind": "Pod", "apiVersion": "v1", "spec": pod_spec()}),
        ),
        (
            "apps",
            "deployments",
            json!({"spec": {"template": template}}),
        ),
        (
            "apps",
            "daemonsets",
            json!({"spec": {"template": template}}),
        ),
        (
            "apps",
            "statefulsets",
            json!({"spec": {"template": template}}),
        ),
        (
            "apps",
            "replicasets",
            json!({"spec": {"template": template}}),
        ),
        (
            "",
            "replicationcontrollers",
            json!({"spec": {"template": template}}),
        ),
        ("batch", "jobs", json!({"spec": {"template": template}})),
        (
            "batch",
            "cronjobs",
            json!({"spec": {"jobTemplate": {"spec": {"template": template}}}}),
        ),
        ("", "podtemplates", json!({"template": template})),
    ];
    for (group, resource, body) in cases {
        let workload = workload(requested("create", group, resource, body));
        assert_eq!(workload.containers.len(), 2, "{resource}");
        let app = &workload.containers[0];
        assert_eq!(app.hooks[0].value, "sh -c curl x | sh");
        assert_eq!(app.hooks[1].key, "livenessProbe");
        assert_eq!(app.environment[1].value, "secret:s/k");
        assert_eq!(app.environment[2].value, "field:spec.nodeName");
        assert_eq!(app.environment_from, ["secret:s", "configMap:c"]);
        assert_eq!(app.security.privileged, Some(true));
        assert_eq!(app.security.capabilities_added, ["SYS_ADMIN"]);
        assert_eq!(
            (
                app.security.seccomp.as_str(),
                app.security.proc_mount.as_str()
            ),
            ("Unconfined", "Unmasked")
        );
        assert_eq!(app.security.selinux[0].value, "spc_t");
        assert_eq!(app.devices, ["/dev/sda"]);
        assert_eq!(app.mounts[0].propagation, "Bidirectional");
        assert_eq!(
            (
                app.quantities[0].key.as_str(),
                app.quantities[0].value.as_str()
            ),
            ("limits.nvidia.com/gpu", "2")
        );
        assert_eq!((app.ports[0].port, app.ports[0].host_port), (80, 8080));
        assert_eq!(workload.containers[1].role, ContainerRole::Init);
        let sources: Vec<_> = workload
            .volumes
            .iter()
            .map(|volume| volume.source.as_str())
            .collect();
        assert_eq!(
            sources,
            ["/", "10.0.0.1:/x", "secret:s,serviceAccountToken"]
        );
        assert!(workload.host_pid && workload.volumes[1].read_only);
        assert_eq!(workload.host_users, Some(false));
        assert_eq!(workload.tolerations, [""]);
        assert_eq!(workload.sysctls[0].key, "kernel.msgmax");
        let is_pod = resource == "pods";
        assert_eq!(workload.template_labels.is_empty(), is_pod, "{resource}");
    }
}

#[test]
fn old_apparmor_annotations_are_read() {
    let key = "container.apparmor.security.beta.kubernetes.io/app";
    let body = json!({"metadata": {"annotations": {key: "unconfined"}}, "spec": pod_spec()});
    let workload = workload(requested("create", "", "pods", body));
    assert_eq!(workload.containers[0].security.apparmor, "Unconfined");
}

/// A value of the wrong type empties only its own fact.
#[test]
fn body_with_wrong_types_is_still_judged() {
    let text = json!("text");
    let bodies = [
        json!({"kind": "Pod", "apiVersion": "v1", "metadata": text, "spec": text}),
        json!({"kind": 5, "spec": {"containers": text, "volumes": {"a": 1}, "hostPID": "yes"}}),
        json!({"spec": {"containers": [text, 7, null, {"name": 3, "command": "sh", "env": [1]}]}}),
        json!({"spec": {"template": [], "securityContext": 4, "tolerations": [[]]}}),
        text.clone(),
        json!(7),
        json!([1, "a", {"op": "add"}]),
    ];
    for (group, resource) in [
        ("", "pods"),
        ("rbac.authorization.k8s.io", "roles"),
        ("", "services"),
        ("", "secrets"),
    ] {
        for body in &bodies {
            for verb in ["create", "patch"] {
                let event = event(
                    &sample(json!({
                        "verb": verb,
                        "objectRef": {"resource": resource, "apiGroup": group, "apiVersion": "v1"},
                        "requestObject": body,
                        "responseObject": body,
                    }))
                    .to_string(),
                );
                assert_eq!(event.audit_id, "id");
            }
        }
    }
    let partly = json!({"spec": {"containers": "x", "hostPID": true}});
    assert!(workload(requested("create", "", "pods", partly)).host_pid);
}

#[test]
fn no_value_of_a_secret_becomes_a_fact() {
    let marker = "c3VwZXItc2VjcmV0";
    let whole = json!({
        "kind": "Secret", "apiVersion": "v1", "type": "Opaque",
        "metadata": {"name": "db", "annotations": {
            "kubectl.kubernetes.io/last-applied-configuration": format!("{{\"data\":{{\"p\":\"{marker}\"}}}}")}},
        "data": {"p": marker}, "stringData": {"p": marker, "q": marker},
    });
    let patch = json!([
        {"op": "replace", "path": "/data/p", "value": marker},
        {"op": "add", "path": "/stringData", "value": {"q": marker}},
    ]);
    let merge = json!({"data": {"p": marker, "gone": null}, "stringData": {"q": marker}});
    for (verb, body) in [("create", whole), ("patch", patch), ("patch", merge)] {
        let event = event(
            &sample(json!({
                "verb": verb,
                "objectRef": {"resource": "secrets", "apiVersion": "v1", "name": "db"},
                "requestObject": body,
                "responseObject": {"kind": "Secret", "apiVersion": "v1", "data": {"p": marker}},
            }))
            .to_string(),
        );
        assert!(!format!("{event:?}").contains(marker));
        let Some(Facts::Secret(secret)) = event.requested.map(|object| object.facts) else {
            panic!("no secret");
        };
        assert_eq!(secret.keys, ["p", "q"]);
    }
    let list = sample(json!({
        "verb": "list",
        "objectRef": {"resource": "secrets", "apiVersion": "v1"},
        "responseObject": {"kind": "SecretList", "apiVersion": "v1", "items": [{"data": {"p": marker}}]},
    }));
    let event = event(&list.to_string());
    assert_eq!(event.resulting, None);
    assert!(!format!("{event:?}").contains(marker));
}

#[test]
fn long_values_are_cut_between_characters() {
    let long = "é".repeat(5000);
    let body = json!({"metadata": {"annotations": {"a": long}}, "data": {"k": format!("x{long}")}});
    let object = requested("create", "", "configmaps", body);
    assert_eq!(object.annotations[0].value.len(), 1024);
    let Facts::ConfigMap(map) = object.facts else {
        panic!()
    };
    assert_eq!(map.data[0].value.len(), 4095);
}

/// The same kind in another group is a different kind.
#[test]
fn kinds_belong_to_their_group() {
    for (version, kind, resource) in [
        ("serving.knative.dev/v1", "Service", "services"),
        ("example.com/v1", "Secret", "secrets"),
        ("example.com/v1", "Role", "roles"),
    ] {
        let group = version.split('/').next().unwrap();
        let body = json!({"apiVersion": version, "kind": kind, "metadata": {"labels": {"a": "b"}}, "data": {"x": "y"}});
        for verb in ["create", "patch"] {
            let object = requested(verb, group, resource, body.clone());
            assert_eq!(object.facts, Facts::None, "{version} {kind}");
            assert_eq!(object.labels[0].value, "b");
            assert_eq!(object.kind, kind);
        }
    }
}

#[test]
fn kind_of_a_patch_follows_from_its_resource() {
    let body = json!({"kind": "ConfigMap", "apiVersion": "v1", "spec": {"hostPID": true}});
    let object = requested("patch", "", "pods", body);
    assert_eq!(
        (object.kind.as_str(), object.api_version.as_str()),
        ("Pod", "v1")
    );
    assert!(object.partial && workload(object).host_pid);

    let body = json!({"spec": {"containers": [{"name": "old", "$patch": "delete"}, {"name": "new", "image": "x"}],
        "$setElementOrder/containers": [{"name": "new"}]}});
    let containers = workload(requested("patch", "", "pods", body)).containers;
    assert_eq!(containers.len(), 1);
    assert_eq!(containers[0].name, "new");

    let body = json!([{"op": "add", "path": "/spec/template/spec/containers/-",
        "value": {"name": "side", "image": "x", "securityContext": {"privileged": true}}}]);
    let object = requested("patch", "apps", "deployments", body);
    assert_eq!(object.api_version, "apps/v1");
    assert_eq!(
        workload(object).containers[0].security.privileged,
        Some(true)
    );
}

#[test]
fn kind_of_a_body_follows_from_its_subresource() {
    let facts = |verb, group, resource, body| requested(verb, group, resource, body).facts;
    assert_eq!(
        facts(
            "patch",
            "apps",
            "deployments/scale",
            json!({"spec": {"replicas": 7}})
        ),
        Facts::Scale(7)
    );
    // Go omits a zero in a whole object; a missing value in a patch means no change.
    let zero = json!({"kind": "Scale", "apiVersion": "autoscaling/v1", "spec": {}});
    assert_eq!(
        facts("update", "apps", "deployments/scale", zero),
        Facts::Scale(0)
    );
    assert_eq!(
        facts(
            "patch",
            "apps",
            "deployments/scale",
            json!({"metadata": {}})
        ),
        Facts::None
    );
    assert_eq!(
        facts(
            "create",
            "",
            "pods/binding",
            json!({"target": {"name": "n"}})
        ),
        Facts::PodBinding("n".into())
    );
    let Facts::DeleteOptions(options) = facts(
        "create",
        "",
        "pods/eviction",
        json!({"deleteOptions": {"gracePeriodSeconds": 0}}),
    ) else {
        panic!()
    };
    assert_eq!(options.grace_period_seconds, Some(0));
    let Facts::TokenRequest(token) = facts(
        "create",
        "",
        "serviceaccounts/token",
        json!({"spec": {"audiences": ["vault"], "expirationSeconds": 3600, "boundObjectRef": {"kind": "Pod", "name": "p"}}}),
    ) else {
        panic!()
    };
    assert_eq!(
        (token.expiration, token.bound_name.as_str()),
        (3_600_000_000_000, "p")
    );
}

#[test]
fn dry_runs_are_also_read_from_options() {
    let of = |verb: &str, body: Value| {
        let event = event(
            &sample(json!({
                "verb": verb,
                "objectRef": {"resource": "pods", "subresource": if verb == "create" { "eviction" } else { "" }, "apiVersion": "v1"},
                "requestObject": body,
            }))
            .to_string(),
        );
        event.dry_run
    };
    assert!(of("delete", json!({"dryRun": ["All"]})));
    assert!(of("create", json!({"deleteOptions": {"dryRun": ["All"]}})));
    assert!(!of("delete", json!({"dryRun": []})));
}

#[test]
fn generated_names_come_from_the_response() {
    let more = json!({
        "objectRef": {"resource": "pods", "apiVersion": "v1", "namespace": "shop"},
        "requestObject": {"kind": "Pod", "apiVersion": "v1", "metadata": {"generateName": "web-"}},
        "responseObject": {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "web-x7", "uid": "u"}},
    });
    let event = event(&sample(more).to_string());
    assert_eq!(event.object.unwrap().name, "web-x7");
    assert_eq!(event.requested.unwrap().name, "web-x7");
}

#[test]
fn response_without_an_object_has_no_facts() {
    for (version, kind) in [("v1", "Status"), ("meta.k8s.io/v1", "Table")] {
        let more = json!({"objectRef": {"resource": "pods", "apiVersion": "v1"},
            "responseObject": {"kind": kind, "apiVersion": version, "items": []}});
        assert_eq!(event(&sample(more).to_string()).resulting, None, "{kind}");
    }
    // A kind that merely ends in `List` is an object.
    let more = json!({"objectRef": {"resource": "allowlists", "apiGroup": "x.io", "apiVersion": "v1"},
        "responseObject": {"kind": "AllowList", "apiVersion": "x.io/v1", "metadata": {"name": "a"}}});
    assert_eq!(
        event(&sample(more).to_string()).resulting.unwrap().name,
        "a"
    );
}

#[test]
fn unknown_fields_become_attributes() {
    let more = json!({
        "authenticationMetadata": {"impersonationConstraint": "impersonate:user-info"},
        "responseStatus": {"code": 403, "reason": "Forbidden", "details": {"kind": "pods"}},
        "future": {"a": 1},
        "text": "x".repeat(5000),
    });
    let attributes = event(&sample(more).to_string()).attributes;
    let pairs: Vec<_> = attributes
        .iter()
        .map(|pair| (pair.key.as_str(), pair.value.as_str()))
        .collect();
    assert_eq!(
        pairs[0],
        (
            "authenticationMetadata.impersonationConstraint",
            "impersonate:user-info"
        )
    );
    assert_eq!(pairs[1], ("responseStatus.details", r#"{"kind":"pods"}"#));
    assert_eq!(pairs[2], ("future", r#"{"a":1}"#));
    assert_eq!((pairs[3].0, pairs[3].1.len()), ("text", 1024));
}

#[test]
fn last_value_of_a_duplicate_key_counts() {
    let text = sample(json!({})).to_string();
    let twice = text.replacen('{', r#"{"verb":"delete","AuditID":"other","#, 1);
    let event = event(&twice);
    assert_eq!(event.verb, "create");
    assert_eq!(event.audit_id, "id");
    // Keys are matched by exact case, so this one is unknown.
    assert_eq!(event.attributes[0].key, "AuditID");
}

/// JSON allows values that a double or a string cannot hold, and kube-apiserver accepts and logs some
/// of them; the rest of the object is judged.
#[test]
fn unreadable_values_hide_nothing_else() {
    for verb in ["create", "patch"] {
        let text = sample(json!({
            "verb": verb,
            "objectRef": {"resource": "pods", "apiVersion": "v1"},
        }))
        .to_string();
        for value in ["1e999", r#""\ud800""#, r#"["\udc00\ud800", -1e400]"#] {
            let spec = format!(r#""x":{value},"hostPID":true"#);
            let object = format!(r#"{{"kind":"Pod","apiVersion":"v1","spec":{{{spec}}}}}"#);
            for name in ["requestObject", "responseObject"] {
                let body = format!(r#"{{"{name}":{object},"#);
                let event = event(&text.replacen('{', &body, 1));
                let facts = event.resulting.or(event.requested).unwrap().facts;
                let Facts::Workload(workload) = facts else {
                    panic!("{facts:?}")
                };
                assert!(workload.host_pid, "{verb} {body}");
                assert_eq!(event.attributes[0].key, format!("{name}.unreadable"));
            }
        }
    }
    let operations = r#"[{"op":"add","path":"/metadata/labels/a","value":"\ud800"},{"op":"add","path":"/spec/hostPID","value":true}]"#;
    let text = sample(json!({
        "verb": "patch",
        "objectRef": {"resource": "pods", "apiVersion": "v1"},
    }))
    .to_string();
    let event = event(&text.replacen('{', &format!(r#"{{"requestObject":{operations},"#), 1));
    let facts = event.requested.unwrap().facts;
    assert!(matches!(facts, Facts::Workload(workload) if workload.host_pid));
}

/// Returns the kind of facts of a request to a resource with this body.
fn facts_of(verb: &str, api_group: &str, resource: &str, body: Value) -> Facts {
    let event = common::event(
        &sample(json!({
            "verb": verb,
            "objectRef": {"apiGroup": api_group, "apiVersion": "v1", "resource": resource, "name": "a"},
            "requestObject": body,
        }))
        .to_string(),
    );
    event
        .requested
        .map(|object| object.facts)
        .unwrap_or_default()
}

#[test]
fn missing_group_or_kind_follows_from_the_resource() {
    const RBAC: &str = "rbac.authorization.k8s.io";
    let rules = json!([{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]);
    let version = format!("{RBAC}/v1");
    for head in [
        json!({"kind": "ClusterRole", "apiVersion": version}),
        json!({"kind": "ClusterRole"}),
        json!({"apiVersion": version}),
        json!({}),
    ] {
        let mut body = head.clone();
        body["rules"] = rules.clone();
        for verb in ["create", "update", "patch"] {
            let facts = facts_of(verb, RBAC, "clusterroles", body.clone());
            assert!(matches!(facts, Facts::Role(_)), "{verb} {head}");
        }
    }
    let cron = json!({"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": {}}}}});
    let facts = facts_of("create", "batch", "cronjobs", cron);
    assert!(matches!(facts, Facts::Workload(_)));
}

#[test]
fn missing_kind_follows_from_the_subresource() {
    for (verb, group, resource, body, expected) in [
        (
            "update",
            "apps",
            "deployments/scale",
            json!({"spec": {"replicas": 0}}),
            "Scale",
        ),
        (
            "create",
            "",
            "pods/eviction",
            json!({"deleteOptions": {"gracePeriodSeconds": 0}}),
            "DeleteOptions",
        ),
        (
            "create",
            "",
            "pods/binding",
            json!({"target": {"name": "n1"}}),
            "PodBinding",
        ),
        (
            "create",
            "",
            "serviceaccounts/token",
            json!({"spec": {"audiences": ["a"]}}),
            "TokenRequest",
        ),
        (
            "patch",
            "",
            "pods/ephemeralcontainers",
            json!({"spec": {"ephemeralContainers": [{"name": "a"}]}}),
            "Workload",
        ),
        (
            "delete",
            "",
            "pods",
            json!({"apiVersion": "v1", "gracePeriodSeconds": 0}),
            "DeleteOptions",
        ),
    ] {
        let facts = common::requested(verb, group, resource, body).facts;
        let name = format!("{facts:?}");
        assert!(name.starts_with(expected), "{resource}: {name}");
    }
}

#[test]
fn body_of_another_group_or_kind_keeps_it() {
    let other = json!({"kind": "Service", "apiVersion": "serving.knative.dev/v1", "spec": {}});
    assert_eq!(facts_of("create", "", "services", other), Facts::None);
    let no_kind = json!({"apiVersion": "serving.knative.dev/v1", "spec": {}});
    assert_eq!(facts_of("create", "", "services", no_kind), Facts::None);
    let no_group = json!({"kind": "Widget", "spec": {}});
    assert_eq!(facts_of("create", "", "services", no_group), Facts::None);
}

#[test]
fn command_of_an_exec_may_be_in_the_body() {
    let exec = |uri: &str, body: Value| {
        let event = common::event(
            &sample(json!({
                "requestURI": uri,
                "objectRef": {"apiVersion": "v1", "resource": "pods", "subresource": "exec", "name": "a"},
                "requestObject": body,
            }))
            .to_string(),
        );
        event.connect.unwrap()
    };
    let plain = "/api/v1/namespaces/shop/pods/a/exec";
    for kind in [
        json!({}),
        json!({"kind": "PodExecOptions", "apiVersion": "v1"}),
    ] {
        let mut body = kind;
        body["command"] = json!(["cat", "/etc/shadow"]);
        body["container"] = "db".into();
        body["stdout"] = true.into();
        let options = exec(plain, body.clone());
        assert_eq!(options.command, ["cat", "/etc/shadow"]);
        assert_eq!((options.container.as_str(), options.stdout), ("db", true));
        let options = exec(&format!("{plain}?command=id&container=app"), body);
        assert_eq!(
            (options.command, options.container),
            (vec!["id".to_owned()], "app".to_owned())
        );
    }
}

#[test]
fn lost_groups_follow_from_the_name() {
    let groups = |user: Value| {
        common::event(&sample(json!({"user": user})).to_string())
            .user
            .groups
    };
    let account = "system:serviceaccount:kube-system:daemon-set-controller";
    let own = [
        "system:serviceaccounts",
        "system:serviceaccounts:kube-system",
        "system:authenticated",
    ];
    assert_eq!(groups(json!({"username": account})), own);
    assert_eq!(groups(json!({"username": account, "groups": []})), own);
    let impostor = json!({"username": account, "groups": ["system:authenticated"]});
    assert_eq!(groups(impostor), ["system:authenticated"]);
}

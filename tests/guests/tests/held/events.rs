//! A log of commands that four users run in pods.

use serde_json::json;
use wardline_test_guests::POISON;

/// The number of events in the log. The guest subscribes to all.
pub const EXECS: u64 = 60;

/// The number of events in `kube-system`, to which the good detector subscribes.
pub const IN_KUBE_SYSTEM: usize = 40;

/// Returns the log as NDJSON. Every third event is in `default`, one is for the poison pod,
/// and 12 consecutive events are the crisis.
pub fn log() -> String {
    (0..EXECS)
        .map(|index| {
            let pod = match index {
                13 => POISON.to_owned(),
                20..32 => format!("crisis-{index}"),
                _ => format!("etcd-{index}"),
            };
            format!("{}\n", event(index, &pod))
        })
        .collect()
}

fn event(index: u64, pod: &str) -> serde_json::Value {
    let namespace = if index % 3 == 2 {
        "default"
    } else {
        "kube-system"
    };
    let user = match index % 4 {
        0 => "alice",
        1 => "bob",
        2 => "carol",
        _ => "dave",
    };
    let uri = format!("/api/v1/namespaces/{namespace}/pods/{pod}/exec?command=id&stdout=true");
    let time = format!("2026-05-04T10:{:02}:{:02}.000000Z", index / 60, index % 60);
    json!({
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": "Metadata",
        "auditID": format!("00000000-0000-4000-8000-{index:012}"),
        "stage": "ResponseComplete",
        "requestURI": uri,
        "verb": "create",
        "user": { "username": user, "groups": ["system:authenticated"] },
        "sourceIPs": ["192.0.2.7"],
        "userAgent": "kubectl/v1.34.0",
        "objectRef": {
            "resource": "pods",
            "namespace": namespace,
            "name": pod,
            "apiVersion": "v1",
            "subresource": "exec"
        },
        "responseStatus": { "metadata": {}, "code": 101 },
        "requestReceivedTimestamp": time,
        "stageTimestamp": time
    })
}

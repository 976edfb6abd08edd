//! Sequences of findings of the built-in detectors, through the real binary.

use serde_json::{Value, json};

use crate::support::{data, lines, run, wardline};

const SEQUENCE: &str = "AttackSequence:Kubernetes/CompromisedIdentity";

/// A request of a service account: seconds after the start, verb, path, user agent.
type Asked<'a> = (u64, &'a str, &'a str, &'a str);

const KUBECTL: &str = "kubectl/v1.36.2 (linux/amd64)";
const CURL: &str = "curl/8.5.0";

fn line(number: usize, account: &str, (second, verb, path, agent): Asked<'_>) -> String {
    let plain = path.split('?').next().unwrap();
    let parts: Vec<&str> = plain.split('/').collect();
    let part = |index: usize| parts.get(index).copied().unwrap_or_default();
    let time = format!(
        "2026-11-{:02}T02:{:02}:{:02}.000000Z",
        1 + second / 86_400,
        second % 3_600 / 60,
        second % 60
    );
    let namespace = account.split(':').next().unwrap();
    json!({
        "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Metadata",
        "stage": "ResponseComplete", "auditID": format!("00000000-0000-4000-8000-{number:012}"),
        "requestURI": path, "verb": verb, "userAgent": agent, "sourceIPs": ["10.244.3.9"],
        "user": {"username": format!("system:serviceaccount:{account}"), "groups": [
            "system:serviceaccounts", format!("system:serviceaccounts:{namespace}"),
            "system:authenticated"]},
        "objectRef": {"apiVersion": "v1", "namespace": part(4), "resource": part(5),
            "name": part(6), "subresource": part(7)},
        "responseStatus": {"code": if verb == "create" { 201 } else { 200 }},
        "requestReceivedTimestamp": time, "stageTimestamp": time,
    })
    .to_string()
}

fn sequences(account: &str, asked: &[Asked<'_>]) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let log: Vec<String> = (1..)
        .zip(asked)
        .map(|(number, asked)| line(number, account, *asked))
        .collect();
    let path = folder.path().join("log.ndjson");
    std::fs::write(&path, log.join("\n")).unwrap();
    let ran = run(wardline()
        .args(["scan", "--format", "jsonl", "--config"])
        .arg(data("scan.toml"))
        .arg(path));
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let mut found = lines(&ran.out);
    assert!(!found.is_empty(), "the steps have findings of their own");
    found.retain(|finding| finding["type"] == SEQUENCE);
    found
}

#[test]
fn small_things_that_belong_together_are_one_finding() {
    let found = sequences(
        "market:till",
        &[
            (0, "list", "/api/v1/namespaces/market/secrets", CURL),
            (20, "get", "/api/v1/namespaces/market/secrets/ledger", CURL),
            (
                40,
                "create",
                "/api/v1/namespaces/market/pods/cart-0/exec?command=id&stdout=true",
                KUBECTL,
            ),
            (
                80,
                "create",
                "/api/v1/namespaces/market/serviceaccounts/default/token",
                KUBECTL,
            ),
        ],
    );
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["severity"]["label"], "Medium");
    assert_eq!(
        found[0]["title"],
        "Sequence of credential access, execution by system:serviceaccount:market:till"
    );
    assert!(found[0]["event_ids"].as_array().unwrap().len() >= 3);
}

#[test]
fn pipeline_of_every_day_stays_low() {
    let day = [
        (
            2,
            "get",
            "/api/v1/namespaces/market/secrets/ledger",
            KUBECTL,
        ),
        (3, "list", "/api/v1/namespaces/market/pods", KUBECTL),
        (
            20,
            "create",
            "/api/v1/namespaces/market/pods/till-0/exec?command=migrate&stdout=true",
            KUBECTL,
        ),
        (
            21,
            "create",
            "/api/v1/namespaces/ci/serviceaccounts/deployer/token",
            KUBECTL,
        ),
    ];
    let days: Vec<Asked<'_>> = (0..5)
        .flat_map(|number| {
            day.map(|(second, verb, path, agent)| (number * 86_400 + second, verb, path, agent))
        })
        .collect();
    for finding in sequences("ci:builder", &days) {
        assert_eq!(finding["severity"]["label"], "Low", "{finding}");
    }
}

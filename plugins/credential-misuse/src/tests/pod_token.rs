//! Tokens of pods in other places.

use wardline_sdk::testing::{Harness, RaisedFinding, TestError};

use super::{CredentialMisuse, KUBECTL, OUTSIDE, of};

const HOME: &str = "10.244.3.9";
const NODE_ADDRESS: &str = "10.0.1.12";
const LAPTOP: &str = "10.20.0.7";
const PROGRAM: &str = "till/1.4";

/// A log of one line for each request, one a second.
#[derive(Default)]
struct Log(Vec<String>);

impl Log {
    fn line(mut self, body: &str) -> Self {
        let count = self.0.len();
        let time = format!("2025-01-01T00:{:02}:{:02}.000000Z", count / 60, count % 60);
        self.0.push(
            format!(
                r#"{{"kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Request",
            "stage": "ResponseComplete", "auditID": "00000000-0000-4000-8000-{count:012x}",
            "requestReceivedTimestamp": "{time}", "stageTimestamp": "{time}", {body}}}"#
            )
            .replace('\n', " "),
        );
        self
    }

    /// A kubelet that reports a pod.
    fn reported(self, pod: &str, address: &str) -> Self {
        self.reported_with(pod, address, "")
    }

    fn reported_with(self, pod: &str, address: &str, metadata: &str) -> Self {
        self.line(&format!(
            r#""verb": "patch", "requestURI": "/api/v1/namespaces/market/pods/{pod}/status",
            "objectRef": {{"resource": "pods", "subresource": "status", "namespace": "market",
            "name": "{pod}", "apiVersion": "v1"}}, "userAgent": "kubelet/v1.36.2",
            "user": {{"username": "system:node:n1", "groups": ["system:nodes", "system:authenticated"]}},
            "sourceIPs": ["{NODE_ADDRESS}"], "responseStatus": {{"code": 200}},
            "requestObject": {{{metadata} "status": {{"podIP": "{address}", "podIPs": [{{"ip": "{address}"}},
            {{"ip": "fd00::9"}}], "hostIP": "{NODE_ADDRESS}"}}}}"#
        ))
    }

    /// A request with the token of a pod.
    fn used(self, pod: &str, verb: &str, resource: &str, agent: &str, addresses: &[&str]) -> Self {
        let name = if verb == "get" { "/x" } else { "" };
        self.line(&format!(
            r#""verb": "{verb}", "requestURI": "/api/v1/namespaces/market/{resource}{name}",
            "objectRef": {{"resource": "{resource}", "namespace": "market", "apiVersion": "v1"}},
            "userAgent": "{agent}", "sourceIPs": {addresses:?},
            "user": {{"username": "system:serviceaccount:market:till",
            "groups": ["system:serviceaccounts", "system:serviceaccounts:market", "system:authenticated"],
            "extra": {{"authentication.kubernetes.io/pod-name": ["{pod}"],
            "authentication.kubernetes.io/pod-uid": ["uid-of-{pod}"],
            "authentication.kubernetes.io/node-name": ["n1"]}}}},
            "responseStatus": {{"code": 200}}"#
        ))
    }

    fn judge(&self) -> Result<Vec<RaisedFinding>, TestError> {
        let found = Harness::<CredentialMisuse>::new().audit_lines(&self.0.join("\n"))?;
        Ok(found
            .into_iter()
            .filter(|finding| finding.finding_type == OUTSIDE)
            .collect())
    }
}

fn log() -> Log {
    Log::default()
}

#[test]
fn token_in_another_place_is_reported_once() -> Result<(), TestError> {
    for tool in [KUBECTL, "curl/8.5.0", "python-requests/2.31"] {
        for verb in ["list", "get", "create", "delete"] {
            let known = log().reported("till-0", HOME);
            let found = known
                .used("till-0", "list", "pods", PROGRAM, &[HOME])
                .used("till-0", verb, "secrets", tool, &[LAPTOP])
                .used("till-0", verb, "configmaps", tool, &[LAPTOP])
                .judge()?;
            assert_eq!(of(OUTSIDE, &found), [5.0], "{tool} {verb}");
            assert_eq!(found[0].attribute("address"), Some(LAPTOP));
            assert_eq!(
                found[0].attribute("expected-addresses"),
                Some("10.0.1.12, 10.244.3.9, fd00::9")
            );
        }
    }
    Ok(())
}

#[test]
fn earlier_use_tells_the_place_without_a_kubelet() -> Result<(), TestError> {
    let found = log()
        .used("till-0", "list", "pods", PROGRAM, &[HOME])
        .used("till-0", "list", "secrets", KUBECTL, &[LAPTOP])
        .judge()?;
    assert_eq!(of(OUTSIDE, &found), [5.0]);
    Ok(())
}

#[test]
fn address_that_a_client_forwards_excuses_nothing() -> Result<(), TestError> {
    let found = log()
        .reported("till-0", HOME)
        .used("till-0", "list", "secrets", KUBECTL, &[HOME, LAPTOP])
        .judge()?;
    assert_eq!(of(OUTSIDE, &found), [5.0]);
    Ok(())
}

#[test]
fn pod_in_its_own_place_is_quiet() -> Result<(), TestError> {
    let known = || log().reported("till-0", HOME);
    for (log, reason) in [
        (
            known().used("till-0", "list", "secrets", KUBECTL, &[HOME]),
            "its own address",
        ),
        (
            known().used("till-0", "list", "secrets", KUBECTL, &["fd00::9"]),
            "its second address",
        ),
        (
            known().used("till-0", "list", "secrets", KUBECTL, &[NODE_ADDRESS]),
            "its node",
        ),
        (
            known().used("till-0", "list", "secrets", PROGRAM, &[LAPTOP]),
            "not a tool of people",
        ),
        (
            known()
                .used("till-0", "watch", "pods", PROGRAM, &[LAPTOP])
                .used("till-0", "list", "secrets", KUBECTL, &[LAPTOP]),
            "used before",
        ),
        (
            log().used("till-0", "list", "secrets", KUBECTL, &[LAPTOP]),
            "nothing is known of the pod",
        ),
        (
            known()
                .used("cart-0", "watch", "pods", PROGRAM, &[LAPTOP])
                .used("shelf-0", "watch", "pods", PROGRAM, &[LAPTOP])
                .used("till-0", "list", "secrets", KUBECTL, &[LAPTOP]),
            "NAT of several pods",
        ),
    ] {
        assert!(log.judge()?.is_empty(), "{reason}");
    }
    Ok(())
}

#[test]
fn address_of_one_other_pod_is_no_nat() -> Result<(), TestError> {
    let found = log()
        .reported("till-0", HOME)
        .used("cart-0", "watch", "pods", PROGRAM, &[LAPTOP])
        .used("cart-0", "watch", "nodes", PROGRAM, &[LAPTOP])
        .used("till-0", "list", "secrets", KUBECTL, &[LAPTOP])
        .judge()?;
    assert_eq!(of(OUTSIDE, &found), [5.0]);
    Ok(())
}

#[test]
fn stolen_tokens_in_tools_make_no_nat() -> Result<(), TestError> {
    let mut log = log();
    for pod in ["till-0", "cart-0", "shelf-0"] {
        log = log.reported(pod, HOME);
    }
    for pod in ["till-0", "cart-0", "shelf-0"] {
        log = log.used(pod, "list", "secrets", KUBECTL, &[LAPTOP]);
    }
    assert_eq!(of(OUTSIDE, &log.judge()?), [5.0, 5.0, 5.0]);
    Ok(())
}

#[test]
fn pod_is_known_by_its_newest_report() -> Result<(), TestError> {
    // The log of a StatefulSet, whose next pod has the same name.
    let found = log()
        .reported("till-0", "10.244.9.1")
        .reported("till-0", HOME)
        .used("till-0", "list", "secrets", KUBECTL, &[HOME])
        .used("till-0", "list", "secrets", KUBECTL, &["10.244.9.1"])
        .judge()?;
    assert_eq!(of(OUTSIDE, &found), [5.0]);
    let with_uids = log()
        .reported_with(
            "till-0",
            "10.244.9.1",
            r#""metadata": {"uid": "uid-of-another"},"#,
        )
        .reported_with("till-0", HOME, r#""metadata": {"uid": "uid-of-till-0"},"#)
        .reported_with("till-0", "", r#""metadata": {"uid": "uid-of-till-0"},"#);
    let found = with_uids
        .used("till-0", "list", "secrets", KUBECTL, &[HOME])
        .used("till-0", "list", "secrets", KUBECTL, &["10.244.9.1"])
        .judge()?;
    assert_eq!(of(OUTSIDE, &found), [5.0]);
    Ok(())
}

#[test]
fn address_is_not_found_inside_another() -> Result<(), TestError> {
    let found = log()
        .reported("till-0", "10.20.0.77")
        .used("till-0", "list", "secrets", KUBECTL, &[LAPTOP])
        .judge()?;
    assert_eq!(of(OUTSIDE, &found), [5.0]);
    Ok(())
}

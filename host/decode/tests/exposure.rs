//! Facts of networks, authorization, and admission.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

mod common;

use common::{event, requested, sample};
use serde_json::{Value, json};
use wardline_event::model::Facts;

const NETWORKING: &str = "networking.k8s.io";

macro_rules! facts {
    ($kind:ident, $group:expr, $resource:expr, $body:tt) => {
        match requested("create", $group, $resource, json!($body)).facts {
            Facts::$kind(facts) => facts,
            other => panic!("{other:?}"),
        }
    };
}

#[test]
fn network_policies_are_read() {
    let policy = facts!(NetworkPolicy, NETWORKING, "networkpolicies", {"spec": {"podSelector": {}, "ingress": [{}], "policyTypes": ["Ingress"]}});
    assert!(policy.selects_all && policy.allows_all_ingress && !policy.allows_all_egress);
    assert_eq!((policy.ingress_rules, policy.egress_rules), (1, 0));
    let policy = facts!(NetworkPolicy, NETWORKING, "networkpolicies", {"spec": {
        "podSelector": {"matchLabels": {"a": "b"}},
        "ingress": [{"from": [{"podSelector": {}}]}], "egress": [{"to": [], "ports": [{"port": 53}]}]}});
    assert!(!policy.selects_all && !policy.allows_all_ingress && policy.allows_all_egress);
}

#[test]
fn ingresses_of_both_versions_are_read() {
    let new = facts!(Ingress, NETWORKING, "ingresses", {"spec": {
        "ingressClassName": "nginx", "tls": [{"hosts": ["a"]}],
        "defaultBackend": {"service": {"name": "d", "port": {"number": 1}}},
        "rules": [{"host": "a", "http": {"paths": [{"path": "/", "backend": {"service": {"name": "w", "port": {"name": "http"}}}}]}}, {"host": "b"}]}});
    assert_eq!(new.class, "nginx");
    assert!(new.has_tls);
    let rules: Vec<_> = new
        .rules
        .iter()
        .map(|rule| [&rule.host, &rule.path, &rule.service, &rule.port])
        .collect();
    assert_eq!(
        rules,
        [
            ["a", "/", "w", "http"],
            ["b", "", "", ""],
            ["", "", "d", "1"]
        ]
    );
    let old = facts!(Ingress, "extensions", "ingresses", {
        "metadata": {"annotations": {"kubernetes.io/ingress.class": "old"}},
        "spec": {"rules": [{"http": {"paths": [{"backend": {"serviceName": "w", "servicePort": 80}}]}}]}});
    assert_eq!(
        (
            old.class.as_str(),
            old.rules[0].service.as_str(),
            old.rules[0].port.as_str()
        ),
        ("old", "w", "80")
    );
}

#[test]
fn services_endpoints_and_slices_are_read() {
    let service = facts!(Service, "", "services", {"spec": {"type": "LoadBalancer", "externalIPs": ["1.2.3.4"],
        "ports": [{"port": 80, "targetPort": "http", "nodePort": 30000}]},
        "status": {"loadBalancer": {"ingress": [{"hostname": "h"}, {"ip": "5.6.7.8"}]}}});
    assert_eq!(service.addresses, ["h", "5.6.7.8"]);
    assert_eq!(
        (
            service.ports[0].target_port.as_str(),
            service.ports[0].node_port
        ),
        ("http", 30000)
    );
    let endpoints = facts!(Endpoints, "", "endpoints", {"subsets": [{"addresses": [{"ip": "a"}], "notReadyAddresses": [{"ip": "b"}], "ports": [{"port": 1}]}]});
    assert_eq!(
        (endpoints.addresses, endpoints.ports),
        (vec!["a".to_owned(), "b".to_owned()], vec![1])
    );
    let slice = facts!(Endpoints, "discovery.k8s.io", "endpointslices", {"endpoints": [{"addresses": ["a"]}], "ports": [{"port": 2}]});
    assert_eq!(
        (slice.addresses, slice.ports),
        (vec!["a".to_owned()], vec![2])
    );
}

#[test]
fn admission_and_extension_objects_are_read() {
    const ADMISSION: &str = "admissionregistration.k8s.io";
    let policy = facts!(AdmissionPolicy, ADMISSION, "validatingadmissionpolicies", {"spec": {"failurePolicy": "Ignore",
        "validations": [{"expression": "true"}], "matchConditions": [{"expression": "false"}]}});
    assert_eq!(policy.expressions, ["false", "true"]);
    let policy = facts!(AdmissionPolicy, ADMISSION, "mutatingadmissionpolicies", {"spec": {"mutations": [{"jsonPatch": {"expression": "[]"}}]}});
    assert_eq!(policy.expressions, ["[]"]);
    let binding = facts!(AdmissionPolicy, ADMISSION, "validatingadmissionpolicybindings", {"spec": {"policyName": "p", "validationActions": ["Audit"]}});
    assert_eq!(
        (binding.policy_name.as_str(), binding.actions),
        ("p", vec!["Audit".to_owned()])
    );
    let hooks = facts!(Webhooks, ADMISSION, "validatingwebhookconfigurations", {"webhooks": [{"name": "w",
        "clientConfig": {"service": {"namespace": "n", "name": "s"}}, "namespaceSelector": {}, "objectSelector": {"a": 1}}]});
    assert_eq!(
        (
            hooks[0].service_name.as_str(),
            hooks[0].namespace_selector.as_str(),
            hooks[0].object_selector.as_str()
        ),
        ("s", "", r#"{"a":1}"#)
    );
    let definition = facts!(CustomResourceDefinition, "apiextensions.k8s.io", "customresourcedefinitions", {"spec": {
        "group": "g", "names": {"plural": "ps"}, "conversion": {"strategy": "Webhook", "webhook": {"clientConfig": {"url": "https://x"}}}}});
    assert_eq!(
        (
            definition.plural.as_str(),
            definition.conversion_url.as_str()
        ),
        ("ps", "https://x")
    );
    let service = facts!(ApiService, "apiregistration.k8s.io", "apiservices", {"spec": {"group": "g", "insecureSkipTLSVerify": true, "service": {"name": "s"}}});
    assert!(service.insecure_skip_tls_verify);
}

#[test]
fn authorization_objects_are_read() {
    const RBAC: &str = "rbac.authorization.k8s.io";
    let role = facts!(Role, RBAC, "clusterroles", {"rules": [{"verbs": ["*"], "nonResourceURLs": ["/metrics"]}],
        "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]}});
    assert_eq!(
        (role.rules[0].paths.clone(), role.aggregates),
        (vec!["/metrics".to_owned()], vec!["a=b".to_owned()])
    );
    let binding = facts!(Binding, RBAC, "rolebindings", {"roleRef": {"kind": "ClusterRole", "name": "admin"}, "subjects": [{"kind": "Group", "name": "g"}]});
    assert_eq!(
        (
            binding.kind.as_str(),
            binding.namespace.as_str(),
            binding.name.as_str()
        ),
        ("RoleBinding", "shop", "web")
    );
    assert_eq!(
        (
            binding.role_name.as_str(),
            binding.subjects[0].name.as_str()
        ),
        ("admin", "g")
    );
    let account = facts!(ServiceAccount, "", "serviceaccounts", {"imagePullSecrets": [{"name": "r"}], "automountServiceAccountToken": false});
    assert_eq!(
        (account.image_pull_secrets, account.automount_token),
        (vec!["r".to_owned()], Some(false))
    );
}

fn review(resource: &str, group: &str, body: Value) -> [Option<bool>; 2] {
    let event = event(
        &sample(json!({
            "objectRef": {"apiGroup": group, "apiVersion": "v1", "resource": resource},
            "requestObject": body, "responseObject": body,
        }))
        .to_string(),
    );
    [event.requested, event.resulting].map(|object| match object.unwrap().facts {
        Facts::AccessReview(review) => {
            assert!(!format!("{review:?}").contains("opaque-token"));
            assert_eq!(review.username, "eve");
            review.allowed
        }
        other => panic!("{other:?}"),
    })
}

/// A request carries Go's zero value, which is not an answer.
#[test]
fn only_a_response_has_the_result_of_a_review() {
    let body = json!({"kind": "SubjectAccessReview", "apiVersion": "authorization.k8s.io/v1",
        "spec": {"user": "eve"}, "status": {"allowed": false}});
    assert_eq!(
        review("subjectaccessreviews", "authorization.k8s.io", body),
        [None, Some(false)]
    );
    let body = json!({"kind": "TokenReview", "apiVersion": "authentication.k8s.io/v1",
        "spec": {"token": "opaque-token"}, "status": {"authenticated": true, "user": {"username": "eve"}}});
    assert_eq!(
        review("tokenreviews", "authentication.k8s.io", body),
        [None, Some(true)]
    );
}

#[test]
fn nodes_leases_and_volumes_are_read() {
    let node = facts!(Node, "", "nodes", {"spec": {"unschedulable": true, "taints": [{"key": "a", "value": "b", "effect": "NoSchedule"}]}, "status": {"addresses": [{"address": "1.2.3.4"}]}});
    assert_eq!(
        (node.taints, node.addresses),
        (
            vec!["a=b:NoSchedule".to_owned()],
            vec!["1.2.3.4".to_owned()]
        )
    );
    let lease = facts!(Lease, "coordination.k8s.io", "leases", {"spec": {"holderIdentity": "h", "leaseTransitions": 2}});
    assert_eq!((lease.holder.as_str(), lease.transitions), ("h", 2));
    let volume = facts!(PersistentVolume, "", "persistentvolumes", {"spec": {"capacity": {}, "hostPath": {"path": "/"}, "claimRef": {"name": "c"}}});
    assert_eq!(
        (
            volume.kind.as_str(),
            volume.source.as_str(),
            volume.claim_name.as_str()
        ),
        ("hostPath", "/", "c")
    );
    let claim =
        facts!(PersistentVolume, "", "persistentvolumeclaims", {"spec": {"volumeName": "v"}});
    assert_eq!(
        (
            claim.kind.as_str(),
            claim.source.as_str(),
            claim.claim_name.as_str()
        ),
        ("persistentVolumeClaim", "v", "web")
    );
}

#[test]
fn broken_certificate_requests_have_no_subject() {
    for request in [
        "",
        "AAAA",
        "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KQUFBQQotLS0tLUVORCBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K",
    ] {
        let facts = facts!(CertificateRequest, "certificates.k8s.io", "certificatesigningrequests", {"spec": {"request": request, "signerName": "s"}});
        assert_eq!(
            (facts.signer.as_str(), facts.common_name.as_str()),
            ("s", "")
        );
    }
}

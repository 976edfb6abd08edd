//! Nodes that are cordoned, drained, or deleted.

use wardline_sdk::contract::{Facts, NodeFacts, Workload};
use wardline_sdk::testing::{Harness, Request, TestError, types_and_severities};

use super::judged;
use crate::Impact;
use crate::types::NODES_DRAINED;

fn cordon(node: &str) -> Request {
    Request::new("patch", "nodes")
        .name(node)
        .requested(Facts::Node(NodeFacts {
            unschedulable: true,
            ..NodeFacts::default()
        }))
}

#[test]
fn nodes_that_are_only_cordoned_or_deleted_are_low() -> Result<(), TestError> {
    assert!(judged(["n1", "n2"].map(cordon))?.is_empty());
    let found = judged(["n1", "n2", "n3"].map(cordon))?;
    assert_eq!(types_and_severities(&found), [(NODES_DRAINED, 3.0)]);
    assert_eq!(found[0].evidence("objectRef.name"), Some("n1, n2, n3"));
    let deleted = ["n1", "n2", "n3"].map(|node| Request::new("delete", "nodes").name(node));
    let found = judged(deleted)?;
    assert_eq!(types_and_severities(&found), [(NODES_DRAINED, 3.0)]);
    let karpenter = "system:serviceaccount:kube-system:karpenter";
    let some = (0..9).map(|n| cordon(&format!("n{n}")).user(karpenter));
    assert!(judged(some)?.is_empty());
    let many = (0..10).map(|n| cordon(&format!("n{n}")).user(karpenter));
    assert_eq!(types_and_severities(&judged(many)?), [(NODES_DRAINED, 3.0)]);
    Ok(())
}

fn evict(pod: &str) -> Request {
    Request::new("create", "pods/eviction")
        .namespace("shop")
        .name(pod)
}

#[test]
fn evictions_and_taints_are_medium() -> Result<(), TestError> {
    let mut harness = Harness::<Impact>::new();
    for n in 1..=2 {
        let spec = Workload {
            node_name: format!("n{n}"),
            ..Workload::default()
        };
        harness = harness.pod_spec("pods", "shop", &format!("web-{n}"), spec);
    }
    assert!(
        harness
            .audit_events(["web-1", "web-2", "unknown"].map(evict))?
            .is_empty()
    );
    let taint = Request::new("patch", "nodes")
        .name("n3")
        .requested(Facts::Node(NodeFacts {
            taints: vec!["gone=yes:NoExecute".to_owned()],
            ..NodeFacts::default()
        }));
    let found = harness.audit_event(taint)?;
    assert_eq!(types_and_severities(&found), [(NODES_DRAINED, 5.0)]);
    assert_eq!(found[0].evidence("objectRef.name"), Some("n1, n2, n3"));
    Ok(())
}

#[test]
fn counts_pods_whose_nodes_are_not_known() -> Result<(), TestError> {
    let drained = |pods: u32| {
        ["n1", "n2", "n3"]
            .map(cordon)
            .into_iter()
            .chain((0..pods).map(|n| evict(&format!("web-{n}"))))
    };
    assert_eq!(
        types_and_severities(&judged(drained(4))?),
        [(NODES_DRAINED, 3.0)]
    );
    assert_eq!(
        types_and_severities(&judged(drained(20))?),
        [(NODES_DRAINED, 3.0), (NODES_DRAINED, 5.0)]
    );
    Ok(())
}

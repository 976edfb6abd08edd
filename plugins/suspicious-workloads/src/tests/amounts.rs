use super::*;

#[test]
fn sharp_increases_are_reported() {
    let hijack = ["Impact:ResourceHijack 3.0"];
    let replicas = |count: i64| Workload {
        replicas: Some(count),
        ..app(&[])
    };
    let harness = || {
        Harness::<SuspiciousWorkloads>::new().pod_spec("deployments", "shop", "web", replicas(3))
    };
    let update = |count| request("update", "deployments", "shop", "web").workload(replicas(count));
    assert_eq!(shown(&harness().audit_event(update(100)).unwrap()), hijack);
    assert!(harness().audit_event(update(30)).unwrap().is_empty());
    let scale =
        |count| request("patch", "deployments/scale", "shop", "web").requested(Facts::Scale(count));
    assert_eq!(shown(&harness().audit_event(scale(500)).unwrap()), hijack);
    assert!(harness().audit_event(scale(0)).unwrap().is_empty());
    let mut training = container("c", "pytorch", &[]);
    training.quantities = vec![pair("limits.nvidia.com/gpu", "8"), pair("limits.cpu", "64")];
    let with = |count| Workload {
        replicas: Some(count),
        ..of([training.clone()])
    };
    let new = |count| request("create", "statefulsets", "data", "train").workload(with(count));
    assert_eq!(judge(new(2)), hijack);
    assert!(judge(new(1)).is_empty());
}

/// The parallelism of a Job is not a fact, so it is read from the event.
#[test]
fn jobs_with_many_pods_are_reported() {
    let line = |parallelism: u32| {
        format!(
            r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request","auditID":"{parallelism}","stage":"ResponseComplete","requestURI":"/apis/batch/v1/namespaces/data/jobs","verb":"create","user":{{"username":"dave"}},"sourceIPs":["192.0.2.1"],"objectRef":{{"resource":"jobs","namespace":"data","name":"train","apiGroup":"batch","apiVersion":"v1"}},"responseStatus":{{"code":201}},"requestObject":{{"kind":"Job","apiVersion":"batch/v1","metadata":{{"name":"train"}},"spec":{{"parallelism":{parallelism},"template":{{"spec":{{"containers":[{{"name":"t","image":"pytorch"}}]}}}}}}}},"requestReceivedTimestamp":"2026-01-01T00:00:00.000000Z","stageTimestamp":"2026-01-01T00:00:00.000000Z"}}"#
        )
    };
    let mut harness = Harness::<SuspiciousWorkloads>::new();
    assert!(harness.audit_line(&line(10)).unwrap().is_empty());
    let found = harness.audit_line(&line(5000)).unwrap();
    assert_eq!(shown(&found), ["Impact:ResourceHijack 3.0"]);
    assert_eq!(
        found[0].evidence("requestObject.spec.parallelism"),
        Some("5000")
    );
}

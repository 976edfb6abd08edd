use std::time::Duration;

use wardline_sdk::testing::{AuditLine, TestError, summary};

use super::{judge, pod};

fn mirror(user: &str, name: &str, namespace: &str, hash: &str) -> AuditLine {
    AuditLine::new("create", &format!("/api/v1/namespaces/{namespace}/pods"))
        .user(user, &["system:nodes"])
        .user_agent("kubelet/v1.36.2")
        .request(&format!(
            r#"{{"metadata": {{"name": "{name}", "annotations": {{"kubernetes.io/config.mirror": "{hash}"}}}}, "spec": {{"nodeName": "n1", "containers": [{{"name": "c", "image": "a"}}]}}}}"#
        ))
}

#[test]
fn mirror_pods_are_rated_by_creator_and_namespace() -> Result<(), TestError> {
    let hash = "0123456789abcdef0123456789abcdef";
    let node = "system:node:n1";
    for (line, expected) in [
        (mirror(node, "etcd-n1", "kube-system", hash), vec![]),
        (mirror(node, "kube-vip-n1", "kube-system", hash), vec![]),
        (
            mirror(node, "helper-n1", "kube-system", hash),
            vec![("MirrorPod", 2.0)],
        ),
        (
            mirror(node, "helper-n1", "shop", hash),
            vec![("MirrorPod", 3.0)],
        ),
        (
            mirror(node, "helper-n1", "kube-system", "x"),
            vec![("MirrorPod", 6.0)],
        ),
        (
            mirror(node, "helper", "kube-system", hash),
            vec![("MirrorPod", 6.0)],
        ),
        (
            mirror("system:node:n2", "helper-n2", "kube-system", hash),
            vec![("MirrorPod", 6.0)],
        ),
        (
            mirror(node, "helper-n1", "kube-system", hash).user_agent("curl/8"),
            vec![("MirrorPod", 6.0), ("PodBoundToNode", 3.0)],
        ),
        // A service may give all kubelets one certificate.
        (
            mirror("worker-pool", "etcd-n1", "kube-system", hash)
                .user("worker-pool", &["system:nodes"])
                .user_agent("kubelet/v1.36.2"),
            vec![],
        ),
        (
            mirror(node, "helper-n1", "kube-system", hash).user("mallory", &[]),
            vec![("MirrorPod", 6.0), ("PodBoundToNode", 3.0)],
        ),
    ] {
        assert_eq!(
            summary(&judge(std::slice::from_ref(&line))?),
            expected,
            "{line}"
        );
    }
    let again = |second| mirror(node, "helper-n1", "shop", hash).at(Duration::from_secs(second));
    assert_eq!(judge(&[again(0), again(60)])?.len(), 1);
    Ok(())
}

#[test]
fn pods_on_a_chosen_node_are_reported() -> Result<(), TestError> {
    let on = |node: &str| pod(&format!(r#""nodeName": "{node}","#), "");
    assert_eq!(summary(&judge(&[on("node-1")])?), [("PodBoundToNode", 3.0)]);
    assert_eq!(
        summary(&judge(&[on("kind-control-plane")])?),
        [("PodBoundToNode", 5.0)]
    );
    let service_account = on("kind-control-plane").user("system:serviceaccount:ops:agent", &[]);
    assert_eq!(
        summary(&judge(&[service_account])?),
        [("PodBoundToNode", 3.0)]
    );
    // Reported once per actor and namespace, and not beside a more severe finding.
    assert_eq!(judge(&[on("node-1"), on("node-2")])?.len(), 1);
    let worse = pod(r#""nodeName": "node-1", "hostPID": true,"#, "");
    assert_eq!(summary(&judge(&[worse])?), [("HostNamespace", 5.0)]);
    let binding = AuditLine::new("create", "/api/v1/namespaces/shop/pods/p/binding")
        .request(r#"{"kind": "Binding", "target": {"kind": "Node", "name": "node-1"}}"#);
    let found = judge(std::slice::from_ref(&binding))?;
    assert_eq!(summary(&found), [("PodBoundToNode", 3.0)]);
    assert_eq!(
        found[0].evidence("requestObject.target.name"),
        Some("node-1")
    );
    let scheduler = binding.user("system:kube-scheduler", &[]);
    assert_eq!(summary(&judge(&[scheduler])?), []);
    Ok(())
}

#[test]
fn persistent_volumes_of_sensitive_paths_are_reported() -> Result<(), TestError> {
    let volume = |name: &str, kind: &str, path: &str| {
        AuditLine::new("create", "/api/v1/persistentvolumes").request(&format!(
            r#"{{"kind": "PersistentVolume", "metadata": {{"name": "{name}"}}, "spec": {{"{kind}": {{"path": "{path}"}}}}}}"#
        ))
    };
    for (line, expected) in [
        (
            volume("v", "hostPath", "/"),
            vec![("ContainerWithSensitiveMount", 5.0)],
        ),
        (
            volume("v", "local", "/etc/kubernetes"),
            vec![("ContainerWithSensitiveMount", 5.0)],
        ),
        (volume("v", "hostPath", "/mnt/disks/a"), vec![]),
        (volume("v", "nfs", "/"), vec![]),
    ] {
        assert_eq!(
            summary(&judge(std::slice::from_ref(&line))?),
            expected,
            "{line}"
        );
    }
    // A provisioner is reported once.
    let created = |name: &str| {
        volume(
            name,
            "hostPath",
            &format!("/var/lib/rancher/storage/{name}"),
        )
        .user("system:serviceaccount:local-path:provisioner", &[])
    };
    assert_eq!(
        summary(&judge(&[created("a"), created("b")])?),
        [("ContainerWithSensitiveMount", 3.0)]
    );
    let platform = volume("v", "hostPath", "/").user("system:serviceaccount:kube-system:x", &[]);
    assert_eq!(summary(&judge(&[platform])?), []);
    Ok(())
}

#[test]
fn labels_on_an_existing_volume_are_not_reported() -> Result<(), TestError> {
    let label = AuditLine::new("patch", "/api/v1/persistentvolumes/v")
        .request(r#"{"metadata": {"labels": {"a": "b"}}}"#)
        .response(
            r#"{"kind": "PersistentVolume", "metadata": {"name": "v"}, "spec": {"hostPath": {"path": "/"}}}"#,
        );
    assert_eq!(summary(&judge(&[label])?), []);
    Ok(())
}

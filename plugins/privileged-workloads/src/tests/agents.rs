use wardline_sdk::testing::{AuditLine, TestError, summary};

use super::judge;

const AGENT: &str = "docker.io/calico/node:v3.28.1";

/// A request for a privileged workload of one container, with more of its spec.
fn workload(path: &str, image: &str, more: &str) -> AuditLine {
    let spec = format!(
        r#"{{"containers": [{{"name": "c", "image": "{image}", "securityContext": {{"privileged": true}} {more}}}]}}"#
    );
    let spec = match path {
        "pods" => spec,
        _ => format!(r#"{{"template": {{"spec": {spec}}}}}"#),
    };
    let group = match path {
        "pods" => "/api/v1",
        _ => "/apis/apps/v1",
    };
    AuditLine::new("create", &format!("{group}/namespaces/agents/{path}")).request(&format!(
        r#"{{"metadata": {{"name": "w"}}, "spec": {spec}}}"#
    ))
}

#[test]
fn published_agents_are_low_if_they_run_their_own_program() -> Result<(), TestError> {
    for (image, more, expected) in [
        (AGENT, "", 3.0),
        (AGENT, r#", "command": ["/bin/calico-node", "-felix"]"#, 3.0),
        (
            AGENT,
            r#", "command": ["/bin/sh", "-c", "calico-node"]"#,
            5.0,
        ),
        (AGENT, r#", "command": ["/usr/bin/env", "bash"]"#, 5.0),
        (
            AGENT,
            r#", "command": ["nsenter", "-t", "1", "-m", "id"]"#,
            5.0,
        ),
        (AGENT, r#", "command": ["chroot", "/host", "id"]"#, 5.0),
        (
            AGENT,
            r#", "lifecycle": {"postStart": {"exec": {"command": ["sh", "-c", "id"]}}}"#,
            5.0,
        ),
        ("docker.example/calico/node:v3.28.1", "", 5.0),
        ("calico:v3", "", 5.0),
    ] {
        let found = judge(&[workload("daemonsets", image, more)])?;
        assert_eq!(
            summary(&found),
            [("PrivilegedContainer", expected)],
            "{image} {more}"
        );
    }
    Ok(())
}

#[test]
fn persons_pod_with_the_image_of_an_agent_is_not_excused() -> Result<(), TestError> {
    let found = judge(&[workload("pods", AGENT, "")])?;
    assert_eq!(summary(&found), [("PrivilegedContainer", 5.0)]);
    Ok(())
}

#[test]
fn field_of_the_pod_counts_unless_all_containers_are_agents() -> Result<(), TestError> {
    for (second, expected) in [("docker.io/calico/cni:v3.28.1", 3.0), ("alpine:3", 5.0)] {
        let spec = format!(
            r#"{{"hostPID": true, "containers": [{{"name": "a", "image": "{AGENT}"}}, {{"name": "b", "image": "{second}"}}]}}"#
        );
        let line = AuditLine::new("create", "/apis/apps/v1/namespaces/agents/daemonsets").request(
            &format!(
                r#"{{"metadata": {{"name": "w"}}, "spec": {{"template": {{"spec": {spec}}}}}}}"#
            ),
        );
        assert_eq!(
            summary(&judge(&[line])?),
            [("HostNamespace", expected)],
            "{second}"
        );
    }
    Ok(())
}

#[test]
fn image_of_an_agent_twice_counts_as_its_worse_use() -> Result<(), TestError> {
    let spec = format!(
        r#"{{"containers": [
            {{"name": "a", "image": "{AGENT}", "securityContext": {{"privileged": true}}}},
            {{"name": "b", "image": "{AGENT}", "command": ["sh"], "securityContext": {{"privileged": true}}}}]}}"#
    );
    let line = AuditLine::new("create", "/apis/apps/v1/namespaces/agents/daemonsets").request(
        &format!(r#"{{"metadata": {{"name": "w"}}, "spec": {{"template": {{"spec": {spec}}}}}}}"#),
    );
    assert_eq!(summary(&judge(&[line])?), [("PrivilegedContainer", 5.0)]);
    Ok(())
}

#[test]
fn writable_mount_of_the_whole_node_is_not_excused() -> Result<(), TestError> {
    for (path, expected) in [("/", 5.0), ("/var/run/docker.sock", 3.0)] {
        let spec = format!(
            r#"{{"containers": [{{"name": "a", "image": "{AGENT}", "volumeMounts": [{{"name": "h", "mountPath": "/h"}}]}}], "volumes": [{{"name": "h", "hostPath": {{"path": "{path}"}}}}]}}"#
        );
        let line = AuditLine::new("create", "/apis/apps/v1/namespaces/agents/daemonsets").request(
            &format!(
                r#"{{"metadata": {{"name": "w"}}, "spec": {{"template": {{"spec": {spec}}}}}}}"#
            ),
        );
        assert_eq!(
            summary(&judge(&[line])?),
            [("ContainerWithSensitiveMount", expected)],
            "{path}"
        );
    }
    Ok(())
}

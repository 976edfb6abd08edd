use wardline_sdk::testing::{AuditLine, TestError, summary};

use super::{judge, pod};

fn capable(names: &str) -> AuditLine {
    pod(
        "",
        &format!(r#", "securityContext": {{"capabilities": {{"add": [{names}]}}}}"#),
    )
}

#[test]
fn host_namespaces_are_rated_by_kind() -> Result<(), TestError> {
    for (spec, expected) in [
        (r#""hostPID": true,"#, vec![("HostNamespace", 5.0)]),
        (r#""hostIPC": true,"#, vec![("HostNamespace", 5.0)]),
        (r#""hostNetwork": true,"#, vec![("HostNamespace", 3.0)]),
        (r#""hostPID": false,"#, vec![]),
    ] {
        assert_eq!(summary(&judge(&[pod(spec, "")])?), expected, "{spec}");
    }
    let found = judge(&[pod(r#""hostPID": true, "hostNetwork": true,"#, "")])?;
    assert_eq!(found.len(), 1);
    assert_eq!(
        found[0].evidence("requestObject.spec.hostPID"),
        Some("true")
    );
    assert_eq!(
        found[0].evidence("requestObject.spec.hostNetwork"),
        Some("true")
    );
    Ok(())
}

#[test]
fn every_kind_of_workload_is_judged() -> Result<(), TestError> {
    let spec = r#"{"hostPID": true, "containers": [{"name": "c", "image": "a"}]}"#;
    let template = format!(r#"{{"template": {{"spec": {spec}}}}}"#);
    for (path, body, field) in [
        (
            "/apis/apps/v1/namespaces/shop/deployments",
            template.clone(),
            "requestObject.spec.template.spec.hostPID",
        ),
        (
            "/apis/batch/v1/namespaces/shop/jobs",
            template.clone(),
            "requestObject.spec.template.spec.hostPID",
        ),
        (
            "/apis/batch/v1/namespaces/shop/cronjobs",
            format!(r#"{{"jobTemplate": {{"spec": {template}}}}}"#),
            "requestObject.spec.jobTemplate.spec.template.spec.hostPID",
        ),
    ] {
        let line = AuditLine::new("create", path).request(&format!(
            r#"{{"metadata": {{"name": "w"}}, "spec": {body}}}"#
        ));
        let found = judge(&[line])?;
        assert_eq!(summary(&found), [("HostNamespace", 5.0)], "{path}");
        assert_eq!(found[0].evidence(field), Some("true"), "{path}");
    }
    Ok(())
}

#[test]
fn capabilities_are_rated_by_danger() -> Result<(), TestError> {
    for (names, expected) in [
        (r#""SYS_ADMIN""#, Some(5.0)),
        (r#""cap_sys_module""#, Some(5.0)),
        (r#""ALL""#, Some(5.0)),
        (r#""BPF", "PERFMON""#, Some(5.0)),
        (r#""SYS_PTRACE""#, Some(3.0)),
        (r#""NET_ADMIN""#, Some(3.0)),
        (r#""NET_BIND_SERVICE", "CHOWN""#, None),
        ("", None),
    ] {
        let found = judge(&[capable(names)])?;
        assert_eq!(
            found.first().map(|finding| finding.severity),
            expected,
            "{names}"
        );
    }
    let tracer = pod(
        r#""hostPID": true,"#,
        r#", "securityContext": {"capabilities": {"add": ["SYS_PTRACE"]}}"#,
    );
    assert_eq!(
        summary(&judge(&[tracer])?),
        [("DangerousCapabilities", 5.0), ("HostNamespace", 5.0)]
    );
    Ok(())
}

#[test]
fn privileged_container_includes_lesser_findings() -> Result<(), TestError> {
    let line = pod(
        r#""hostNetwork": true,"#,
        r#", "securityContext": {"privileged": true, "capabilities": {"add": ["SYS_ADMIN"]}, "seccompProfile": {"type": "Unconfined"}}"#,
    );
    assert_eq!(summary(&judge(&[line])?), [("PrivilegedContainer", 5.0)]);
    Ok(())
}

#[test]
fn injected_containers_are_not_reported() -> Result<(), TestError> {
    let mesh = pod("", "").response(
        r#"{"kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "alpine:3"}], "initContainers": [{"name": "istio-init", "image": "proxyv2", "securityContext": {"capabilities": {"add": ["NET_ADMIN", "NET_RAW"]}}}]}}"#,
    );
    assert_eq!(summary(&judge(&[mesh])?), []);
    Ok(())
}

#[test]
fn weakened_isolation_is_rated_by_setting() -> Result<(), TestError> {
    let context = |text: &str| pod("", &format!(r#", "securityContext": {{{text}}}"#));
    for (line, expected) in [
        (
            context(r#""seccompProfile": {"type": "Unconfined"}"#),
            Some(3.0),
        ),
        (
            context(r#""seccompProfile": {"type": "RuntimeDefault"}"#),
            None,
        ),
        (
            context(r#""appArmorProfile": {"type": "Unconfined"}"#),
            Some(3.0),
        ),
        (context(r#""procMount": "Unmasked""#), Some(5.0)),
        (context(r#""seLinuxOptions": {"type": "spc_t"}"#), Some(5.0)),
        (context(r#""seLinuxOptions": {"level": "s0:c1,c2"}"#), None),
        (
            pod(
                r#""volumes": [{"name": "g", "gitRepo": {"repository": "https://example.com/x"}}],"#,
                "",
            ),
            Some(5.0),
        ),
        (
            pod(
                r#""securityContext": {"sysctls": [{"name": "kernel.msgmax", "value": "1"}]},"#,
                "",
            ),
            Some(3.0),
        ),
        (
            pod(
                r#""securityContext": {"sysctls": [{"name": "net.core.somaxconn", "value": "1"}]},"#,
                "",
            ),
            Some(2.0),
        ),
        (
            pod(
                r#""securityContext": {"sysctls": [{"name": "net.ipv4.tcp_syncookies", "value": "1"}]},"#,
                "",
            ),
            None,
        ),
        // CVE-2022-0811.
        (
            pod(
                r#""securityContext": {"sysctls": [{"name": "kernel.shm_rmid_forced", "value": "1+kernel.core_pattern=|/x"}]},"#,
                "",
            ),
            Some(6.0),
        ),
        (
            pod(
                r#""hostUsers": false,"#,
                r#", "securityContext": {"procMount": "Unmasked"}"#,
            ),
            Some(3.0),
        ),
    ] {
        let found = judge(std::slice::from_ref(&line))?;
        assert_eq!(
            found.first().map(|finding| finding.severity),
            expected,
            "{line}"
        );
        assert!(
            found
                .iter()
                .all(|finding| finding.finding_type.ends_with("/WeakenedIsolation"))
        );
    }
    Ok(())
}

#[test]
fn unchanged_settings_are_not_reported_again() -> Result<(), TestError> {
    let deployment = |verb: &str, uri: &str, image: &str| {
        AuditLine::new(verb, uri).request(&format!(
            r#"{{"kind": "Deployment", "metadata": {{"name": "d"}}, "spec": {{"template": {{"spec": {{"hostPID": true, "containers": [{{"name": "c", "image": "{image}", "securityContext": {{"capabilities": {{"add": ["BPF"]}}, "seccompProfile": {{"type": "Unconfined"}}}}}}]}}}}}}}}"#
        ))
    };
    let uri = "/apis/apps/v1/namespaces/shop/deployments";
    let found = judge(&[
        deployment("create", uri, "a:1"),
        deployment("update", &format!("{uri}/d"), "a:2"),
    ])?;
    assert_eq!(
        summary(&found),
        [
            ("DangerousCapabilities", 5.0),
            ("HostNamespace", 5.0),
            ("WeakenedIsolation", 3.0)
        ]
    );
    Ok(())
}

#[test]
fn packages_and_platform_components_are_low() -> Result<(), TestError> {
    let chart = AuditLine::new("create", "/apis/apps/v1/namespaces/monitoring/daemonsets").request(
        r#"{"metadata": {"name": "node-exporter", "labels": {"helm.sh/chart": "x-1"}}, "spec": {"template": {"spec": {"hostPID": true, "containers": [{"name": "c", "image": "a", "securityContext": {"privileged": true}}]}}}}"#,
    );
    // The types of GuardDuty keep their severity.
    assert_eq!(
        summary(&judge(&[chart])?),
        [("PrivilegedContainer", 5.0), ("HostNamespace", 3.0)]
    );
    let platform = pod(r#""hostPID": true,"#, "").user("system:serviceaccount:kube-system:x", &[]);
    assert_eq!(summary(&judge(&[platform])?), [("HostNamespace", 3.0)]);
    let controller = pod(r#""hostPID": true,"#, "").user(
        "system:serviceaccount:kube-system:replicaset-controller",
        &[],
    );
    // Controllers create no pod without an owner: somebody else holds the credentials.
    assert_eq!(summary(&judge(&[controller])?), [("HostNamespace", 5.0)]);
    Ok(())
}

#[test]
fn replaced_object_with_unknown_previous_state_is_low() -> Result<(), TestError> {
    let uri = "/apis/apps/v1/namespaces/kube-system/daemonsets";
    let send = |verb: &str, uri: &str| {
        AuditLine::new(verb, uri).request(
            r#"{"kind": "DaemonSet", "metadata": {"name": "d"}, "spec": {"template": {"spec": {"containers": [{"name": "c", "image": "a", "securityContext": {"privileged": true}}]}}}}"#,
        )
    };
    let one = format!("{uri}/d");
    let harmless = AuditLine::new("create", uri).request(
        r#"{"kind": "DaemonSet", "metadata": {"name": "d"}, "spec": {"template": {"spec": {"containers": [{"name": "c", "image": "a"}]}}}}"#,
    );
    for (lines, severity) in [
        (vec![send("update", &one)], 3.0),
        (vec![send("create", uri)], 5.0),
        // The previous state is known.
        (vec![harmless, send("update", &one)], 5.0),
    ] {
        let found = judge(&lines)?;
        assert_eq!(summary(&found), [("PrivilegedContainer", severity)]);
    }
    Ok(())
}

#[test]
fn harmless_pod_does_not_hide_dangerous_ones() -> Result<(), TestError> {
    let at = |line: AuditLine, minutes: u64| line.at(std::time::Duration::from_secs(minutes * 60));
    let found = judge(&[
        at(pod(r#""hostNetwork": true,"#, ""), 0),
        at(pod(r#""hostPID": true,"#, ""), 10),
        at(pod(r#""hostPID": true, "hostIPC": true,"#, ""), 20),
        at(pod(r#""hostIPC": true,"#, ""), 30),
        at(pod(r#""hostNetwork": true,"#, ""), 40),
    ])?;
    let expected = [3.0, 5.0, 5.0].map(|severity| ("HostNamespace", severity));
    assert_eq!(summary(&found), expected);
    Ok(())
}

#[test]
fn trusted_image_does_not_excuse_the_container_beside_it() -> Result<(), TestError> {
    let pod = |images: [&str; 2]| {
        let [first, second] = images;
        AuditLine::new("create", "/api/v1/namespaces/shop/pods").request(&format!(
            r#"{{"kind": "Pod", "metadata": {{"name": "p"}}, "spec": {{"hostPID": true, "containers": [{{"name": "a", "image": "{first}"}}, {{"name": "b", "image": "{second}"}}]}}}}"#
        ))
    };
    for (images, expected) in [
        (["registry.example/agent:1", "registry.example/agent:2"], 0),
        (["registry.example/agent:1", "alpine:3"], 1),
        (["alpine:3", "registry.example/agent:1"], 1),
    ] {
        let mut harness = wardline_sdk::testing::Harness::<crate::PrivilegedWorkloads>::new()
            .setting("trusted-images", ["registry.example/"]);
        let found = harness.audit_lines(&pod(images).to_string())?;
        assert_eq!(found.len(), expected, "{images:?}");
    }
    Ok(())
}

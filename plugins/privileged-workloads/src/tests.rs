use std::time::Duration;

use wardline_sdk::testing::{AuditLine, Harness, RaisedFinding, TestError};

use crate::PrivilegedWorkloads;

fn judge(lines: &[AuditLine]) -> Result<Vec<RaisedFinding>, TestError> {
    let text: Vec<String> = lines.iter().map(AuditLine::to_string).collect();
    Harness::<PrivilegedWorkloads>::new().audit_lines(&text.join("\n"))
}

/// The families of the types with the severities.
fn summary(found: &[RaisedFinding]) -> Vec<(&str, f64)> {
    found
        .iter()
        .map(|finding| {
            let family = finding.finding_type.rsplit('/').next().unwrap();
            (family, finding.severity)
        })
        .collect()
}

/// A pod with these fields of its spec besides a container, and of that container.
fn pod(spec: &str, container: &str) -> AuditLine {
    AuditLine::new("create", "/api/v1/namespaces/shop/pods").request(&format!(
        r#"{{"kind": "Pod", "metadata": {{"name": "p"}}, "spec": {{{spec} "containers": [{{"name": "c", "image": "alpine:3" {container}}}]}}}}"#
    ))
}

fn capable(names: &str) -> AuditLine {
    pod(
        "",
        &format!(r#", "securityContext": {{"capabilities": {{"add": [{names}]}}}}"#),
    )
}

#[test]
fn namespaces_of_the_node() -> Result<(), TestError> {
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
fn in_every_kind_of_workload() -> Result<(), TestError> {
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
fn capabilities() -> Result<(), TestError> {
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
fn privileged_says_what_it_implies() -> Result<(), TestError> {
    let line = pod(
        r#""hostNetwork": true,"#,
        r#", "securityContext": {"privileged": true, "capabilities": {"add": ["SYS_ADMIN"]}, "seccompProfile": {"type": "Unconfined"}}"#,
    );
    assert_eq!(summary(&judge(&[line])?), [("PrivilegedContainer", 5.0)]);
    Ok(())
}

#[test]
fn what_admission_injects_was_not_asked_for() -> Result<(), TestError> {
    let mesh = pod("", "").response(
        r#"{"kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "alpine:3"}], "initContainers": [{"name": "istio-init", "image": "proxyv2", "securityContext": {"capabilities": {"add": ["NET_ADMIN", "NET_RAW"]}}}]}}"#,
    );
    assert_eq!(summary(&judge(&[mesh])?), []);
    Ok(())
}

#[test]
fn weak_isolation() -> Result<(), TestError> {
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
        let found = judge(&[line.clone()])?;
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
fn what_was_so_before_is_no_news() -> Result<(), TestError> {
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
fn packages_and_the_platform_are_low() -> Result<(), TestError> {
    let chart = AuditLine::new("create", "/apis/apps/v1/namespaces/monitoring/daemonsets").request(
        r#"{"metadata": {"name": "node-exporter", "labels": {"helm.sh/chart": "x-1"}}, "spec": {"template": {"spec": {"hostPID": true, "containers": [{"name": "c", "image": "a", "securityContext": {"privileged": true}}]}}}}"#,
    );
    // GuardDuty's own types keep their severity.
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
    assert_eq!(summary(&judge(&[controller])?), []);
    Ok(())
}

fn mirror(user: &str, name: &str, namespace: &str, hash: &str) -> AuditLine {
    AuditLine::new("create", &format!("/api/v1/namespaces/{namespace}/pods"))
        .user(user, &["system:nodes"])
        .user_agent("kubelet/v1.36.2")
        .request(&format!(
            r#"{{"metadata": {{"name": "{name}", "annotations": {{"kubernetes.io/config.mirror": "{hash}"}}}}, "spec": {{"nodeName": "n1", "containers": [{{"name": "c", "image": "a"}}]}}}}"#
        ))
}

#[test]
fn mirror_pods() -> Result<(), TestError> {
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
            vec![("MirrorPod", 6.0)],
        ),
        (
            mirror("mallory", "helper-n1", "kube-system", hash),
            vec![("MirrorPod", 6.0), ("PodBoundToNode", 3.0)],
        ),
    ] {
        assert_eq!(summary(&judge(&[line.clone()])?), expected, "{line}");
    }
    let again = |second| mirror(node, "helper-n1", "shop", hash).at(Duration::from_secs(second));
    assert_eq!(judge(&[again(0), again(60)])?.len(), 1);
    Ok(())
}

#[test]
fn pods_on_a_chosen_node() -> Result<(), TestError> {
    let on = |node: &str| pod(&format!(r#""nodeName": "{node}","#), "");
    assert_eq!(summary(&judge(&[on("node-1")])?), [("PodBoundToNode", 3.0)]);
    assert_eq!(
        summary(&judge(&[on("kind-control-plane")])?),
        [("PodBoundToNode", 5.0)]
    );
    let robot = on("kind-control-plane").user("system:serviceaccount:ops:agent", &[]);
    assert_eq!(summary(&judge(&[robot])?), [("PodBoundToNode", 3.0)]);
    // Told once for an actor and a namespace, and not besides what is worse.
    assert_eq!(judge(&[on("node-1"), on("node-2")])?.len(), 1);
    let worse = pod(r#""nodeName": "node-1", "hostPID": true,"#, "");
    assert_eq!(summary(&judge(&[worse])?), [("HostNamespace", 5.0)]);
    let binding = AuditLine::new("create", "/api/v1/namespaces/shop/pods/p/binding")
        .request(r#"{"kind": "Binding", "target": {"kind": "Node", "name": "node-1"}}"#);
    let found = judge(&[binding.clone()])?;
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
fn dry_runs_of_dangerous_pods() -> Result<(), TestError> {
    let dry = |second: u64, verb: &str| {
        AuditLine::new(verb, "/api/v1/namespaces/shop/pods?dryRun=All")
            .request(r#"{"metadata": {"name": "p"}, "spec": {"hostPID": true, "containers": [{"name": "c", "image": "a"}]}}"#)
            .at(Duration::from_secs(second))
    };
    assert_eq!(summary(&judge(&[dry(0, "create"), dry(1, "create")])?), []);
    let three = [dry(0, "create"), dry(1, "create"), dry(2, "create")];
    let found = judge(&three)?;
    assert_eq!(summary(&found), [("DryRunProbe", 3.0)]);
    assert_eq!(
        summary(&judge(&[
            dry(0, "create"),
            dry(1, "create"),
            dry(900, "create")
        ])?),
        []
    );
    assert_eq!(
        summary(&judge(&[
            dry(0, "patch"),
            dry(1, "patch"),
            dry(2, "patch")
        ])?),
        []
    );
    Ok(())
}

#[test]
fn refused_pods() -> Result<(), TestError> {
    let refused = |message: &str, second: u64| {
        pod(r#""hostPID": true,"#, "")
            .answer(403, message)
            .at(Duration::from_secs(second))
    };
    let violates = |what: &str| {
        format!("pods \"p\" is forbidden: violates PodSecurity \"baseline:latest\": {what}")
    };
    let privileged =
        violates("privileged (container \"c\" must not set securityContext.privileged=true)");
    let path = violates("hostPath volumes (volume \"h\")");
    let namespaces = violates("host namespaces (hostPID=true)");
    assert_eq!(
        summary(&judge(&[refused(&privileged, 0), refused(&privileged, 1)])?),
        [("PodSecurityDenied", 3.0)]
    );
    let burst = [
        refused(&privileged, 0),
        refused(&path, 1),
        refused(&namespaces, 2),
    ];
    let found = judge(&burst)?;
    assert_eq!(
        summary(&found),
        [
            ("PodSecurityDenied", 3.0),
            ("PodSecurityDenied", 3.0),
            ("PodSecurityDenied", 5.0)
        ]
    );
    assert_eq!(found[2].event_ids.len(), 3);
    // What everybody forgets.
    let restricted = "pods \"p\" is forbidden: violates PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false (container \"c\" must set securityContext.allowPrivilegeEscalation=false), runAsNonRoot != true";
    assert_eq!(summary(&judge(&[refused(restricted, 0)])?), []);
    // Another admission tells by what was asked for.
    let webhook = "admission webhook \"validation.gatekeeper.sh\" denied the request: no";
    assert_eq!(
        summary(&judge(&[refused(webhook, 0)])?),
        [("PodSecurityDenied", 3.0)]
    );
    let harmless = pod("", "").answer(403, webhook);
    assert_eq!(summary(&judge(&[harmless])?), []);
    // Controllers try what others asked for.
    let controller = refused(&privileged, 0).user(
        "system:serviceaccount:kube-system:replicaset-controller",
        &[],
    );
    assert_eq!(summary(&judge(&[controller])?), []);
    // Want of rights is another matter.
    assert_eq!(
        summary(&judge(&[refused(
            "pods is forbidden: User cannot create",
            0
        )])?),
        []
    );
    Ok(())
}

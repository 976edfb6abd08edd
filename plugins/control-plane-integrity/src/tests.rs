use wardline_sdk::testing::{AuditLine, Harness, RaisedFinding, TestError};

use crate::ControlPlaneIntegrity;

fn judge(lines: &[AuditLine]) -> Result<Vec<RaisedFinding>, TestError> {
    let text: Vec<String> = lines.iter().map(AuditLine::to_string).collect();
    Harness::<ControlPlaneIntegrity>::new().audit_lines(&text.join("\n"))
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

mod admission {
    use super::*;

    const MUTATING: &str = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";

    fn configuration(client: &str, policy: &str, more: &str) -> String {
        format!(
            r#"{{"kind": "MutatingWebhookConfiguration", "metadata": {{"name": "hook" {more}}}, "webhooks": [{{"name": "h.example", "clientConfig": {client}, "failurePolicy": "{policy}", "rules": [{{"operations": ["CREATE"], "apiGroups": [""], "resources": ["pods"]}}]}}]}}"#
        )
    }

    const OUTSIDE: &str = r#"{"url": "https://hooks.attacker.example/mutate"}"#;
    const INSIDE: &str = r#"{"service": {"namespace": "vault", "name": "injector"}}"#;

    fn create(client: &str, more: &str) -> AuditLine {
        let body = configuration(client, "Fail", more);
        AuditLine::new("create", MUTATING)
            .request(&body)
            .response(&body)
    }

    #[test]
    fn webhooks_that_are_made() -> Result<(), TestError> {
        let helm = r#", "annotations": {"meta.helm.sh/release-name": "vault"}"#;
        for (line, expected) in [
            (create(OUTSIDE, ""), 6.5),
            (create(OUTSIDE, helm), 4.5),
            (create(INSIDE, ""), 4.5),
            (create(INSIDE, helm), 3.0),
            (
                create(INSIDE, "").user("system:serviceaccount:vault:injector", &[]),
                3.0,
            ),
            (
                create(INSIDE, "").user("system:serviceaccount:kube-system:x", &[]),
                3.0,
            ),
        ] {
            let found = judge(&[line.clone()])?;
            assert_eq!(
                summary(&found),
                [("AdmissionWebhookCreated", expected)],
                "{line}"
            );
        }
        let bare = AuditLine::new("create", &format!("{MUTATING}/hook")).level("Metadata");
        assert_eq!(
            summary(&judge(&[bare])?),
            [("AdmissionWebhookCreated", 3.0)]
        );
        Ok(())
    }

    fn change(verb: &str, request: &str, response: &str) -> AuditLine {
        AuditLine::new(verb, &format!("{MUTATING}/hook"))
            .request(request)
            .response(response)
    }

    #[test]
    fn webhooks_that_are_changed_by_a_patch() -> Result<(), TestError> {
        for (request, response, expected) in [
            (
                r#"[{"op": "replace", "path": "/webhooks/0/clientConfig/url", "value": "https://198.51.100.77/m"}]"#.to_owned(),
                configuration(r#"{"url": "https://198.51.100.77/m"}"#, "Fail", ""),
                vec![("AdmissionWebhookModified", 6.5)],
            ),
            (
                r#"[{"op": "replace", "path": "/webhooks/0/failurePolicy", "value": "Ignore"}]"#.to_owned(),
                configuration(INSIDE, "Ignore", ""),
                vec![("AdmissionWebhookModified", 5.0)],
            ),
            (
                r#"[{"op": "remove", "path": "/webhooks/1"}]"#.to_owned(),
                configuration(INSIDE, "Fail", ""),
                vec![("AdmissionWebhookModified", 5.0)],
            ),
            (
                r#"{"webhooks": [{"name": "h.example", "namespaceSelector": {"matchLabels": {"never": "x"}}}]}"#.to_owned(),
                configuration(INSIDE, "Fail", ""),
                vec![("AdmissionWebhookModified", 4.5)],
            ),
            // What cert-manager's injector does.
            (
                r#"{"webhooks": [{"name": "h.example", "clientConfig": {"caBundle": "AAAA"}}]}"#.to_owned(),
                configuration(INSIDE, "Fail", ""),
                vec![],
            ),
            (
                r#"{"metadata": {"labels": {"a": "b"}}}"#.to_owned(),
                configuration(INSIDE, "Ignore", ""),
                vec![],
            ),
        ] {
            let found = judge(&[change("patch", &request, &response)])?;
            assert_eq!(summary(&found), expected, "{request}");
        }
        Ok(())
    }

    #[test]
    fn webhooks_are_compared_with_what_they_were() -> Result<(), TestError> {
        let modified = |client: &str, policy: &str, user: &str| {
            let body = configuration(client, policy, "");
            change("update", &body, &body).user(user, &[])
        };
        let other = r#"{"service": {"namespace": "shop", "name": "web"}}"#;
        for (line, expected) in [
            (modified(INSIDE, "Fail", "alice"), vec![]),
            (
                modified(other, "Fail", "alice"),
                vec![("AdmissionWebhookModified", 5.0)],
            ),
            (
                modified(OUTSIDE, "Fail", "alice"),
                vec![("AdmissionWebhookModified", 6.5)],
            ),
            (
                modified(INSIDE, "Ignore", "alice"),
                vec![("AdmissionWebhookModified", 5.0)],
            ),
            // The operator itself.
            (
                modified(INSIDE, "Ignore", "system:serviceaccount:vault:injector"),
                vec![],
            ),
        ] {
            let before = create(INSIDE, "").user("system:serviceaccount:vault:injector", &[]);
            let found = judge(&[before, line.clone()])?;
            assert_eq!(summary(&found)[1..], expected, "{line}");
        }
        Ok(())
    }

    #[test]
    fn what_refuses_is_removed() -> Result<(), TestError> {
        const GROUP: &str = "/apis/admissionregistration.k8s.io/v1";
        let delete = |path: &str| AuditLine::new("delete", &format!("{GROUP}/{path}"));
        for (line, expected) in [
            (
                delete("validatingwebhookconfigurations/x"),
                vec![("AdmissionPolicyDeleted", 5.0)],
            ),
            (
                delete("validatingadmissionpolicybindings/x").level("Metadata"),
                vec![("AdmissionPolicyDeleted", 5.0)],
            ),
            (
                AuditLine::new(
                    "deletecollection",
                    &format!("{GROUP}/validatingadmissionpolicies"),
                ),
                vec![("AdmissionPolicyDeleted", 5.5)],
            ),
            (
                AuditLine::new("delete", "/apis/kyverno.io/v1/clusterpolicies/x"),
                vec![("AdmissionPolicyDeleted", 5.0)],
            ),
            (
                delete("validatingwebhookconfigurations/x")
                    .user("system:serviceaccount:istio:istiod", &[]),
                vec![("AdmissionPolicyDeleted", 3.0)],
            ),
            (
                delete("validatingwebhookconfigurations/x").user(
                    "system:serviceaccount:kube-system:generic-garbage-collector",
                    &[],
                ),
                vec![],
            ),
            (
                delete("validatingwebhookconfigurations/x").answer(403, "no"),
                vec![],
            ),
            (
                delete("validatingwebhookconfigurations/x?dryRun=All"),
                vec![],
            ),
        ] {
            assert_eq!(summary(&judge(&[line.clone()])?), expected, "{line}");
        }
        Ok(())
    }

    #[test]
    fn policies_are_weakened() -> Result<(), TestError> {
        const POLICIES: &str = "/apis/admissionregistration.k8s.io/v1";
        let patch = |path: &str, kind: &str, spec: &str| {
            AuditLine::new("patch", &format!("{POLICIES}/{path}"))
                .request(&format!(r#"{{"spec": {spec}}}"#))
                .response(&format!(
                    r#"{{"kind": "{kind}", "metadata": {{"name": "x"}}, "spec": {spec}}}"#
                ))
        };
        let policy = "ValidatingAdmissionPolicy";
        for (line, expected) in [
            (
                patch(
                    "validatingadmissionpolicies/x",
                    policy,
                    r#"{"failurePolicy": "Ignore"}"#,
                ),
                true,
            ),
            (
                patch(
                    "validatingadmissionpolicies/x",
                    policy,
                    r#"{"failurePolicy": "Fail"}"#,
                ),
                false,
            ),
            (
                patch(
                    "validatingadmissionpolicies/x",
                    policy,
                    r#"{"validations": [{"expression": "true"}]}"#,
                ),
                true,
            ),
            (
                patch(
                    "validatingadmissionpolicies/x",
                    policy,
                    r#"{"validations": [{"expression": "object.x == 1"}]}"#,
                ),
                false,
            ),
            (
                patch(
                    "validatingadmissionpolicybindings/x",
                    "ValidatingAdmissionPolicyBinding",
                    r#"{"validationActions": ["Audit"]}"#,
                ),
                true,
            ),
            (
                patch(
                    "validatingadmissionpolicybindings/x",
                    "ValidatingAdmissionPolicyBinding",
                    r#"{"validationActions": ["Deny"]}"#,
                ),
                false,
            ),
        ] {
            let found = judge(&[line.clone()])?;
            assert_eq!(!found.is_empty(), expected, "{line}");
        }
        Ok(())
    }
}

mod api {
    use super::*;

    fn service(name: &str, namespace: &str, service: &str, more: &str) -> AuditLine {
        let group = name.split_once('.').unwrap().1;
        let body = format!(
            r#"{{"kind": "APIService", "metadata": {{"name": "{name}"}}, "spec": {{"group": "{group}", "version": "v1beta1", "service": {{"namespace": "{namespace}", "name": "{service}"}} {more}}}}}"#
        );
        AuditLine::new("create", "/apis/apiregistration.k8s.io/v1/apiservices")
            .request(&body)
            .response(&body)
    }

    const INSECURE: &str = r#", "insecureSkipTLSVerify": true"#;

    #[test]
    fn who_answers_for_a_group() -> Result<(), TestError> {
        for (line, expected) in [
            (
                service("v1beta1.metrics.k8s.io", "shop", "web", INSECURE),
                5.0,
            ),
            (
                service(
                    "v1beta1.metrics.k8s.io",
                    "kube-system",
                    "metrics-server",
                    INSECURE,
                ),
                3.0,
            ),
            (
                service("v1.rbac.authorization.k8s.io", "shop", "web", ""),
                6.5,
            ),
            (service("v1.example.com", "shop", "web", INSECURE), 5.0),
            (service("v1.example.com", "shop", "web", ""), 3.0),
        ] {
            assert_eq!(
                summary(&judge(&[line.clone()])?),
                [("APIServiceCreated", expected)],
                "{line}"
            );
        }
        let patch = AuditLine::new(
            "patch",
            "/apis/apiregistration.k8s.io/v1/apiservices/v1.example.com",
        )
        .request(r#"{"spec": {"service": {"namespace": "shop", "name": "evil"}}}"#);
        let found = judge(&[service("v1.example.com", "shop", "web", ""), patch])?;
        assert_eq!(
            summary(&found),
            [("APIServiceCreated", 3.0), ("APIServiceCreated", 6.5)]
        );
        let own =
            service("v1.example.com", "", "", "").user("system:apiserver", &["system:masters"]);
        assert_eq!(summary(&judge(&[own])?), []);
        Ok(())
    }

    #[test]
    fn who_converts_objects() -> Result<(), TestError> {
        let definition = |client: &str, more: &str| {
            let body = format!(
                r#"{{"kind": "CustomResourceDefinition", "metadata": {{"name": "w.example.com" {more}}}, "spec": {{"group": "example.com", "names": {{"plural": "w"}}, "conversion": {{"strategy": "Webhook", "webhook": {{"clientConfig": {client}}}}}}}}}"#
            );
            AuditLine::new(
                "create",
                "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
            )
            .request(&body)
            .response(&body)
        };
        let inside = r#"{"service": {"namespace": "ops", "name": "operator"}}"#;
        let outside = r#"{"url": "https://evil.example/convert"}"#;
        let helm = r#", "labels": {"helm.sh/chart": "x"}"#;
        assert_eq!(
            summary(&judge(&[definition(outside, "")])?),
            [("ConversionWebhookSet", 6.0)]
        );
        assert_eq!(
            summary(&judge(&[definition(inside, "")])?),
            [("ConversionWebhookSet", 3.0)]
        );
        assert_eq!(summary(&judge(&[definition(inside, helm)])?), []);
        Ok(())
    }
}

mod configuration {
    use super::*;

    fn patch(namespace: &str, name: &str, data: &str) -> AuditLine {
        AuditLine::new(
            "patch",
            &format!("/api/v1/namespaces/{namespace}/configmaps/{name}"),
        )
        .request(&format!(r#"{{"data": {data}}}"#))
        .response(&format!(
            r#"{{"kind": "ConfigMap", "metadata": {{"name": "{name}"}}, "data": {data}}}"#
        ))
    }

    #[test]
    fn who_is_who() -> Result<(), TestError> {
        let map = |groups: &str| {
            let data = format!(
                r#"{{"mapRoles": "- rolearn: arn:aws:iam::1:role/x\n  groups: [{groups}]\n"}}"#
            );
            patch("kube-system", "aws-auth", &data)
        };
        for (line, expected) in [
            (map("system:masters"), vec![("AwsAuthModified", 6.5)]),
            (map("developers"), vec![("AwsAuthModified", 5.0)]),
            (
                map("system:bootstrappers, system:nodes"),
                vec![("AwsAuthModified", 3.0)],
            ),
            (map("system:masters").user("eks:node-manager", &[]), vec![]),
            (
                AuditLine::new(
                    "delete",
                    "/api/v1/namespaces/kube-system/configmaps/aws-auth",
                ),
                vec![("AwsAuthModified", 4.5)],
            ),
            (
                AuditLine::new(
                    "patch",
                    "/api/v1/namespaces/kube-system/configmaps/aws-auth",
                )
                .level("Metadata"),
                vec![("AwsAuthModified", 4.5)],
            ),
            (
                patch("kube-public", "cluster-info", r#"{"kubeconfig": "x"}"#),
                vec![("AwsAuthModified", 4.5)],
            ),
            (
                patch(
                    "kube-system",
                    "extension-apiserver-authentication",
                    r#"{"client-ca-file": "x"}"#,
                ),
                vec![("AwsAuthModified", 6.0)],
            ),
            (
                patch("kube-system", "kubeadm-config", r#"{"x": "y"}"#),
                vec![("AwsAuthModified", 3.0)],
            ),
            (patch("kube-system", "other", r#"{"x": "y"}"#), vec![]),
            (
                patch("shop", "aws-auth", r#"{"x": "system:masters"}"#),
                vec![],
            ),
        ] {
            assert_eq!(summary(&judge(&[line.clone()])?), expected, "{line}");
        }
        // What was there is no news.
        let twice = [
            map("system:masters"),
            map("system:masters").user("bob", &[]),
        ];
        assert_eq!(judge(&twice)?.len(), 1);
        Ok(())
    }

    #[test]
    fn names() -> Result<(), TestError> {
        let corefile = |lines: &str| {
            patch(
                "kube-system",
                "coredns",
                &format!(
                    r#"{{"Corefile": ".:53 {{\n  errors\n  kubernetes cluster.local\n{lines}}}\n"}}"#
                ),
            )
        };
        for (line, expected) in [
            (
                corefile("  rewrite name a.example b.example\\n"),
                vec![("DNSTamper", 6.0)],
            ),
            (
                corefile("  forward . 203.0.113.9\\n"),
                vec![("DNSTamper", 6.5)],
            ),
            (
                corefile("  forward . /etc/resolv.conf\\n"),
                vec![("DNSTamper", 3.0)],
            ),
            (
                corefile("  forward . 203.0.113.9\\n")
                    .user("system:serviceaccount:kube-system:x", &[]),
                vec![("DNSTamper", 3.0)],
            ),
            (
                corefile("  forward . /etc/resolv.conf\\n")
                    .user("system:serviceaccount:kube-system:x", &[]),
                vec![],
            ),
            (
                corefile("  forward . 203.0.113.9\\n").user("eks:addon-manager", &[]),
                vec![],
            ),
            (
                AuditLine::new(
                    "update",
                    "/api/v1/namespaces/kube-system/configmaps/coredns",
                )
                .level("Metadata"),
                vec![("DNSTamper", 4.5)],
            ),
        ] {
            assert_eq!(summary(&judge(&[line.clone()])?), expected, "{line}");
        }
        let before =
            corefile("  rewrite name a.example b.example\\n").user("eks:addon-manager", &[]);
        let after = corefile("  rewrite name a.example b.example\\n  cache 30\\n");
        assert_eq!(summary(&judge(&[before, after])?), [("DNSTamper", 3.0)]);
        Ok(())
    }
}

mod namespaces {
    use super::*;

    const ENFORCE: &str = "pod-security.kubernetes.io/enforce";

    fn labelled(level: &str) -> String {
        match level {
            "" => r#"{"kind": "Namespace", "metadata": {"name": "shop"}}"#.to_owned(),
            level => format!(
                r#"{{"kind": "Namespace", "metadata": {{"name": "shop", "labels": {{"{ENFORCE}": "{level}"}}}}}}"#
            ),
        }
    }

    fn create(level: &str) -> AuditLine {
        AuditLine::new("create", "/api/v1/namespaces")
            .request(&labelled(level))
            .response(&labelled(level))
    }

    fn patch(value: &str, after: &str) -> AuditLine {
        AuditLine::new("patch", "/api/v1/namespaces/shop")
            .request(&format!(
                r#"{{"metadata": {{"labels": {{"{ENFORCE}": {value}}}}}}}"#
            ))
            .response(&labelled(after))
    }

    #[test]
    fn levels_are_lowered() -> Result<(), TestError> {
        for (before, line, expected) in [
            ("restricted", patch("null", ""), vec![5.5]),
            (
                "restricted",
                patch(r#""privileged""#, "privileged"),
                vec![5.5],
            ),
            ("restricted", patch(r#""baseline""#, "baseline"), vec![4.5]),
            ("baseline", patch(r#""restricted""#, "restricted"), vec![]),
            ("", patch(r#""privileged""#, "privileged"), vec![]),
        ] {
            let found = judge(&[create(before), line.clone()])?;
            let severities: Vec<f64> = found.iter().map(|finding| finding.severity).collect();
            assert_eq!(severities, expected, "{before} {line}");
        }
        Ok(())
    }

    #[test]
    fn what_was_before_may_be_unknown() -> Result<(), TestError> {
        let removal = AuditLine::new("patch", "/api/v1/namespaces/shop")
            .request(r#"[{"op": "remove", "path": "/metadata/labels/pod-security.kubernetes.io~1enforce"}]"#)
            .response(&labelled(""));
        let other = AuditLine::new("patch", "/api/v1/namespaces/shop")
            .request(r#"{"metadata": {"labels": {"env": "dev"}}}"#)
            .response(&labelled(""));
        for (line, expected) in [
            (patch("null", ""), vec![("PodSecurityWeakened", 5.0)]),
            (
                patch(r#""privileged""#, "privileged"),
                vec![("PodSecurityWeakened", 5.0)],
            ),
            (removal, vec![("PodSecurityWeakened", 5.0)]),
            (patch(r#""baseline""#, "baseline"), vec![]),
            (other, vec![]),
            (create("privileged"), vec![("PodSecurityWeakened", 3.0)]),
            (create("restricted"), vec![]),
            (
                patch("null", "").user("system:serviceaccount:openshift-infra:x", &[]),
                vec![],
            ),
        ] {
            assert_eq!(summary(&judge(&[line.clone()])?), expected, "{line}");
        }
        Ok(())
    }

    #[test]
    fn constraints_of_openshift() -> Result<(), TestError> {
        let binding = AuditLine::new("create", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings").request(
            r#"{"metadata": {"name": "b"}, "roleRef": {"kind": "ClusterRole", "name": "system:openshift:scc:privileged"}, "subjects": []}"#,
        );
        assert_eq!(summary(&judge(&[binding])?), [("PodSecurityWeakened", 4.5)]);
        let change = AuditLine::new(
            "patch",
            "/apis/security.openshift.io/v1/securitycontextconstraints/restricted",
        )
        .request("{}");
        assert_eq!(
            summary(&judge(&[change.clone()])?),
            [("PodSecurityWeakened", 4.5)]
        );
        let operator = change.user(
            "system:serviceaccount:openshift-cluster-version:default",
            &[],
        );
        assert_eq!(summary(&judge(&[operator])?), []);
        Ok(())
    }
}

mod machines {
    use super::*;

    #[test]
    fn nodes() -> Result<(), TestError> {
        let patch = |path: &str, body: &str| {
            AuditLine::new("patch", &format!("/api/v1/nodes/{path}")).request(body)
        };
        let addresses =
            r#"{"status": {"addresses": [{"type": "InternalIP", "address": "203.0.113.9"}]}}"#;
        let label = r#"{"metadata": {"labels": {"node-role.kubernetes.io/control-plane": ""}}}"#;
        for (line, expected) in [
            (patch("n1/status", addresses), vec![("NodeTampered", 5.0)]),
            (
                patch("n1/status", addresses).user("system:node:n1", &["system:nodes"]),
                vec![],
            ),
            (
                patch(
                    "n1/status",
                    r#"{"status": {"capacity": {"example.com/x": "1"}}}"#,
                ),
                vec![("NodeTampered", 3.0)],
            ),
            (
                patch(
                    "n1/status",
                    r#"{"status": {"capacity": {"example.com/x": "1"}}}"#,
                )
                .user("system:serviceaccount:gpu:plugin", &[]),
                vec![],
            ),
            (patch("n1", label), vec![("NodeTampered", 3.0)]),
            (
                patch("n1", r#"{"metadata": {"labels": {"disk": "ssd"}}}"#),
                vec![],
            ),
            // kubectl cordon.
            (patch("n1", r#"{"spec": {"unschedulable": true}}"#), vec![]),
            (
                AuditLine::new("create", "/api/v1/nodes")
                    .request(r#"{"kind": "Node", "metadata": {"name": "rogue"}}"#),
                vec![("NodeTampered", 3.0)],
            ),
        ] {
            assert_eq!(summary(&judge(&[line.clone()])?), expected, "{line}");
        }
        let untaint = patch("n1", r#"{"spec": {"taints": null}}"#).response(
            r#"{"kind": "Node", "metadata": {"name": "n1", "labels": {"node-role.kubernetes.io/control-plane": ""}}, "spec": {}}"#,
        );
        assert_eq!(summary(&judge(&[untaint])?), [("NodeTampered", 3.0)]);
        Ok(())
    }

    fn api_server(flags: &str) -> AuditLine {
        AuditLine::new("create", "/api/v1/namespaces/kube-system/pods")
            .user("system:node:cp-1", &["system:nodes"])
            .request(&format!(
                r#"{{"metadata": {{"name": "kube-apiserver-cp-1", "annotations": {{"kubernetes.io/config.mirror": "x"}}}}, "spec": {{"containers": [{{"name": "kube-apiserver", "image": "registry.k8s.io/kube-apiserver:v1", "command": ["kube-apiserver", "--authorization-mode=Node,RBAC", {flags}]}}]}}}}"#
            ))
    }

    #[test]
    fn flags_of_the_control_plane() -> Result<(), TestError> {
        for (flags, expected) in [
            (r#""--secure-port=6443""#, None),
            (r#""--enable-admission-plugins=NodeRestriction""#, None),
            (r#""--authorization-mode=AlwaysAllow""#, Some(8.0)),
            (r#""--authorization-mode", "RBAC,AlwaysAllow""#, Some(8.0)),
            (r#""--insecure-port=8080""#, Some(8.0)),
            (r#""--insecure-port=0""#, None),
            (r#""--anonymous-auth=true""#, Some(3.0)),
            (r#""--token-auth-file=/x""#, Some(5.0)),
            (r#""--disable-admission-plugins=PodSecurity""#, Some(5.5)),
        ] {
            let found = judge(&[api_server(flags)])?;
            assert_eq!(
                found.first().map(|finding| finding.severity),
                expected,
                "{flags}"
            );
        }
        Ok(())
    }

    #[test]
    fn flags_are_compared_with_what_they_were() -> Result<(), TestError> {
        let audited = api_server(r#""--audit-log-path=/var/log/audit.log""#);
        let silent = api_server(r#""--secure-port=6443""#);
        assert_eq!(
            summary(&judge(&[audited.clone(), silent])?),
            [("StaticPodChanged", 6.5)]
        );
        let more = api_server(r#""--audit-log-path=/var/log/audit.log", "--v=4""#);
        assert_eq!(summary(&judge(&[audited, more])?), []);
        let open = api_server(r#""--anonymous-auth=true""#);
        let again = api_server(r#""--anonymous-auth=true", "--v=2""#);
        assert_eq!(judge(&[open, again])?.len(), 1);
        Ok(())
    }

    #[test]
    fn leases() -> Result<(), TestError> {
        let write = |verb: &str, name: &str, user: &str| {
            AuditLine::new(
                verb,
                &format!("/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/{name}"),
            )
            .user(user, &[])
            .request(r#"{"spec": {"holderIdentity": "x"}}"#)
        };
        for (line, expected) in [
            (
                write("patch", "kube-scheduler", "alice"),
                vec![("LeaderElectionTamper", 5.0)],
            ),
            (
                write("delete", "kube-scheduler", "alice"),
                vec![("LeaderElectionTamper", 3.0)],
            ),
            (
                write(
                    "update",
                    "cluster-autoscaler",
                    "system:serviceaccount:argocd:server",
                ),
                vec![("LeaderElectionTamper", 5.0)],
            ),
            (
                write(
                    "update",
                    "kube-scheduler",
                    "system:serviceaccount:kube-system:coredns",
                ),
                vec![("LeaderElectionTamper", 3.0)],
            ),
            (
                write("update", "kube-scheduler", "system:kube-scheduler"),
                vec![],
            ),
            (
                write(
                    "update",
                    "cluster-autoscaler",
                    "system:serviceaccount:kube-system:cluster-autoscaler",
                ),
                vec![],
            ),
            (
                write(
                    "update",
                    "cert-manager-controller",
                    "system:serviceaccount:cert-manager:cert-manager",
                ),
                vec![],
            ),
            (write("update", "my-operator", "alice"), vec![]),
        ] {
            assert_eq!(summary(&judge(&[line.clone()])?), expected, "{line}");
        }
        Ok(())
    }

    #[test]
    fn service_accounts() -> Result<(), TestError> {
        let patch = |path: &str, body: &str| {
            AuditLine::new("patch", &format!("/api/v1/namespaces/{path}")).request(body)
        };
        let role = r#"{"metadata": {"annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/x"}}}"#;
        for (line, expected) in [
            (
                patch(
                    "shop/serviceaccounts/default",
                    r#"{"imagePullSecrets": [{"name": "r"}]}"#,
                ),
                vec![("ServiceAccountModified", 3.0)],
            ),
            (
                patch(
                    "shop/serviceaccounts/web",
                    r#"{"secrets": [{"name": "r"}]}"#,
                ),
                vec![("ServiceAccountModified", 3.0)],
            ),
            (
                patch("shop/serviceaccounts/web", role),
                vec![("ServiceAccountModified", 3.0)],
            ),
            (
                patch("kube-system/serviceaccounts/web", role),
                vec![("ServiceAccountModified", 4.5)],
            ),
            (
                patch(
                    "shop/serviceaccounts/web",
                    r#"{"metadata": {"labels": {"a": "b"}}}"#,
                ),
                vec![],
            ),
            (
                patch("shop/serviceaccounts/web", role)
                    .user("system:serviceaccount:argocd:server", &[]),
                vec![],
            ),
        ] {
            assert_eq!(summary(&judge(&[line.clone()])?), expected, "{line}");
        }
        Ok(())
    }

    #[test]
    fn trusted_users_are_not_reported() -> Result<(), TestError> {
        let line = AuditLine::new("delete", "/apis/kyverno.io/v1/clusterpolicies/x").to_string();
        let found = Harness::<ControlPlaneIntegrity>::new()
            .setting("trusted-users", &["alice"] as &[&str])
            .audit_lines(&line)?;
        assert_eq!(summary(&found), []);
        Ok(())
    }
}

//! Pods of controllers, with and without the workload in the log.

use std::time::Duration;

use wardline_sdk::testing::{AuditLine, TestError, summary};

use super::judge;

const SOCKET: &str = r#""volumes": [{"name": "v", "hostPath": {"path": "/var/run/docker.sock"}}],
    "containers": [{"name": "c", "image": "registry.example.net/till:4",
        "volumeMounts": [{"name": "v", "mountPath": "/s"}]}]"#;
const HOST_PID: &str =
    r#""hostPID": true, "containers": [{"name": "c", "image": "registry.example.net/till:4"}]"#;

/// Each controller with what it creates, and of which owner.
const MADE: [(&str, &str, &str); 8] = [
    ("statefulset-controller", "pods", "StatefulSet"),
    ("daemon-set-controller", "pods", "DaemonSet"),
    ("replicaset-controller", "pods", "ReplicaSet"),
    ("replication-controller", "pods", "ReplicationController"),
    ("job-controller", "pods", "Job"),
    ("deployment-controller", "replicasets", "Deployment"),
    ("cronjob-controller", "jobs", "CronJob"),
    ("replicaset-controller", "pods", "Basket"),
];

fn path(namespace: &str, resource: &str) -> String {
    let api = match resource {
        "pods" | "replicationcontrollers" => "api/v1",
        "jobs" | "cronjobs" => "apis/batch/v1",
        _ => "apis/apps/v1",
    };
    format!("/{api}/namespaces/{namespace}/{resource}")
}

fn spec(resource: &str, pod: &str) -> String {
    match resource {
        "pods" => format!("{{{pod}}}"),
        "cronjobs" => {
            format!(r#"{{"jobTemplate": {{"spec": {{"template": {{"spec": {{{pod}}}}}}}}}}}"#)
        }
        _ => format!(r#"{{"template": {{"spec": {{{pod}}}}}}}"#),
    }
}

struct Made<'a> {
    controller: &'a str,
    resource: &'a str,
    namespace: &'a str,
    owner: &'a str,
    uid: &'a str,
    labels: &'a str,
    pod: &'a str,
}

impl Made<'_> {
    fn named(&self, name: &str) -> AuditLine {
        let Self {
            owner, uid, labels, ..
        } = self;
        let spec = spec(self.resource, self.pod);
        AuditLine::new("create", &path(self.namespace, self.resource))
            .user(
                &format!("system:serviceaccount:kube-system:{}", self.controller),
                &[],
            )
            .request(&format!(
                r#"{{"metadata": {{"name": "{name}", "labels": {{{labels}}}, "ownerReferences": [
                    {{"kind": "{owner}", "name": "till", "uid": "{uid}", "controller": true}}]}},
                    "spec": {spec}}}"#
            ))
    }
}

fn made<'a>((controller, resource, owner): (&'a str, &'a str, &'a str)) -> Made<'a> {
    Made {
        controller,
        resource,
        namespace: "market",
        owner,
        uid: "u-1",
        labels: "",
        pod: SOCKET,
    }
}

/// A request of a person that writes the owner.
fn written(verb: &str, owner: &str, level: &str) -> AuditLine {
    let resource = format!("{}s", owner.to_lowercase());
    let uri = match verb {
        "create" => path("market", &resource),
        _ => format!("{}/till", path("market", &resource)),
    };
    let line = AuditLine::new(verb, &uri).level(level);
    if level == "Metadata" {
        return line;
    }
    let body = format!(
        r#"{{"metadata": {{"name": "till", "uid": "u-1"}}, "spec": {}}}"#,
        spec(&resource, r#""containers": [{"name": "c", "image": "a"}]"#)
    );
    line.request(&body).response(&body)
}

#[test]
fn pod_of_unseen_owner_is_reported_once_with_its_owner() -> Result<(), TestError> {
    for case in MADE {
        let made = made(case);
        let found = judge(&[
            made.named("till-0"),
            made.named("till-1").at(Duration::from_secs(9)),
        ])?;
        assert_eq!(
            summary(&found),
            [("ContainerWithSensitiveMount", 5.0)],
            "{case:?}"
        );
        assert!(
            found[0].title.contains(&format!("of {} till", case.2)),
            "{}",
            found[0].title
        );
        let owner = found[0].evidence("requestObject.metadata.ownerReferences[0]");
        assert_eq!(owner, Some(format!("{} till", case.2).as_str()));
        let other = Made { uid: "u-2", ..made };
        let found = judge(&[made.named("till-0"), other.named("till-1")])?;
        assert_eq!(found.len(), 2, "{case:?}: another owner");
    }
    Ok(())
}

#[test]
fn several_dangers_of_an_owner_are_told_with_its_first_pod() -> Result<(), TestError> {
    let pod = r#""hostNetwork": true, "containers": [{"name": "c", "image": "a",
        "securityContext": {"privileged": true, "capabilities": {"add": ["SYS_ADMIN"]}}}]"#;
    let made = Made {
        pod,
        ..made(MADE[1])
    };
    let first = judge(&[made.named("till-0")])?;
    let all = judge(&[
        made.named("till-0"),
        made.named("till-1"),
        made.named("till-2"),
    ])?;
    assert!(!first.is_empty());
    assert_eq!(summary(&all), summary(&first));
    Ok(())
}

#[test]
fn first_pod_hides_no_other_danger_of_its_owner() -> Result<(), TestError> {
    let harmless = made(MADE[0]);
    let worse = Made {
        pod: HOST_PID,
        ..harmless
    };
    let found = judge(&[harmless.named("till-0"), worse.named("till-1")])?;
    assert_eq!(
        summary(&found),
        [("ContainerWithSensitiveMount", 5.0), ("HostNamespace", 5.0)]
    );
    Ok(())
}

#[test]
fn pod_of_judged_owner_is_silent() -> Result<(), TestError> {
    for case in MADE.into_iter().take(7) {
        for (verb, level, is_silent) in [
            ("create", "RequestResponse", true),
            ("update", "RequestResponse", true),
            ("patch", "RequestResponse", true),
            // Its body is not in the log, so that nothing judged it.
            ("create", "Metadata", false),
            // A read is not judged.
            ("get", "RequestResponse", false),
        ] {
            let found = judge(&[written(verb, case.2, level), made(case).named("till-0")])?;
            assert_eq!(found.is_empty(), is_silent, "{case:?} {verb} {level}");
        }
    }
    Ok(())
}

#[test]
fn pod_is_low_among_components_and_packages() -> Result<(), TestError> {
    let base = made(MADE[1]);
    for made in [
        Made {
            namespace: "kube-system",
            ..base
        },
        Made {
            namespace: "openshift-sdn",
            ..base
        },
        Made {
            labels: r#""helm.sh/chart": "till-4""#,
            ..base
        },
    ] {
        assert_eq!(
            summary(&judge(&[made.named("till-0")])?),
            [("ContainerWithSensitiveMount", 3.0)]
        );
    }
    Ok(())
}

#[test]
fn daemon_set_of_a_node_agent_is_low() -> Result<(), TestError> {
    for (namespace, case, severity) in [
        ("calico-system", MADE[1], 3.0),
        ("kube-flannel", MADE[1], 3.0),
        ("rook-ceph", MADE[1], 3.0),
        ("market", MADE[1], 5.0),
        // Not on every node.
        ("calico-system", MADE[0], 5.0),
    ] {
        let made = Made {
            namespace,
            ..made(case)
        };
        assert_eq!(
            summary(&judge(&[made.named("till-0")])?),
            [("ContainerWithSensitiveMount", severity)],
            "{namespace}"
        );
    }
    Ok(())
}

#[test]
fn chain_of_owners_is_judged_where_it_begins() -> Result<(), TestError> {
    let set = made(MADE[5]);
    let pod = made(("replicaset-controller", "pods", "ReplicaSet"));
    let found = judge(&[set.named("till"), pod.named("till-0")])?;
    assert_eq!(found.len(), 1);
    assert!(found[0].title.contains("of Deployment till"));
    // A ReplicaSet that is scaled and was made before the log began.
    let body = format!(
        r#"{{"metadata": {{"name": "till", "uid": "u-9"}}, "spec": {}}}"#,
        spec("replicasets", SOCKET)
    );
    let scaled = AuditLine::new("update", &format!("{}/till", path("market", "replicasets")))
        .user(
            "system:serviceaccount:kube-system:deployment-controller",
            &[],
        )
        .request(&body)
        .response(&body);
    let found = judge(&[scaled, pod.named("till-0")])?;
    assert_eq!(summary(&found), [("ContainerWithSensitiveMount", 3.0)]);
    Ok(())
}

#[test]
fn owner_reference_of_other_users_excuses_nothing() -> Result<(), TestError> {
    let line = made(MADE[0]).named("till-0").user("mallory", &[]);
    assert_eq!(
        summary(&judge(&[line])?),
        [("ContainerWithSensitiveMount", 5.0)]
    );
    Ok(())
}

//! Example findings for tests.

use wardline_event::model::Attribute;

use super::{
    Actor, BindingDetails, Cloud, ContainerDetails, ContainerName, Details, DetectorName,
    EventFamily, EvidenceItem, Finding, MountDetails, ObjectName, Process, Reader, Request,
    Resource, ReviewDetails, SCHEMA_VERSION, Severity, Status, Suppression, VolumeDetails,
    WorkloadDetails,
};

/// One occurrence, as created from a claim.
pub fn occurrence() -> Finding {
    Finding {
        suppression: None,
        status: Status::Active,
        event_ids_omitted: 0,
        ..full()
    }
}

/// An object of each kind of [`Details`], with all fields set.
pub fn objects() -> [Details; 4] {
    let name = ObjectName {
        kind: "Pod".into(),
        name: "agent".into(),
        uid: "0b1c".into(),
        namespace: "shop".into(),
    };
    let workload = WorkloadDetails {
        name: name.clone(),
        host_network: true,
        host_pid: false,
        host_ipc: false,
        service_account: "builder".into(),
        containers: vec![ContainerDetails {
            name: "agent".into(),
            image: "registry.example.com/tools/agent:1".into(),
            privileged: Some(true),
            allow_privilege_escalation: Some(true),
            mounts: vec![MountDetails {
                name: "root".into(),
                path: "/host".into(),
            }],
        }],
        volumes: vec![
            VolumeDetails {
                name: "root".into(),
                host_path: Some("/".into()),
            },
            VolumeDetails {
                name: "scratch".into(),
                host_path: None,
            },
        ],
    };
    let binding = BindingDetails {
        name: name.clone(),
        role_kind: "ClusterRole".into(),
        role_name: "cluster-admin".into(),
        subjects: vec!["User alice".into()],
    };
    let review = ReviewDetails {
        verb: "create".into(),
        resource: "pods".into(),
        namespace: "shop".into(),
        allowed: Some(true),
    };
    [
        Details::Workload(workload),
        Details::Binding(binding),
        Details::Role(name),
        Details::AccessReview(review),
    ]
}

/// A finding about a process.
pub fn runtime() -> Finding {
    Finding {
        actor: Actor {
            username: "system:serviceaccount:shop:web".into(),
            ..Actor::default()
        },
        resource: Resource {
            resource: "pods".into(),
            namespace: "shop".into(),
            name: "web-0".into(),
            ..Resource::default()
        },
        request: None,
        process: Some(Process {
            pid: 4711,
            parent_pid: 4700,
            name: "xmrig".into(),
            executable: "/tmp/xmrig".into(),
            executable_sha256: "ab".repeat(32),
            arguments: vec!["xmrig".into(), "-o".into(), "pool.example:3333".into()],
            working_directory: "/tmp".into(),
            uid: 1000,
            start_time: "2026-11-25T09:59:59.000000Z".into(),
        }),
        container: Some(ContainerName {
            id: "0123456789ab".into(),
            name: "web".into(),
            image: "registry.example.com/shop/web:1".into(),
            image_digest: "sha256:cd".into(),
            privileged: false,
        }),
        node: Some("node-1".into()),
        event_family: EventFamily::Runtime,
        ..full()
    }
}

/// A finding about a request, with all fields set.
pub fn full() -> Finding {
    let pair = |key: &str, value: &str| Attribute {
        key: key.into(),
        value: value.into(),
    };
    let time = "2026-11-25T10:00:00.000000Z";
    Finding {
        schema_version: SCHEMA_VERSION.into(),
        id: "2250b55392209ed59827d9ec00e3e1cd".into(),
        finding_type: "Execution:Kubernetes/ExecInKubeSystemPod".into(),
        severity: Severity::new(5.0),
        title: "`sh` was run in the pod coredns of kube-system".into(),
        description: "Commands are seldom run there.".into(),
        cluster: "production".into(),
        cloud: Some(Cloud {
            provider: "aws".into(),
            account: "123456789012".into(),
            region: "eu-central-1".into(),
        }),
        status: Status::Suppressed,
        suppression: Some(Suppression {
            rule: "backup".into(),
            owner: "platform".into(),
            reason: "etcd is backed up by exec".into(),
        }),
        count: 1,
        first_seen: time.into(),
        last_seen: time.into(),
        time: time.into(),
        detector: DetectorName {
            name: "exec-in-kube-system".into(),
            version: "0.1.0".into(),
        },
        actor: Actor {
            username: "alice@example.com".into(),
            uid: "7".into(),
            groups: vec!["sre".into(), "system:authenticated".into()],
            impersonated: Some("bob".into()),
            source_ips: vec!["10.0.8.22".into(), "2001:db8::7".into()],
            peer_ip: "2001:db8::7".into(),
            user_agent: "kubectl/v1.36.2".into(),
            extra: vec![pair("authentication.kubernetes.io/pod-name", "runner-1")],
        },
        resource: Resource {
            api_group: "apps".into(),
            resource: "pods".into(),
            subresource: "exec".into(),
            namespace: "kube-system".into(),
            name: "coredns".into(),
        },
        object: None,
        request: Some(Request {
            verb: "create".into(),
            uri: "/api/v1/namespaces/kube-system/pods/coredns/exec?command=sh".into(),
            response_code: Some(101),
        }),
        process: None,
        container: None,
        node: None,
        event_family: EventFamily::Audit,
        event_ids: vec!["f9cf6025-b446-4117-88af-eb6c3b1c3419".into()],
        event_ids_omitted: 3,
        evidence: vec![EvidenceItem {
            event_id: "f9cf6025-b446-4117-88af-eb6c3b1c3419".into(),
            field: "requestURI?command".into(),
            value: "sh".into(),
        }],
        techniques: vec!["T1609".into()],
        remediation: "Ask the user.".into(),
        false_positives: "Administrators.".into(),
        references: vec!["https://attack.mitre.org/techniques/T1609/".into()],
        attributes: vec![pair("image", "registry.example/tool:1")],
        source: Reader {
            name: "audit".into(),
            line: 7,
        },
    }
}

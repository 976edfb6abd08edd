use super::{audit, check, runtime, signal};
use crate::contract::{
    AuditEvent, ContainerInfo, Descriptor, DnsMessage, RuntimeEvent, Signal, Stage,
};
use crate::testing::Request;
use crate::{AuditSubscription, RuntimeSubscription, SignalSubscription};

fn descriptor() -> crate::Descriptor {
    crate::Descriptor::new("test", "1.0.0")
}

fn wants(subscription: AuditSubscription, event: impl Into<AuditEvent>) -> bool {
    let descriptor = descriptor().audit(subscription).into_contract();
    audit(&descriptor, &event.into(), true)
}

fn on(resource: &str) -> AuditSubscription {
    AuditSubscription::new().resources([resource])
}

#[test]
fn resources_and_subresources() {
    let pod = || Request::new("get", "pods");
    let exec = || Request::new("get", "pods/exec");
    assert!(wants(on("pods"), pod()) && !wants(on("pods"), exec()));
    assert!(!wants(on("pods/exec"), pod()) && wants(on("pods/exec"), exec()));
    assert!(wants(on("pods/*"), pod()) && wants(on("pods/*"), exec()));
    assert!(wants(on("*"), exec()) && !wants(on("*"), Request::path("get", "/version")));
    assert!(wants(on("po*"), pod()) && !wants(on("po*"), exec()));
}

#[test]
fn paths_are_without_the_query_and_of_no_resource() {
    let paths = || AuditSubscription::new().paths(["/api*"]);
    assert!(wants(paths(), Request::path("get", "/apis?limit=1")));
    assert!(!wants(paths(), Request::path("get", "/version?/api")));
    assert!(!wants(
        paths(),
        Request::new("get", "pods").uri("/api/v1/pods")
    ));
    assert!(wants(
        paths().resources(["pods"]),
        Request::new("get", "pods")
    ));
    let of_namespace = AuditSubscription::new().namespaces(["a"]);
    assert!(!wants(of_namespace, Request::path("get", "/version")));
}

#[test]
fn who_asked_and_whose_rights_were_used_both_count() {
    let by = |name: &'static str| AuditSubscription::new().usernames([name]);
    let request = || {
        Request::new("get", "pods")
            .user("alice")
            .impersonating("root")
    };
    assert!(wants(by("alice"), request()) && wants(by("ro*"), request()));
    assert!(!wants(by("bob"), request()));
    let group = || AuditSubscription::new().groups(["admins"]);
    assert!(!wants(group(), request()) && wants(group(), request().group("admins")));
}

#[test]
fn outcomes_are_by_code() {
    for (code, outcome) in [
        (101, "success"),
        (201, "success"),
        (401, "denied"),
        (403, "denied"),
        (404, "failure"),
        (0, "unknown"),
    ] {
        for asked in ["success", "denied", "failure", "unknown"] {
            let subscription = AuditSubscription::new().outcomes([asked]);
            let request = Request::new("get", "pods").code(code);
            assert_eq!(
                wants(subscription, request),
                asked == outcome,
                "{code} {asked}"
            );
        }
    }
}

#[test]
fn without_stages_only_the_first_answer_counts() {
    let event = Request::new("get", "pods").into();
    let plain = descriptor().audit(AuditSubscription::new()).into_contract();
    assert!(audit(&plain, &event, true) && !audit(&plain, &event, false));
    let staged = AuditSubscription::new().stages([Stage::ResponseComplete]);
    let staged = descriptor().audit(staged).into_contract();
    assert!(audit(&staged, &event, false));
    let early = Request::new("get", "pods").stage(Stage::RequestReceived);
    assert!(!audit(&staged, &early.into(), false));
}

fn wants_runtime(subscription: RuntimeSubscription, event: &RuntimeEvent) -> bool {
    runtime(&descriptor().runtime(subscription).into_contract(), event)
}

#[test]
fn runtime_events_by_action_domain_and_place() {
    let event = RuntimeEvent {
        action: "dns-query".to_owned(),
        container: Some(ContainerInfo::default()),
        dns: Some(DnsMessage {
            name: "a.Pool.example.".to_owned(),
            ..DnsMessage::default()
        }),
        ..RuntimeEvent::default()
    };
    let all = RuntimeSubscription::new;
    assert!(wants_runtime(all(), &event));
    assert!(wants_runtime(
        all().actions(["dns-*"]).places(["container"]),
        &event
    ));
    assert!(!wants_runtime(all().places(["host"]), &event));
    assert!(wants_runtime(all().domains(["*.pool.example"]), &event));
    assert!(!wants_runtime(
        all().domains(["*.a.pool.example", "pool.example"]),
        &event
    ));
    assert!(!wants_runtime(all().domains(["*.ool.example"]), &event));
    assert!(!wants_runtime(all().ports([53]), &event));
    assert!(!wants_runtime(all().paths(["/etc/*"]), &event));
}

#[test]
fn signals_by_type_and_severity_and_never_its_own() {
    let subscription = SignalSubscription::new()
        .finding_types(["Execution:*"])
        .minimum_severity(5.0);
    let descriptor = descriptor().signals(subscription).into_contract();
    let of = |detector: &str, finding_type: &str, severity| Signal {
        detector: detector.to_owned(),
        finding_type: finding_type.to_owned(),
        severity,
        ..Signal::default()
    };
    assert!(signal(
        &descriptor,
        &of("other", "Execution:Kubernetes/A", 5.0)
    ));
    assert!(!signal(
        &descriptor,
        &of("other", "Execution:Kubernetes/A", 4.9)
    ));
    assert!(!signal(
        &descriptor,
        &of("other", "Impact:Kubernetes/A", 9.0)
    ));
    assert!(!signal(
        &descriptor,
        &of("test", "Execution:Kubernetes/A", 9.0)
    ));
}

#[test]
fn says_what_a_host_would_refuse() {
    let said = |descriptor: Descriptor| check(&descriptor).unwrap_err();
    let outcome = AuditSubscription::new().outcomes(["succes"]);
    assert_eq!(
        said(descriptor().audit(outcome).into_contract()),
        "`succes` is no outcome (success, denied, failure or unknown)"
    );
    let place = RuntimeSubscription::new().places(["node"]);
    assert_eq!(
        said(descriptor().runtime(place).into_contract()),
        "`node` is no place (container or host)"
    );
    assert_eq!(
        said(descriptor().into_contract()),
        "it subscribes to nothing"
    );
}

#[test]
fn further_conditions() {
    let public = || AuditSubscription::new().addresses(["public"]);
    let from = |address| Request::new("get", "pods").from_address(address);
    assert!(wants(public(), from("203.0.113.66")));
    assert!(!wants(public(), from("10.0.0.1")));
    let mut proxied: AuditEvent = from("127.0.0.1").into();
    proxied.source_ips.insert(0, "203.0.113.66".to_owned());
    assert!(wants(public(), proxied));

    let impersonated = || AuditSubscription::new().impersonated();
    assert!(wants(
        impersonated(),
        from("10.0.0.1").impersonating("root")
    ));
    assert!(!wants(impersonated(), from("10.0.0.1")));

    let robot = "system:serviceaccount:kube-system:job-controller";
    let foreign = || AuditSubscription::new().except_control_plane();
    let by = |user: &str| {
        Request::new("get", "pods")
            .user(user)
            .group("system:serviceaccounts")
    };
    assert!(wants(foreign(), by("alice")));
    assert!(!wants(foreign(), by("system:kube-scheduler")));
    assert!(!wants(foreign(), by(robot)));
    let mut faked: AuditEvent = by(robot).into();
    faked.user.groups.clear();
    assert!(wants(foreign(), faked));
    assert!(wants(foreign(), by(robot).impersonating("root")));
    let all = descriptor()
        .audit(AuditSubscription::new())
        .except_usernames(["ali*"])
        .into_contract();
    assert!(!audit(&all, &by("alice").into(), true));
    assert!(audit(&all, &by("bob").into(), true));

    let tool = || AuditSubscription::new().user_agents(["CURL/", "wget"]);
    assert!(wants(tool(), by("alice").user_agent("curl/8.5.0")));
    assert!(!wants(tool(), by("alice").user_agent("kubectl/v1.36")));

    for unknown in [
        AuditSubscription::new().addresses(["private"]),
        AuditSubscription::new().user_agents([""]),
    ] {
        let unknown = descriptor().audit(unknown);
        assert!(check(&unknown.into_contract()).is_err());
    }
}

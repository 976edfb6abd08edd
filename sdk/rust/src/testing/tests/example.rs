//! A complete detector that uses state, intel lists, and the inventory.

use std::time::Duration;

use crate::contract::{
    BindingFacts, Container, LogLevel, SecurityContext, Stage, Subject, Workload,
};
use crate::prelude::*;
use crate::testing::{Harness, Request, TestError};
use crate::{intel, inventory, log, state};

const EXEC: &str = "PrivilegeEscalation:Kubernetes/ExecInPrivilegedPods";

/// Reports users who enter several privileged pods in a short time.
struct PrivilegedExecs {
    window: Duration,
    limit: u32,
}

impl Detector for PrivilegedExecs {
    fn describe() -> Descriptor {
        Descriptor::new("privileged-execs", "1.0.0")
            .description("Reports users who enter several privileged pods.")
            .audit(
                AuditSubscription::new()
                    .resources(["pods/exec"])
                    .outcomes(["success"]),
            )
            .finding(FindingType::new(EXEC, 6.5).title("Several privileged pods entered"))
            .setting(
                "window",
                "Period over which execs are counted.",
                Duration::from_secs(60),
            )
            .setting("limit", "Minimum number of pods that is reported.", 2)
            .remembers(["pods", "bindings"])
    }

    fn configure(settings: &Settings) -> Result<Self, String> {
        let limit = settings.integer("limit")?;
        Ok(Self {
            window: settings.duration("window")?,
            limit: u32::try_from(limit).map_err(|_| format!("limit {limit} is below zero"))?,
        })
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let spec = inventory::pod_spec(event, "pods", event.namespace(), event.name());
        let Some(spec) = spec else {
            log::debug!("the inventory does not know {}", event.name());
            return Ok(());
        };
        if spec.workload().privileged_containers().next().is_none() {
            return Ok(());
        }
        let execs = state::actor(event).key("execs").window(self.window, 100);
        let seen = execs.observe(event.name())?;
        if seen.distinct() < self.limit {
            return Ok(());
        }
        let bad = intel::address_in_any("threat", event.client_ip())?;
        let admin = inventory::bindings(event, event.user().username())
            .iter()
            .any(|binding| binding.role_name() == "cluster-admin");
        let mut finding = Finding::new(EXEC)
            .on(event)
            .events(seen.events())
            .evidence(event, "objectRef.name", seen.members().join(", "))
            .attribute("admin", admin);
        if let Some(hit) = bad {
            finding = finding
                .severity(9.0)
                .field(&event, AuditField::SourceIps)
                .attribute("list", hit.list_name);
        }
        findings.raise(finding);
        execs.clear()?;
        Ok(())
    }
}

fn workload(privileged: bool) -> Workload {
    Workload {
        containers: vec![Container {
            name: "main".to_owned(),
            security: SecurityContext {
                privileged: Some(privileged),
                ..SecurityContext::default()
            },
            ..Container::default()
        }],
        ..Workload::default()
    }
}

fn on(verb: &str, resource: &str, pod: &str, second: u64) -> Request {
    Request::new(verb, resource)
        .namespace("shop")
        .name(pod)
        .at(Duration::from_secs(second))
}

fn exec(pod: &str, second: u64) -> Request {
    on("get", "pods/exec", pod, second).code(101)
}

fn create(pod: &str, privileged: bool) -> Request {
    on("create", "pods", pod, 0).workload(workload(privileged))
}

#[test]
fn finds_two_privileged_pods_in_the_window() -> Result<(), TestError> {
    let mut harness = Harness::<PrivilegedExecs>::new()
        .intel_addresses("tor-exits", "threat", ["203.0.113.0/24"])
        .pod_spec("pods", "shop", "old", workload(true))
        .binding(BindingFacts {
            name: "root".to_owned(),
            role_name: "cluster-admin".to_owned(),
            subjects: vec![Subject {
                kind: "User".to_owned(),
                name: "alice".to_owned(),
                ..Subject::default()
            }],
            ..BindingFacts::default()
        });
    // The inventory is updated from events that the detector does not receive.
    let found = harness.audit_events([create("new", true), create("plain", false)])?;
    assert!(found.is_empty());
    let quiet = harness.audit_events([
        exec("plain", 1),
        exec("unknown", 2),
        exec("old", 3).id("first"),
        // Another actor has a window of its own.
        exec("new", 4).user("bob"),
        // Too late for the window.
        exec("new", 64),
    ])?;
    assert!(quiet.is_empty());
    let found = harness.audit_event(exec("old", 70).id("last").from_address("203.0.113.9"))?;
    let [finding] = found.as_slice() else {
        unreachable!("one finding, not {found:?}");
    };
    assert_eq!(finding.finding_type, EXEC);
    assert_eq!(
        (finding.severity, finding.severity_label()),
        (9.0, "Critical")
    );
    assert_eq!(finding.title, "Several privileged pods entered");
    assert_eq!(finding.event_ids.len(), 2);
    assert_eq!(finding.event_ids.first().map(String::as_str), Some("last"));
    assert_eq!(finding.evidence("objectRef.name"), Some("new, old"));
    assert_eq!(finding.evidence("sourceIPs"), Some("203.0.113.9"));
    assert_eq!(finding.attribute("admin"), Some("true"));
    assert_eq!(finding.attribute("list"), Some("tor-exits"));
    assert_eq!(harness.findings(), found);
    assert_eq!(
        harness.log_lines(),
        [(
            LogLevel::Debug,
            "the inventory does not know unknown".to_owned()
        )]
    );
    // The window was cleared.
    assert!(harness.audit_event(exec("new", 71))?.is_empty());
    Ok(())
}

#[test]
fn keeps_state_after_a_restart() -> Result<(), TestError> {
    let mut harness = Harness::<PrivilegedExecs>::new()
        .setting("limit", 3)
        .setting("window", Duration::from_secs(10));
    for pod in ["a", "b", "c"] {
        harness = harness.pod_spec("pods", "shop", pod, workload(true));
    }
    assert!(
        harness
            .audit_events([exec("a", 1), exec("b", 2)])?
            .is_empty()
    );
    harness.restart();
    let found = harness.audit_event(exec("c", 3))?;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].severity_label(), "Medium");
    Ok(())
}

#[test]
fn counts_a_stream_once() -> Result<(), TestError> {
    let mut harness = Harness::<PrivilegedExecs>::new()
        .setting("limit", 1)
        .pod_spec("pods", "shop", "a", workload(true));
    let at = |stage| exec("a", 1).id("stream").stage(stage);
    assert!(harness.audit_event(at(Stage::RequestReceived))?.is_empty());
    assert_eq!(harness.audit_event(at(Stage::ResponseStarted))?.len(), 1);
    assert!(harness.audit_event(at(Stage::ResponseComplete))?.is_empty());
    Ok(())
}

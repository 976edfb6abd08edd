//! Subscriptions to the families that no source of the host feeds yet, runtime events and signals
//! (`wit/v0.1/lifecycle.wit`). The host's router matches audit events.

use wardline_route::Pattern;

use crate::contract::{Descriptor, RuntimeEvent, RuntimeSubscription, Signal, SignalSubscription};

/// Returns whether a text meets one of the conditions, or there is none.
fn any(conditions: &[String], text: &str) -> bool {
    conditions.is_empty()
        || conditions
            .iter()
            .any(|condition| Pattern::new(condition).matches(text))
}

/// Returns whether one of an event's texts meets one of the conditions, or there is none.
fn any_of<'t>(conditions: &[String], mut texts: impl Iterator<Item = &'t String>) -> bool {
    conditions.is_empty() || texts.any(|text| any(conditions, text))
}

pub(super) fn runtime(descriptor: &Descriptor, event: &RuntimeEvent) -> bool {
    descriptor
        .runtime
        .iter()
        .any(|wanted| runtime_matches(wanted, event))
}

fn runtime_matches(wanted: &RuntimeSubscription, event: &RuntimeEvent) -> bool {
    let place = match event.container {
        Some(_) => "container",
        None => "host",
    };
    let files = event
        .file
        .iter()
        .flat_map(|file| [&file.path, &file.new_path]);
    let port = event.network.as_ref().map(|network| network.remote_port);
    let query = event.dns.as_ref().map(|message| message.name.as_str());
    any(&wanted.actions, &event.action)
        && any(&wanted.executables, &event.process.executable)
        && any_of(&wanted.paths, files.filter(|path| !path.is_empty()))
        && (wanted.ports.is_empty() || port.is_some_and(|port| wanted.ports.contains(&port)))
        && (wanted.domains.is_empty()
            || query.is_some_and(|name| wanted.domains.iter().any(|text| domain(text, name))))
        && any_of(
            &wanted.namespaces,
            event.pod.iter().map(|pod| &pod.namespace),
        )
        && any(&wanted.places, place)
}

/// Returns whether a name meets a condition. A leading `*.` matches every name below; case and a
/// trailing dot are ignored.
fn domain(condition: &str, name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let condition = condition.trim_end_matches('.').to_ascii_lowercase();
    match condition.strip_prefix("*.") {
        Some(above) => name
            .strip_suffix(above)
            .is_some_and(|rest| rest.len() > 1 && rest.ends_with('.')),
        None => Pattern::new(&condition).matches(&name),
    }
}

/// A detector never receives its own findings.
pub(super) fn signal(descriptor: &Descriptor, signal: &Signal) -> bool {
    signal.detector != descriptor.name
        && descriptor
            .signals
            .iter()
            .any(|wanted| signal_matches(wanted, signal))
}

fn signal_matches(wanted: &SignalSubscription, signal: &Signal) -> bool {
    any(&wanted.finding_types, &signal.finding_type) && signal.severity >= wanted.minimum_severity
}

#[cfg(test)]
mod tests {
    use super::{runtime, signal};
    use crate::contract::{ContainerInfo, DnsMessage, RuntimeEvent, Signal};
    use crate::{Descriptor, RuntimeSubscription, SignalSubscription};

    fn descriptor() -> Descriptor {
        Descriptor::new("test", "1.0.0")
    }

    fn wants(subscription: RuntimeSubscription, event: &RuntimeEvent) -> bool {
        runtime(&descriptor().runtime(subscription).into_contract(), event)
    }

    #[test]
    fn runtime_events_match_by_action_domain_and_place() {
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
        assert!(wants(all(), &event));
        assert!(wants(
            all().actions(["dns-*"]).places(["container"]),
            &event
        ));
        assert!(!wants(all().places(["host"]), &event));
        assert!(wants(all().domains(["*.pool.example"]), &event));
        assert!(!wants(
            all().domains(["*.a.pool.example", "pool.example"]),
            &event
        ));
        assert!(!wants(all().domains(["*.ool.example"]), &event));
        assert!(!wants(all().ports([53]), &event));
        assert!(!wants(all().paths(["/etc/*"]), &event));
    }

    #[test]
    fn signals_match_by_type_and_severity_and_never_the_detectors_own() {
        let subscription = SignalSubscription::new()
            .finding_types(["Execution:*"])
            .minimum_severity(5.0);
        let descriptor = descriptor().signals(subscription).into_contract();
        let wants = |detector: &str, finding_type: &str, severity| {
            let of = Signal {
                detector: detector.to_owned(),
                finding_type: finding_type.to_owned(),
                severity,
                ..Signal::default()
            };
            signal(&descriptor, &of)
        };
        assert!(wants("other", "Execution:Kubernetes/A", 5.0));
        assert!(!wants("other", "Execution:Kubernetes/A", 4.9));
        assert!(!wants("other", "Impact:Kubernetes/A", 9.0));
        assert!(!wants("test", "Execution:Kubernetes/A", 9.0));
    }
}

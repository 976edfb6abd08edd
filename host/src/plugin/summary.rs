//! Describes the version in force, for operators.

use std::time::Duration;

use wardline_contract::Limits;
use wardline_contract::{
    AuditSubscription, FindingType, RuntimeSubscription, SettingValue, SignalSubscription,
};
use wardline_text::shown;

use super::load::Loaded;
use super::status::{LimitValue, RaisedType, Running};
use crate::config::Size;

/// Maximum length of one line of a summary, in bytes.
const LINE_BYTES: usize = 1024;

/// The fields that identify repeated occurrences if a type declares none.
const DEFAULT_KEY: &str = "actor and resource";

fn aggregation_key(finding_type: &FindingType) -> String {
    finding_type
        .attributes
        .iter()
        .find(|attribute| attribute.key == "aggregation-key")
        .map_or_else(
            || DEFAULT_KEY.to_owned(),
            |attribute| shown(&attribute.value, LINE_BYTES),
        )
}

pub(super) fn running(loaded: &Loaded, since: &str) -> Running {
    let detector = &loaded.detector;
    let descriptor = &detector.descriptor;
    let subscribes = descriptor
        .audit
        .iter()
        .map(audit)
        .chain(descriptor.runtime.iter().map(runtime))
        .chain(descriptor.signals.iter().map(signals))
        .map(|line| shown(&line, LINE_BYTES))
        .collect();
    Running {
        name: descriptor.name.clone(),
        version: descriptor.version.clone(),
        description: shown(&descriptor.description, LINE_BYTES),
        digest: detector.digest.clone(),
        subscribes,
        raises: descriptor
            .finding_types
            .iter()
            .map(|known| RaisedType {
                name: known.name.clone(),
                severity: known.severity,
                techniques: known.techniques.clone(),
                aggregation_key: aggregation_key(known),
            })
            .collect(),
        imports: loaded.imports.clone(),
        grants: loaded
            .imports
            .iter()
            .filter(|import| loaded.grants.contains(*import))
            .cloned()
            .collect(),
        settings: detector
            .settings
            .iter()
            .map(|(name, value)| shown(&format!("{name} = {}", setting(value)), LINE_BYTES))
            .collect(),
        limits: limits(&detector.limits),
        compile_milliseconds: u64::try_from(loaded.compile_time.as_millis()).unwrap_or(u64::MAX),
        since: since.to_owned(),
    }
}

fn condition(family: &str, parts: &[(&str, &[String])]) -> String {
    let mut line = family.to_owned();
    for (name, values) in parts {
        if !values.is_empty() {
            line.push_str(&format!(" {name}={}", values.join(",")));
        }
    }
    line
}

fn audit(subscription: &AuditSubscription) -> String {
    let stages: Vec<String> = subscription
        .stages
        .iter()
        .map(|stage| format!("{stage:?}"))
        .collect();
    condition(
        "audit",
        &[
            ("stages", &stages),
            ("verbs", &subscription.verbs),
            ("api-groups", &subscription.api_groups),
            ("resources", &subscription.resources),
            ("namespaces", &subscription.namespaces),
            ("names", &subscription.names),
            ("paths", &subscription.paths),
            ("usernames", &subscription.usernames),
            ("groups", &subscription.groups),
            ("outcomes", &subscription.outcomes),
        ],
    )
}

fn runtime(subscription: &RuntimeSubscription) -> String {
    let ports: Vec<String> = subscription.ports.iter().map(u16::to_string).collect();
    condition(
        "runtime",
        &[
            ("actions", &subscription.actions),
            ("executables", &subscription.executables),
            ("paths", &subscription.paths),
            ("ports", &ports),
            ("domains", &subscription.domains),
            ("namespaces", &subscription.namespaces),
            ("places", &subscription.places),
        ],
    )
}

fn signals(subscription: &SignalSubscription) -> String {
    let mut line = condition("signals", &[("finding-types", &subscription.finding_types)]);
    if subscription.minimum_severity > 0.0 {
        line.push_str(&format!(
            " minimum-severity={}",
            subscription.minimum_severity
        ));
    }
    line
}

fn setting(value: &SettingValue) -> String {
    match value {
        SettingValue::Text(text) => format!("{text:?}"),
        SettingValue::Integer(number) => number.to_string(),
        SettingValue::Decimal(number) => number.to_string(),
        SettingValue::Boolean(truth) => truth.to_string(),
        SettingValue::Texts(texts) => format!("{texts:?}"),
        SettingValue::Duration(nanoseconds) => {
            humantime::format_duration(Duration::from_nanos(*nanoseconds)).to_string()
        }
    }
}

fn limits(limits: &Limits) -> Vec<LimitValue> {
    let time = |time: Duration| humantime::format_duration(time).to_string();
    let bytes = |count: usize| Size(count as u64).to_string();
    [
        ("memory", bytes(limits.memory)),
        ("table-elements", limits.table_elements.to_string()),
        ("instantiate-time", time(limits.instantiate_time)),
        ("describe-time", time(limits.describe_time)),
        ("configure-time", time(limits.configure_time)),
        ("batch-time", time(limits.batch_time)),
        ("host-calls", limits.host_calls.to_string()),
        ("transfer", bytes(limits.transfer_bytes)),
        ("descriptor-size", bytes(limits.descriptor_bytes)),
        ("findings", limits.findings.to_string()),
        ("finding-size", bytes(limits.finding_bytes)),
        ("findings-size", bytes(limits.chunk_bytes)),
        ("log-lines", limits.log_lines.to_string()),
        ("log-line-size", bytes(limits.log_line_bytes)),
        ("raw-size", bytes(limits.raw_bytes)),
    ]
    .into_iter()
    .map(|(name, value)| LimitValue {
        name: name.to_owned(),
        value,
    })
    .collect()
}

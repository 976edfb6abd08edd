//! A property of all detectors: what a client chooses excuses no finding.

use std::fmt;
use std::path::Path;

use serde_json::{Value, json};

use crate::Detector;
use crate::view::control_plane;

use super::hidden::logs;
use super::{AuditLine, Harness, TestError};

/// Clients that people use, in whose hands the token of a program gets no discount.
const HAND_TOOLS: [&str; 3] = ["curl/8.5.0", "Wget/1.21", "kubectl/v1.36.2"];

/// Labels of packages, controllers, and gateways, which anybody may write.
const LABELS: [(&str, &str); 6] = [
    ("helm.sh/chart", "ingress-nginx-4.12.0"),
    ("app.kubernetes.io/managed-by", "Helm"),
    ("app.kubernetes.io/name", "ingress-nginx"),
    ("argocd.argoproj.io/instance", "platform"),
    ("acme.cert-manager.io/http01-solver", "true"),
    ("gateway.networking.k8s.io/gateway-name", "public"),
];

/// A finding that a choice of the client excuses.
#[derive(Debug, Clone, PartialEq)]
pub struct ExcusedFinding {
    /// The highest severity that was raised for the request as it is, or by a person.
    pub severity: f64,
    /// The highest severity that is left; 0 if the request is silent.
    pub after: f64,
    /// The client's choice: a tool, or a label.
    pub excuse: String,
    /// The id of the request.
    pub request: String,
}

impl fmt::Display for ExcusedFinding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{:.1} of {} is {:.1} with {}",
            self.severity, self.request, self.after, self.excuse
        )
    }
}

/// Returns the findings of single requests that a choice of the client excuses. There should be
/// none: with a tool that people use, the request of a service account is as severe as that of a
/// person and as that of its own program, and labels never silence one.
///
/// The requests are those of the logs in a directory (`*.ndjson`) and of `more`. `host` returns a new
/// harness with the settings and lists that the logs need.
///
/// # Errors
/// Returns [`TestError::Fixture`] if the logs cannot be read. Otherwise as
/// [`Harness::audit_line`].
pub fn excused_findings<D: Detector>(
    directory: impl AsRef<Path>,
    more: &[AuditLine],
    host: impl Fn() -> Harness<D>,
) -> Result<Vec<ExcusedFinding>, TestError> {
    let mut excused = Vec::new();
    for text in logs(directory.as_ref(), more)? {
        for line in text.lines() {
            let Ok(event) = serde_json::from_str::<Value>(line) else {
                continue;
            };
            let severity = highest(&host, &event)?;
            // The client's own name may be what was found.
            let by_program = match with_client(&event, "program/v1.0.0") {
                Some(event) => severity.min(highest(&host, &event)?),
                None => severity,
            };
            let by_person = match by_person(&event) {
                Some(event) => highest(&host, &event)?.max(by_program),
                None => by_program,
            };
            let by_hand = HAND_TOOLS.iter().filter_map(|tool| {
                let event = with_client(&event, tool)?;
                Some((event, (*tool).to_owned(), by_person))
            });
            let labelled = LABELS.iter().filter_map(|(key, value)| {
                let event = with_label(&event, key, value)?;
                Some((
                    event,
                    format!("label {key}"),
                    severity.min(f64::MIN_POSITIVE),
                ))
            });
            for (variant, excuse, needed) in by_hand.chain(labelled) {
                let after = highest(&host, &variant)?;
                if after < needed {
                    excused.push(ExcusedFinding {
                        severity: severity.max(needed),
                        after,
                        excuse,
                        request: event
                            .get("auditID")
                            .and_then(Value::as_str)
                            .unwrap_or_default()
                            .to_owned(),
                    });
                }
            }
        }
    }
    Ok(excused)
}

fn highest<D: Detector>(host: &impl Fn() -> Harness<D>, event: &Value) -> Result<f64, TestError> {
    let raised = host().audit_line(&event.to_string())?;
    Ok(raised
        .iter()
        .map(|finding| finding.severity)
        .fold(0.0, f64::max))
}

/// Returns the request of a service account's own program as one of another client.
fn with_client(event: &Value, client: &str) -> Option<Value> {
    let username = event.pointer("/user/username")?.as_str()?;
    let agent = event.get("userAgent")?.as_str()?;
    // `credential-misuse` reports those of the control plane.
    let is_program = username.starts_with("system:serviceaccount:")
        && control_plane().all(|name| name != username)
        && crate::rules::agent::hand_tool(agent).is_none();
    let mut event = event.clone();
    *event.get_mut("userAgent")? = json!(client);
    is_program.then_some(event)
}

/// Returns the request of a service account as one of a person.
fn by_person(event: &Value) -> Option<Value> {
    with_client(event, "kubectl/v1.36.2").and_then(|mut event| {
        *event.get_mut("user")? =
            json!({"username": "morgan@example.com", "groups": ["system:authenticated"]});
        Some(event)
    })
}

/// Returns the request with a label on the objects that it sends and gets.
fn with_label(event: &Value, key: &str, value: &str) -> Option<Value> {
    let mut event = event.clone();
    let mut is_labelled = false;
    for body in ["requestObject", "responseObject"] {
        let Some(object) = event.get_mut(body).and_then(Value::as_object_mut) else {
            continue;
        };
        let metadata = object.entry("metadata").or_insert_with(|| json!({}));
        let labels = metadata
            .as_object_mut()?
            .entry("labels")
            .or_insert_with(|| json!({}));
        // A label that names what a rule looks for stays as it is.
        if let Some(labels) = labels.as_object_mut()
            && !labels.contains_key(key)
        {
            labels.insert(key.to_owned(), json!(value));
            is_labelled = true;
        }
    }
    is_labelled.then_some(event)
}

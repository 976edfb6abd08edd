//! A command in a pod, independent of how it was requested.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::command::Commands;

/// How a command reaches its pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// `pods/exec`.
    Exec,
    /// `pods/attach`: connects to a process that already runs.
    Attach,
    /// The kubelet's API behind `nodes/proxy`.
    Kubelet,
}

/// A request to run a command in a pod, or to attach to one.
pub struct Stream<'a> {
    pub event: AuditEvent<'a>,
    pub way: Way,
    pub namespace: &'a str,
    pub pod: &'a str,
    /// Empty if the request names none.
    pub container: &'a str,
    /// The command line, with spaces between its words; empty for an attach.
    pub line: String,
}

impl<'a> Stream<'a> {
    /// Returns the command of an event, or `None` if the request runs none.
    pub fn from_event(event: AuditEvent<'a>) -> Option<Self> {
        let connect = event.connect();
        let line = connect
            .map(|connect| connect.command().join(" "))
            .unwrap_or_default();
        if let Some(command) = event.kubelet_command() {
            return Some(Self {
                event,
                way: Way::Kubelet,
                namespace: command.namespace,
                pod: command.pod,
                container: command.container,
                line,
            });
        }
        let way = if event.resource_is("pods", "exec") {
            Way::Exec
        } else if event.resource_is("pods", "attach") {
            Way::Attach
        } else {
            return None;
        };
        Some(Self {
            event,
            way,
            namespace: event.namespace(),
            pod: event.name(),
            container: connect
                .map(|connect| connect.container())
                .unwrap_or_default(),
            line: match way {
                Way::Attach => String::new(),
                _ => line,
            },
        })
    }

    /// Parses the command line. The commands of an attach are unknown.
    pub fn commands(&self) -> Commands {
        match (self.way, self.event.connect()) {
            (Way::Exec | Way::Kubelet, Some(connect)) => {
                Commands::from_arguments(connect.command())
            }
            _ => Commands::default(),
        }
    }

    /// Whether the request allocates a terminal, which only people need.
    pub fn has_terminal(&self) -> bool {
        self.event.connect().is_some_and(|connect| connect.tty())
    }

    /// Whether standard input is connected.
    pub fn has_input(&self) -> bool {
        self.event.connect().is_some_and(|connect| connect.stdin())
    }

    /// Returns `NAMESPACE/POD` for titles.
    pub fn target(&self) -> String {
        format!("{}/{}", self.namespace, self.pod)
    }

    /// Returns the deduplication key: the user and the pod.
    pub fn key(&self) -> String {
        format!("{}/{}", self.event.user().username(), self.target())
    }

    /// Starts a finding that cites the request, its outcome, and its command line.
    pub fn finding(&self, finding_type: &str) -> Finding {
        let event = self.event;
        let finding = Finding::new(finding_type)
            .on(event)
            .field(&event, AuditField::RequestUri)
            .field(&event, AuditField::Code)
            .dedup_key(self.key());
        if self.line.is_empty() {
            finding
        } else {
            finding.evidence(event, "requestURI?command", &self.line)
        }
    }
}

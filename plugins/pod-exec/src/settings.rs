//! What the operator can tune.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::state;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// The settings.
pub struct Tuning {
    remember: Duration,
    remember_robots: Duration,
    trusted_users: Vec<String>,
    trusted_namespaces: Vec<String>,
    trusted_commands: Vec<String>,
}

pub fn add(descriptor: Descriptor) -> Descriptor {
    descriptor
        .setting(
            "remember",
            "How long the plain execs and port-forwards of a person in a namespace are one finding.",
            DAY,
        )
        .setting(
            "remember-robots",
            "How long a service account that runs commands in a namespace is known to do so.",
            30 * DAY,
        )
        .setting(
            "trusted-users",
            "User names whose requests are reported only if the command itself stands out, such as \
             `system:serviceaccount:velero:velero`.",
            &[] as &[&str],
        )
        .setting(
            "trusted-namespaces",
            "Namespaces in which requests are reported only if the command itself stands out.",
            &[] as &[&str],
        )
        .setting(
            "trusted-commands",
            "Beginnings of command lines, with blanks between words, that never stand out, such as \
             `sh -c /opt/backup.sh`.",
            &[] as &[&str],
        )
}

impl Tuning {
    pub fn of(settings: &Settings) -> Result<Self, String> {
        Ok(Self {
            remember: settings.duration("remember")?,
            remember_robots: settings.duration("remember-robots")?,
            trusted_users: settings.texts("trusted-users")?.to_vec(),
            trusted_namespaces: settings.texts("trusted-namespaces")?.to_vec(),
            trusted_commands: settings.texts("trusted-commands")?.to_vec(),
        })
    }

    /// Whether the operator trusts who asks, or everybody in this namespace.
    pub fn trusts(&self, event: AuditEvent<'_>, namespace: &str) -> bool {
        let is = |list: &[String], text: &str| list.iter().any(|one| one == text);
        is(&self.trusted_users, event.user().username()) || is(&self.trusted_namespaces, namespace)
    }

    /// Whether the operator trusts a command line.
    pub fn trusts_command(&self, line: &str) -> bool {
        self.trusted_commands
            .iter()
            .any(|trusted| !trusted.is_empty() && line.starts_with(trusted))
    }

    /// Whether this was not seen of the actor for long enough to be news.
    pub fn is_news(
        &self,
        event: AuditEvent<'_>,
        kind: &str,
        member: &str,
    ) -> Result<bool, DetectError> {
        let keep = match event.user().service_account() {
            Some(_) => self.remember_robots,
            None => self.remember,
        };
        Ok(state::actor(event).key(kind).first_seen(member, keep)?)
    }
}

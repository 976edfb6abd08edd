//! The detector's settings.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::TrustedUsers;
use wardline_sdk::rules::time::{DAY, KNOWN};
use wardline_sdk::state;

/// The settings of an instance.
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
            "Period in which a user's repeated execs, copies, port-forwards, and proxied requests \
             are reported once.",
            DAY,
        )
        .setting(
            "remember-robots",
            "The same period for service accounts.",
            KNOWN,
        )
        .setting(
            TrustedUsers::SETTING,
            "Users of whom this detector reports only suspicious commands, such as \
             `system:serviceaccount:velero:velero`. Names must match exactly.",
            &[] as &[&str],
        )
        .setting(
            "trusted-namespaces",
            "Namespaces in which this detector reports only suspicious commands.",
            &[] as &[&str],
        )
        .setting(
            "trusted-commands",
            "Prefixes of command lines that are not suspicious, with spaces between words, such \
             as `sh -c /opt/backup.sh`.",
            &[] as &[&str],
        )
}

impl Tuning {
    /// Reads the settings.
    ///
    /// # Errors
    /// Returns a message if a setting is not declared with the expected type.
    pub fn from_settings(settings: &Settings) -> Result<Self, String> {
        Ok(Self {
            remember: settings.duration("remember")?,
            remember_robots: settings.duration("remember-robots")?,
            trusted_users: settings.texts(TrustedUsers::SETTING)?.to_vec(),
            trusted_namespaces: settings.texts("trusted-namespaces")?.to_vec(),
            trusted_commands: settings.texts("trusted-commands")?.to_vec(),
        })
    }

    /// Whether the operator trusts the user or the namespace.
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

    /// Whether the actor has not done this within `remember`, or `remember-robots` for a service
    /// account; marks it as done now.
    ///
    /// # Errors
    /// Returns [`DetectError`] if the host does not keep the state.
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

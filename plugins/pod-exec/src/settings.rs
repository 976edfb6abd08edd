//! The detector's settings.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::Told;
use wardline_sdk::rules::TrustedUsers;
use wardline_sdk::rules::time::{DAY, KNOWN};

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
             as `sh -c /opt/backup.sh`. Further arguments may follow, without characters that a \
             shell interprets.",
            &[] as &[&str],
        )
}

/// Whether a command line is the trusted one with further arguments. What a shell would run
/// besides it, as in `sh -c /opt/backup.sh;id`, belongs to nobody's backup.
fn is_trusted(line: &str, trusted: &str) -> bool {
    let Some(rest) = line.strip_prefix(trusted).filter(|_| !trusted.is_empty()) else {
        return false;
    };
    let ends_word = rest.is_empty() || rest.starts_with(' ') || trusted.ends_with([' ', '/']);
    ends_word && !rest.contains([';', '&', '|', '`', '$', '<', '>', '\n', '\r', '(', ')'])
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
            .any(|trusted| is_trusted(line, trusted))
    }

    /// Whether nothing as severe was told about this action of the actor within `remember`, or
    /// `remember-robots` for a service account; marks it as told.
    ///
    /// # Errors
    /// Returns [`DetectError`] if the host does not keep the state.
    pub fn is_news(
        &self,
        event: AuditEvent<'_>,
        kind: &str,
        member: &str,
        severity: impl Into<f64>,
    ) -> Result<bool, DetectError> {
        let keep = match event.user().service_account() {
            Some(_) => self.remember_robots,
            None => self.remember,
        };
        Ok(Told::by_actor(event, kind).is_news(member, severity, keep)?)
    }
}

#[cfg(test)]
mod tests {
    use super::is_trusted;

    #[test]
    fn trusted_command_runs_nothing_besides() {
        for (line, trusted, expected) in [
            ("sh -c /opt/backup.sh", "sh -c /opt/backup.sh", true),
            ("sh -c /opt/backup.sh --all", "sh -c /opt/backup.sh", true),
            ("sh -c /opt/backup.sh;id", "sh -c /opt/backup.sh", false),
            (
                "sh -c /opt/backup.sh && nc 198.51.100.7 9",
                "sh -c /opt/backup.sh",
                false,
            ),
            ("sh -c /opt/backup.sh\nid", "sh -c /opt/backup.sh", false),
            ("sh -c /opt/backup.sh $(id)", "sh -c /opt/backup.sh", false),
            ("sh -c /opt/backup.shx", "sh -c /opt/backup.sh", false),
            ("/opt/tools/check", "/opt/tools/", true),
            ("sh", "", false),
        ] {
            assert_eq!(is_trusted(line, trusted), expected, "{line}");
        }
    }
}

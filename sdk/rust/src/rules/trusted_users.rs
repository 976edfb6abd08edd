//! The setting `trusted-users`.

use super::Patterns;
use crate::view::User;
use crate::{AuditEvent, Settings};

/// The users that a detector does not report.
///
/// ```
/// use wardline_sdk::prelude::*;
/// use wardline_sdk::rules::TrustedUsers;
///
/// struct Quiet {
///     trusted_users: TrustedUsers,
/// }
///
/// impl Detector for Quiet {
///     fn describe() -> Descriptor {
///         Descriptor::new("quiet", "1.0.0").trusted_users()
///     }
///
///     fn configure(settings: &Settings) -> Result<Self, String> {
///         Ok(Self { trusted_users: TrustedUsers::from_settings(settings)? })
///     }
///
///     fn on_audit_event(
///         &mut self,
///         event: AuditEvent<'_>,
///         findings: &mut Findings,
///     ) -> Result<(), DetectError> {
///         if self.trusted_users.trusts(event) {
///             return Ok(());
///         }
///         // The rules.
///         # let _ = findings;
///         Ok(())
///     }
/// }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedUsers(Patterns);

impl TrustedUsers {
    /// The name of the setting.
    pub const SETTING: &'static str = "trusted-users";

    /// The description of the setting, as [`Descriptor::trusted_users`] declares it. A detector
    /// that reports some findings of trusted users nevertheless declares [`Self::SETTING`] with a
    /// description of its own.
    ///
    /// [`Descriptor::trusted_users`]: crate::Descriptor::trusted_users
    pub const DESCRIPTION: &'static str =
        "Users that this detector does not report. A trailing `*` matches any suffix.";

    /// Reads the setting.
    ///
    /// # Errors
    /// Returns a sentence for the operator if the descriptor does not declare the setting as a
    /// list of texts, or if one of the texts is empty or a single `*`.
    pub fn from_settings(settings: &Settings) -> Result<Self, String> {
        Patterns::from_setting(settings, Self::SETTING).map(Self)
    }

    /// Returns whether the operator trusts who made the request. If it impersonates another user,
    /// the setting must name both: the right to impersonate would otherwise be the right to be
    /// overlooked, and a trusted proxy would hide everybody behind it.
    #[must_use]
    pub fn trusts(&self, event: AuditEvent<'_>) -> bool {
        self.includes(event.user())
            && event
                .impersonated_user()
                .is_none_or(|user| self.includes(user))
    }

    fn includes(&self, user: User<'_>) -> bool {
        self.0.matches(user.username())
    }
}

#[cfg(test)]
mod tests {
    use super::TrustedUsers;
    use crate::contract::{self, SettingValue};
    use crate::{AuditEvent, Descriptor, Settings};

    fn settings(users: &[&str]) -> Settings {
        let users = users.iter().map(|&user| user.to_owned()).collect();
        let value = SettingValue::Texts(users);
        Settings::new(vec![(TrustedUsers::SETTING.to_owned(), value)])
    }

    #[test]
    fn trusts_names_and_prefixes() {
        let users = ["alice", "system:serviceaccount:argocd:*"];
        let trusted = TrustedUsers::from_settings(&settings(&users)).unwrap();
        for (username, is_trusted) in [
            ("alice", true),
            ("alice2", false),
            ("system:serviceaccount:argocd:server", true),
            ("system:serviceaccount:shop:web", false),
            ("", false),
        ] {
            let event = contract::AuditEvent {
                user: contract::User {
                    username: username.to_owned(),
                    ..contract::User::default()
                },
                ..contract::AuditEvent::default()
            };
            let event = AuditEvent::from(&event);
            assert_eq!(trusted.trusts(event), is_trusted, "{username}");
        }
    }

    #[test]
    fn trusts_an_impersonator_only_together_with_its_target() {
        let trusted = TrustedUsers::from_settings(&settings(&["proxy", "alice"])).unwrap();
        for (username, impersonated, is_trusted) in [
            ("proxy", "alice", true),
            ("proxy", "bob", false),
            ("bob", "alice", false),
        ] {
            let user = |name: &str| contract::User {
                username: name.to_owned(),
                ..contract::User::default()
            };
            let event = contract::AuditEvent {
                user: user(username),
                impersonated_user: Some(user(impersonated)),
                ..contract::AuditEvent::default()
            };
            let event = AuditEvent::from(&event);
            assert_eq!(
                trusted.trusts(event),
                is_trusted,
                "{username} {impersonated}"
            );
        }
    }

    #[test]
    fn default_trusts_nobody() {
        let descriptor = Descriptor::new("name", "1.0.0")
            .trusted_users()
            .into_contract();
        let [setting] = descriptor.settings.as_slice() else {
            unreachable!("one setting, not {:?}", descriptor.settings);
        };
        assert_eq!(setting.name, TrustedUsers::SETTING);
        assert_eq!(setting.description, TrustedUsers::DESCRIPTION);
        assert_eq!(setting.default, SettingValue::Texts(vec![]));
        let settings = Settings::new(vec![(setting.name.clone(), setting.default.clone())]);
        let trusted = TrustedUsers::from_settings(&settings);
        assert_eq!(trusted, Ok(TrustedUsers::default()));
    }

    #[test]
    fn refuses_a_setting_that_trusts_everybody() {
        for user in ["", "*"] {
            assert!(TrustedUsers::from_settings(&settings(&[user])).is_err());
        }
        assert!(TrustedUsers::from_settings(&Settings::default()).is_err());
    }
}

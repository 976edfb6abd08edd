//! The detector's settings.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::Told;
use wardline_sdk::rules::TrustedUsers;
use wardline_sdk::rules::time::KNOWN;

/// The settings of an instance.
pub struct Tuning {
    remember: Duration,
    trusted_users: Vec<String>,
    trusted_namespaces: Vec<String>,
    trusted_images: Vec<String>,
    pub allowed_registries: Vec<String>,
    pub replicas: i64,
    pub gpus: i64,
}

pub fn add(descriptor: Descriptor) -> Descriptor {
    descriptor
        .setting(
            "remember",
            "Period in which repeated Low findings of a user, and repeated pods and Jobs of a \
             service account, are reported once.",
            KNOWN,
        )
        .setting(
            TrustedUsers::SETTING,
            "Users that this detector does not report, such as the installer of your platform. \
             Names must match exactly.",
            &[] as &[&str],
        )
        .setting(
            "trusted-namespaces",
            "Namespaces in which this detector does not report workloads.",
            &[] as &[&str],
        )
        .setting(
            "trusted-images",
            "Prefixes of images whose containers this detector does not report, such as \
             `registry.example.com/platform/`.",
            &[] as &[&str],
        )
        .setting(
            "allowed-registries",
            "Prefixes of allowed images, such as `registry.example.com/` or `docker.io/library/`. \
             Workloads with other images are reported. Empty allows all.",
            &[] as &[&str],
        )
        .setting(
            "replicas",
            "Number of pods of one workload that is reported if it had at most a tenth before. If \
             the previous number is unknown, ten times as many are reported.",
            100,
        )
        .setting(
            "gpus",
            "Number of graphics processors over all pods of one workload that is reported.",
            16,
        )
}

impl Tuning {
    /// Reads the settings.
    ///
    /// # Errors
    /// Returns a message if a number is out of range.
    pub fn from_settings(settings: &Settings) -> Result<Self, String> {
        let count = |name| {
            settings
                .integer(name)
                .and_then(|count| match (1..=100_000).contains(&count) {
                    true => Ok(count),
                    false => Err(format!("`{name}` must be from 1 to 100000")),
                })
        };
        Ok(Self {
            remember: settings.duration("remember")?,
            trusted_users: settings.texts(TrustedUsers::SETTING)?.to_vec(),
            trusted_namespaces: settings.texts("trusted-namespaces")?.to_vec(),
            trusted_images: settings.texts("trusted-images")?.to_vec(),
            allowed_registries: settings.texts("allowed-registries")?.to_vec(),
            replicas: count("replicas")?,
            gpus: count("gpus")?,
        })
    }

    /// Whether the operator trusts the user or the namespace.
    pub fn trusts(&self, event: AuditEvent<'_>) -> bool {
        let is = |list: &[String], text: &str| list.iter().any(|one| one == text);
        is(&self.trusted_users, event.user().username())
            || is(&self.trusted_namespaces, event.namespace())
    }

    pub fn trusts_image(&self, image: &str) -> bool {
        begins_with(&self.trusted_images, image)
    }

    /// Whether nothing as severe was told about this action of the actor within `remember`; marks
    /// it as told.
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
        Ok(Told::by_actor(event, kind).is_news(member, severity, self.remember)?)
    }
}

/// Whether a text begins with one of these prefixes.
pub fn begins_with(prefixes: &[String], text: &str) -> bool {
    prefixes
        .iter()
        .any(|prefix| !prefix.is_empty() && text.starts_with(prefix.as_str()))
}

//! What the operator can tune.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::state;

/// The settings.
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
            "How long an account that makes such workloads in a namespace is known to do so.",
            Duration::from_secs(30 * 24 * 3600),
        )
        .setting(
            "trusted-users",
            "User names whose workloads are not judged, such as those of a platform's installer.",
            &[] as &[&str],
        )
        .setting(
            "trusted-namespaces",
            "Namespaces in which workloads are not judged.",
            &[] as &[&str],
        )
        .setting(
            "trusted-images",
            "Beginnings of images whose containers are not judged, such as \
             `registry.example.com/platform/`.",
            &[] as &[&str],
        )
        .setting(
            "allowed-registries",
            "Beginnings of images that may be used, such as `registry.example.com/` or \
             `docker.io/library/`; others are reported. Empty allows all.",
            &[] as &[&str],
        )
        .setting(
            "replicas",
            "How many pods of one workload are many, if it had at most a tenth before.",
            100,
        )
        .setting(
            "gpus",
            "How many graphics processors, over all pods of one workload, are many.",
            16,
        )
}

impl Tuning {
    pub fn of(settings: &Settings) -> Result<Self, String> {
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
            trusted_users: settings.texts("trusted-users")?.to_vec(),
            trusted_namespaces: settings.texts("trusted-namespaces")?.to_vec(),
            trusted_images: settings.texts("trusted-images")?.to_vec(),
            allowed_registries: settings.texts("allowed-registries")?.to_vec(),
            replicas: count("replicas")?,
            gpus: count("gpus")?,
        })
    }

    /// Whether the operator trusts who asks, or everybody in this namespace.
    pub fn trusts(&self, event: AuditEvent<'_>) -> bool {
        let is = |list: &[String], text: &str| list.iter().any(|one| one == text);
        is(&self.trusted_users, event.user().username())
            || is(&self.trusted_namespaces, event.namespace())
    }

    pub fn trusts_image(&self, image: &str) -> bool {
        begins_with(&self.trusted_images, image)
    }

    /// Whether this was not seen of the actor for long enough to be news.
    pub fn is_news(
        &self,
        event: AuditEvent<'_>,
        kind: &str,
        member: &str,
    ) -> Result<bool, DetectError> {
        Ok(state::actor(event)
            .key(kind)
            .first_seen(member, self.remember)?)
    }
}

/// Whether a text begins with one of these.
pub fn begins_with(list: &[String], text: &str) -> bool {
    list.iter()
        .any(|beginning| !beginning.is_empty() && text.starts_with(beginning.as_str()))
}

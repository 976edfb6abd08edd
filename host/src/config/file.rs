//! The configuration file as written. `defaults.toml` documents each key.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::{Deserialize, Deserializer, Serialize, de};
use wardline_intel::{Content, Format};

use super::quantity::{Size, Time};
use super::sink::Sink;

/// Declares a section as two structs: one with every value, and one with the values given in a
/// file.
macro_rules! section {
    ($(#[$doc:meta])* $name:ident, $given:ident { $($field:ident: $kind:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, rename_all = "kebab-case")]
        pub(super) struct $name { $(pub $field: $kind,)* }

        #[derive(Debug, Clone, Default, PartialEq, Deserialize)]
        #[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
        pub(super) struct $given { $(pub $field: Option<$kind>,)* }

        impl $name {
            /// Returns the section, overridden by the values given in a file.
            pub fn with(&self, given: &$given) -> Self {
                Self {
                    $($field: given.$field.clone().unwrap_or_else(|| self.$field.clone()),)*
                }
            }
        }
    };
}

section! {
    /// `[host]`.
    Host, HostGiven {
        threads: usize,
        cluster: String,
        state_directory: String,
        cache_directory: String,
        chunk: usize,
        batch: usize,
    }
}

section! {
    /// `[log]`.
    Log, LogGiven {
        level: String,
        format: LogFormat,
    }
}

section! {
    /// `[decode]`.
    Decode, DecodeGiven {
        line_limit: Size,
        document_limit: Size,
        depth: usize,
        dead_letter: String,
        dead_letter_limit: Size,
    }
}

section! {
    /// `[webhook]`.
    Webhook, WebhookGiven {
        body_limit: Size,
        queue_limit: Size,
        connections: usize,
        header_time: Time,
        body_time: Time,
        idle_time: Time,
    }
}

section! {
    /// `[plugins]`.
    Plugins, PluginsGiven {
        defaults: bool,
        directory: String,
        grants: Vec<String>,
        file_limit: Size,
        rescan: Time,
    }
}

section! {
    /// `[limits]`.
    LimitsSection, LimitsGiven {
        memory: Size,
        table_elements: usize,
        stack: Size,
        instantiate_time: Time,
        describe_time: Time,
        configure_time: Time,
        batch_time: Time,
        host_calls: u32,
        transfer: Size,
        descriptor_size: Size,
        findings: usize,
        finding_size: Size,
        findings_size: Size,
        log_lines: u32,
        log_line_size: Size,
        raw_size: Size,
    }
}

section! {
    /// `[breaker]`.
    BreakerSection, BreakerGiven {
        failures: u32,
        skip: u32,
        skip_limit: u32,
        probation: u32,
        quarantine_after: u32,
        timeouts: u32,
    }
}

section! {
    /// `[state]`.
    StateSection, StateGiven {
        entries: usize,
        bytes: Size,
        entry_size: Size,
    }
}

section! {
    /// `[inventory]`.
    InventorySection, InventoryGiven {
        objects: usize,
    }
}

section! {
    /// `[intel]`.
    IntelSection, IntelGiven {
        directory: String,
        rescan: Time,
        file_limit: Size,
        entry_limit: usize,
        stale_after: Time,
        list: Vec<IntelList>,
    }
}

/// `[[intel.list]]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct IntelList {
    pub name: String,
    pub kind: String,
    pub path: String,
    #[serde(default)]
    pub content: Content,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale_after: Option<Time>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
}

/// Deserializes the section. Derived code would take a list of tables for the section's fields in
/// order, and report a misleading error.
fn intel_section<'de, D: Deserializer<'de>>(deserializer: D) -> Result<IntelGiven, D::Error> {
    struct Section;

    impl<'de> de::Visitor<'de> for Section {
        type Value = IntelGiven;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("the section [intel], and lists as [[intel.list]]")
        }

        fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<IntelGiven, A::Error> {
            IntelGiven::deserialize(MapAccessDeserializer::new(map))
        }

        fn visit_seq<A: de::SeqAccess<'de>>(self, _: A) -> Result<IntelGiven, A::Error> {
            Err(de::Error::custom(
                "`intel` is a section, not a list of tables (write [[intel.list]] instead of [[intel]])",
            ))
        }
    }

    deserializer.deserialize_any(Section)
}

section! {
    /// `[findings]`.
    Findings, FindingsGiven {
        update_interval: Time,
        retention: Time,
        open_limit: usize,
        open_size: Size,
        keep_age: Time,
        keep_size: Size,
        dead_letter_limit: Size,
    }
}

section! {
    /// `[health]`.
    HealthSection, HealthGiven {
        enabled: bool,
        silence: Time,
        repeat: Time,
    }
}

section! {
    /// `[suppression]`.
    Suppression, SuppressionGiven {
        directory: String,
        rescan: Time,
        archive: String,
        archive_limit: Size,
    }
}

section! {
    /// `[api]`.
    Api, ApiGiven {
        socket: String,
        enabled: bool,
    }
}

/// The format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Plain text.
    Human,
    /// One JSON object per line.
    Json,
    /// Plain text on a terminal, otherwise JSON.
    Auto,
}

/// The position at which a log without a checkpoint is started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Start {
    /// The first line of the file.
    #[default]
    Beginning,
    /// The end of the file, so that only new lines are read.
    End,
}

/// `[[source]]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, tag = "type", rename_all = "lowercase")]
pub(super) enum Source {
    File {
        name: Option<String>,
        path: String,
        #[serde(default)]
        start: Start,
        cluster: Option<String>,
    },
    Webhook(WebhookSource),
    Stdin {
        name: Option<String>,
        cluster: Option<String>,
    },
}

/// A `[[source]]` of type `webhook`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct WebhookSource {
    pub name: Option<String>,
    pub cluster: Option<String>,
    pub listen: String,
    pub path: Option<String>,
    pub certificate: Option<String>,
    pub key: Option<String>,
    pub client_ca: Option<String>,
    #[serde(default)]
    pub client_names: Vec<String>,
    pub token_file: Option<String>,
}

/// The values given in a file.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Given {
    pub host: HostGiven,
    pub log: LogGiven,
    pub decode: DecodeGiven,
    pub webhook: WebhookGiven,
    pub plugins: PluginsGiven,
    pub limits: LimitsGiven,
    pub breaker: BreakerGiven,
    pub state: StateGiven,
    pub inventory: InventoryGiven,
    #[serde(deserialize_with = "intel_section")]
    pub intel: IntelGiven,
    pub findings: FindingsGiven,
    pub health: HealthGiven,
    pub suppression: SuppressionGiven,
    pub api: ApiGiven,
    pub source: Vec<Source>,
    pub sink: Vec<Sink>,
}

/// All values of a configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Whole {
    pub host: Host,
    pub log: Log,
    pub decode: Decode,
    pub webhook: Webhook,
    pub plugins: Plugins,
    pub limits: LimitsSection,
    pub breaker: BreakerSection,
    pub state: StateSection,
    pub inventory: InventorySection,
    pub intel: IntelSection,
    pub findings: Findings,
    pub health: HealthSection,
    pub suppression: Suppression,
    pub api: Api,
    #[serde(default)]
    pub source: Vec<Source>,
    #[serde(default)]
    pub sink: Vec<Sink>,
}

impl Whole {
    /// Returns the values, overridden by those given in a file.
    pub fn with(&self, given: Given) -> Self {
        Self {
            host: self.host.with(&given.host),
            log: self.log.with(&given.log),
            decode: self.decode.with(&given.decode),
            webhook: self.webhook.with(&given.webhook),
            plugins: self.plugins.with(&given.plugins),
            limits: self.limits.with(&given.limits),
            breaker: self.breaker.with(&given.breaker),
            state: self.state.with(&given.state),
            inventory: self.inventory.with(&given.inventory),
            intel: self.intel.with(&given.intel),
            findings: self.findings.with(&given.findings),
            health: self.health.with(&given.health),
            suppression: self.suppression.with(&given.suppression),
            api: self.api.with(&given.api),
            source: given.source,
            sink: given.sink,
        }
    }
}

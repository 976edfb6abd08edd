//! The checked configuration, with paths and numbers resolved for this machine.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use wardline_contract::{BreakerLimits, HOST_INTERFACES, Limits};
use wardline_finding::export::Form;
use wardline_intel::IntelConfig;
use wardline_sink::{Kind, SinkSettings, StdoutConfig};
use wardline_source::WebhookSettings;
use wardline_state::Quota;

use super::DEFAULTS;
use super::error::ConfigError;
use super::file::{BreakerSection, Given, LimitsSection, LogFormat, Source, Start, Whole};
use super::sink::Sink;
use super::{intel, webhook};

/// A source of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceConfig {
    /// A log file that is followed.
    File {
        /// The name in findings and checkpoints.
        name: String,
        /// The file's path.
        path: PathBuf,
        /// The position at which to start if there is no checkpoint.
        start: Start,
        /// The cluster of events that name none; may be empty.
        cluster: String,
    },
    /// A webhook to which API servers send.
    Webhook(Box<WebhookSettings>),
    /// Standard input.
    Stdin {
        /// The name in findings.
        name: String,
        /// The cluster of events that name none; may be empty.
        cluster: String,
    },
}

impl SourceConfig {
    /// The name in findings and checkpoints.
    #[must_use]
    pub fn name(&self) -> &String {
        match self {
            Self::File { name, .. } | Self::Stdin { name, .. } => name,
            Self::Webhook(settings) => &settings.name,
        }
    }
}

/// Limits on open and on kept findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FindingsConfig {
    /// Interval at which a repeated finding is written again.
    pub update_interval: Duration,
    /// Time without an occurrence after which a finding ends.
    pub retention: Duration,
    /// Maximum number of open findings.
    pub open_limit: usize,
    /// Maximum memory for open findings, in bytes.
    pub open_bytes: usize,
    /// Time for which written findings are kept in the store.
    pub keep_age: Duration,
    /// Maximum size of written findings in the store, in bytes.
    pub keep_bytes: u64,
    /// Size in bytes at which a sink's dead-letter file is rotated.
    pub dead_letter_limit: u64,
}

/// Findings of the host about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HealthConfig {
    /// Whether they are raised.
    pub enabled: bool,
    /// Time without an event after which a source counts as silent.
    pub silence: Duration,
    /// Interval at which a condition that lasts is another occurrence of its finding.
    pub repeat: Duration,
}

/// The location of suppression rules and of suppressed findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuppressionConfig {
    /// The directory of the rules; `None` if there are no rules.
    pub directory: Option<PathBuf>,
    /// Interval at which the directory is scanned.
    pub rescan: Duration,
    /// The file in which suppressed findings are kept.
    pub archive: PathBuf,
    /// Size in bytes at which that file is rotated.
    pub archive_limit: u64,
}

/// The configuration of the host.
#[derive(Debug, Clone)]
pub struct Config {
    /// Number of judging threads, at least one.
    pub threads: usize,
    /// The cluster of events if neither they nor their source name one; may be empty.
    pub cluster: String,
    /// The directory for data that outlives the process.
    pub state_directory: PathBuf,
    /// The directory for compiled detectors.
    pub cache_directory: PathBuf,
    /// Maximum number of lines in a chunk.
    pub chunk: usize,
    /// Maximum number of events in a call.
    pub batch: usize,
    /// The log level.
    pub log_level: String,
    /// The format of log lines.
    pub log_format: LogFormat,
    /// Maximum length of an event, in bytes.
    pub line_limit: usize,
    /// Maximum size of a multi-line document or unpacked envelope, in bytes.
    pub document_limit: usize,
    /// Maximum nesting depth of an event.
    pub depth: usize,
    /// The file for events that were rejected or not judged, if one is configured.
    pub dead_letter: Option<PathBuf>,
    /// The file of a daemon for which none is configured; `None` if such events are only counted.
    pub default_dead_letter: Option<PathBuf>,
    /// Size in bytes at which that file is rotated.
    pub dead_letter_limit: u64,
    /// Whether the built-in detectors are in force.
    pub plugin_defaults: bool,
    /// The directory of the detectors.
    pub plugin_directory: PathBuf,
    /// Whether that directory is the default one, which need not exist.
    pub is_plugin_directory_default: bool,
    /// Host interfaces that detectors may import.
    pub grants: Vec<String>,
    /// Maximum size of a detector's file, in bytes.
    pub file_limit: u64,
    /// Interval at which the directory is scanned.
    pub rescan: Duration,
    /// Resource limits of an instance.
    pub limits: Limits,
    /// Stack size of a guest, in bytes.
    pub stack: usize,
    /// Thresholds of the circuit breakers.
    pub breaker: BreakerLimits,
    /// Quota of one state partition.
    pub quota: Quota,
    /// Maximum number of objects in the inventory.
    pub inventory_objects: usize,
    /// The location of the intel lists.
    pub intel: IntelConfig,
    /// Limits on open and on kept findings.
    pub findings: FindingsConfig,
    /// Findings of the host about itself.
    pub health: HealthConfig,
    /// The suppression rules and the archive.
    pub suppression: SuppressionConfig,
    /// The sources of events.
    pub sources: Vec<SourceConfig>,
    /// The sinks for findings, at least one.
    pub sinks: Vec<SinkSettings>,
    /// The API's socket; `None` if the API is disabled.
    pub socket: Option<PathBuf>,
    whole: Whole,
}

impl Config {
    /// Returns the values that apply without a file. Paths are relative to the working directory.
    ///
    /// # Errors
    /// Infallible for the embedded defaults (checked by a test).
    pub fn defaults() -> Result<Self, ConfigError> {
        Self::parse("", "the defaults", Path::new(""))
    }

    /// Reads and checks a configuration file.
    ///
    /// # Errors
    /// Returns [`ConfigError::Read`] if the file cannot be read, and the errors of [`Self::parse`].
    #[expect(
        clippy::disallowed_methods,
        reason = "read once, before anything else runs; it may be a pipe"
    )]
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Read {
            path: path.to_owned(),
            error,
        })?;
        let base = path.parent().unwrap_or(Path::new(""));
        Self::parse(&text, &path.display().to_string(), base)
    }

    /// Parses and checks a configuration. `origin` names the text in errors; relative paths start
    /// at `base`.
    ///
    /// # Errors
    /// Returns [`ConfigError::Parse`] if the text is not valid TOML or has an unknown key, and
    /// [`ConfigError::Value`] if a value is out of range or contradicts another.
    pub fn parse(text: &str, origin: &str, base: &Path) -> Result<Self, ConfigError> {
        let defaults: Whole = toml::from_str(DEFAULTS)
            .map_err(|error| ConfigError::parse("defaults.toml", DEFAULTS, &error))?;
        let given: Given =
            toml::from_str(text).map_err(|error| ConfigError::parse(origin, text, &error))?;
        let whole = defaults.with(given);
        let is_default = whole.plugins.directory == defaults.plugins.directory;
        let mut config = resolve(whole, origin, base)?;
        config.is_plugin_directory_default = is_default;
        Ok(config)
    }

    /// Returns all values in force as TOML that can be parsed again.
    #[must_use]
    pub fn to_toml(&self) -> String {
        // Tables of plain values always serialize.
        toml::to_string(&self.whole).unwrap_or_default()
    }
}

fn resolve(whole: Whole, origin: &str, base: &Path) -> Result<Config, ConfigError> {
    check(&whole, origin)?;
    let at = |path: &str| base.join(path);
    let some = |path: &str| (!path.is_empty()).then(|| at(path));
    let state_directory = at(&whole.host.state_directory);
    let sources = whole
        .source
        .iter()
        .map(|source| match source {
            Source::File {
                name,
                path,
                start,
                cluster,
            } => Ok(SourceConfig::File {
                name: name.clone().unwrap_or_else(|| path.clone()),
                path: at(path),
                start: *start,
                cluster: cluster.as_ref().unwrap_or(&whole.host.cluster).clone(),
            }),
            Source::Webhook(source) => {
                let cluster = source.cluster.as_ref().unwrap_or(&whole.host.cluster);
                let limits = &whole.webhook;
                let settings = webhook::settings(source, limits, cluster, origin, base)?;
                Ok(SourceConfig::Webhook(Box::new(settings)))
            }
            Source::Stdin { name, cluster } => Ok(SourceConfig::Stdin {
                name: name.clone().unwrap_or_else(|| "stdin".to_owned()),
                cluster: cluster.as_ref().unwrap_or(&whole.host.cluster).clone(),
            }),
        })
        .collect::<Result<Vec<_>, ConfigError>>()?;
    let pipes = sources
        .iter()
        .filter(|source| matches!(source, SourceConfig::Stdin { .. }));
    if pipes.count() > 1 {
        let message = "standard input can be read by one source only";
        return Err(ConfigError::value(origin, "source.type", message));
    }
    unique(
        origin,
        "source.name",
        sources.iter().map(SourceConfig::name),
    )?;
    unique(
        origin,
        "intel.list.name",
        whole.intel.list.iter().map(|list| &list.name),
    )?;
    unique(
        origin,
        "intel.list.path",
        whole.intel.list.iter().map(|list| &list.path),
    )?;
    let sinks = if whole.sink.is_empty() {
        let default = Sink {
            name: None,
            format: Form::default(),
            suppressed: false,
            account: String::new(),
            region: String::new(),
            kind: Kind::Stdout(StdoutConfig {}),
        };
        vec![default.resolve(origin, base)?]
    } else {
        whole
            .sink
            .iter()
            .map(|sink| sink.resolve(origin, base))
            .collect::<Result<Vec<_>, _>>()?
    };
    unique(origin, "sink.name", sinks.iter().map(|sink| &sink.name))?;
    Ok(Config {
        threads: match whole.host.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        },
        cluster: whole.host.cluster.clone(),
        cache_directory: some(&whole.host.cache_directory)
            .unwrap_or_else(|| state_directory.join("cache")),
        chunk: whole.host.chunk,
        batch: whole.host.batch,
        log_level: whole.log.level.clone(),
        log_format: whole.log.format,
        line_limit: whole.decode.line_limit.bytes(),
        document_limit: whole.decode.document_limit.bytes(),
        depth: whole.decode.depth,
        dead_letter: match whole.decode.dead_letter.as_str() {
            "" | "off" => None,
            path => Some(at(path)),
        },
        default_dead_letter: whole
            .decode
            .dead_letter
            .is_empty()
            .then(|| state_directory.join("dead-letters.jsonl")),
        dead_letter_limit: whole.decode.dead_letter_limit.0,
        plugin_defaults: whole.plugins.defaults,
        plugin_directory: at(&whole.plugins.directory),
        is_plugin_directory_default: false,
        grants: whole.plugins.grants.clone(),
        file_limit: whole.plugins.file_limit.0,
        rescan: whole.plugins.rescan.0,
        limits: limits(&whole.limits),
        stack: whole.limits.stack.bytes(),
        breaker: breaker(&whole.breaker),
        quota: Quota {
            entries: whole.state.entries,
            bytes: whole.state.bytes.bytes(),
            entry_bytes: whole.state.entry_size.bytes(),
        },
        inventory_objects: whole.inventory.objects,
        intel: intel::resolve(&whole.intel, base),
        findings: FindingsConfig {
            update_interval: whole.findings.update_interval.0,
            retention: whole.findings.retention.0,
            open_limit: whole.findings.open_limit,
            open_bytes: whole.findings.open_size.bytes(),
            keep_age: whole.findings.keep_age.0,
            keep_bytes: whole.findings.keep_size.0,
            dead_letter_limit: whole.findings.dead_letter_limit.0,
        },
        health: HealthConfig {
            enabled: whole.health.enabled,
            silence: whole.health.silence.0,
            repeat: whole.health.repeat.0,
        },
        suppression: SuppressionConfig {
            directory: some(&whole.suppression.directory),
            rescan: whole.suppression.rescan.0,
            archive: some(&whole.suppression.archive)
                .unwrap_or_else(|| state_directory.join("suppressed.jsonl")),
            archive_limit: whole.suppression.archive_limit.0,
        },
        sources,
        sinks,
        socket: whole.api.enabled.then(|| {
            some(&whole.api.socket).unwrap_or_else(|| state_directory.join("wardline.sock"))
        }),
        state_directory,
        whole,
    })
}

pub(super) fn limits(section: &LimitsSection) -> Limits {
    Limits {
        memory: section.memory.bytes(),
        table_elements: section.table_elements,
        instantiate_time: section.instantiate_time.0,
        describe_time: section.describe_time.0,
        configure_time: section.configure_time.0,
        batch_time: section.batch_time.0,
        host_calls: section.host_calls,
        transfer_bytes: section.transfer.bytes(),
        descriptor_bytes: section.descriptor_size.bytes(),
        findings: section.findings,
        finding_bytes: section.finding_size.bytes(),
        chunk_bytes: section.findings_size.bytes(),
        log_lines: section.log_lines,
        log_line_bytes: section.log_line_size.bytes(),
        raw_bytes: section.raw_size.bytes(),
    }
}

pub(super) fn breaker(section: &BreakerSection) -> BreakerLimits {
    BreakerLimits {
        failures: section.failures,
        skip: section.skip,
        skip_limit: section.skip_limit,
        probation: section.probation,
        quarantine_after: section.quarantine_after,
        timeouts: section.timeouts,
    }
}

fn check(whole: &Whole, origin: &str) -> Result<(), ConfigError> {
    let wrong = |key: &str, message: String| Err(ConfigError::value(origin, key, message));
    if !(1..=256).contains(&whole.host.batch) {
        return wrong(
            "host.batch",
            format!("{} is outside the range 1 to 256", whole.host.batch),
        );
    }
    if !(1..=1_000_000).contains(&whole.host.chunk) {
        return wrong(
            "host.chunk",
            format!("{} is outside the range 1 to 1000000", whole.host.chunk),
        );
    }
    if whole.host.threads > 1024 {
        return wrong("host.threads", "must be at most 1024".into());
    }
    // A smaller stack does not suffice to enter a guest; a larger one exceeds a thread's stack.
    if !(64 << 10..=256 << 20).contains(&whole.limits.stack.0) {
        return wrong("limits.stack", "must be from 64KiB to 256MiB".into());
    }
    if whole.decode.depth == 0 || whole.decode.depth > 10_000 {
        return wrong("decode.depth", "must be from 1 to 10000".into());
    }
    if whole.decode.line_limit.0 < 1024 {
        return wrong(
            "decode.line-limit",
            "must be at least 1KiB, or no audit event would fit".into(),
        );
    }
    if whole.breaker.failures == 0 || whole.breaker.probation == 0 {
        return wrong(
            "breaker",
            "`failures` and `probation` must be at least 1".into(),
        );
    }
    for (key, time) in [
        ("plugins.rescan", whole.plugins.rescan),
        ("suppression.rescan", whole.suppression.rescan),
        ("health.silence", whole.health.silence),
        ("health.repeat", whole.health.repeat),
    ] {
        if time.0.is_zero() {
            return wrong(key, "must be longer than 0s".into());
        }
    }
    if whole.findings.retention.0 < whole.findings.update_interval.0 {
        return wrong(
            "findings.retention",
            "must not be shorter than `findings.update-interval`".into(),
        );
    }
    if whole.findings.open_limit == 0 {
        return wrong("findings.open-limit", "must be at least 1".into());
    }
    if whole.findings.keep_age.0 < Duration::from_secs(60) {
        return wrong("findings.keep-age", "must be at least 1m".into());
    }
    // Findings that a sink has not taken yet count too.
    if whole.findings.keep_size.0 < 1 << 20 {
        return wrong("findings.keep-size", "must be at least 1MiB".into());
    }
    intel::check(&whole.intel, origin)?;
    if !["error", "warn", "info", "debug", "trace"].contains(&whole.log.level.as_str()) {
        return wrong(
            "log.level",
            "must be one of error, warn, info, debug, trace".into(),
        );
    }
    check_grants(&whole.plugins.grants).or_else(|message| wrong("plugins.grants", message))
}

pub(super) fn check_grants(grants: &[String]) -> Result<(), String> {
    match grants
        .iter()
        .find(|grant| !HOST_INTERFACES.contains(&grant.as_str()))
    {
        None => Ok(()),
        Some(unknown) => Err(format!(
            "`{unknown}` is not a host interface ({})",
            wardline_text::nearest(unknown, &HOST_INTERFACES)
        )),
    }
}

fn unique<'a>(
    origin: &str,
    key: &str,
    names: impl Iterator<Item = &'a String>,
) -> Result<(), ConfigError> {
    let mut seen = HashSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(ConfigError::value(
                origin,
                key,
                format!("`{name}` is used twice"),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;

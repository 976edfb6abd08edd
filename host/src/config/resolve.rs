//! A configuration that can be used: checked, with paths and numbers of this machine.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use wardline_contract::{BreakerLimits, HOST_INTERFACES, Limits};
use wardline_event::PARTITIONS;
use wardline_finding::export::{Form, Place};
use wardline_intel::IntelConfig;
use wardline_sink::StdoutFormat;
use wardline_source::WebhookSettings;
use wardline_state::Quota;

use super::error::ConfigError;
use super::file::{BreakerSection, Given, LimitsSection, LogFormat, Sink, Source, Start, Whole};
use super::{intel, webhook};

const DEFAULTS: &str = include_str!("defaults.toml");

/// Where events come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceConfig {
    /// A log that is followed.
    File {
        /// How findings and checkpoints name it.
        name: String,
        /// The file.
        path: PathBuf,
        /// Where it is begun if it was never read before.
        start: Start,
    },
    /// A webhook that API servers send to.
    Webhook(Box<WebhookSettings>),
}

impl SourceConfig {
    /// How findings and checkpoints name it.
    #[must_use]
    pub fn name(&self) -> &String {
        match self {
            Self::File { name, .. } => name,
            Self::Webhook(settings) => &settings.name,
        }
    }
}

/// Where findings go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SinkConfig {
    /// What takes them.
    pub kind: SinkKind,
    /// In which form.
    pub form: Form,
    /// Where they say that they come from.
    pub place: Place,
    /// Whether it takes suppressed findings too.
    pub suppressed: bool,
}

/// What takes findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SinkKind {
    /// Standard output.
    Stdout(StdoutFormat),
    /// A file.
    File(PathBuf),
}

/// How long findings stay open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FindingsConfig {
    /// How often one that goes on is written.
    pub update_interval: Duration,
    /// After how long without an occurrence it ends.
    pub retention: Duration,
    /// Most findings that are open.
    pub open_limit: usize,
    /// Bytes that they take.
    pub open_bytes: usize,
}

/// Where rules of suppression lie, and what becomes of suppressed findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuppressionConfig {
    /// Where the rules lie; none if there are none.
    pub directory: Option<PathBuf>,
    /// How often the directory is looked at.
    pub rescan: Duration,
    /// Where suppressed findings are kept.
    pub archive: PathBuf,
    /// Bytes of that file.
    pub archive_limit: u64,
}

/// All that an operator can set.
#[derive(Debug, Clone)]
pub struct Config {
    /// Threads that judge; at least one.
    pub threads: usize,
    /// The cluster that events are of which do not say it; may be empty.
    pub cluster: String,
    /// Where the host keeps what must survive it.
    pub state_directory: PathBuf,
    /// Where compiled detectors are kept.
    pub cache_directory: PathBuf,
    /// Most lines of a chunk.
    pub chunk: usize,
    /// Most events of a call.
    pub batch: usize,
    /// Level of the log.
    pub log_level: String,
    /// How log lines look.
    pub log_format: LogFormat,
    /// Bytes of one event.
    pub line_limit: usize,
    /// Bytes of one document of several lines.
    pub document_limit: usize,
    /// Nesting of one event.
    pub depth: usize,
    /// Where events go that were rejected or not judged.
    pub dead_letter: Option<PathBuf>,
    /// Bytes of that file.
    pub dead_letter_limit: u64,
    /// Where detectors lie.
    pub plugin_directory: PathBuf,
    /// Host interfaces that detectors may import.
    pub grants: Vec<String>,
    /// Bytes of a detector's file.
    pub file_limit: u64,
    /// How often the directory is looked at.
    pub rescan: Duration,
    /// What an instance may use.
    pub limits: Limits,
    /// Bytes of a guest's stack.
    pub stack: usize,
    /// When a failing detector is left alone.
    pub breaker: BreakerLimits,
    /// What a partition of state may take.
    pub quota: Quota,
    /// Objects of the inventory.
    pub inventory_objects: usize,
    /// Where lists lie.
    pub intel: IntelConfig,
    /// How long findings stay open.
    pub findings: FindingsConfig,
    /// Which of them are suppressed.
    pub suppression: SuppressionConfig,
    /// Where events come from.
    pub sources: Vec<SourceConfig>,
    /// Where findings go; at least one.
    pub sinks: Vec<SinkConfig>,
    /// The socket of the API; none if it is off.
    pub socket: Option<PathBuf>,
    whole: Whole,
}

impl Config {
    /// The values that are in force without a file. Paths are relative to the
    /// working directory.
    ///
    /// # Errors
    /// None, if the host was built right.
    pub fn defaults() -> Result<Self, ConfigError> {
        Self::parse("", "the defaults", Path::new(""))
    }

    /// Reads a file.
    ///
    /// # Errors
    /// Where it cannot be read, or says what cannot be.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Read {
            path: path.to_owned(),
            error,
        })?;
        let base = path.parent().unwrap_or(Path::new(""));
        Self::parse(&text, &path.display().to_string(), base)
    }

    /// Reads text. `origin` names it in errors; relative paths begin at `base`.
    ///
    /// # Errors
    /// Where it says what cannot be.
    pub fn parse(text: &str, origin: &str, base: &Path) -> Result<Self, ConfigError> {
        let defaults: Whole = toml::from_str(DEFAULTS)
            .map_err(|error| ConfigError::parse("defaults.toml", DEFAULTS, &error))?;
        let given: Given =
            toml::from_str(text).map_err(|error| ConfigError::parse(origin, text, &error))?;
        resolve(defaults.with(given), origin, base)
    }

    /// Every value that is in force, as TOML that can be read again.
    #[must_use]
    pub fn to_toml(&self) -> String {
        // Plain tables of plain values can always be written.
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
            Source::File { name, path, start } => Ok(SourceConfig::File {
                name: name.clone().unwrap_or_else(|| path.clone()),
                path: at(path),
                start: *start,
            }),
            Source::Webhook(source) => {
                let settings = webhook::settings(source, &whole.webhook, origin, base)?;
                Ok(SourceConfig::Webhook(Box::new(settings)))
            }
        })
        .collect::<Result<Vec<_>, ConfigError>>()?;
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
    let mut sinks: Vec<SinkConfig> = whole
        .sink
        .iter()
        .map(|sink| match sink {
            Sink::Stdout {
                format,
                suppressed,
                account,
                region,
            } => SinkConfig {
                kind: SinkKind::Stdout(*format),
                form: format.form(),
                place: place(account, region),
                suppressed: *suppressed,
            },
            Sink::File {
                path,
                format,
                suppressed,
                account,
                region,
            } => SinkConfig {
                kind: SinkKind::File(at(path)),
                form: *format,
                place: place(account, region),
                suppressed: *suppressed,
            },
        })
        .collect();
    if sinks.is_empty() {
        sinks.push(SinkConfig {
            kind: SinkKind::Stdout(StdoutFormat::Json),
            form: Form::Wardline,
            place: Place::default(),
            suppressed: false,
        });
    }
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
        dead_letter: some(&whole.decode.dead_letter),
        dead_letter_limit: whole.decode.dead_letter_limit.0,
        plugin_directory: at(&whole.plugins.directory),
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

/// The quota of a cluster-ordered detector, whose state is all in one partition.
pub fn cluster_quota(quota: Quota) -> Quota {
    let partitions = usize::from(PARTITIONS);
    Quota {
        entries: quota.entries.saturating_mul(partitions),
        bytes: quota.bytes.saturating_mul(partitions),
        entry_bytes: quota.entry_bytes,
    }
}

fn place(account: &str, region: &str) -> Place {
    Place {
        account: account.to_owned(),
        region: region.to_owned(),
    }
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
            format!("{} is not from 1 to 256", whole.host.batch),
        );
    }
    if !(1..=1_000_000).contains(&whole.host.chunk) {
        return wrong(
            "host.chunk",
            format!("{} is not from 1 to 1000000", whole.host.chunk),
        );
    }
    if whole.host.threads > 1024 {
        return wrong("host.threads", "more than 1024".into());
    }
    // Below this a guest cannot even be entered; above it a thread's stack would not fit.
    if !(64 << 10..=256 << 20).contains(&whole.limits.stack.0) {
        return wrong("limits.stack", "not from 64KiB to 256MiB".into());
    }
    if whole.decode.depth == 0 || whole.decode.depth > 10_000 {
        return wrong("decode.depth", "not from 1 to 10000".into());
    }
    if whole.decode.line_limit.0 < 1024 {
        return wrong(
            "decode.line-limit",
            "less than 1KiB: no audit event would fit".into(),
        );
    }
    if whole.breaker.failures == 0 || whole.breaker.probation == 0 {
        return wrong("breaker", "failures and probation are at least 1".into());
    }
    for (key, time) in [
        ("plugins.rescan", whole.plugins.rescan),
        ("suppression.rescan", whole.suppression.rescan),
    ] {
        if time.0.is_zero() {
            return wrong(key, "must be longer than nothing".into());
        }
    }
    if whole.findings.retention.0 < whole.findings.update_interval.0 {
        return wrong(
            "findings.retention",
            "shorter than findings.update-interval".into(),
        );
    }
    if whole.findings.open_limit == 0 {
        return wrong("findings.open-limit", "must be at least 1".into());
    }
    intel::check(&whole.intel, origin)?;
    if !["error", "warn", "info", "debug", "trace"].contains(&whole.log.level.as_str()) {
        return wrong("log.level", "one of error, warn, info, debug, trace".into());
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
            "`{unknown}` is no host interface ({})",
            wardline_files::text::nearest(unknown, &HOST_INTERFACES)
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
                format!("`{name}` is there twice"),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;

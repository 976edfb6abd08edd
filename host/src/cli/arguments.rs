//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use wardline_finding::Label;

/// Watches Kubernetes and raises findings, with sandboxed detectors that can be
/// replaced while it runs.
#[derive(Debug, Parser)]
#[command(name = "wardline", version, max_term_width = 100)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Judge recorded audit logs and write the findings.
    Scan(ScanArguments),
    /// Follow audit logs, judge them, and reload detectors as they change.
    Run(RunArguments),
    /// Check or print the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Ask a running host what it has done.
    Status(ApiArguments),
    /// Ask a running host about its detectors.
    #[command(subcommand)]
    Plugins(PluginsCommand),
    /// Ask a running host about its lists, and check lists without one.
    #[command(subcommand)]
    Intel(IntelCommand),
    /// Check and try suppression rules, and see what they do in a running host.
    #[command(subcommand)]
    Suppress(SuppressCommand),
    /// Write, build and test detectors.
    #[command(subcommand)]
    Plugin(PluginCommand),
    /// What the detectors of a plugin directory can find.
    #[command(subcommand)]
    Detections(DetectionsCommand),
    /// Print the JSON Schema of findings.
    Schema,
    /// Print the smallest audit policy that the detectors need, or say what another lacks.
    AuditPolicy(AuditPolicyArguments),
}

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// One JSON object a line.
    Jsonl,
    /// A table for people.
    Table,
    /// A finding of Amazon GuardDuty a line.
    #[value(name = "guardduty")]
    GuardDuty,
    /// A finding in the AWS Security Finding Format a line.
    Asff,
    /// An OCSF Detection Finding (class 2004) a line.
    Ocsf,
    /// Comma-separated values, without formulas.
    Csv,
}

/// Arguments of `scan`.
#[derive(Debug, Args)]
pub struct ScanArguments {
    /// Directory of detectors; instead of the configuration's.
    #[arg(long, value_name = "DIR")]
    pub plugins: Option<PathBuf>,
    /// Configuration file, for limits, grants, lists and detectors.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// How findings are written: a table if standard output is a terminal, else jsonl.
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// The account that forms of AWS file findings under, where events name none.
    #[arg(long, value_name = "ID", default_value = "")]
    pub account: String,
    /// The region that forms of AWS name, where events name none.
    #[arg(long, value_name = "NAME", default_value = "")]
    pub region: String,
    /// Exit with 1 if there is a finding at least this severe: low, medium, high or critical.
    #[arg(long, value_name = "SEVERITY")]
    pub fail_on: Option<Label>,
    /// Threads that judge; 0 is one for each core. The findings are the same for any number.
    #[arg(long, value_name = "COUNT")]
    pub threads: Option<usize>,
    /// Where to keep events that were rejected or not judged.
    #[arg(long, value_name = "FILE")]
    pub dead_letter: Option<PathBuf>,
    /// Write every occurrence of a finding at once, instead of each finding at the end.
    #[arg(long)]
    pub stream: bool,
    /// Directory of suppression rules; instead of the configuration's.
    #[arg(long, value_name = "DIR")]
    pub suppress: Option<PathBuf>,
    /// Write suppressed findings too, with the rule that suppressed each.
    #[arg(long)]
    pub show_suppressed: bool,
    /// Audit logs: NDJSON or `EventList` documents, plain, gzip or zstd; `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// Arguments of `run`.
#[derive(Debug, Args)]
pub struct RunArguments {
    /// Configuration file.
    #[arg(long, value_name = "FILE", default_value = "wardline.toml")]
    pub config: PathBuf,
}

/// Subcommands of `config`.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Say whether a configuration file is good.
    Check(ConfigFile),
    /// Print the configuration with every value that is in force.
    Print(OptionalConfigFile),
}

/// A configuration file.
#[derive(Debug, Args)]
pub struct ConfigFile {
    /// Configuration file.
    #[arg(long, value_name = "FILE", default_value = "wardline.toml")]
    pub config: PathBuf,
}

/// A configuration file, or the values that stand without one.
#[derive(Debug, Args)]
pub struct OptionalConfigFile {
    /// Configuration file; without it the defaults are printed.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// Subcommands of `plugins`.
#[derive(Debug, Subcommand)]
pub enum PluginsCommand {
    /// List the files of the plugin directory and where each stands.
    List(ApiArguments),
    /// Show all that is known of one detector, by its file's or its own name.
    Show {
        /// `NAME` of `NAME.wasm`, or the detector's name.
        name: String,
        /// Where to ask.
        #[command(flatten)]
        api: ApiArguments,
    },
}

/// Subcommands of `intel`.
#[derive(Debug, Subcommand)]
pub enum IntelCommand {
    /// List the lists of a running host and where each stands.
    List(ApiArguments),
    /// Read files as lists and say what is found, without a host.
    Check {
        /// The files.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// How they are written; without it, that is told from their content.
        #[arg(long, value_name = "FORMAT", value_parser = parse_named::<wardline_intel::Format>)]
        format: Option<wardline_intel::Format>,
        /// What they are to hold.
        #[arg(long, value_name = "CONTENT", default_value = "auto", value_parser = parse_named::<wardline_intel::Content>)]
        content: wardline_intel::Content,
        /// Configuration file, for limits.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Say which lists hold an address, a domain, a SHA-256 or a name, without a host.
    Test {
        /// A list, or a directory of lists as in `intel.directory`.
        #[arg(value_name = "LIST-OR-DIR")]
        lists: PathBuf,
        /// What to look for.
        value: String,
        /// Configuration file, for limits.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
}

/// Where a running host is asked.
#[derive(Debug, Args)]
pub struct ApiArguments {
    /// The host's socket; instead of the configuration's.
    #[arg(long, value_name = "PATH")]
    pub socket: Option<PathBuf>,
    /// Configuration file that names the socket.
    #[arg(long, value_name = "FILE", default_value = "wardline.toml")]
    pub config: PathBuf,
    /// Write JSON instead of text.
    #[arg(long)]
    pub json: bool,
}

/// Subcommands of `suppress`.
#[derive(Debug, Subcommand)]
pub enum SuppressCommand {
    /// Say whether files of rules are good, and what their owners should think about.
    Check {
        /// Files of rules.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Show what rules would have hidden, and what not, without putting them in force.
    Preview {
        /// A file of rules.
        #[arg(value_name = "RULE.toml")]
        rule: PathBuf,
        /// Findings, as a sink or `scan` has written them; `-` is standard input.
        #[arg(long, value_name = "FINDINGS.jsonl")]
        against: PathBuf,
        /// How it is written.
        #[arg(long, value_enum, default_value_t = PreviewFormat::Table)]
        format: PreviewFormat,
        /// How many findings are shown as examples.
        #[arg(long, value_name = "COUNT", default_value_t = 5)]
        examples: usize,
    },
    /// List the rules of a running host, and what each has suppressed.
    List(ApiArguments),
}

/// How a preview is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PreviewFormat {
    /// Text and tables for people.
    Table,
    /// One JSON object.
    Json,
}

/// Subcommands of `plugin`.
#[derive(Debug, Subcommand)]
pub enum PluginCommand {
    /// Begin a new detector in a directory of its name.
    New {
        /// Lower-case letters, digits and hyphens.
        name: String,
        /// The language to write it in.
        #[arg(long, value_enum, default_value_t = Language::Rust)]
        lang: Language,
        /// Where to create the directory.
        #[arg(long, value_name = "DIR", default_value = ".")]
        path: PathBuf,
    },
    /// Compile detectors into NAME.wasm files.
    Build {
        /// The detectors' directories.
        #[arg(value_name = "DIR", default_value = ".")]
        detectors: Vec<PathBuf>,
        /// Where the NAME.wasm files go; without it, `target/detectors` of each detector.
        #[arg(long, value_name = "DIR")]
        output: Option<PathBuf>,
    },
    /// Build a detector and run its tests/*.ndjson through the real sandbox.
    Test {
        /// The detectors' directories.
        #[arg(value_name = "DIR", default_value = ".")]
        detectors: Vec<PathBuf>,
        /// Write what was found as what is expected.
        #[arg(long)]
        update: bool,
        /// A NAME.wasm that is built already; for one detector.
        #[arg(long, value_name = "FILE")]
        wasm: Option<PathBuf>,
    },
    /// Take files through every step of loading, without a host.
    Check {
        /// NAME.wasm files; a NAME.toml beside one is its settings.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Configuration file, for limits and grants.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
}

/// Which detectors are asked what they are.
#[derive(Debug, Args)]
pub struct DetectorsArguments {
    /// Directory of detectors; instead of the configuration's.
    #[arg(long, value_name = "DIR")]
    pub plugins: Option<PathBuf>,
    /// Configuration file, for limits, grants and the directory.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// Subcommands of `detections`.
#[derive(Debug, Subcommand)]
pub enum DetectionsCommand {
    /// List the types of findings, with severity, ATT&CK techniques and detector.
    List {
        /// Which detectors.
        #[command(flatten)]
        detectors: DetectorsArguments,
        /// How the list is written.
        #[arg(long, value_enum, default_value_t = CatalogFormat::Table)]
        format: CatalogFormat,
    },
    /// Show all that is known of a type.
    Show {
        /// `Execution:Kubernetes/ExecInKubeSystemPod`, or what stands behind the slash.
        #[arg(value_name = "TYPE")]
        name: String,
        /// Which detectors.
        #[command(flatten)]
        detectors: DetectorsArguments,
        /// Write JSON instead of text.
        #[arg(long)]
        json: bool,
    },
}

/// How a list of types is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CatalogFormat {
    /// A table for people.
    Table,
    /// A JSON array with all that is known of each.
    Json,
    /// A Markdown document with an ATT&CK matrix.
    Markdown,
}

/// Arguments of `audit-policy`.
#[derive(Debug, Args)]
pub struct AuditPolicyArguments {
    /// Which detectors.
    #[command(flatten)]
    pub detectors: DetectorsArguments,
    /// Say which detectors this policy blinds, and why. Exits with 1 if it blinds any.
    #[arg(long, value_name = "FILE")]
    pub check: Option<PathBuf>,
    /// Write JSON instead of text.
    #[arg(long, requires = "check")]
    pub json: bool,
}

/// Languages that a detector can be begun in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// With the SDK in `sdk/rust`.
    Rust,
}

/// A value by the name that configurations have for it.
fn parse_named<T: serde::de::DeserializeOwned>(name: &str) -> Result<T, String> {
    let value = serde_json::Value::String(name.to_owned());
    serde_json::from_value(value).map_err(|error| error.to_string())
}
